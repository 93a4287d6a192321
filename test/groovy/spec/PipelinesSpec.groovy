import groovy.json.JsonSlurper
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** The whole pipelines: what they ask for, their stages in order, and how they end. */
class PipelinesSpec extends Spec {
    private final List known = new JsonSlurper().parse(new File(Spec.top, 'test/groovy/support/pipelines.json'))
    private final List syncStages = ['Sync content', 'Back up production database', 'Transfer backup', 'Drop staging database',
                                     'Import database', 'Rewrite URLs']

    private DeclarativePipeline pipeline() {
        return jenkins.pipelines.last()
    }

    private List declaredParameters() {
        return pipeline().parameterList.collect { call ->
            [name: call.arguments.name, type: call.name == 'booleanParam' ? 'boolean' : 'text', description: call.arguments.description]
        }
    }

    private List commandNames() {
        return jenkins.commands().collect { it[0] == 'stage' ? it[1] : it[0] }
    }

    void everyPipelineAsksForWhatTheListSays() {
        known.each { definition ->
            List ways = definition.scope == 'site' ? [[site: 'acme']] : [[:]]
            if (definition.parameters*.name.contains('SITE')) {
                ways.add([:])
            }
            ways.each { config ->
                setUp()
                jenkins.params = definition.scope == 'site' && !config.site ? [SITE: 'acme'] : [RUN: RUN]
                run(definition.step, config)
                assert declaredParameters() == definition.parameters
                assert pipeline().parameterList.every { it.name == 'booleanParam' || it.arguments.trim }
                assert pipeline().parameterList.every { it.arguments.defaultValue == (
                    it.name == 'booleanParam' ? false : it.arguments.name == 'SITE' ? config.site ?: '' : '') }
                assert pipeline().stageList*.name == definition.stages
                assert jenkins.pipelines.size() == 1
            }
        }
    }

    void everyPipelineIsBoundedAndRunsAlone() {
        known.each { definition ->
            setUp()
            jenkins.params = [RUN: RUN]
            run(definition.step, definition.scope == 'site' ? [site: 'acme'] : [:])
            assert pipeline().optionList*.name.containsAll(['disableConcurrentBuilds', 'skipDefaultCheckout', 'timeout', 'buildDiscarder'])
        }
    }

    void aScheduleIsRefusedWhereNothingStartsByItself() {
        ['rollbackStaging', 'promoteToProduction', 'publishToGitHub'].each { step ->
            setUp()
            assert failureOf { run(step, [site: 'acme', schedule: 'H 3 * * *']) }.message.contains('does not know schedule')
            assert jenkins.named('sh') == []
        }
    }

    void theSixStagesRunInOrderAndTheEndIsFinished() {
        run('syncProductionToStaging', [site: 'acme', agent: 'linux', schedule: 'H 3 * * *', timeoutMinutes: 60])
        assert pipeline().ran == syncStages
        assert commandNames() == ['sync-content', 'backup-database', 'transfer-backup', 'drop-database', 'import-database', 'rewrite-urls', 'finish']
        assert pipeline().agentValue == 'none'
        assert jenkins.named('sh')*.node.toSet() == ['linux'] as Set
        assert pipeline().triggerList == [[name: 'cron', arguments: 'H 3 * * *']]
        assert pipeline().optionList.find { it.name == 'timeout' }.arguments == [time: 60, unit: 'MINUTES']
        assert jenkins.named('junit').size() == 1
    }

    void aSiteThatIsNotWordPressSkipsTheLastStage() {
        context.type = 'php'
        context.stages = context.stages - 'rewrite-urls'
        run('syncProductionToStaging', [site: 'acme', type: 'php'])
        assert pipeline().skipped == ['Rewrite URLs']
        assert !commandNames().contains('rewrite-urls')
    }

    void aFailedStageEndsTheRunAndPostFinishesIt() {
        outcomes['stage transfer-backup'] = [exitCode: 4, run: '', summary: 'x', error: [code: 'COMMAND_FAILED', message: 'm.', next: 'n.']]
        assert failureOf { run('syncProductionToStaging', [site: 'acme']) }.message == 'COMMAND_FAILED: m. Next: n.'
        assert commandNames() == ['sync-content', 'backup-database', 'transfer-backup', 'finish']
        assert parametersOf(jenkins.named('sh').last()).run == RUN
    }

    void anAbortedBuildIsFinishedToo() {
        FlowInterruptedException interruption = new FlowInterruptedException('aborted')
        outcomes['stage import-database'] = { Map env -> throw interruption }
        assert failureOf { run('syncProductionToStaging', [site: 'acme']) }.is(interruption)
        assert commandNames().last() == 'finish'
        assert jenkins.currentBuild.currentResult == 'ABORTED'
    }

    void badInputIsRefusedBeforeAnySh() {
        [[SITE: '$(id)'], [SITE: ''], [SITE: 'acme', DRY_RUN: 'maybe'], [SITE: 'acme', RUN: 'x; id']].each { given ->
            setUp()
            jenkins.params = given
            assert failureOf { run('syncProductionToStaging') } instanceof StepError
            assert jenkins.named('sh') == []
            assert jenkins.named('checkout') == []
        }
    }

    void everyStageAndTheEndTakeAnAgentOfTheirOwn() {
        // The agent of the last stage may be dead: the end takes any of the label.
        known.findAll { it.scope == 'site' }.each { definition ->
            setUp()
            jenkins.params = [RUN: RUN]
            run(definition.step, [site: 'acme', agent: 'linux'])
            assert pipeline().agentValue == 'none'
            assert pipeline().stageList.every { it.agent == 'linux' || it.name == 'Approval' }
            assert jenkins.named('node').last().arguments[0] == 'linux'
        }
    }

