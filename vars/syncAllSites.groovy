/** Starts the sync job of every site, a bounded number at once. What it takes and does: syncAllSites.txt. */
def call(Map config = [:]) {
    understudySettings.check('syncAllSites', config, understudySettings.fleetKeys())
    pipeline {
        agent none
        parameters {
            string(name: 'SITES', defaultValue: '', trim: true,
                description: 'Names of the sites. Space-separated. Empty: every site that has seeded jobs.')
            booleanParam(name: 'DRY_RUN', defaultValue: false,
                description: 'Show what would happen and change nothing.')
            booleanParam(name: 'ALLOW_DELETIONS', defaultValue: false,
                description: 'For this run, let the content sync delete more files than content.maxDeletePercent.')
        }
        options {
            disableConcurrentBuilds()
            skipDefaultCheckout()
            timeout(time: config.timeoutMinutes ?: 1440, unit: 'MINUTES')
            buildDiscarder(logRotator(numToKeepStr: "${config.keepBuilds ?: 30}"))
        }
        triggers { cron(config.schedule ?: '') }
        stages {
            stage('Synchronize all sites') { steps { script { forAllSites('sync', config) } } }
        }
    }
}
