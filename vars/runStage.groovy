import groovy.transform.Field
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

// The only bridge between Jenkins and the runner. Everything that is decided about a site is decided by the runner;
// this file gives it what Jenkins holds, and makes its outcome the build's. understudyAgent brings it to the agent.

/** What one stage leaves for the next ones of this build: texts only, they are kept over a restart of Jenkins. */
@Field Map state = [run: '', approvedBy: '', approval: '', byPolicy: '', keepLock: '', overview: '', notApproved: '']

/** Why nobody approved: the word that `understudy finish --not-approved` takes, and what the build's description says. */
@Field Map notApproved = [rejected: 'was rejected', late: 'was not approved in time',
                          'rejected-or-stopped': 'was rejected, or the build was stopped',
                          stopped: 'waited for its approval when the build was stopped']

/**
 * One stage of a pipeline.
 * @param name as in the runner: sync-content, backup-database …
 * @param keepLock staging stays locked when the last stage is done, for what follows in this build
 */
Map call(String name, Map config, boolean keepLock = false) {
    state.keepLock = keepLock ? 'yes' : ''
    return command(['stage', name], config)
}

/**
 * Any command of the runner for the site of this build.
 * @param words at most five, constants of Understudy or values that were checked
 */
Map command(List words, Map config) {
    Map settings = settingsOf(config)
    understudyReports.begin(words.join(' '))
    Map workspace = understudyAgent(settings)
    Map outcome = execute(words, settings, workspace)
    if (outcome.exitCode != 0 && outcome.commit) {
        // The run that is gone on with began with another commit of the site files.
        echo "Going on with the site files of commit ${outcome.commit}"
        understudyAgent.goOnWith(outcome.commit, settings, workspace)
        outcome = execute(words, settings, workspace)
    }
    understudyReports.show(settings, outcome, state.run)
    understudyOutcome.requireSuccess(outcome)
    return outcome
}

/** Is the stage one of this site's? Asked in `when`. */
boolean applies(String name, Map config) {
    return understudyAgent(settingsOf(config)).context.stages.contains(name)
}

/** Does the site file have this section (maintenance, archive, publish), and is this a real run? Asked in `when`. */
boolean has(String section, Map config) {
    Map settings = settingsOf(config)
    return !settings.parameters.dryRun && understudyAgent(settings).context.sections.contains(section)
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
        understudyReports.fail('No run is known that could be approved: give RUN, or restart from the stage Update on staging.')
    }
    Map approval = [:]
    boolean isByPolicy = false
    node(settings.agent) {
        approval = understudyAgent(settings).context.approval
        isByPolicy = approval.policy == 'when-green' && state.approval != 'person' && !person
        List words = ['hold', "--run=${settings.parameters.run}".toString(), '--hours', approval.hours]
        // Who is not asked gets no message that asks.
        command(isByPolicy ? words + ['--by-policy'] : words, config)
        understudyReports.linkMaintenance(settings)
    }
    if (isByPolicy) {
        state.byPolicy = 'yes'
        understudyReports.describe("Run ${settings.parameters.run} is all green: the site file lets it through without a person.")
        echo 'The site file lets green updates through without a person; the runner checks once more before it promotes.'
        return
    }
    // The page of all sites says at once that somebody has to decide: the end of this build may be days away.
    understudyReports.showAllSites(state.overview)
    ask(settings, approval)
}

void ask(Map settings, Map approval) {
    long until = now() + approval.minutes * 60000L
    try {
        timeout(time: approval.minutes, unit: 'MINUTES') {
            Object answer = input(
                message: "Promote run ${settings.parameters.run} of ${settings.site}? What was tested, and until when: see the build's description.",
                ok: 'Promote', submitter: approval.by, submitterParameter: 'APPROVED_BY')
            state.approvedBy = answer.toString()
        }
    } catch (FlowInterruptedException interruption) {
        state.notApproved = endOfWaiting(interruption, now() >= until)
        understudyReports.explain("Run ${settings.parameters.run} ${notApproved[state.notApproved]}. Nothing was promoted.")
        throw interruption
    }
    understudyReports.describe("Run ${settings.parameters.run} was approved by ${state.approvedBy}.")
    echo "Approved by ${state.approvedBy}"
}

@NonCPS
long now() {
    // groovylint-disable-next-line NoJavaUtilDate
    return new Date().time
}

/**
 * Why nobody approved, as a word of `notApproved`. The sandbox (a library of a folder) does not show the causes of an interruption: there the clock
 * tells one case from the other two.
 */
@NonCPS
String endOfWaiting(FlowInterruptedException interruption, boolean isLate) {
    try {
        for (Object cause in interruption.causes) {
            // By name: a class that a plugin moves must not keep this file from being loaded.
            String kind = cause.class.simpleName
            if (kind == 'Rejection') {
                return 'rejected'
            }
            if (kind == 'ExceededTimeout') {
                return 'late'
            }
        }
    } catch (Exception refused) {
        return isLate ? 'late' : 'rejected-or-stopped'
    }
    return 'stopped'
}

