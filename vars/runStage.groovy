import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import groovy.transform.Field

// The only bridge between Jenkins and the runner. Everything that is decided about a site is decided by the runner;
// this file brings it to the agent, gives it what Jenkins holds, and makes its outcome the build's.

/** What was prepared, by agent and workspace: a build may move to another agent between two stages. */
@Field Map places = [:]

/** One stage of a pipeline. @param name as in the runner: sync-content, backup-database … */
Map call(String name, Map config) {
    return command(['stage', name], config)
}

/**
 * Any command of the runner for the site of this build.
 * @param words constant words of ours, never a value that came from outside
 */
Map command(List words, Map config) {
    Map settings = understudySettings(config, params)
    Map place = prepare(settings)
    Map outcome = execute(words, settings, place)
    if (outcome.exitCode != 0 && outcome.commit) {
        // The run that is gone on with began with another commit of the site files.
        echo "Going on with the site files of commit ${outcome.commit}"
        checkoutSites(settings, place, outcome.commit as String)
        place.context = readContext(settings, place)
        outcome = execute(words, settings, place)
    }
    describe(settings, outcome)
    if (outcome.exitCode != 0) {
        error("${outcome.code}: ${outcome.message} Next: ${outcome.next}")
    }
    return outcome
}

/** Is the stage one of this site's? Asked in `when`. */
boolean applies(String name, Map config) {
    Map settings = understudySettings(config, params)
    return (prepare(settings).context.stages as List).contains(name)
}

/**
 * The end of a build, however it went: frees the lock, keeps what a restart needs, shows the reports.
 * Never hides why the build failed.
 */
void finish(Map config) {
    if (!places[placeKey()]) {
        echo 'Understudy did not get to work on this agent; there is nothing to finish.'
        return
    }
    Map settings = understudySettings(config, params)
    Map outcome = execute(['finish'], settings, prepare(settings))
    if (outcome.exitCode != 0) {
        echo "The build could not be finished: ${outcome.code}: ${outcome.message} Next: ${outcome.next}"
    }
    showReports(settings)
    if (settings.notify) {
        settings.notify.call([site: settings.site, result: currentBuild.currentResult,
                              description: currentBuild.description, url: env.BUILD_URL])
    }
}

/** The runner, the site files and what Jenkins must know of the site: once per build and agent. */
private Map prepare(Map settings) {
    String key = placeKey()
    if (!places[key]) {
        Map place = [:]
        checkoutSites(settings, place, '')
        bringRunner(place)
        place.context = readContext(settings, place)
        compare(settings, place.context as Map)
        places[key] = place
    }
    return places[key]
}

private String placeKey() {
    return "${env.NODE_NAME} ${env.WORKSPACE}"
}

/** Site files come from the Jenkinsfile's own repository, or from one of their own. */
private void checkoutSites(Map settings, Map place, String commit) {
    Map source = settings.config as Map
    if (source) {
        dir('.understudy/config') {
            Map found = checkout([
                $class: 'GitSCM',
                branches: [[name: commit ?: (source.branch ?: 'main')]],
                userRemoteConfigs: [[url: source.url, credentialsId: source.credentialsId ?: '']],
            ])
            place.commit = found.GIT_COMMIT ?: ''
        }
        place.sites = ".understudy/config/${settings.sites}"
    } else {
        place.commit = env.GIT_COMMIT ?: ''
        place.sites = settings.sites
    }
}

/**
 * A runner that the agent has (UNDERSTUDY_RUNNER) or the library's own. Either must be the one that this version of the
 * library was built with: its SHA-256 is compared on the agent.
 */
private void bringRunner(Map place) {
    place.runner = env.UNDERSTUDY_RUNNER ?: '.understudy/runner.cjs'
    String expected = libraryResource('understudy/runner.sha256').trim()
    if (!isRunner(place.runner as String, expected)) {
        if (env.UNDERSTUDY_RUNNER) {
            error("The runner at UNDERSTUDY_RUNNER on ${env.NODE_NAME} is not the one of this library. Install that version, or unset the variable.")
        }
        writeFile file: '.understudy/runner.cjs', text: libraryResource('understudy/runner.cjs'), encoding: 'UTF-8'
        if (!isRunner(place.runner as String, expected)) {
            error("The runner did not arrive on ${env.NODE_NAME} as it was built.")
        }
    }
}

private boolean isRunner(String path, String expected) {
    int status = 1
    withEnv(["UNDERSTUDY_RUNNER=${path}", "UNDERSTUDY_RUNNER_SHA256=${expected}"]) {
        status = sh(label: 'Is the runner the right one?', returnStatus: true, script: '''
            set +x
            command -v node >/dev/null || { echo "node is missing on this agent: install Node.js 20 or later"; exit 2; }
            [ -f "$UNDERSTUDY_RUNNER" ] &&
            node -e 'const c=require("crypto"),f=require("fs");process.exit(c.createHash("sha256").update(f.readFileSync(process.argv[1])).digest("hex")===process.argv[2]?0:1)' "$UNDERSTUDY_RUNNER" "$UNDERSTUDY_RUNNER_SHA256"
        ''')
    }
    if (status == 2) {
        error("node is missing on ${env.NODE_NAME}: install Node.js 20 or later.")
    }
    return status == 0
}

