// The page of all sites, made of what their builds have said. For the library's own use.

/**
 * What is known of the sites travels from build to build of this job, in a variable of the build: no agent keeps it, and no
 * plugin is needed.
 * @param given what one site's build says, as JSON; empty: nothing new
 */
void call(Object given) {
    String before = previousOverview()
    Map workspace = [:]
    understudyAgent.bringRunner(workspace)
    String folder = '.understudy/overview'
    writeFile file: "${folder}/before/overview.json", text: before ?: '{"version":1,"sites":[]}', encoding: 'UTF-8'
    writeFile file: "${folder}/new/site.json", text: (given ?: '').toString() ?: '{"version":1,"sites":[]}', encoding: 'UTF-8'
    int status = 1
    withEnv(["UNDERSTUDY_RUNNER=${workspace.runner}".toString()]) {
        status = sh(label: 'understudy report --all', returnStatus: true, script: '''
            set +x
            cd .understudy/overview || exit 1
            rm -f overview.* report.css
            case "$UNDERSTUDY_RUNNER" in /*) ;; *) UNDERSTUDY_RUNNER="../../$UNDERSTUDY_RUNNER" ;; esac
            node "$UNDERSTUDY_RUNNER" report --all --sites none --from before --from new --out . || exit $?
            exit 100
        ''')
    }
    if (!understudyOutcome.isDone(status)) {
        understudyReports.fail("understudy report ended with exit code ${status}; its lines above say why.")
    }
    archiveArtifacts artifacts: "${folder}/overview.*,${folder}/report.css"
    understudyReports.describe("All sites: ${env.BUILD_URL}artifact/${folder}/overview.html")
    publish(folder)
    // The last thing: every step after it would get it, and a command takes no variable of that size.
    env.UNDERSTUDY_OVERVIEW = readFile(file: "${folder}/overview.json", encoding: 'UTF-8')
}

void publish(String folder) {
    try {
        publishHTML(target: [reportName: 'All sites', reportDir: folder, reportFiles: 'overview.html',
                             keepAll: false, alwaysLinkToLastBuild: true, allowMissing: false])
    } catch (NoSuchMethodError missing) {
        echo 'No link beside the job: the HTML Publisher plugin is not installed.'
    }
}

/** What the newest build of this job that came to its end knew; empty: nothing. */
String previousOverview() {
    Object build = currentBuild.previousBuild
    for (int i = 0; i < 30 && build != null; i++) {
        String overview = (build.buildVariables?.UNDERSTUDY_OVERVIEW ?: '').toString()
        if (overview) {
            return overview
        }
        build = build.previousBuild
    }
    return ''
}
