import groovy.json.JsonOutput
import groovy.json.JsonSlurper

/** A spec is a class with `void` methods that take nothing; each is one case with a Jenkins of its own. */
abstract class Spec {
    public static File top
    /** What a shell step of the library returns when all is done; see understudyOutcome. */
    static final int DONE = 100
    Jenkins jenkins

    /** The agent's side: node and runner are there, the site is acme, every command succeeds. */
    void setUp() {
        jenkins = new Jenkins(top)
        jenkins.onShell = { Map step, Map env -> shell(step, env) }
    }

    Map context = [
        version: 1, site: 'acme', title: 'Acme', type: 'wordpress', agent: '', schedule: '',
        stages: ['sync-content', 'backup-database', 'transfer-backup', 'drop-database', 'import-database', 'rewrite-urls'],
        sections: ['maintenance', 'archive', 'publish'],
        credentials: [[id: 'deploy-key', kind: 'ssh-key', env: 'UNDERSTUDY_CREDENTIAL_DEPLOY_KEY'],
                      [id: 'chat', kind: 'secret-text', env: 'UNDERSTUDY_CREDENTIAL_CHAT']],
        approval: [policy: 'person', minutes: 90, hours: 2, by: ['ada', 'web-team']],
    ]
    /** command (with its stage) → outcome of the runner, or a closure that is called. */
    Map outcomes = [:]
    /** Whether the agent's copy of the runner is the right one, question by question; then it is. */
    List runnerChecks = []
    int contextStatus = 0
    boolean monthFails = false
    int overviewStatus = DONE
    String jobs = '{"jobs":[]}'
    String RUN = '20261121T201500Z-3f9a1c'

    Object shell(Map step, Map env) {
        if (step.script.contains('createHash')) {
            return runnerChecks ? runnerChecks.remove(0) : DONE
        }
        if (step.script.contains('jobs --json')) {
            jenkins.files['.understudy/jobs.json'] = jobs
            return DONE
        }
        if (step.script.contains('UNDERSTUDY_RUNNER" month')) {
            jenkins.files['.understudy/month/month.md'] = 'All of the month'
            return monthFails ? 2 : DONE
        }
        if (step.script.contains('report --all')) {
            jenkins.files['.understudy/overview/overview.json'] = '{"version":1,"sites":["all of them"]}'
            return overviewStatus
        }
        String site = new JsonSlurper().parseText(env.UNDERSTUDY_PARAMETERS).site
        String result = ".understudy/runs/${site}/result.json"
        if (step.script.contains('UNDERSTUDY_RUNNER" context')) {
            if (contextStatus != 0) {
                jenkins.files[result] = JsonOutput.toJson([error: [code: 'SITE_UNKNOWN', message: 'There is no file.', next: 'Give another.']])
            }
            jenkins.files['.understudy/context.json'] = JsonOutput.toJson(context) + '\n'
            return contextStatus ?: DONE
        }
        String name = [env.UNDERSTUDY_COMMAND, env.UNDERSTUDY_ARGUMENT_1].findAll().join(' ')
        Object outcome = outcomes[name] ?: outcomes[env.UNDERSTUDY_COMMAND] ?: [run: RUN, summary: "${name} done".toString()]
        Map told = outcome instanceof Closure ? outcome(env) : outcome
        if (told.text != null) {
            jenkins.files[result] = told.text
        } else if (told.none) {
            jenkins.files.remove(result)
        } else {
            jenkins.files[result] = JsonOutput.toJson(told)
        }
        return told.exitCode ?: DONE
    }

    Map parametersOf(Map step) {
        return new JsonSlurper().parseText(step.env.UNDERSTUDY_PARAMETERS)
    }

    Throwable failureOf(Closure work) {
        try {
            work()
        } catch (Throwable problem) {
            return problem
        }
        throw new AssertionError('it should have failed')
    }

    /** Calls a step as a Jenkinsfile does. */
    Object run(String step, Map config = [:]) {
        return jenkins.step(step, [config] as Object[])
    }
}
