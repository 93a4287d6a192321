import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import groovy.transform.Field
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

// The only bridge between Jenkins and the runner. Everything that is decided about a site is decided by the runner;
// this file brings it to the agent, gives it what Jenkins holds, and makes its outcome the build's.

/** What was prepared, by agent and workspace: a build may move to another agent between two stages. */
@Field Map places = [:]

/** What one stage leaves for the next ones of this build: texts only, they are kept over a restart of Jenkins. */
@Field Map known = [run: '', approvedBy: '', approval: '', byPolicy: '', commit: '', times: '', keepLock: '']

/**
 * One stage of a pipeline.
 * @param name as in the runner: sync-content, backup-database …
 * @param keepLock staging stays locked when the last stage is done, for what follows in this build
 */
Map call(String name, Map config, boolean keepLock = false) {
    known.keepLock = keepLock ? 'yes' : ''
    return command(['stage', name], config)
}

/**
 * Any command of the runner for the site of this build.
 * @param words at most five, constants of ours or values that were checked
 */
Map command(List words, Map config) {
    Map settings = settingsOf(config)
    Map place = prepare(settings)
    Map outcome = execute(words, settings, place)
    if (outcome.exitCode != 0 && outcome.commit) {
        // The run that is gone on with began with another commit of the site files.
        echo "Going on with the site files of commit ${outcome.commit}"
        known.commit = outcome.commit
        checkoutSites(settings, place)
        place.context = readContext(settings, place)
        outcome = execute(words, settings, place)
    }
    describe(settings, outcome)
    archiveReports(settings)
    requireSuccess(outcome)
    return outcome
}

/** Is the stage one of this site's? Asked in `when`. */
boolean applies(String name, Map config) {
    return prepare(settingsOf(config)).context.stages.contains(name)
}

/** Does the site file have this section (maintenance, archive, publish), and is this a real run? Asked in `when`. */
boolean has(String section, Map config) {
    Map settings = settingsOf(config)
    return !settings.parameters.dryRun && prepare(settings).context.sections.contains(section)
}

boolean isDryRun(Map config) {
    return settingsOf(config).parameters.dryRun
}

/**
 * Before promotion: staging stays as it was tested, and a person decides while no executor is taken.
 * @param person ask one even where the site file lets green updates through
 */
void approve(Map config, boolean person = false) {
    Map settings = settingsOf(config)
    if (!settings.parameters.run) {
        error('No run is known that could be approved: give RUN, or restart from the stage Update on staging.')
    }
    Map approval = [:]
    node(settings.agent) {
        approval = prepare(settings).context.approval
        command(['hold', '--run', settings.parameters.run, '--hours', approval.hours], config)
    }
    if (approval.policy == 'when-green' && known.approval != 'person' && !person) {
        known.byPolicy = 'yes'
        echo 'The site file lets green updates through without a person; the runner checks once more before it promotes.'
        return
    }
    timeout(time: approval.minutes, unit: 'MINUTES') {
        Object answer = input(
            message: "Promote run ${settings.parameters.run} of ${settings.site} to production? What was tested: ${env.BUILD_URL}artifact/.understudy/runs/${settings.site}/${settings.parameters.run}/",
            ok: 'Promote', submitter: approval.by, submitterParameter: 'APPROVED_BY')
        known.approvedBy = answer.toString()
    }
    echo "Approved by ${known.approvedBy}"
}

/** Carries what was approved to production; without a person the runner itself judges whether all is green. */
Map promote(Map config) {
    return command(known.byPolicy ? ['promote', '--approve'] : ['promote'], config)
}

/**
 * The end of a build, however it went: frees the lock, keeps what a restart needs, shows the reports.
 * Never hides why the build failed.
 */
void finish(Map config) {
    if (!places) {
        echo 'Understudy did not get to work; there is nothing to finish.'
        return
    }
    Map settings = settingsOf(config)
    // Only a run that this build got hold of: the one in RUN may be another build's, which must not be ended here.
    settings.parameters.run = known.run
    Map outcome = execute(['finish'], settings, prepare(settings))
    if (outcome.exitCode != 0) {
        echo "The build could not be finished: ${outcome.code}: ${outcome.message} Next: ${outcome.next}"
    }
    // The build for all sites reads it: what a build leaves in env is told to the one that started it.
    env.UNDERSTUDY_MAINTENANCE = outcome.maintenance
    archiveReports(settings)
    publishTests(settings)
    if (settings.notify) {
        Closure hook = settings.notify
        hook([site: settings.site, result: currentBuild.currentResult, run: known.run,
              description: currentBuild.description, url: env.BUILD_URL])
    }
}

/** The same where the pipeline holds no agent when it ends. */
void finishOnAgent(Map config) {
    if (!places) {
        echo 'Understudy did not get to work; there is nothing to finish.'
        return
    }
    timeout(time: 30, unit: 'MINUTES') {
        node((config.agent ?: '').toString()) {
            finish(config)
        }
    }
}

