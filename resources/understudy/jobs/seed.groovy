// Job DSL: makes the folders, jobs and views that `understudy jobs --json` describes. What differs from site to site
// is in UNDERSTUDY_JOBS, as data; this text is the same for everybody, so it has to be approved only once.
import groovy.json.JsonSlurper

Map wanted = new JsonSlurper().parseText(UNDERSTUDY_JOBS)

wanted.folders.each { entry ->
    folder(entry.path) {
        displayName(entry.title)
        description(entry.description)
    }
}

wanted.jobs.each { entry ->
    pipelineJob(entry.path) {
        displayName(entry.title)
        description(entry.description)
        disabled(false)
        if (entry.parameters) {
            parameters {
                entry.parameters.each { parameter ->
                    if (parameter.type == 'boolean') {
                        booleanParam(parameter.name, false, parameter.description)
                    } else {
                        stringParam(parameter.name, parameter.defaultValue, parameter.description)
                    }
                }
            }
        }
        properties {
            disableConcurrentBuilds {
                abortPrevious(false)
            }
            if (entry.schedule) {
                pipelineTriggers {
                    triggers {
                        cron {
                            spec(entry.schedule)
                        }
                    }
                }
            }
        }
        definition {
            cps {
                script(entry.script)
                sandbox(true)
            }
        }
    }
}

wanted.views.each { entry ->
    listView("${entry.folder}/${entry.name}") {
        description(entry.description)
        recurse(true)
        jobs {
            regex(entry.regex)
        }
        columns {
            status()
            weather()
            name()
            lastSuccess()
            lastFailure()
            lastDuration()
            buildButton()
        }
    }
}
