/** Archives what is promoted to EFS and commits it to GitHub. What it takes and does: publishToGitHub.txt. */
def call(Map config = [:]) {
    understudySettings.check('publishToGitHub', config, understudySettings.siteKeys() - 'schedule')
    pipeline {
        agent none
        parameters {
            string(name: 'SITE', defaultValue: config.site ?: '', trim: true,
                description: 'Name of the site: its file is sites/<name>.yaml.')
            string(name: 'RUN', defaultValue: '', trim: true,
                description: 'Id of the maintenance run to archive and publish. Empty: the newest that was promoted.')
        }
        options {
            disableConcurrentBuilds()
            skipDefaultCheckout()
            timeout(time: config.timeoutMinutes ?: 240, unit: 'MINUTES')
            buildDiscarder(logRotator(numToKeepStr: "${config.keepBuilds ?: 30}"))
        }
        stages {
            stage('Archive to EFS') {
                agent { label config.agent ?: '' }
                when { expression { runStage.has('archive', config) } }
                steps { script { runStage.command(['archive'], config) } }
            }
            stage('Publish to GitHub') { agent { label config.agent ?: '' }; steps { script { runStage.command(['publish'], config) } } }
        }
        post {
            always { script { runStage.finish(config) } }
        }
    }
}
