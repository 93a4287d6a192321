import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import groovy.transform.Field
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

// What a build needs on an agent before the runner can work there: the runner itself, the site files, and what Jenkins
// must know of the site. For the library's own use.

/** What was prepared, by agent and workspace: a build may move to another agent between two stages. */
@Field Map workspaces = [:]

/** Texts only, they are kept over a restart. `commit`: of the site files; the first checkout of a build decides it. */
@Field Map state = [commit: '', credential: '']

/** The runner, the site files and what Jenkins must know of the site: once per build and agent. */
Map call(Map settings) {
    String key = "${env.NODE_NAME} ${env.WORKSPACE}"
    if (!workspaces[key]) {
        Map workspace = [:]
        checkoutSites(settings, workspace)
        bringRunner(workspace)
        workspace.context = readContext(settings, workspace)
        assertMatchesSiteFile(settings, workspace.context)
        checkCredentials(workspace.context.credentials)
        workspaces[key] = workspace
    }
    return workspaces[key]
}

/** Did this build get so far that there is anything to finish? */
boolean isPrepared() {
    return !workspaces.isEmpty()
}

/** The run that is gone on with began with another commit of the site files: this build takes the same. */
void goOnWith(String commit, Map settings, Map workspace) {
    state.commit = commit
    checkoutSites(settings, workspace)
    workspace.context = readContext(settings, workspace)
}

/** The jobs of all site files as JSON: what the seed and the calls for all sites read. Needs an agent. */
String jobsOf(Map settings, String library) {
    Map workspace = [:]
    checkoutSites(settings, workspace)
    bringRunner(workspace)
    Map origin = [folder: settings.folder, library: library, sites: settings.sites]
    if (!settings.sites.startsWith('/')) {
        origin.repository = settings.config ?: ownRepository()
    }
    List values = environment(settings, workspace) + ["UNDERSTUDY_JOBS=${JsonOutput.toJson(origin)}".toString()]
    int status = 1
    withEnv(values) {
        status = sh(label: 'Read the site files', returnStatus: true, script: '''
            set +x
            node "$UNDERSTUDY_RUNNER" jobs --json > .understudy/jobs.json || exit $?
            exit 100
        ''')
    }
    if (!understudyOutcome.isDone(status)) {
        understudyReports.fail('The site files cannot be used as they are; the lines above say where.')
    }
    return readFile(file: '.understudy/jobs.json', encoding: 'UTF-8')
}

/**
 * Site files come from the Jenkinsfile's own repository, from one of their own, or lie on the agent (an absolute path).
 * The first checkout of a build decides the commit; every later one, on whatever agent, takes the same.
 */
void checkoutSites(Map settings, Map workspace) {
    if (settings.sites.startsWith('/')) {
        workspace.sites = settings.sites
        workspace.commit = ''
        return
    }
    String folder = settings.config ? '.understudy/config' : '.'
    Map found = [:]
    dir(folder) {
        if (settings.config) {
            Map source = settings.config
            found = checkout([
                $class: 'GitSCM',
                branches: [[name: state.commit ?: (source.branch ?: 'main')]],
                userRemoteConfigs: [[url: source.url, credentialsId: source.credentialsId ?: '']],
            ])
        } else if (state.commit) {
            found = checkout([$class: 'GitSCM', branches: [[name: state.commit]],
                              userRemoteConfigs: scm.userRemoteConfigs])
        } else {
            found = checkout(scm)
        }
    }
    state.commit = (found.GIT_COMMIT ?: '').toString()
    workspace.commit = state.commit
    workspace.sites = settings.config ? ".understudy/config/${settings.sites}".toString() : settings.sites
}

/** The repository that the Jenkinsfile comes from, for the jobs that the seed makes. */
Map ownRepository() {
    Map remote = [url: '', credentialsId: '', branch: '']
    remote.url = scm.userRemoteConfigs[0].url.toString()
    remote.credentialsId = (scm.userRemoteConfigs[0].credentialsId ?: '').toString()
    remote.branch = scm.branches[0].name.toString()
    return remote
}

/**
 * A runner that the agent has (UNDERSTUDY_RUNNER) or the library's own. Either must be the one that this version of the
 * library was built with: its SHA-256 is compared on the agent.
 */
void bringRunner(Map workspace) {
    workspace.runner = (env.UNDERSTUDY_RUNNER ?: '.understudy/runner.cjs').toString()
    String expected = libraryResource('understudy/runner.sha256').trim()
    if (!isRunner(workspace.runner, expected)) {
        if (env.UNDERSTUDY_RUNNER) {
            understudyReports.fail("The runner at UNDERSTUDY_RUNNER on ${env.NODE_NAME} is not the one of this library. Install that version, or unset the variable: the library brings its own.")
        }
        writeFile file: '.understudy/runner.cjs', text: libraryResource('understudy/runner.cjs'), encoding: 'UTF-8'
        if (!isRunner(workspace.runner, expected)) {
            understudyReports.fail("The runner did not arrive on ${env.NODE_NAME} as it was built.")
        }
    }
}

