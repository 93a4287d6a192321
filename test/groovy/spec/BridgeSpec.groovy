import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** vars/runStage.groovy: the only bridge to the runner. */
class BridgeSpec extends Spec {
    private Map config = [site: 'acme']

    private Object stage(String name = 'sync-content') {
        return jenkins.step_node('agent') { jenkins.step('runStage', [name, config] as Object[]) }
    }

    private List commandSteps() {
        return jenkins.named('sh').findAll { it.env.UNDERSTUDY_COMMAND }
    }

    void theEnvironmentHoldsEverythingThatTheRunnerAsksFor() {
        jenkins.params = [DRY_RUN: 'true', ALLOW_DELETIONS: false]
        stage('import-database')
        Map env = commandSteps()[0].env
        assert env.UNDERSTUDY_COMMAND == 'stage'
        assert env.UNDERSTUDY_ARGUMENT_1 == 'import-database'
        assert env.UNDERSTUDY_ARGUMENT_2 == ''
        assert env.UNDERSTUDY_SITE == 'acme'
        assert env.UNDERSTUDY_SITES == 'sites'
        assert env.UNDERSTUDY_WORKSPACE == '.understudy/runs'
        assert env.UNDERSTUDY_CONFIG_COMMIT == 'a' * 40
        assert env.UNDERSTUDY_RUNNER == '.understudy/runner.cjs'
        assert parametersOf(commandSteps()[0]) == [site: 'acme', run: '', dryRun: true, allowDeletions: false]
    }

    void credentialsAreBoundByKindAroundTheCommandAlone() {
        context.credentials = [
            [id: 'k', kind: 'ssh-key', env: 'UNDERSTUDY_CREDENTIAL_K'], [id: 'u', kind: 'username-password', env: 'UNDERSTUDY_CREDENTIAL_U'],
            [id: 'f', kind: 'secret-file', env: 'UNDERSTUDY_CREDENTIAL_F'], [id: 't', kind: 'secret-text', env: 'UNDERSTUDY_CREDENTIAL_T'],
        ]
        stage()
        assert commandSteps()[0].bound == [
            [credentialsId: 'k', keyFileVariable: 'UNDERSTUDY_CREDENTIAL_K', passphraseVariable: 'UNDERSTUDY_CREDENTIAL_K_PASSPHRASE',
             usernameVariable: 'UNDERSTUDY_CREDENTIAL_K_USERNAME', kind: 'sshUserPrivateKey'],
            [credentialsId: 'u', usernameVariable: 'UNDERSTUDY_CREDENTIAL_U_USR', passwordVariable: 'UNDERSTUDY_CREDENTIAL_U_PSW', kind: 'usernamePassword'],
            [credentialsId: 'f', variable: 'UNDERSTUDY_CREDENTIAL_F', kind: 'file'],
            [credentialsId: 't', variable: 'UNDERSTUDY_CREDENTIAL_T', kind: 'string'],
        ]
        assert jenkins.named('sh').findAll { !it.env.UNDERSTUDY_COMMAND }.every { it.bound == [] }
    }

    void anUnknownCredentialIsNamedBeforeAnythingRuns() {
        jenkins.credentials = ['other'] as Set
        Throwable problem = failureOf { stage() }
        assert problem.message.startsWith('SECRET_UNAVAILABLE')
        assert problem.message.contains('deploy-key (ssh-key)')
        assert problem.message.contains('chat (secret-text)')
        assert commandSteps() == []
    }

    void anInterruptionDuringTheCredentialCheckPassesThrough() {
        FlowInterruptedException interruption = new FlowInterruptedException('aborted')
        jenkins.answers.withCredentials = { List bindings, Closure body -> throw interruption }
        assert failureOf { stage() }.is(interruption)
    }

    void anInterruptionPassesThroughUntouched() {
        FlowInterruptedException interruption = new FlowInterruptedException('aborted')
        outcomes.stage = { throw interruption }
        assert failureOf { stage() }.is(interruption)
        assert jenkins.named('error') == []
    }

