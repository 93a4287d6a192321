/** What is refused before any sh: a value that does not look right never gets near a shell. */
class SettingsSpec extends Spec {
    private Map settings(Map config, Map given) {
        return jenkins.step('understudySettings', [config, given] as Object[])
    }

    private void refused(String part, Closure work) {
        Throwable problem = failureOf(work)
        assert problem instanceof StepError
        assert problem.message.contains(part)
        assert jenkins.named('sh').empty
    }

    void aSiteComesFromTheCallOrFromTheParameter() {
        assert settings([site: 'acme'], [:]).site == 'acme'
        assert settings([:], [SITE: 'beta-2']).parameters.site == 'beta-2'
        assert settings([site: 'acme'], [SITE: 'acme']).site == 'acme'
    }

    void aMissingSiteIsRefused() {
        refused('SITE is not the name') { settings([:], [:]) }
        refused('SITE is not the name') { settings([:], [SITE: '']) }
    }

    void hostileSitesAreRefused() {
        ['; rm -rf /', '$(id)', '`id`', '../acme', 'a b', 'ACME', '-x', 'acme\n', 'a' * 41, 'acme"', "acme'", 'ac/me', 'acme\u0000'].each { site ->
            refused('SITE is not the name') { settings([:], [SITE: site]) }
        }
    }

    void aBoundJobWorksForNoOtherSite() {
        refused('for acme alone') { settings([site: 'acme'], [SITE: 'beta']) }
    }

    void booleansMayArriveAsText() {
        assert settings([site: 'acme'], [DRY_RUN: 'false']).parameters.dryRun == false
        assert settings([site: 'acme'], [DRY_RUN: 'true']).parameters.dryRun == true
        assert settings([site: 'acme'], [DRY_RUN: ' True ']).parameters.dryRun == true
        assert settings([site: 'acme'], [DRY_RUN: true]).parameters.dryRun == true
        assert settings([site: 'acme'], [:]).parameters.dryRun == false
        assert settings([site: 'acme'], [ALLOW_DELETIONS: 'true']).parameters.allowDeletions == true
    }

    void anUnknownWordNeverBecomesARealRun() {
        ['maybe', 'yes', '1', 'no', 'off', 'tru', 'truefalse', '$(true)'].each { word ->
            refused('DRY_RUN must be true or false') { settings([site: 'acme'], [DRY_RUN: word]) }
            refused('ALLOW_DELETIONS must be true or false') { settings([site: 'acme'], [ALLOW_DELETIONS: word]) }
        }
    }

    void aRunIdIsOne() {
        assert settings([site: 'acme'], [RUN: RUN]).parameters.run == RUN
        ['latest', RUN + '; id', '../' + RUN, RUN + '\n'].each { run ->
            refused('RUN is not the id') { settings([site: 'acme'], [RUN: run]) }
        }
    }

    void sitesAreWordsInAnyOrder() {
        Object var = jenkins.variable('understudySettings')
        assert var.siteNames('b, a  b\nc') == ['b', 'a', 'c']
        assert var.siteNames('') == []
        assert var.siteNames(null) == []
        refused('SITES holds') { var.siteNames('a $(id)') }
    }

    void unknownArgumentsAreRefusedByName() {
        Object var = jenkins.variable('understudySettings')
        refused('it does not know sit') { var.check('x', [sit: 'acme'], var.siteKeys()) }
        refused('it does not know password') { var.check('x', [config: [url: 'u'], password: 'p'], var.siteKeys()) }
        refused('config does not know token') { var.check('x', [config: [url: 'u', token: 'p']], var.siteKeys()) }
        refused('config must be') { var.check('x', [config: 'https://x'], var.siteKeys()) }
        refused('type must be') { var.check('x', [type: 'drupal'], var.siteKeys()) }
        refused('site is not the name') { var.check('x', [site: 'a;b'], var.siteKeys()) }
        refused('needs a site') { var.check('x', [schedule: '@daily'], var.siteKeys()) }
        refused('is for one site') { var.check('x', [:], var.siteKeys(), true) }
        refused('atOnce must be') { var.check('x', [atOnce: 0], var.fleetKeys()) }
        refused('atOnce must be') { var.check('x', [atOnce: 'all'], var.fleetKeys()) }
        refused('folder is not') { var.check('x', [folder: '../x y'], var.fleetKeys()) }
    }

    void theKeysAreThoseThatTheHelpNames() {
        Object var = jenkins.variable('understudySettings')
        Map known = new groovy.json.JsonSlurper().parse(new File(Spec.top, 'test/groovy/support/pipelines.json'))
            .collectEntries { [it.step, it.keys] }
        assert known.syncProductionToStaging == var.siteKeys()
        assert known.syncAllSites == var.fleetKeys()
        assert known.createSiteJobs == var.seedKeys()
    }
}
