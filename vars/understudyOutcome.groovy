import groovy.json.JsonOutput
import groovy.json.JsonSlurper

// How a command of the runner ended, from the result.json that it leaves. For the library's own use.

/**
 * @param status what the shell step returned. 100 means done: a step that was asked to stop and ends with 0 is passed
 *   for Jenkins, any other status is not.
 */
Map call(String site, int status) {
    String path = ".understudy/runs/${site}/result.json"
    String text = fileExists(path) ? readFile(file: path, encoding: 'UTF-8') : '{}'
    return outcomeFrom(text, isDone(status) ? 0 : status == 0 ? 1 : status)
}

@NonCPS
boolean isDone(int status) {
    return status == 100
}

/**
 * Before every command: a step that Jenkins can interrupt. A build that is being stopped, but has no step that hears
 * of it, ends here and not in a process.
 */
void goOn() {
    sleep time: 1, unit: 'MILLISECONDS'
}

/** One line says what failed and what to do; the runner's own last lines above say more. */
void requireSuccess(Map outcome) {
    if (outcome.exitCode != 0) {
        error("${outcome.code}: ${outcome.message} Next: ${outcome.next}")
    }
}

// A JsonSlurper result cannot be kept across a step: what is needed is copied into a plain map.

@NonCPS
Map outcomeFrom(String text, int exitCode) {
    Map read = new JsonSlurper().parseText(text)
    Map problem = read.error ?: [:]
    String commit = (problem.commit ?: '').toString()
    List lines = []
    for (Object line in read.lines) {
        lines.add(line.toString())
    }
    return [
        exitCode: exitCode,
        run: (read.run ?: '').toString(),
        summary: (read.summary ?: '').toString(),
        lines: lines,
        approval: (read.approval ?: '').toString(),
        code: (problem.code ?: (exitCode == 0 ? '' : 'FAILED')).toString(),
        message: (problem.message ?: "The runner ended with exit code ${exitCode}; the end of its output above says why.").toString(),
        next: (problem.next ?: 'Read the last lines of the log.').toString(),
        commit: commit ==~ /[0-9a-f]{7,64}/ ? commit : '',
        maintenance: read.maintenance ? JsonOutput.toJson(read.maintenance) : '',
        overview: read.overview ? JsonOutput.toJson(read.overview) : '',
    ]
}
