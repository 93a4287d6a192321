/** Copies production to staging: six stages. What it takes and does: syncProductionToStaging.txt. */
def call(Map config = [:]) {
    understudySettings.check('syncProductionToStaging', config, understudySettings.siteKeys())
    pipeline {
        agent none
        parameters {
            string(name: 'SITE', defaultValue: config.site ?: '', trim: true,
                description: 'Name of the site: its file is sites/<name>.yaml.')
            booleanParam(name: 'DRY_RUN', defaultValue: false,
                description: 'Show what would happen and change nothing.')
            string(name: 'RUN', defaultValue: '', trim: true,
                description: 'Id of a run to continue. Empty: a new run, or the newest unfinished one after a restart.')
            booleanParam(name: 'ALLOW_DELETIONS', defaultValue: false,
                description: 'For this run, let the content sync delete more files than content.maxDeletePercent.')
        }
        options {
            disableConcurrentBuilds()
            skipDefaultCheckout()
            timeout(time: config.timeoutMinutes ?: 240, unit: 'MINUTES')
            buildDiscarder(logRotator(numToKeepStr: "${config.keepBuilds ?: 30}"))
        }
        triggers { cron(config.schedule ?: '') }
        stages {
            stage('Sync content') { agent { label config.agent ?: '' }; steps { runStage('sync-content', config) } }
            stage('Back up production database') { agent { label config.agent ?: '' }; steps { runStage('backup-database', config) } }
            stage('Transfer backup') { agent { label config.agent ?: '' }; steps { runStage('transfer-backup', config) } }
            stage('Drop staging database') { agent { label config.agent ?: '' }; steps { runStage('drop-database', config) } }
            stage('Import database') { agent { label config.agent ?: '' }; steps { runStage('import-database', config) } }
            stage('Rewrite URLs') {
                agent { label config.agent ?: '' }
                when { expression { runStage.applies('rewrite-urls', config) } }
                steps { runStage('rewrite-urls', config) }
            }
        }
        post {
            always { script { runStage.finish(config) } }
        }
    }
}
