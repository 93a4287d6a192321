import groovy.json.JsonOutput
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** All sites at once, and the seed. */
class FleetSpec extends Spec {
    @Override
    void setUp() {
        super.setUp()
        List all = ('a'..'e').collect { [site: it, path: "understudy/${it}/sync".toString()] }
        jobs = JsonOutput.toJson([jobs: all + [[site: 'a', path: 'understudy/a/maintenance'], [site: '', path: 'understudy/_sync-all']]])
    }

    private List builtSites() {
        return jenkins.named('build').collect { it.arguments[0].job }
    }

    void everySiteIsStartedOnceWithTheParameters() {
        jenkins.params = [DRY_RUN: 'true']
        run('syncAllSites', [atOnce: 2])
        assert builtSites().sort(false) == ('a'..'e').collect { "/understudy/${it}/sync".toString() }
        Map started = jenkins.named('build')[0].arguments[0]
        assert started.wait && !started.propagate
        assert started.parameters == [[type: 'boolean', name: 'DRY_RUN', value: true], [type: 'boolean', name: 'ALLOW_DELETIONS', value: false]]
        assert jenkins.currentBuild.description == '5 of 5 sites succeeded'
    }

    void thereAreNeverMoreWorkersThanSitesOrAskedFor() {
        run('syncAllSites', [atOnce: 2])
        assert jenkins.named('parallel')[0].arguments[0].keySet() == ['failFast', 'worker 1', 'worker 2'] as Set
        setUp()
        run('syncAllSites', [atOnce: 50])
        assert jenkins.named('parallel')[0].arguments[0].size() == 6
        assert jenkins.named('parallel')[0].arguments[0].failFast == false
    }

    void workersShareTheWork() {
        // Branches in turns, as Jenkins runs them: each takes the next site when it has ended one.
        jenkins.answers.parallel = { Map branches ->
            assert branches['worker 1'] != branches['worker 2']
            branches['worker 2']()
            branches['worker 1']()
        }
        run('syncAllSites', [atOnce: 2])
        assert builtSites().toSet().size() == 5
        assert builtSites().size() == 5
    }

    void noExecutorIsHeldWhileTheOthersWork() {
        run('syncAllSites', [:])
        assert jenkins.named('build').every { it.node == '' }
    }

    void aBadSiteDoesNotStopTheOthersAndIsNamed() {
        jenkins.answers.build = { Map asked ->
            if (asked.job.contains('/b/')) {
                throw new StepError('No item named understudy/b/sync found')
            }
            return [result: asked.job.contains('/d/') ? 'FAILURE' : 'SUCCESS', absoluteUrl: 'u', description: 'locked']
        }
        Throwable problem = failureOf { run('syncAllSites') }
        assert problem.message.startsWith('2 of 5 sites did not succeed: b, d.')
        assert builtSites().size() == 5
        assert jenkins.echoes.any { it.contains('b  NOT STARTED  No item named') && it.contains('d  FAILURE  u locked') }
    }

    void anAbortedFleetStops() {
        FlowInterruptedException interruption = new FlowInterruptedException('aborted')
        jenkins.answers.build = { Map asked -> throw interruption }
        assert failureOf { run('syncAllSites', [atOnce: 1]) }.is(interruption)
        assert builtSites().size() == 1
    }

    void sitesMayBeChosenAndUnknownOnesAreRefused() {
        jenkins.params = [SITES: 'c, a']
        run('syncAllSites')
        assert builtSites() == ['/understudy/c/sync', '/understudy/a/sync']
        setUp()
        jenkins.params = [SITES: 'c zeta']
        assert failureOf { run('syncAllSites') }.message.contains('zeta has no sync job')
        assert builtSites() == []
        setUp()
        jenkins.params = [SITES: 'c $(id)']
        assert failureOf { run('syncAllSites') }.message.contains('SITES holds')
        assert jenkins.named('sh') == []
    }