    void theFirstBuildOfAJobThatAsksForASiteExplainsItself() {
        ['syncProductionToStaging', 'rollbackStaging', 'publishToGitHub'].each { step ->
            setUp()
            assert failureOf { run(step) }.message.contains('Start it again: it asks for SITE')
            assert jenkins.currentBuild.result == 'NOT_BUILT'
            assert jenkins.currentBuild.description.contains('learnt the parameters')
            assert jenkins.named('sh') == []
            // From the second build on an empty SITE is a mistake.
            setUp()
            jenkins.params = [SITE: '']
            assert failureOf { run(step) }.message.contains('SITE is not the name')
            assert jenkins.currentBuild.result == null
        }
    }

    void aDryRunReachesEveryStage() {
        jenkins.params = [DRY_RUN: 'true']
        run('syncProductionToStaging', [site: 'acme'])
        assert jenkins.named('sh').findAll { it.env.UNDERSTUDY_COMMAND == 'stage' }.every { parametersOf(it).dryRun }
    }

    void aRestartedBuildGoesOnWithoutARunId() {
        // Jenkins skips the stages before the chosen one; the runner finds the newest unfinished run by itself.
        jenkins.step_node('other') { jenkins.step('runStage', ['transfer-backup', [site: 'acme']] as Object[]) }
        assert parametersOf(jenkins.named('sh').last()).run == ''
        assert jenkins.named('sh').last().env.NODE_NAME == 'other'
    }

    void rollbackIsOneCommand() {
        run('rollbackStaging', [site: 'acme'])
        assert commandNames() == ['rollback', 'finish']
    }

    void whatTheMaintenanceDidIsLeftForTheBuildOfAllSites() {
        outcomes.finish = [run: RUN, summary: 'x', maintenance: [version: 1, updated: ['Acme 1.0 → 1.1']]]
        run('maintainSite', [site: 'acme'])
        assert new JsonSlurper().parseText(jenkins.env.UNDERSTUDY_MAINTENANCE) == outcomes.finish.maintenance
        setUp()
        outcomes = [:]
        run('syncProductionToStaging', [site: 'acme'])
        assert jenkins.env.UNDERSTUDY_MAINTENANCE == ''
    }

    void stagingStaysLockedFromTheSyncOfAMaintenanceToItsEnd() {
        run('maintainSite', [site: 'acme'])
        assert jenkins.named('sh').findAll { it.env.UNDERSTUDY_COMMAND == 'stage' }*.with { parametersOf(it).keepLock } == [true] * 6
        setUp()
        run('syncProductionToStaging', [site: 'acme'])
        assert jenkins.named('sh').findAll { it.env.UNDERSTUDY_COMMAND == 'stage' }*.with { parametersOf(it).keepLock } == [null] * 6
    }

    void maintenanceGoesFromSyncToGitHub() {
        run('maintainSite', [site: 'acme', agent: 'linux'])
        assert commandNames() == ['sync-content', 'backup-database', 'transfer-backup', 'drop-database', 'import-database',
            'rewrite-urls', 'update', 'hold', 'promote', 'archive', 'publish', 'finish']
        assert pipeline().agentValue == 'none'
        assert jenkins.named('input')[0].node == ''
        ['promote', 'archive', 'publish'].each { name ->
            Map step = jenkins.named('sh').find { it.env.UNDERSTUDY_COMMAND == name }
            assert parametersOf(step).approvedBy == 'ada'
            assert parametersOf(step).run == RUN
            assert step.node == 'linux'
        }
    }

    void maintenanceWithoutArchiveAndGitHubSkipsThem() {
        context.sections = ['maintenance']
        run('maintainSite', [site: 'acme'])
        assert pipeline().skipped == ['Archive to EFS', 'Publish to GitHub']
    }

    void aMaintenanceDryRunStopsAfterThePlan() {
        jenkins.params = [DRY_RUN: true]
        run('maintainSite', [site: 'acme'])
        assert pipeline().ran == syncStages
        assert jenkins.named('input') == []
    }

    void nobodyApprovesNothingIsPromoted() {
        FlowInterruptedException interruption = new FlowInterruptedException('timeout')
        jenkins.answers.input = { Map asked -> throw interruption }
        assert failureOf { run('maintainSite', [site: 'acme']) }.is(interruption)
        assert !commandNames().contains('promote')
        assert commandNames().last() == 'finish'
    }

    void greenUpdatesAreApprovedByThePolicyAndJudgedByTheRunner() {
        context.approval = [policy: 'when-green', minutes: 60, hours: 1, by: []]
        run('maintainSite', [site: 'acme'])
        assert jenkins.named('input') == []
        assert jenkins.commands().contains(['promote', '--approve'])
        setUp()
        jenkins.params = [RUN: RUN]
        run('promoteToProduction', [site: 'acme'])
        assert jenkins.named('input').size() == 1
        assert jenkins.commands().contains(['promote'])
    }

    void promotionNeedsARunAndAPerson() {
        assert failureOf { run('promoteToProduction', [site: 'acme']) }.message.contains('No run is known')
        assert jenkins.named('sh') == []
        setUp()
        jenkins.params = [RUN: RUN]
        run('promoteToProduction', [site: 'acme'])
        assert commandNames() == ['hold', 'promote', 'finish']
        assert jenkins.named('input').size() == 1
    }

    void publishingArchivesFirst() {
        run('publishToGitHub', [site: 'acme'])
        assert commandNames() == ['archive', 'publish', 'finish']
    }

    void callsForOneSiteAreRefusedWithoutIt() {
        ['maintainSite', 'promoteToProduction'].each { step ->
            assert failureOf { run(step) }.message.contains('is for one site')
        }
    }
}
