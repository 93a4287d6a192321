import groovy.json.JsonOutput
import groovy.json.JsonSlurper

// How a command of the runner ended, from the result.json that it leaves. For the library's own use.

/** @param status exit code of the runner */
Map call(String site, int status) {
    String path = ".understudy/runs/${site}/result.json"
    String text = fileExists(path) ? readFile(file: path, encoding: 'UTF-8') : '{}'
    return outcomeFrom(text, status)
}

/** One line says what failed and what to do; the runner's own last lines above say more. */
void requireSuccess(Map outcome) {
    if (outcome.exitCode != 0) {
        error("${outcome.code}: ${outcome.message} Next: ${outcome.next}")
    }
}

// A JsonSlurper result cannot be kept across a step: what is needed is copied into a plain map.

@NonCPS
Map outcomeFrom(String text, int status) {
    Map read = new JsonSlurper().parseText(text)
    Map problem = read.error ?: [:]
    String commit = (problem.commit ?: '').toString()
    return [
        exitCode: status,
        run: (read.run ?: '').toString(),
        summary: (read.summary ?: '').toString(),
        approval: (read.approval ?: '').toString(),
        code: (problem.code ?: 'FAILED').toString(),
        message: (problem.message ?: "The runner ended with exit code ${status}; its last lines above say why.").toString(),
        next: (problem.next ?: 'Read the last lines of the log.').toString(),
        commit: commit ==~ /[0-9a-f]{7,64}/ ? commit : '',
        maintenance: read.maintenance ? JsonOutput.toJson(read.maintenance) : '',
    ]
}