    void theRunnersErrorIsTheBuilds() {
        outcomes.stage = [exitCode: 6, run: '', summary: 's', error: [code: 'LOCKED', message: 'Run x works on acme.', next: 'Wait.']]
        assert failureOf { stage() }.message == 'LOCKED: Run x works on acme. Next: Wait.'
        assert jenkins.currentBuild.description == 'LOCKED: Run x works on acme.'
        assert jenkins.named('archiveArtifacts').size() == 1
    }

    void aRunnerThatDiedWithoutAWordIsNoSuccess() {
        outcomes.stage = [exitCode: 1, none: true]
        assert failureOf { stage() }.message.startsWith('FAILED: The runner ended with exit code 1')
    }

    void theResultOfAnEarlierCommandIsRemovedFirst() {
        stage()
        assert commandSteps()[0].arguments[0].script.contains('rm -f "$UNDERSTUDY_WORKSPACE/$UNDERSTUDY_SITE/result.json"')
    }

    void laterStagesGoOnWithTheRunOfTheFirst() {
        stage()
        stage('backup-database')
        assert parametersOf(commandSteps()[0]).run == ''
        assert parametersOf(commandSteps()[1]).run == RUN
        assert jenkins.currentBuild.displayName == "#41 acme ${RUN}"
    }

    void runnerAndContextAreBroughtOncePerBuildAndAgent() {
        stage()
        stage('backup-database')
        assert jenkins.named('checkout').size() == 1
        assert jenkins.named('sh').count { it.arguments[0].script.contains('context >') } == 1
        jenkins.step_node('other') { jenkins.step('runStage', ['transfer-backup', config] as Object[]) }
        assert jenkins.named('checkout').size() == 2
        assert jenkins.named('sh').count { it.arguments[0].script.contains('context >') } == 2
    }

    void anotherAgentGetsTheSameCommit() {
        stage()
        jenkins.checkedOut = 'b' * 40
        jenkins.step_node('other') { jenkins.step('runStage', ['transfer-backup', config] as Object[]) }
        assert commandSteps()[1].env.UNDERSTUDY_CONFIG_COMMIT == 'a' * 40
    }

    void theRunnerIsWrittenOnlyWhereItIsNotThere() {
        stage()
        assert jenkins.named('writeFile') == []
        setUp()
        runnerChecks = [1, DONE]
        stage()
        assert jenkins.named('writeFile')*.arguments == [[[file: '.understudy/runner.cjs', text: 'the runner', encoding: 'UTF-8']]]
        assert jenkins.named('sh')[0].env.UNDERSTUDY_RUNNER_SHA256 == 'feed'
    }

    void aRunnerThatArrivesDamagedIsNotUsed() {
        runnerChecks = [1, 1]
        assert failureOf { stage() }.message.contains('did not arrive')
        assert commandSteps() == []
    }

    void aPreinstalledRunnerMustBeTheOneOfTheLibrary() {
        jenkins.environment.UNDERSTUDY_RUNNER = '/opt/understudy/runner.cjs'
        stage()
        assert commandSteps()[0].env.UNDERSTUDY_RUNNER == '/opt/understudy/runner.cjs'
        setUp()
        jenkins.environment.UNDERSTUDY_RUNNER = '/opt/understudy/runner.cjs'
        runnerChecks = [1]
        assert failureOf { stage() }.message.contains('not the one of this library')
        assert jenkins.named('writeFile') == []
    }

    void anAgentWithoutNodeIsNamed() {
        runnerChecks = [2]
        assert failureOf { stage() }.message == 'node is missing on agent: install Node.js 20 or later.'
        setUp()
        runnerChecks = [3]
        assert failureOf { stage() }.message == 'node on agent is too old (its version stands in the line above): install Node.js 20 or later, or put the folder of a newer node first in the PATH of the agent.'
    }

    void aSiteFileThatCannotBeUsedEndsTheBuildWithTheRunnersError() {
        contextStatus = 2
        assert failureOf { stage() }.message == 'SITE_UNKNOWN: There is no file. Next: Give another.'
        assert commandSteps() == []
    }