/** The jobs of all site files as JSON: what the seed and the calls for all sites read. Needs an agent. */
String jobsOf(Map settings, String library) {
    Map place = [:]
    checkoutSites(settings, place)
    bringRunner(place)
    Map origin = [folder: settings.folder, library: library, sites: settings.sites]
    if (!settings.sites.startsWith('/')) {
        origin.repository = settings.config ?: ownRepository()
    }
    List values = environment(settings, place) + ["UNDERSTUDY_JOBS=${JsonOutput.toJson(origin)}".toString()]
    int status = 1
    withEnv(values) {
        status = sh(label: 'Read the site files', returnStatus: true, script: '''
            set +x
            exec node "$UNDERSTUDY_RUNNER" jobs --json > .understudy/jobs.json
        ''')
    }
    if (status != 0) {
        error('The site files cannot be used as they are; the lines above say where.')
    }
    return readFile(file: '.understudy/jobs.json', encoding: 'UTF-8')
}

/** The settings of this build, with what earlier stages found out. */
Map settingsOf(Map config) {
    Map settings = understudySettings(config, params)
    Map parameters = settings.parameters
    parameters.run = parameters.run ?: known.run
    if (known.approvedBy) {
        parameters.approvedBy = known.approvedBy
    }
    if (known.keepLock) {
        parameters.keepLock = true
    }
    return settings
}

/** The runner, the site files and what Jenkins must know of the site: once per build and agent. */
Map prepare(Map settings) {
    String key = "${env.NODE_NAME} ${env.WORKSPACE}"
    if (!places[key]) {
        Map place = [:]
        checkoutSites(settings, place)
        bringRunner(place)
        place.context = readContext(settings, place)
        compare(settings, place.context)
        checkCredentials(place.context.credentials)
        places[key] = place
    }
    return places[key]
}

/**
 * Site files come from the Jenkinsfile's own repository, from one of their own, or lie on the agent (an absolute path).
 * The first checkout of a build decides the commit; every later one, on whatever agent, takes the same.
 */
