import groovy.transform.Field
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

// What Jenkins shows of a build: name, description, archived reports, test results. For the library's own use.

/** `described`: the description says why the build did not succeed. */
@Field Map state = [described: '']

/** A command begins; if nothing is said after this, it was what the build ended in. */
void begin(String what) {
    describe("Running: ${what}")
}

/** After a command: its outcome becomes the build's name and description, its reports the build's. */
void show(Map settings, Map outcome, String run) {
    currentBuild.displayName = "#${env.BUILD_NUMBER} ${settings.site} ${run}".trim()
    if (outcome.exitCode == 0) {
        describe(outcome.summary)
    } else {
        explain("${outcome.code}: ${outcome.message}")
    }
    for (int i = 0; i < outcome.lines.size(); i++) {
        add(outcome.lines[i])
    }
    if (outcome.code == 'CANNOT_RESUME') {
        // Jenkins gives a restarted build copies of what the former one archived.
        add('This build worked on no run: reports archived with it are those of the build that it was restarted from.')
    }
    archive(settings)
}

/** Why the build does not succeed. */
void explain(String text) {
    state.described = 'yes'
    describe(text)
}

/** Ends the build with a sentence that also stands in its description. */
void fail(String text) {
    explain(text)
    error(text)
}

/** The build ends: whatever ended it, the description does not tell of a stage that goes on. */
void conclude() {
    if (state.described || currentBuild.currentResult == 'SUCCESS') {
        return
    }
    String text = currentBuild.description ?: ''
    String word = currentBuild.currentResult == 'ABORTED' ? 'Stopped' : 'Failed'
    if (text.startsWith('Running: ')) {
        describe(text.replace('Running: ', "${word} in: "))
    } else if (text) {
        add("${word} after this; the end of the log says why.")
    } else {
        describe("${word} before anything was started; the end of the log says why.")
    }
}

/** One more line of the description. */
void add(String line) {
    describe("${currentBuild.description ?: ''}\n${line}")
}

/**
 * The description. It may hold names from outside (plugins, what a host said), and Jenkins may be set to show
 * descriptions as HTML or as plain text: so no tag can stand in it, and nothing is escaped that one of them would show.
 */
void describe(Object text) {
    currentBuild.description = text.toString().replace('<', '‹').replace('>', '›').trim()
}

void archive(Map settings) {
    archiveArtifacts artifacts: ".understudy/runs/${settings.site}/**", allowEmptyArchive: true
}

/** The results say what the checks found; whether the build is good was decided by the runner. */
void publishTests(Map settings) {
    try {
        junit testResults: ".understudy/runs/${settings.site}/*/*junit.xml", allowEmptyResults: true, skipMarkingBuildUnstable: true
    } catch (NoSuchMethodError missing) {
        echo 'No test results in Jenkins: the JUnit plugin is not installed. They are in the archived junit.xml and maintenance-junit.xml.'
    }
}

/** Where the page that the approval is about can be opened: in the description, in the log, and beside the build. */
void linkMaintenance(Map settings) {
    String folder = ".understudy/runs/${settings.site}/${settings.parameters.run}"
    String address = "${env.BUILD_URL}artifact/${folder}/maintenance.html"
    add("Report: ${address}")
    echo "What was tested: ${address}"
    try {
        publishHTML(target: [reportName: 'Maintenance report', reportDir: folder, reportFiles: 'maintenance.html',
                             keepAll: true, alwaysLinkToLastBuild: false, allowMissing: true])
    } catch (NoSuchMethodError missing) {
        echo 'No link beside the build: the HTML Publisher plugin is not installed.'
    }
}

/** Calls what the Jenkinsfile gave as `notify`. */
void notifyPeople(Map config, String run) {
    if (config.notify) {
        Closure hook = config.notify
        hook([site: (config.site ?: params.SITE ?: '').toString(), result: currentBuild.currentResult, run: run,
              description: currentBuild.description, url: env.BUILD_URL])
    }
}

/**
 * Gives what this build says of its site to the job that makes the page of all sites. It lies beside the sites' folders,
 * where the seed has put it; a job elsewhere has none. Never hides how the build ended.
 */
void showAllSites(String overview) {
    String job = allSitesJob((env.JOB_NAME ?: '').toString())
    if (!overview || !job) {
        return
    }
    try {
        build(job: job, wait: false, parameters: [string(name: 'SITE_RESULT', value: overview)])
    } catch (FlowInterruptedException interruption) {
        throw interruption
    } catch (Exception problem) {
        echo "The page of all sites was not made again: ${problem.message}"
    }
}

/** `understudy/acme/sync` gives `/understudy/_all-sites`; '' for a job that is in no folder of a site. */
@NonCPS
String allSitesJob(String name) {
    List parts = name.split('/') as List
    return parts.size() < 3 ? '' : "/${parts[0..-3].join('/')}/_all-sites".toString()
}