    void aJobThatIsOlderThanTheSiteFileSaysToRunTheSeed() {
        config = [site: 'acme', type: 'php']
        assert failureOf { stage() }.message.contains('Run the seed job')
        setUp()
        config = [site: 'acme']
        context.agent = 'linux'
        assert failureOf { stage() }.message.contains("agent: 'linux'")
        setUp()
        config = [site: 'acme', agent: 'linux', type: 'wordpress']
        stage()
        assert commandSteps().size() == 1
    }

    void aRunOfAnotherCommitIsGoneOnWithFromThatCommit() {
        String other = 'c' * 40
        int calls = 0
        outcomes.stage = { Map env ->
            calls++
            return calls == 1 ? [exitCode: 3, run: '', summary: '', error: [code: 'OTHER_COMMIT', message: 'm', next: 'n', commit: other]] :
                [run: RUN, summary: 'done']
        }
        stage('import-database')
        assert commandSteps()*.env.UNDERSTUDY_CONFIG_COMMIT == ['a' * 40, other]
        assert jenkins.named('checkout')[1].arguments[0].branches == [[name: other]]
        assert jenkins.named('checkout')[1].arguments[0].userRemoteConfigs == jenkins.scm.userRemoteConfigs
    }

    void aCommitThatIsNoneIsNeverCheckedOut() {
        outcomes.stage = [exitCode: 3, error: [code: 'OTHER_COMMIT', message: 'm', next: 'n', commit: '--upload-pack=x']]
        assert failureOf { stage() }.message.startsWith('OTHER_COMMIT')
        assert jenkins.named('checkout').size() == 1
    }

    void siteFilesMayHaveARepositoryOfTheirOwn() {
        config = [site: 'acme', config: [url: 'https://git.example/sites.git', branch: 'live', credentialsId: 'git-read']]
        stage()
        assert jenkins.named('checkout')[0].arguments[0] == [$class: 'GitSCM', branches: [[name: 'live']],
            userRemoteConfigs: [[url: 'https://git.example/sites.git', credentialsId: 'git-read']]]
        assert jenkins.named('dir')[0].arguments[0] == '.understudy/config'
        assert commandSteps()[0].env.UNDERSTUDY_SITES == '.understudy/config/sites'
    }

    void siteFilesMayLieOnTheAgent() {
        config = [site: 'acme', sites: '/srv/understudy/sites']
        stage()
        assert jenkins.named('checkout') == []
        assert commandSteps()[0].env.UNDERSTUDY_SITES == '/srv/understudy/sites'
    }

    void withoutPluginsTheLogSaysWhatIsMissing() {
        jenkins.missing = ['junit', 'publishHTML'] as Set
        stage()
        jenkins.variable('runStage').approve(config)
        jenkins.variable('runStage').finish(config)
        assert jenkins.echoes.any { it.contains('JUnit plugin is not installed') }
        assert jenkins.echoes.any { it.contains('HTML Publisher plugin is not installed') }
        assert jenkins.commands()*.first() == ['stage', 'hold', 'finish']
    }

    void bothTestReportsArePublishedAndDecideNothing() {
        stage()
        jenkins.variable('runStage').finish(config)
        assert jenkins.named('junit')[0].arguments[0] == [testResults: '.understudy/runs/acme/*/*junit.xml', allowEmptyResults: true,
                                                          skipMarkingBuildUnstable: true]
    }

    void noCommandBeginsInABuildThatIsBeingStopped() {
        FlowInterruptedException interruption = new FlowInterruptedException('aborted')
        jenkins.answers.sleep = { Map asked -> throw interruption }
        assert failureOf { stage() }.is(interruption)
        assert commandSteps() == []
    }

    void aCommandThatEndsWithZeroIsNoSuccess() {
        // Jenkins' own answer for a step that was stopped and ended well all the same.
        outcomes.stage = [exitCode: 0, zero: true, run: RUN, summary: 's']
        jenkins.onShell = { Map step, Map env -> env.UNDERSTUDY_COMMAND ? 0 : shell(step, env) }
        assert failureOf { stage() }.message.startsWith('FAILED: The runner ended with exit code 1')
    }

