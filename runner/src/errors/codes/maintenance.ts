import { errors, notes, warnings } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const maintenanceCodes = {
  ...errors(EXIT.verificationFailed, {
    CHECKS_FAILED: {
      title: 'The site does not pass its checks.',
      next: 'Open the report; it shows each failed check with its evidence.',
    },
    PROMOTION_ROLLED_BACK: {
      title: 'Production did not pass its checks; the previous code was restored.',
      next: 'Open the report; then test the update again on staging.',
    },
    PROMOTION_UNFINISHED: {
      title: 'Production serves the tested code, but the promotion did not finish.',
      next: 'Fix the cause, then run understudy promote <site> again: it keeps what is in place.',
    },
  }),
  ...errors(EXIT.preflight, {
    CHECKS_BLOCKED: {
      title: 'The pages could not be read, so nothing was checked.',
      next: 'Give the runner access: staging.http.basicAuth, or maintenance.header with a rule in the firewall.',
    },
    MAINTENANCE_RECORD_INVALID: {
      title: 'The maintenance record on staging is invalid.',
      next: 'Someone may have changed it. Start again with a new sync, then understudy update <site>.',
    },
    NOT_SYNCED: {
      title: 'Staging has not been synced yet, or its last sync is incomplete.',
      next: 'Run understudy sync <site> first: only a fresh copy of production is worth testing.',
    },
    WP_CLI_MISSING: {
      title: 'WP-CLI does not run on staging.',
      next: 'Install WP-CLI 2.8 or later where staging runs PHP (https://wp-cli.org), or name it with maintenance.wp.',
    },
    TREE_UNREADABLE: {
      title: 'Some files of a tree could not be read.',
      next: 'Give the account the right to read every file of the code; then start again.',
    },
    LAYOUT_NOT_KNOWN: {
      title: 'Parts of WordPress are outside of the synced folder.',
      next: 'Set path of both sides to a folder that holds all of them and that the web server serves.',
    },
    TREE_INCOMPLETE: {
      title: 'The code of the site has no WordPress, or no plugins.',
      next: 'Check path, and WP_CONTENT_DIR and WP_PLUGIN_DIR in wp-config.php. Nothing was changed.',
    },
    COMPOSER_UNUSABLE: {
      title: 'Composer cannot update this site.',
      next: 'Run composer outdated --direct on staging, as the owner of the files, in the folder of composer.json; or remove maintenance.composer from the site file.',
    },
    OWNER_NOT_USABLE: {
      title: 'Updates cannot run as the owner of the files.',
      next: 'Let the account of staging.ssh run commands as that account (sudo -n -u), or set maintenance.runAs to one that may change the files.',
    },
    NOT_APPROVED: {
      title: 'The tested tree has not been approved.',
      next: 'Approve it: understudy promote <site> --approved-by <name>, or by policy: --approve.',
    },
    NOTHING_TESTED: {
      title: 'There is no tested tree to promote.',
      next: 'Run understudy update <site> first.',
    },
    STAGING_CHANGED: {
      title: 'Staging has changed since the test.',
      next: 'Find out what changed it; then test again: understudy update <site>.',
    },
    PRODUCTION_CHANGED: {
      title: "Production's code changed since the sync.",
      next: 'Review the changed files; then sync and test again, so that they are not lost.',
    },
    PROMOTION_FROZEN: {
      title: 'Promotions are not allowed now.',
      next: 'Wait for the next window (maintenance.window, maintenance.freeze).',
    },
    INSTANCES_DIFFER: {
      title: 'Instances of production have, or will have, different code.',
      next: 'Remove that instance from the group, and rebuild its source (image, archive, repository).',
    },
    PRODUCTION_OPEN: {
      title: 'A promotion or rollback of production is unfinished.',
      next: 'Finish it: understudy promote <site> --recover.',
    },
  }),
  ...errors(EXIT.usage, {
    MAINTENANCE_NOT_FOUND: {
      title: 'This run has no maintenance record.',
      next: 'Run understudy update <site> first; understudy runs <site> lists the runs.',
    },
    NOT_WORDPRESS: {
      title: 'Only WordPress sites can be updated.',
      next: 'Update this site by its own means; understudy check <site> works for every site.',
    },
  }),
  ...errors(EXIT.stageFailed, {
    SNAPSHOT_FAILED: {
      title: 'The state before an update could not be saved, so the update was skipped.',
      next: 'Read the last lines of the command; most often the disk of staging is full.',
    },
    HOSTS_CHANGED: {
      title: "Production's hosts changed during the promotion.",
      next: 'Wait until the group is stable (no scaling, no refresh), then start again.',
    },
    PROMOTION_FAILED: {
      title: 'The promotion failed; production serves its previous code.',
      next: 'Read the cause above, then start again: understudy promote <site>.',
    },
    ROLLBACK_FAILED: {
      title:
        'The previous code could not be restored on every host; every host still serves the promoted code.',
      next: 'Fix the problem above, then run understudy promote <site> --rollback.',
    },
  }),
  ...errors(EXIT.needsRepair, {
    ITEM_NOT_RESTORED: {
      title: 'An update could not be undone completely.',
      next: 'Run understudy update <site> again: it first restores the state before the update. Or start over with understudy sync <site>.',
    },
    PRODUCTION_NEEDS_REPAIR: {
      title: 'A promotion was interrupted or could not be undone on every host.',
      next: 'Run understudy promote <site> --recover.',
    },
    PRODUCTION_CLAIM_LOST: {
      title: 'Another process has taken over production; this one stopped changing it.',
      next: 'Look at the other process. When it has finished, understudy runs <site> shows what is open.',
    },
  }),
  ...notes({
    CODE_ONLY_ON_STAGING: {
      title: 'Staging has code that production does not have.',
      next: 'Nothing, if it belongs to staging alone; otherwise put it on production and sync.',
    },
  }),
  ...warnings({
    CACHES_NOT_CLEARED: {
      title: 'Caches may still serve the previous code.',
      next: 'Clear the cache by hand.',
    },
    DATABASE_NOT_RESTORED: {
      title: 'The code was restored, but the database was not.',
      next: 'Decide whether to restore the database too: everything written since its backup would be lost.',
    },
    COMPOSER_MANAGED: {
      title: 'Composer manages this site.',
      next: 'Set maintenance.composer, so that update works by composer update on staging; or update composer.lock in the repository, deploy it as usual, and sync.',
    },
    INSTANCE_NOT_COMPARED: {
      title: 'An instance of production does not answer, so its code was not compared.',
      next: 'Check whether it is going down or has just come up; then run understudy doctor <site> again.',
    },
    INSTANCES_NOT_REFRESHED: {
      title: 'The instance refresh of the Auto Scaling group was not started.',
      next: 'Let the runner’s AWS account call autoscaling:StartInstanceRefresh, or start it by hand.',
    },
    PRODUCTION_LOOKS_DIFFERENT: {
      title: 'After the promotion, pages of production look different or are slow.',
      next: 'Open the pictures below production/checks in the report’s folder; to go back: understudy promote <site> --rollback.',
    },
    PROMOTION_NOT_TIDIED: {
      title: 'Files that a promotion left beside the live code could not be removed.',
      next: 'Nothing: the next promotion removes it. If the disk is full, free space.',
    },
    PROMOTION_NOT_NOTED: {
      title: 'The record on staging could not be written.',
      next: 'Nothing has to be done for production. archive and publish check production itself, and refuse if it differs from the record.',
    },
    WRITERS_CONNECTED: {
      title: "Connections to production's database stayed open after the maintenance page came on.",
      next: 'Look at SHOW PROCESSLIST: a program outside of WordPress may write to the database during the promotion.',
    },
    NETWORK_NOT_UPGRADED: {
      title: 'The sites of the network were not upgraded, because production has no WP-CLI.',
      next: 'Install wp on production, or open Network Admin → Upgrade Network.',
    },
    STAGING_CODE_DIFFERS: {
      title: 'Staging does not have the code that production has.',
      next: 'Nothing of this run can be promoted. Run understudy sync <site> first.',
    },
    INSTANCE_IMAGE_OUTDATED: {
      title: 'New instances boot from an image that has the former code.',
      next: 'Create the image again from an instance that has the promoted code.',
    },
  }),
  ...errors(EXIT.locked, {
    PRODUCTION_BUSY: {
      title: 'Another process is changing production.',
      next: 'Wait until it has finished; the claim of a dead process expires by itself.',
    },
  }),
};
