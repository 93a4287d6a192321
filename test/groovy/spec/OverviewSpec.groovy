import groovy.json.JsonSlurper

/** The page of all sites: who starts it, and what it knows. */
class OverviewSpec extends Spec {
    private final Map overview = [version: 1, site: 'acme', headline: 'Staging is a fresh copy of production.']

    private List started() {
        return jenkins.named('build')*.arguments*.get(0)
    }

    private void syncAs(String name, Map more = [:]) {
        jenkins.environment.JOB_NAME = name
        outcomes.finish = [run: RUN, summary: 'done', overview: overview] + more
        run('syncProductionToStaging', [site: 'acme'])
    }

    void theEndOfABuildStartsItWithWhatTheRunnerSaid() {
        syncAs('understudy/acme/sync')
        assert started()*.job == ['/understudy/_all-sites']
        assert started()[0].wait == false
        assert started()[0].parameters*.name == ['SITE_RESULT']
        assert new JsonSlurper().parseText(started()[0].parameters[0].value) == overview
        setUp()
        syncAs('team/staging/acme/sync')
        assert started()*.job == ['/team/staging/_all-sites']
    }

    void aJobThatTheSeedHasNotMadeStartsNothing() {
        syncAs('acme-sync')
        assert started() == []
        setUp()
        syncAs('understudy/acme/sync', [overview: null])
        assert started() == []
    }

    void aBuildEndsAsItEndsWhateverBecomesOfThePage() {
        jenkins.answers.build = { Map asked -> throw new StepError('No item named /understudy/_all-sites found') }
        syncAs('understudy/acme/sync')
        assert jenkins.currentBuild.currentResult == 'SUCCESS'
        assert jenkins.echoes.any { it.contains('The page of all sites was not made again: No item named') }
    }

    void theNumbersOfTheRunStandInTheDescription() {
        syncAs('understudy/acme/sync', [lines: ['3 new files; 12 tables.', 'Warning: look.']])
        assert jenkins.currentBuild.description.endsWith('3 new files; 12 tables.\nWarning: look.')
    }

    void aFailedStageIsTold() {
        jenkins.environment.JOB_NAME = 'understudy/acme/sync'
        outcomes['stage sync-content'] = [exitCode: 3, run: '', overview: overview + [headline: 'No answer.'],
                                          error: [code: 'HOST_UNREACHABLE', message: 'No answer.', next: 'Look.']]
        assert failureOf { run('syncProductionToStaging', [site: 'acme']) }
        assert started()[0].parameters[0].value.contains('No answer.')
    }

    void aDecisionThatWaitsIsOnThePageBeforeItIsMade() {
        jenkins.environment.JOB_NAME = 'understudy/acme/maintenance'
        outcomes.hold = [run: RUN, summary: 'Waits.', overview: overview + [next: 'Approve or reject the updates.']]
        List before = []
        jenkins.answers.input = { Map asked ->
            before = started()*.parameters.flatten()*.value
            return 'ada'
        }
        run('maintainSite', [site: 'acme'])
        assert before.size() == 1
        assert before[0].contains('Approve or reject the updates.')
        assert started().size() == 2
    }

    void whatWasKnownComesFromTheNewestBuildThatKnewIt() {
        Map third = [buildVariables: [UNDERSTUDY_OVERVIEW: 'too old']]
        Map second = [buildVariables: [UNDERSTUDY_OVERVIEW: '{"version":1,"sites":["beta"]}'], previousBuild: third]
        jenkins.currentBuild.previousBuild = [buildVariables: [:], previousBuild: second]
        jenkins.params = [SITE_RESULT: '{"site":"acme"}']
        run('showAllSites')
        assert jenkins.files['.understudy/overview/before/overview.json'] == '{"version":1,"sites":["beta"]}'
        assert jenkins.files['.understudy/overview/new/site.json'] == '{"site":"acme"}'
        assert jenkins.assigned.UNDERSTUDY_OVERVIEW == '{"version":1,"sites":["all of them"]}'
        assert jenkins.named('archiveArtifacts')*.arguments*.get(0)*.artifacts ==
            ['.understudy/overview/overview.*,.understudy/overview/report.css']
        assert jenkins.named('publishHTML').size() == 1
    }

    void theFirstBuildKnowsNothing() {
        run('showAllSites')
        assert jenkins.files['.understudy/overview/before/overview.json'] == '{"version":1,"sites":[]}'
        assert jenkins.files['.understudy/overview/new/site.json'] == '{"version":1,"sites":[]}'
    }

    void aPageThatCouldNotBeMadeFailsTheBuildAndForgetsNothing() {
        overviewStatus = 2
        Throwable problem = failureOf { run('showAllSites') }
        assert problem.message.contains('exit code 2')
        assert jenkins.assigned.UNDERSTUDY_OVERVIEW == null
    }
}
