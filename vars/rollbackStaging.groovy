/** Puts the former generation of staging back, files and database. What it takes and does: rollbackStaging.txt. */
def call(Map config = [:]) {
    understudySettings.check('rollbackStaging', config, understudySettings.siteKeys() - 'schedule')
    pipeline {
        agent none
        parameters {
            string(name: 'SITE', defaultValue: config.site ?: '', trim: true,
                description: 'Name of the site: its file is sites/<name>.yaml.')
        }
        options {
            disableConcurrentBuilds()
            skipDefaultCheckout()
            timeout(time: config.timeoutMinutes ?: 120, unit: 'MINUTES')
            buildDiscarder(logRotator(numToKeepStr: "${config.keepBuilds ?: 30}"))
        }
        stages {
            stage('Roll back staging') { agent { label config.agent ?: '' }; steps { script { runStage.command(['rollback'], config) } } }
        }
        post {
            always { script { runStage.finish(config) } }
        }
    }
}