/** Also removes what an earlier build left in this workspace: reports are this build's alone. */
boolean isRunner(String path, String expected) {
    int status = 1
    withEnv(["UNDERSTUDY_RUNNER=${path}", "UNDERSTUDY_RUNNER_SHA256=${expected}"]) {
        status = sh(label: 'Compare the runner with the library', returnStatus: true, script: '''
            set +x
            rm -rf .understudy/runs && mkdir -p .understudy || exit 4
            command -v node >/dev/null || exit 2
            node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' || { echo "$(command -v node) is Node.js $(node --version)"; exit 3; }
            [ -f "$UNDERSTUDY_RUNNER" ] && [ -r "$UNDERSTUDY_RUNNER" ] || exit 5
            node -e 'const crypto = require("crypto"), fs = require("fs");
                const [file, expected] = process.argv.slice(1);
                const found = crypto.createHash("sha256").update(fs.readFileSync(file)).digest("hex");
                process.exit(found === expected ? 100 : 1)' "$UNDERSTUDY_RUNNER" "$UNDERSTUDY_RUNNER_SHA256"
        ''')
    }
    if (status == 2) {
        understudyReports.fail("node is missing on ${env.NODE_NAME}: install Node.js 20 or later.")
    }
    if (status == 3) {
        understudyReports.fail("node on ${env.NODE_NAME} is too old (its version stands in the line above): install Node.js 20 or later, or put the folder of a newer node first in the PATH of the agent.")
    }
    if (status == 4) {
        understudyReports.fail("The workspace on ${env.NODE_NAME} cannot be written: check its owner and the free space.")
    }
    if (status == 5 && env.UNDERSTUDY_RUNNER) {
        understudyReports.fail("UNDERSTUDY_RUNNER on ${env.NODE_NAME} names no file that this agent can read. Correct it in the node's environment, or unset it: the library brings its own.")
    }
    return understudyOutcome.isDone(status)
}

/** Type, label and credentials of the site, as the runner reads them from its file. */
Map readContext(Map settings, Map workspace) {
    int status = 1
    withEnv(environment(settings, workspace)) {
        status = sh(label: 'Read the site file', returnStatus: true, script: '''
            set +x
            node "$UNDERSTUDY_RUNNER" context > .understudy/context.json || exit $?
            exit 100
        ''')
    }
    if (!understudyOutcome.isDone(status)) {
        Map outcome = understudyOutcome(settings.site, status)
        understudyReports.fail("${outcome.code}: ${outcome.message} Next: ${outcome.next}")
    }
    return contextFrom(readFile(file: '.understudy/context.json', encoding: 'UTF-8'))
}

/** What the seed wrote into the job must still be what the site file says. */
void assertMatchesSiteFile(Map settings, Map context) {
    if (settings.type && settings.type != context.type) {
        understudyReports.fail("This job was made for a ${settings.type} site, but the site file of ${settings.site} says ${context.type}. Run the seed job.")
    }
    if (context.agent && settings.agent != context.agent) {
        understudyReports.fail("This job runs on ${settings.agent ?: 'any agent'}, but the site file of ${settings.site} says ${context.agent}. Run the seed job, or write agent: '${context.agent}' into the Jenkinsfile.")
    }
}

/** Every credential that the site file names must be there, with the right kind, before a stage changes anything. */
void checkCredentials(List credentials) {
    List problems = []
    for (int i = 0; i < credentials.size(); i++) {
        Map one = credentials[i]
        try {
            withCredentials(bindings([one])) {
                state.credential = one.id
            }
        } catch (FlowInterruptedException interruption) {
            throw interruption
        } catch (Exception problem) {
            problems.add("${one.id} (${one.kind}): ${problem.message}".toString())
        }
    }
    if (problems) {
        String advice = 'Create each with this id and kind where this job may use it (its folder or the global store), or correct the id.'
        understudyReports.fail("SECRET_UNAVAILABLE: Jenkins does not hold what the site file names: ${problems.join('; ')} Next: ${advice}")
    }
}

List environment(Map settings, Map workspace) {
    return [
        "UNDERSTUDY_RUNNER=${workspace.runner}".toString(),
        "UNDERSTUDY_SITE=${settings.site}".toString(),
        "UNDERSTUDY_SITES=${workspace.sites}".toString(),
        'UNDERSTUDY_WORKSPACE=.understudy/runs',
        "UNDERSTUDY_CONFIG_COMMIT=${workspace.commit}".toString(),
        "UNDERSTUDY_PARAMETERS=${JsonOutput.toJson(settings.parameters)}".toString(),
    ]
}

List bindings(List credentials) {
    List bound = []
    for (int i = 0; i < credentials.size(); i++) {
        Map one = credentials[i]
        if (one.kind == 'ssh-key') {
            bound.add(sshUserPrivateKey(credentialsId: one.id, keyFileVariable: one.env,
                passphraseVariable: one.env + '_PASSPHRASE', usernameVariable: one.env + '_USERNAME'))
        } else if (one.kind == 'username-password') {
            bound.add(usernamePassword(credentialsId: one.id, usernameVariable: one.env + '_USR',
                passwordVariable: one.env + '_PSW'))
        } else if (one.kind == 'secret-file') {
            bound.add(file(credentialsId: one.id, variable: one.env))
        } else {
            bound.add(string(credentialsId: one.id, variable: one.env))
        }
    }
    return bound
}

// A JsonSlurper result cannot be kept across a step: what is needed is copied into plain maps.

@NonCPS
Map contextFrom(String text) {
    String[] lines = text.trim().split('\n')
    Map read = new JsonSlurper().parseText(lines[lines.length - 1])
    List credentials = []
    for (Object one in read.credentials) {
        credentials.add([id: one.id.toString(), kind: one.kind.toString(), env: one.env.toString()])
    }
    return [
        type: read.type.toString(), agent: read.agent.toString(), stages: textsOf(read.stages),
        sections: textsOf(read.sections), credentials: credentials,
        approval: [policy: read.approval.policy.toString(), minutes: read.approval.minutes,
                   hours: read.approval.hours.toString(), by: textsOf(read.approval.by).join(',')],
    ]
}

@NonCPS
List textsOf(Object values) {
    List texts = []
    for (Object value in values) {
        texts.add(value.toString())
    }
    return texts
}
