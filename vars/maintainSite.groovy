/** Sync, updates on staging, approval, promotion, archive, publication: one site, one month. What it takes and does: maintainSite.txt. */
def call(Map config = [:]) {
    understudySettings.check('maintainSite', config, understudySettings.siteKeys(), true)
    pipeline {
        agent none
        parameters {
            booleanParam(name: 'DRY_RUN', defaultValue: false,
                description: 'Show what would happen and change nothing.')
            booleanParam(name: 'ALLOW_DELETIONS', defaultValue: false,
                description: 'For this run, let the content sync delete more files than content.maxDeletePercent.')
        }
        options {
            disableConcurrentBuilds()
            skipDefaultCheckout()
            timeout(time: config.timeoutMinutes ?: 20160, unit: 'MINUTES')
            buildDiscarder(logRotator(numToKeepStr: "${config.keepBuilds ?: 30}"))
        }
        triggers { cron(config.schedule ?: '') }
        stages {
            stage('Sync content') { agent { label config.agent ?: '' }; steps { runStage('sync-content', config, true) } }
            stage('Back up production database') { agent { label config.agent ?: '' }; steps { runStage('backup-database', config, true) } }
            stage('Transfer backup') { agent { label config.agent ?: '' }; steps { runStage('transfer-backup', config, true) } }
            stage('Drop staging database') { agent { label config.agent ?: '' }; steps { runStage('drop-database', config, true) } }
            stage('Import database') { agent { label config.agent ?: '' }; steps { runStage('import-database', config, true) } }
            stage('Rewrite URLs') {
                agent { label config.agent ?: '' }
                when { expression { runStage.applies('rewrite-urls', config) } }
                steps { runStage('rewrite-urls', config, true) }
            }
            stage('Update on staging') {
                agent { label config.agent ?: '' }
                when { expression { !runStage.isDryRun(config) } }
                steps { script { runStage.command(['update'], config) } }
            }
            stage('Approval') {
                when { expression { !runStage.isDryRun(config) } }
                steps { script { runStage.approve(config) } }
            }
            stage('Promote to production') {
                agent { label config.agent ?: '' }
                when { expression { !runStage.isDryRun(config) } }
                steps { script { runStage.promote(config) } }
            }
            stage('Archive to EFS') {
                agent { label config.agent ?: '' }
                when { expression { runStage.has('archive', config) } }
                steps { script { runStage.command(['archive'], config) } }
            }
            stage('Publish to GitHub') {
                agent { label config.agent ?: '' }
                when { expression { runStage.has('publish', config) } }
                steps { script { runStage.command(['publish'], config) } }
            }
        }
        post {
            always { script { runStage.finish(config) } }
        }
    }
}