    void maintenanceIsForSitesThatHaveIt() {
        run('maintainAllSites')
        assert builtSites() == ['/understudy/a/maintenance']
    }

    void theMonthGetsOneReportFromWhatEverySiteLeft() {
        List told = []
        jobs = JsonOutput.toJson([jobs: ['a', 'b', 'c'].collect { [site: it, path: "understudy/${it}/maintenance".toString()] }])
        jenkins.answers.build = { Map asked ->
            if (asked.job.contains('/c/')) {
                throw new StepError('No item named understudy/c/maintenance found')
            }
            return [result: asked.job.contains('/b/') ? 'FAILURE' : 'SUCCESS', absoluteUrl: 'https://ci.example/1/', description: 'd',
                    buildVariables: asked.job.contains('/a/') ? [UNDERSTUDY_MAINTENANCE: '{"site":"a"}'] : [:]]
        }
        Throwable problem = failureOf { run('maintainAllSites', [atOnce: 1, notify: { Map outcome -> told.add(outcome) }]) }
        assert problem.message.startsWith('2 of 3 sites did not succeed: b, c.')
        List builds = new groovy.json.JsonSlurper().parseText(jenkins.files['.understudy/month/builds.json']).builds
        assert builds == [
            [site: 'a', result: 'SUCCESS', url: 'https://ci.example/1/', text: 'd', maintenance: '{"site":"a"}'],
            [site: 'b', result: 'FAILURE', url: 'https://ci.example/1/', text: 'd', maintenance: ''],
            [site: 'c', result: 'NOT STARTED', url: '', text: 'No item named understudy/c/maintenance found', maintenance: ''],
        ]
        assert jenkins.named('archiveArtifacts')*.arguments*.get(0)*.artifacts == ['.understudy/month/month.*,.understudy/month/report.css']
        assert told == [[result: 'FAILURE', description: '1 of 3 sites succeeded', url: 'https://ci.example/job/acme/41/', text: 'All of the month']]
    }

    void aReportOfTheMonthThatCannotBeMadeHidesNothing() {
        List told = []
        monthFails = true
        run('maintainAllSites', [notify: { Map outcome -> told.add(outcome) }])
        assert jenkins.echoes.any { it.contains('could not be made: understudy month ended with exit code 2') }
        assert told*.result == ['SUCCESS']
        assert told[0].text.startsWith('a  SUCCESS')
    }

    void aSyncOfAllSitesMakesNoReportOfAMonth() {
        run('syncAllSites')
        assert jenkins.named('archiveArtifacts') == []
    }

    void noSiteAtAllIsNoFailure() {
        jobs = '{"jobs":[]}'
        run('syncAllSites')
        assert jenkins.named('parallel') == []
    }

    void theSeedHandsTheJobsToJobDslAsData() {
        run('createSiteJobs', [library: 'understudy@v1', folder: 'team/staging'])
        Map given = jenkins.named('jobDsl')[0].arguments[0]
        assert given.scriptText == 'the seed'
        assert given.additionalParameters == [UNDERSTUDY_JOBS: jobs]
        assert given.removedJobAction == 'DISABLE'
        Map origin = new groovy.json.JsonSlurper().parseText(jenkins.named('sh').last().env.UNDERSTUDY_JOBS)
        assert origin == [folder: 'team/staging', library: 'understudy@v1', sites: 'sites',
                          repository: [url: 'https://git.example/sites.git', credentialsId: 'git-read', branch: '*/main']]
    }

    void theSeedSaysWhatToDoWithoutJobDsl() {
        jenkins.missing = ['jobDsl'] as Set
        assert failureOf { run('createSiteJobs') }.message.contains('understudy jobs --jenkins')
    }

    void theSeedWithSitesOnTheAgentNeedsNoRepository() {
        run('createSiteJobs', [sites: '/srv/sites'])
        assert !new groovy.json.JsonSlurper().parseText(jenkins.named('sh').last().env.UNDERSTUDY_JOBS).containsKey('repository')
    }
}