/** Carries what was approved to production; without a person the runner itself judges whether all is green. */
Map promote(Map config) {
    return command(state.byPolicy ? ['promote', '--approve'] : ['promote'], config)
}

/**
 * The end of a build, however it went: frees the lock, keeps what a restart needs, shows the reports. Where it is
 * called outside of a node, it takes any agent of the label: that of the last stage may be gone. Never hides why the
 * build failed.
 */
void finish(Map config) {
    understudyReports.conclude()
    if (understudyAgent.isPrepared()) {
        try {
            if (env.WORKSPACE) {
                finishHere(config)
            } else {
                timeout(time: 30, unit: 'MINUTES') {
                    node((config.agent ?: '').toString()) {
                        finishHere(config)
                    }
                }
            }
        } catch (FlowInterruptedException interruption) {
            understudyReports.add('This build could not be finished in time; its lock expires by itself.')
            throw interruption
        } catch (Exception problem) {
            echo "The build could not be finished: ${problem.message}"
            understudyReports.add("This build could not be finished: ${problem.message}")
        }
    }
    understudyReports.notifyPeople(config, state.run)
    understudyReports.showAllSites(state.overview)
}

void finishHere(Map config) {
    Map settings = settingsOf(config)
    // Only a run that this build got hold of: the one in RUN may be another build's, which must not be ended here.
    settings.parameters.run = state.run
    // It sends the message: who waits for the updates is not in front of this build.
    List words = state.notApproved ? ['finish', '--not-approved', state.notApproved] : ['finish']
    Map outcome = execute(words, settings, understudyAgent(settings))
    if (outcome.exitCode != 0) {
        echo "The build could not be finished: ${outcome.code}: ${outcome.message} Next: ${outcome.next}"
        understudyReports.add("This build could not be finished: ${outcome.code}: ${outcome.message} Next: ${outcome.next}")
    } else if (currentBuild.currentResult != 'SUCCESS') {
        understudyReports.add(outcome.summary)
    }
    for (int i = 0; i < outcome.lines.size(); i++) {
        understudyReports.add(outcome.lines[i])
    }
    // The build for all sites reads it: what a build leaves in env is told to the one that started it.
    env.UNDERSTUDY_MAINTENANCE = outcome.maintenance
    understudyReports.archive(settings)
    understudyReports.publishTests(settings)
}

/** The settings of this build, with what earlier stages found out. */
Map settingsOf(Map config) {
    Map settings = understudySettings(config, params)
    Map parameters = settings.parameters
    parameters.run = parameters.run ?: state.run
    if (state.approvedBy) {
        parameters.approvedBy = state.approvedBy
    }
    if (state.keepLock) {
        parameters.keepLock = true
    }
    return settings
}

/** Runs a command with the site's credentials bound; an interruption passes through untouched. */
Map execute(List words, Map settings, Map workspace) {
    understudyOutcome.goOn()
    int status = 1
    List values = understudyAgent.environment(settings, workspace) + ["UNDERSTUDY_COMMAND=${words[0]}"]
    for (int i = 1; i < 5; i++) {
        values.add("UNDERSTUDY_ARGUMENT_${i}=${i < words.size() ? words[i] : ''}".toString())
    }
    withCredentials(understudyAgent.bindings(workspace.context.credentials)) {
        withEnv(values) {
            status = sh(label: "understudy ${words.join(' ')}", returnStatus: true, script: '''
                set +x
                rm -f "$UNDERSTUDY_WORKSPACE/$UNDERSTUDY_SITE/result.json"
                # Stop ends every process of the step; this shell waits for the runner, which ends in order.
                trap : HUP INT TERM
                node "$UNDERSTUDY_RUNNER" "$UNDERSTUDY_COMMAND" \
                    ${UNDERSTUDY_ARGUMENT_1:+"$UNDERSTUDY_ARGUMENT_1"} ${UNDERSTUDY_ARGUMENT_2:+"$UNDERSTUDY_ARGUMENT_2"} \
                    ${UNDERSTUDY_ARGUMENT_3:+"$UNDERSTUDY_ARGUMENT_3"} ${UNDERSTUDY_ARGUMENT_4:+"$UNDERSTUDY_ARGUMENT_4"} || exit $?
                exit 100
            ''')
        }
    }
    Map outcome = understudyOutcome(settings.site, status)
    if (outcome.run) {
        state.run = outcome.run
    }
    if (outcome.approval) {
        state.approval = outcome.approval
    }
    if (outcome.overview) {
        state.overview = outcome.overview
    }
    return outcome
}
