import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/**
 * Starts one job of every site and waits: at most `atOnce` at a time, on whatever agents those jobs' labels name.
 * A site that fails does not stop the others; in the end one summary names it.
 * @param job name of the job in each site's folder: sync, maintenance
 */
void call(String job, Map config) {
    List chosen = understudySettings.siteNames(params.SITES)
    List values = [
        booleanParam(name: 'DRY_RUN', value: understudySettings.truth('DRY_RUN', params.DRY_RUN)),
        booleanParam(name: 'ALLOW_DELETIONS', value: understudySettings.truth('ALLOW_DELETIONS', params.ALLOW_DELETIONS)),
    ]
    Map settings = understudySettings.common(config)
    List waiting = []
    node(settings.agent) {
        waiting = choose(namesWith(understudyAgent.jobsOf(settings, ''), "/${job}"), chosen, job)
    }
    if (!waiting) {
        echo "No site has a ${job} job."
        return
    }
    List results = []
    int workers = config.atOnce ?: 4
    Map branches = [failFast: false]
    for (int i = 1; i <= workers && i <= waiting.size(); i++) {
        branches["worker ${i}".toString()] = workerOf(waiting, results, job, settings.folder, values)
    }
    echo "${counted(waiting)}, ${workers} at a time"
    parallel(branches)
    String text = summarize(results)
    if (job == 'maintenance') {
        text = reportMonth(results, settings) ?: text
    }
    notifyPeople(results, text, config)
    requireAll(results)
}

/** A closure of its own per worker: one made in the loop would share the loop's variable. */
Closure workerOf(List waiting, List results, String job, String folder, List values) {
    return {
        while (!waiting.isEmpty()) {
            understudyOutcome.goOn()
            if (waiting.isEmpty()) {
                return
            }
            // Branches of one build take turns, and none ends its turn between the question and this line.
            String site = waiting.remove(0)
            results.add(buildOf(site, job, folder, values))
        }
    }
}

Map buildOf(String site, String job, String folder, List values) {
    try {
        Object started = build(job: "/${folder}/${site}/${job}", parameters: values, wait: true, propagate: false)
        return [site: site, result: started.result.toString(), url: started.absoluteUrl.toString(),
                text: (started.description ?: '').toString(),
                maintenance: (started.buildVariables?.UNDERSTUDY_MAINTENANCE ?: '').toString()]
    } catch (FlowInterruptedException interruption) {
        throw interruption
    } catch (Exception problem) {
        return [site: site, result: 'NOT STARTED', url: '', text: "${problem.message}".toString(), maintenance: '']
    }
}

/** The sites that this build is for. A name that has no job is refused before anything starts. */
List choose(List sites, List chosen, String job) {
    for (int i = 0; i < chosen.size(); i++) {
        if (!sites.contains(chosen[i])) {
            understudyReports.fail("${chosen[i]} has no ${job} job. Known: ${sites.join(', ')}. Run the seed job after a site file was added.")
        }
    }
    return chosen ?: sites
}

List failedOf(List results) {
    List bad = []
    for (int i = 0; i < results.size(); i++) {
        if (results[i].result != 'SUCCESS') {
            bad.add(results[i].site)
        }
    }
    return bad
}

/** @return the table that the log shows */
String summarize(List results) {
    String table = ''
    for (int i = 0; i < results.size(); i++) {
        Map one = results[i]
        String about = "${one.url} ${one.text}".trim()
        table += "${one.site}  ${one.result}  ${about}\n"
    }
    echo "Summary\n${table}"
    understudyReports.describe("${results.size() - failedOf(results).size()} of ${counted(results)} succeeded")
    return table
}

String counted(List sites) {
    return sites.size() == 1 ? '1 site' : "${sites.size()} sites"
}

void requireAll(List results) {
    List bad = failedOf(results)
    if (bad) {
        error("${bad.size()} of ${counted(results)} did not succeed: ${bad.join(', ')}. Their builds are linked above.")
    }
}

/**
 * One page for the month, from what every site's build left, archived with this build.
 * Never hides how the sites' builds ended: where it cannot be made, the log says why.
 * @return the report as a message; empty where it could not be made
 */
String reportMonth(List results, Map settings) {
    String text = ''
    try {
        node(settings.agent) {
            text = writeMonth(results)
        }
    } catch (FlowInterruptedException interruption) {
        throw interruption
    } catch (Exception problem) {
        echo "The report of the month could not be made: ${problem.message}"
    }
    return text
}

void notifyPeople(List results, String text, Map config) {
    if (config.notify) {
        Closure hook = config.notify
        hook([result: failedOf(results) ? 'FAILURE' : 'SUCCESS', description: currentBuild.description,
              url: env.BUILD_URL, text: text])
    }
}

/** @return the report as a message */
String writeMonth(List results) {
    Map workspace = [:]
    int status = 1
    understudyAgent.bringRunner(workspace)
    writeFile file: '.understudy/month/builds.json', text: JsonOutput.toJson([builds: results]), encoding: 'UTF-8'
    withEnv(["UNDERSTUDY_RUNNER=${workspace.runner}".toString()]) {
        status = sh(label: 'understudy month', returnStatus: true, script: '''
            set +x
            rm -f .understudy/month/month.*
            node "$UNDERSTUDY_RUNNER" month .understudy/month/builds.json --out .understudy/month || exit $?
            exit 100
        ''')
    }
    if (!understudyOutcome.isDone(status)) {
        error("understudy month ended with exit code ${status}; its lines above say why.")
    }
    archiveArtifacts artifacts: '.understudy/month/month.*,.understudy/month/report.css', allowEmptyArchive: true
    echo "The report of the month: ${env.BUILD_URL}artifact/.understudy/month/month.html"
    return readFile(file: '.understudy/month/month.md', encoding: 'UTF-8')
}

/** Names of the sites that have such a job. */
@NonCPS
List namesWith(String json, String ending) {
    List names = []
    for (Object job in new JsonSlurper().parseText(json).jobs) {
        if (job.path.toString().endsWith(ending)) {
            names.add(job.site.toString())
        }
    }
    return names
}
