/** Makes one page of all sites. What it takes and does: showAllSites.txt. */
def call(Map config = [:]) {
    understudySettings.check('showAllSites', config, understudySettings.fleetKeys())
    pipeline {
        agent none
        parameters {
            string(name: 'SITE_RESULT', defaultValue: '', trim: true,
                description: 'What a build says of its site; builds fill it in. Empty: the page is made again as it is.')
        }
        options {
            disableConcurrentBuilds()
            skipDefaultCheckout()
            timeout(time: config.timeoutMinutes ?: 30, unit: 'MINUTES')
            buildDiscarder(logRotator(numToKeepStr: "${config.keepBuilds ?: 30}"))
        }
        triggers { cron(config.schedule ?: '') }
        stages {
            stage('Show all sites') {
                agent { label config.agent ?: '' }
                steps { script { understudyOverview(params.SITE_RESULT) } }
            }
        }
    }
}