void checkoutSites(Map settings, Map place) {
    if (settings.sites.startsWith('/')) {
        place.sites = settings.sites
        place.commit = ''
        return
    }
    String folder = settings.config ? '.understudy/config' : '.'
    Map found = [:]
    dir(folder) {
        if (settings.config) {
            Map source = settings.config
            found = checkout([
                $class: 'GitSCM',
                branches: [[name: known.commit ?: (source.branch ?: 'main')]],
                userRemoteConfigs: [[url: source.url, credentialsId: source.credentialsId ?: '']],
            ])
        } else if (known.commit) {
            found = checkout([$class: 'GitSCM', branches: [[name: known.commit]],
                              userRemoteConfigs: scm.userRemoteConfigs])
        } else {
            found = checkout(scm)
        }
    }
    known.commit = (found.GIT_COMMIT ?: '').toString()
    place.commit = known.commit
    place.sites = settings.config ? ".understudy/config/${settings.sites}".toString() : settings.sites
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
void bringRunner(Map place) {
    place.runner = (env.UNDERSTUDY_RUNNER ?: '.understudy/runner.cjs').toString()
    String expected = libraryResource('understudy/runner.sha256').trim()
    if (!isRunner(place.runner, expected)) {
        if (env.UNDERSTUDY_RUNNER) {
            error("The runner at UNDERSTUDY_RUNNER on ${env.NODE_NAME} is not the one of this library. Install that version, or unset the variable.")
        }
        writeFile file: '.understudy/runner.cjs', text: libraryResource('understudy/runner.cjs'), encoding: 'UTF-8'
        if (!isRunner(place.runner, expected)) {
            error("The runner did not arrive on ${env.NODE_NAME} as it was built.")
        }
    }
}

/** Also removes what an earlier build left in this workspace: reports are this build's alone. */
boolean isRunner(String path, String expected) {
    int status = 1
    withEnv(["UNDERSTUDY_RUNNER=${path}", "UNDERSTUDY_RUNNER_SHA256=${expected}"]) {
        status = sh(label: 'Is the runner the right one?', returnStatus: true, script: '''
            set +x
            rm -rf .understudy/runs && mkdir -p .understudy || exit 4
            command -v node >/dev/null || exit 2
            node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' || exit 3
            [ -f "$UNDERSTUDY_RUNNER" ] || exit 1
            node -e 'const crypto = require("crypto"), fs = require("fs");
                const [file, expected] = process.argv.slice(1);
                const found = crypto.createHash("sha256").update(fs.readFileSync(file)).digest("hex");
                process.exit(found === expected ? 0 : 1)' "$UNDERSTUDY_RUNNER" "$UNDERSTUDY_RUNNER_SHA256"
        ''')
    }
    if (status == 2) {
        error("node is missing on ${env.NODE_NAME}: install Node.js 20 or later.")
    }
    if (status == 3) {
        error("node on ${env.NODE_NAME} is too old: install Node.js 20 or later.")
    }
    return status == 0
}

/** Type, label and credentials of the site, as the runner reads them from its file. */
Map readContext(Map settings, Map place) {
    int status = 1
    withEnv(environment(settings, place)) {
        status = sh(label: 'Read the site file', returnStatus: true, script: '''
            set +x
            exec node "$UNDERSTUDY_RUNNER" context > .understudy/context.json
        ''')
    }
    if (status != 0) {
        requireSuccess(outcomeOf(status, settings))
    }
    return contextFrom(readFile(file: '.understudy/context.json', encoding: 'UTF-8'))
}

/** What the seed wrote into the job must still be what the site file says. */
void compare(Map settings, Map context) {
    if (settings.type && settings.type != context.type) {
        error("This job was made for a ${settings.type} site, but the site file of ${settings.site} says ${context.type}. Run the seed job.")
    }
    if (context.agent && settings.agent != context.agent) {
        error("This job runs on ${settings.agent ?: 'any agent'}, but the site file of ${settings.site} says ${context.agent}. Run the seed job, or write agent: '${context.agent}' into the Jenkinsfile.")
    }
}

/** Every credential that the site file names must be there, with the right kind, before a stage changes anything. */
void checkCredentials(List credentials) {
    List problems = []
    for (int i = 0; i < credentials.size(); i++) {
        Map one = credentials[i]
        try {
            withCredentials(bindings([one])) {
                known.credential = one.id
            }
        } catch (FlowInterruptedException interruption) {
            throw interruption
        } catch (Exception problem) {
            problems.add("${one.id} (${one.kind}): ${problem.message}".toString())
        }
    }
    if (problems) {
        String advice = 'Create each with this id and kind where this job may use it (its folder or the global store), or correct the id.'
        error("SECRET_UNAVAILABLE: Jenkins does not hold what the site file names: ${problems.join('; ')} Next: ${advice}")
    }
}

/** Runs a command with the site's credentials bound; an interruption passes through untouched. */
Map execute(List words, Map settings, Map place) {
    int status = 1
    List values = environment(settings, place) + ["UNDERSTUDY_COMMAND=${words[0]}"]
    for (int i = 1; i < 5; i++) {
        values.add("UNDERSTUDY_ARGUMENT_${i}=${i < words.size() ? words[i] : ''}".toString())
    }
    withTimes {
        withCredentials(bindings(place.context.credentials)) {
            withEnv(values) {
                status = sh(label: "understudy ${words.join(' ')}", returnStatus: true, script: '''
                    set +x
                    rm -f "$UNDERSTUDY_WORKSPACE/$UNDERSTUDY_SITE/result.json"
                    exec node "$UNDERSTUDY_RUNNER" "$UNDERSTUDY_COMMAND" \
                        ${UNDERSTUDY_ARGUMENT_1:+"$UNDERSTUDY_ARGUMENT_1"} ${UNDERSTUDY_ARGUMENT_2:+"$UNDERSTUDY_ARGUMENT_2"} \
                        ${UNDERSTUDY_ARGUMENT_3:+"$UNDERSTUDY_ARGUMENT_3"} ${UNDERSTUDY_ARGUMENT_4:+"$UNDERSTUDY_ARGUMENT_4"}
                ''')
            }
        }
    }
    return outcomeOf(status, settings)
}

List environment(Map settings, Map place) {
    return [
        "UNDERSTUDY_RUNNER=${place.runner}".toString(),
        "UNDERSTUDY_SITE=${settings.site}".toString(),
        "UNDERSTUDY_SITES=${place.sites}".toString(),
        'UNDERSTUDY_WORKSPACE=.understudy/runs',
        "UNDERSTUDY_CONFIG_COMMIT=${place.commit}".toString(),
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

/** Times in the log where the Timestamper plugin is installed. */
void withTimes(Closure work) {
    if (known.times == '') {
        try {
            timestamps {
                known.times = 'shown'
            }
        } catch (NoSuchMethodError missing) {
            known.times = 'not shown'
            echo 'No times in this log: the Timestamper plugin is not installed.'
        }
    }
    if (known.times == 'shown') {
        timestamps {
            work()
        }
    } else {
        work()
    }
}

Map outcomeOf(int status, Map settings) {
    String path = ".understudy/runs/${settings.site}/result.json"
    String text = fileExists(path) ? readFile(file: path, encoding: 'UTF-8') : '{}'
    Map outcome = outcomeFrom(text, status)
    if (outcome.run) {
        known.run = outcome.run
    }
    if (outcome.approval) {
        known.approval = outcome.approval
    }
    return outcome
}

/** One line says what failed and what to do; the runner's own last lines above say more. */
void requireSuccess(Map outcome) {
    if (outcome.exitCode != 0) {
        error("${outcome.code}: ${outcome.message} Next: ${outcome.next}")
    }
}

void describe(Map settings, Map outcome) {
    currentBuild.displayName = "#${env.BUILD_NUMBER} ${settings.site} ${outcome.run ?: known.run}"
    currentBuild.description = outcome.summary
}

void archiveReports(Map settings) {
    archiveArtifacts artifacts: ".understudy/runs/${settings.site}/**", allowEmptyArchive: true
}

void publishTests(Map settings) {
    try {
        junit testResults: ".understudy/runs/${settings.site}/*/junit.xml", allowEmptyResults: true
    } catch (NoSuchMethodError missing) {
        echo 'No test results in Jenkins: the JUnit plugin is not installed. They are in the archived junit.xml.'
    }
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