    void descriptionsSayWhatTheBuildEndedIn() {
        FlowInterruptedException interruption = new FlowInterruptedException('aborted')
        [[how: { outcomes.stage = { throw interruption } }, result: 'ABORTED', says: ['Stopped in: stage sync-content', 'finish done']],
         [how: { jenkins.answers.withCredentials = { List a, Closure b -> throw new StepError('gone') } }, result: 'FAILURE', says: ['SECRET_UNAVAILABLE']],
         [how: { outcomes.stage = [exitCode: 4, error: [code: 'A', message: 'm.', next: 'n.']] }, result: 'FAILURE', says: ['A: m.', 'finish done']],
         [how: { contextStatus = 2 }, result: 'FAILURE', says: ['SITE_UNKNOWN: There is no file.']],
         [how: { runnerChecks = [2] }, result: 'FAILURE', says: ['node is missing']],
         [how: { jenkins.answers.checkout = { Object a -> throw new StepError('no network') } }, result: 'FAILURE', says: ['Failed in: stage sync-content']],
        ].each { one ->
            setUp()
            outcomes = [:]
            contextStatus = 0
            one.how()
            failureOf { stage() }
            jenkins.currentBuild.currentResult = one.result
            jenkins.answers.remove('withCredentials')
            jenkins.variable('runStage').finish(config)
            one.says.each { part -> assert jenkins.currentBuild.description.contains(part) }
            assert jenkins.currentBuild.description == jenkins.currentBuild.description.trim()
            assert jenkins.currentBuild.displayName == jenkins.currentBuild.displayName.trim()
        }
    }

    void aBuildThatNeverGotAnAgentSaysSo() {
        jenkins.currentBuild.currentResult = 'ABORTED'
        List told = []
        jenkins.variable('runStage').finish([site: 'acme', notify: { Map outcome -> told.add(outcome) }])
        assert jenkins.currentBuild.description == 'Stopped before anything was started; the end of the log says why.'
        assert told*.result == ['ABORTED']
        assert jenkins.named('sh') == []
    }

    void aBuildThatCannotResumeDoesNotShowTheFormerReportAsItsOwn() {
        outcomes.stage = [exitCode: 3, error: [code: 'CANNOT_RESUME', message: 'm', next: 'n']]
        failureOf { stage() }
        assert jenkins.currentBuild.description.contains('those of the build that it was restarted from')
        assert jenkins.currentBuild.displayName == '#41 acme'
    }

    void theEndTakesAnotherAgentAndHidesNothing() {
        stage()
        jenkins.currentBuild.currentResult = 'FAILURE'
        jenkins.answers.node = { String label, Closure body -> throw new StepError('no executor') }
        jenkins.variable('runStage').finish(config)
        assert jenkins.currentBuild.description.contains('This build could not be finished: no executor')
        setUp()
        stage()
        FlowInterruptedException interruption = new FlowInterruptedException('timeout')
        jenkins.answers.timeout = { Map time, Closure body -> throw interruption }
        assert failureOf { jenkins.variable('runStage').finish(config) }.is(interruption)
        assert jenkins.currentBuild.description.contains('could not be finished in time')
    }

    void anApprovalThatWasNotGivenIsToldAsWhatItWas() {
        Object rejection = new Rejection()
        Object timeout = new ExceededTimeout()
        [[causes: [rejection], word: 'rejected', says: 'was rejected.'],
         [causes: [timeout], word: 'late', says: 'was not approved in time.'],
         [causes: [new Object()], word: 'stopped', says: 'waited for its approval when the build was stopped.'],
         [causes: [], word: 'stopped', says: 'waited for its approval when the build was stopped.'],
         [causes: null, word: 'rejected-or-stopped', says: 'was rejected, or the build was stopped.'],
         [causes: null, minutes: 0, word: 'late', says: 'was not approved in time.'],
        ].each { one ->
            setUp()
            context.approval.minutes = one.minutes == null ? 90 : one.minutes
            stage()
            FlowInterruptedException interruption = new FlowInterruptedException('aborted', one.causes)
            jenkins.answers.input = { Map asked -> throw interruption }
            assert failureOf { jenkins.variable('runStage').approve(config) }.is(interruption)
            jenkins.currentBuild.currentResult = 'ABORTED'
            jenkins.variable('runStage').finish(config)
            assert jenkins.currentBuild.description.startsWith("Run ${RUN} ${one.says} Nothing was promoted.")
            // The end of the build sends the message.
            assert jenkins.commands().last() == ['finish', '--not-approved', one.word]
        }
    }