/** Type, label and credentials of the site, as the runner reads them from its file. */
private Map readContext(Map settings, Map place) {
    String text = ''
    withEnv(environment(settings, place)) {
        text = sh(label: 'Read the site file', returnStdout: true, script: '''
            set +x
            node "$UNDERSTUDY_RUNNER" context
        ''')
    }
    return contextFrom(text)
}

/** What the seed wrote into the job must still be what the site file says. */
private void compare(Map settings, Map context) {
    if (settings.type && settings.type != context.type) {
        error("This job was made for a ${settings.type} site, but the site file of ${settings.site} says ${context.type}. Run the seed job.")
    }
    if (settings.agent && context.agent && settings.agent != context.agent) {
        error("This job runs on ${settings.agent}, but the site file of ${settings.site} says ${context.agent}. Run the seed job.")
    }
}

/** Runs a command with the site's credentials bound; an interruption passes through untouched. */
private Map execute(List words, Map settings, Map place) {
    int status = 1
    withCredentials(bindings(place.context.credentials as List)) {
        withEnv(environment(settings, place) + ["UNDERSTUDY_COMMAND=${words[0]}", "UNDERSTUDY_STAGE=${words.size() > 1 ? words[1] : ''}"]) {
            status = sh(label: "understudy ${words.join(' ')}", returnStatus: true, script: '''
                set +x
                if [ -n "$UNDERSTUDY_STAGE" ]; then set -- "$UNDERSTUDY_STAGE"; else set --; fi
                exec node "$UNDERSTUDY_RUNNER" "$UNDERSTUDY_COMMAND" "$@"
            ''')
        }
    }
    return outcomeOf(status, settings)
}

private List environment(Map settings, Map place) {
    return [
        "UNDERSTUDY_RUNNER=${place.runner}",
        "UNDERSTUDY_SITES=${place.sites}",
        'UNDERSTUDY_WORKSPACE=.understudy/runs',
        "UNDERSTUDY_CONFIG_COMMIT=${place.commit}",
        "UNDERSTUDY_PARAMETERS=${JsonOutput.toJson(settings.parameters)}",
    ]
}

private List bindings(List credentials) {
    List bound = []
    for (int i = 0; i < credentials.size(); i++) {
        Map one = credentials[i] as Map
        if (one.kind == 'ssh-key') {
            bound << sshUserPrivateKey(credentialsId: one.id, keyFileVariable: one.env,
                passphraseVariable: one.env + '_PASSPHRASE', usernameVariable: one.env + '_USERNAME')
        } else if (one.kind == 'username-password') {
            bound << usernamePassword(credentialsId: one.id, usernameVariable: one.env + '_USR',
                passwordVariable: one.env + '_PSW')
        } else if (one.kind == 'secret-file') {
            bound << file(credentialsId: one.id, variable: one.env)
        } else {
            bound << string(credentialsId: one.id, variable: one.env)
        }
    }
    return bound
}

private Map outcomeOf(int status, Map settings) {
    String path = ".understudy/runs/${settings.site}/result.json"
    String text = fileExists(path) ? readFile(file: path, encoding: 'UTF-8') : '{}'
    return outcomeFrom(text, status)
}

private void describe(Map settings, Map outcome) {
    currentBuild.displayName = outcome.run ? "#${env.BUILD_NUMBER} ${settings.site} ${outcome.run}" : "#${env.BUILD_NUMBER} ${settings.site}"
    currentBuild.description = outcome.summary
}

private void showReports(Map settings) {
    archiveArtifacts artifacts: ".understudy/runs/${settings.site}/**", allowEmptyArchive: true
    junit testResults: ".understudy/runs/${settings.site}/*/junit.xml", allowEmptyResults: true
}

// A JsonSlurper result cannot be kept across a step: what is needed is copied into plain maps.

@NonCPS
private Map contextFrom(String text) {
    Map read = new JsonSlurper().parseText(text.trim().readLines().last()) as Map
    List credentials = []
    for (Object one : read.credentials as List) {
        credentials << [id: one.id as String, kind: one.kind as String, env: one.env as String]
    }
    List stages = []
    for (Object one : read.stages as List) {
        stages << (one as String)
    }
    return [type: read.type as String, agent: read.agent as String, title: read.title as String, stages: stages,
            credentials: credentials]
}

@NonCPS
private Map outcomeFrom(String text, int status) {
    Map read = new JsonSlurper().parseText(text) as Map
    Map problem = (read.error ?: [:]) as Map
    return [
        exitCode: status,
        run: (read.run ?: '') as String,
        summary: (read.summary ?: '') as String,
        code: (problem.code ?: 'FAILED') as String,
        message: (problem.message ?: "The runner ended with exit code ${status}; its last lines above say why.") as String,
        next: (problem.next ?: 'Read the last lines of the log.') as String,
        commit: (problem.commit ?: '') as String,
    ]
}
