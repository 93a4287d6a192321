/** The seed: a folder of jobs for every site file. What it takes and does: createSiteJobs.txt. */
def call(Map config = [:]) {
    understudySettings.check('createSiteJobs', config, understudySettings.seedKeys())
    pipeline {
        agent { label config.agent ?: '' }
        options {
            disableConcurrentBuilds()
            skipDefaultCheckout()
            timeout(time: config.timeoutMinutes ?: 30, unit: 'MINUTES')
            buildDiscarder(logRotator(numToKeepStr: "${config.keepBuilds ?: 30}"))
        }
        triggers { cron(config.schedule ?: '') }
        stages {
            stage('Create jobs') { steps { applySiteJobs(config) } }
        }
    }
}