    void namesFromOutsideAreNoHtmlInADescription() {
        outcomes.stage = [run: RUN, summary: 'done', lines: ['Updated: <img src=x onerror=alert(1)> & Söhne 5.3 → 5.4']]
        stage()
        assert jenkins.currentBuild.description == 'done\nUpdated: ‹img src=x onerror=alert(1)› & Söhne 5.3 → 5.4'
        outcomes.stage = [exitCode: 4, error: [code: 'A', message: '<a href="https://evil.example">log in</a>', next: 'n.']]
        failureOf { stage() }
        assert jenkins.currentBuild.description == 'A: ‹a href="https://evil.example"›log in‹/a›'
    }

    void theQuestionIsShortAndTheDescriptionHasItsFacts() {
        stage()
        outcomes.hold = [run: RUN, summary: 'Waits for approval until 2026-11-29 20:15 UTC.', lines: ['Updated: Akismet 5.3 → 5.4', 'Rolled back: nothing']]
        String during = ''
        jenkins.answers.input = { Map asked ->
            during = jenkins.currentBuild.description
            return 'ada'
        }
        jenkins.variable('runStage').approve(config)
        String page = "https://ci.example/job/acme/41/artifact/.understudy/runs/acme/${RUN}/maintenance.html"
        assert during.readLines() == ['Waits for approval until 2026-11-29 20:15 UTC.', 'Updated: Akismet 5.3 → 5.4', 'Rolled back: nothing',
                                      "Report: ${page}".toString()]
        assert jenkins.named('input')[0].arguments[0].message.length() < 140
        assert jenkins.echoes.any { it.contains(page) }
        assert jenkins.named('publishHTML')[0].arguments[0].target.reportDir == ".understudy/runs/acme/${RUN}"
        assert jenkins.currentBuild.description == "Run ${RUN} was approved by ada."
    }

    void finishDoesNothingWhereNothingWasBegun() {
        jenkins.variable('runStage').finish(config)
                assert jenkins.named('sh') == []
    }

    void finishNeverEndsTheRunOfAnotherBuild() {
        jenkins.params = [RUN: RUN]
        outcomes.stage = [exitCode: 6, run: '', error: [code: 'LOCKED', message: 'm', next: 'n']]
        failureOf { stage() }
        jenkins.step_node('agent') { jenkins.variable('runStage').finish(config) }
        assert parametersOf(commandSteps().last()).run == ''
    }

    void finishTellsTheHookAndHidesNothing() {
        List told = []
        config = [site: 'acme', notify: { Map outcome -> told.add(outcome) }]
        stage()
        jenkins.currentBuild.currentResult = 'FAILURE'
        outcomes.finish = [exitCode: 3, run: RUN, summary: 's', error: [code: 'HOST_UNREACHABLE', message: 'm', next: 'n']]
        jenkins.step_node('agent') { jenkins.variable('runStage').finish(config) }
        assert told == [[site: 'acme', result: 'FAILURE', run: RUN, description: jenkins.currentBuild.description, url: jenkins.environment.BUILD_URL]]
        assert jenkins.echoes.any { it.startsWith('The build could not be finished: HOST_UNREACHABLE') }
    }

    void approvalKeepsStagingLockedAndAsksOutsideOfANode() {
        stage()
        jenkins.variable('runStage').approve(config)
        assert jenkins.commands()[1] == ['hold', "--run=${RUN}".toString(), '--hours', '2']
        Map asked = jenkins.named('input')[0]
        assert asked.node == ''
        assert asked.arguments[0].submitter == 'ada,web-team'
        assert asked.arguments[0].submitterParameter == 'APPROVED_BY'
        assert asked.arguments[0].message.contains("${RUN} of acme")
        assert jenkins.named('timeout')[0].arguments[0] == [time: 90, unit: 'MINUTES']
        jenkins.step_node('agent') { jenkins.variable('runStage').command(['promote'], config) }
        assert parametersOf(commandSteps().last()).approvedBy == 'ada'
    }

