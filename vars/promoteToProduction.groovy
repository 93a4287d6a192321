/** Carries what a maintenance run has tested to production, after an approval. What it takes and does: promoteToProduction.txt. */
def call(Map config = [:]) {
    understudySettings.check('promoteToProduction', config, understudySettings.siteKeys() - 'schedule', true)
    pipeline {
        agent none
        parameters {
            string(name: 'RUN', defaultValue: '', trim: true,
                description: 'Id of the maintenance run whose tested code goes to production. Needed.')
        }
        options {
            disableConcurrentBuilds()
            skipDefaultCheckout()
            timeout(time: config.timeoutMinutes ?: 20160, unit: 'MINUTES')
            buildDiscarder(logRotator(numToKeepStr: "${config.keepBuilds ?: 30}"))
        }
        stages {
            stage('Approval') {
                when { expression { !runStage.isDryRun(config) } }
                steps { script { runStage.approve(config, true) } }
            }
            stage('Promote to production') {
                agent { label config.agent ?: '' }
                steps { script { runStage.promote(config) } }
            }
        }
        post {
            always { script { runStage.finish(config) } }
        }
    }
}