    void greenUpdatesNeedNoPersonWhereTheSiteFileSaysSo() {
        context.approval = [policy: 'when-green', minutes: 60, hours: 1, by: []]
        stage()
        jenkins.variable('runStage').approve(config)
        assert jenkins.named('input') == []
        assert jenkins.commands()[1] == ['hold', "--run=${RUN}".toString(), '--hours', '1', '--by-policy']
        outcomes.update = [run: RUN, summary: 's', approval: 'person']
        jenkins.step_node('agent') { jenkins.variable('runStage').command(['update'], config) }
        jenkins.variable('runStage').approve(config)
        assert jenkins.named('input').size() == 1
        assert !jenkins.commands().last().contains('--by-policy')
    }

    void anApprovalWithoutARunIsRefused() {
        assert failureOf { jenkins.variable('runStage').approve(config) }.message.contains('No run is known')
        assert jenkins.named('sh') == []
    }

    /** The constant texts, run by a real shell in a folder of their own with a runner that does what `text` says. */
    private void withRealShell(String text, Closure started, Closure work) {
        File folder = File.createTempDir()
        try {
            new File(folder, 'runner.cjs').text = text
            String sum = java.security.MessageDigest.getInstance('SHA-256').digest(new File(folder, 'runner.cjs').bytes).encodeHex()
            jenkins.resources['understudy/runner.sha256'] = sum
            jenkins.environment += [UNDERSTUDY_RUNNER: "${folder}/runner.cjs".toString(), CONTEXT: groovy.json.JsonOutput.toJson(context)]
            jenkins.answers.readFile = { Map asked -> new File(folder, asked.file).text }
            jenkins.onShell = { Map step, Map env ->
                ProcessBuilder builder = new ProcessBuilder('sh', '-xe', '-c', step.script).directory(folder).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.to(new File(folder, 'log')))
                builder.environment().putAll(env)
                Process process = builder.start()
                started(process, env, folder)
                return process.waitFor()
            }
            work(folder)
        } finally {
            folder.deleteDir()
        }
    }

    void theShellTextsReallyWork() {
        String runner = '''
            const [command, ...words] = process.argv.slice(2);
            if (command === 'context') console.log(process.env.CONTEXT);
            else require('fs').writeFileSync('words.json', JSON.stringify([command, ...words]));
        '''
        withRealShell(runner, { Process process, Map env, File folder -> }) { File folder ->
            stage()
            assert new File(folder, 'words.json').text == '["stage","sync-content"]'
            jenkins.step_node('agent') { jenkins.variable('runStage').command(['hold', '--run', RUN, '--hours', '2'], config) }
            assert new File(folder, 'words.json').text == "[\"hold\",\"--run\",\"${RUN}\",\"--hours\",\"2\"]"
        }
    }

    void theShellWaitsForARunnerThatEndsInOrder() {
        // Stop sends SIGTERM to every process of the step: the shell too.
        String runner = '''
            const fs = require('fs');
            if (process.argv[2] === 'context') console.log(process.env.CONTEXT);
            else {
                process.on('SIGTERM', () => setTimeout(() => { fs.writeFileSync('ended', ''); process.exit(130); }, 300));
                setInterval(() => {}, 1000);
                fs.writeFileSync('ready', '');
            }
        '''
        Closure stop = { Process process, Map env, File folder ->
            if (env.UNDERSTUDY_COMMAND) {
                while (!new File(folder, 'ready').exists()) {
                    // groovylint-disable-next-line BusyWait
                    sleep(20)
                }
                process.descendants().each { it.destroy() }
                process.destroy()
            }
        }
        withRealShell(runner, stop) { File folder ->
            assert failureOf { stage() }.message.contains('exit code 130')
            assert new File(folder, 'ended').exists()
        }
    }
}
