import { defineCodes } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const maintenanceCodes = defineCodes({
  CHECKS_FAILED: {
    exit: EXIT.verificationFailed,
    title: 'The site does not pass its checks.',
    next: 'Open the report; it shows each failed check with its evidence.',
  },
  CHECKS_BLOCKED: {
    exit: EXIT.preflight,
    title: 'The pages cannot be read, so nothing could be checked.',
    next: 'Let the runner in: staging.http.basicAuth, or maintenance.header with a rule in the firewall.',
  },
  MAINTENANCE_NOT_FOUND: {
    exit: EXIT.usage,
    title: 'There is no maintenance record of this run.',
    next: 'Run understudy update <site> first; understudy runs <site> lists the runs.',
  },
  MAINTENANCE_RECORD_INVALID: {
    exit: EXIT.preflight,
    title: 'The maintenance record on staging cannot be used.',
    next: 'Somebody may have changed it. Start again with a new sync, then understudy update <site>.',
  },
  NOT_SYNCED: {
    exit: EXIT.preflight,
    title: 'Staging was not synced yet, or its last sync is not complete.',
    next: 'Run understudy sync <site> first: only a fresh copy of production is worth testing.',
  },
  NOT_WORDPRESS: {
    exit: EXIT.usage,
    title: 'Only WordPress sites can be updated.',
    next: 'Update this site by its own means; understudy check <site> works for every site.',
  },
  WP_CLI_MISSING: {
    exit: EXIT.preflight,
    title: 'WP-CLI does not run on staging.',
    next: 'Install WP-CLI 2.8 or later where staging runs PHP (https://wp-cli.org), or name it with maintenance.wp.',
  },
  SNAPSHOT_FAILED: {
    exit: EXIT.stageFailed,
    title: 'The state before an update could not be kept, so the update was not made.',
    next: 'See the last lines of the command; most often the disk of staging is full.',
  },
  ITEM_NOT_RESTORED: {
    exit: EXIT.needsRepair,
    title: 'An update could not be taken back completely.',
    next: 'Run understudy update <site> again: it puts the state before the update back first. Or start over with understudy sync <site>.',
  },
  TREE_UNREADABLE: {
    exit: EXIT.preflight,
    title: 'The files of a tree could not all be read.',
    next: 'Give the account the right to read every file of the code; then start again.',
  },
  CODE_ONLY_ON_STAGING: {
    exit: EXIT.preflight,
    title: 'Code that only staging has.',
    next: 'Nothing, if it belongs to staging alone; else put it on production and sync.',
  },
  NOT_APPROVED: {
    exit: EXIT.preflight,
    title: 'The tested tree was not approved.',
    next: 'Approve it: understudy promote <site> --approved-by <name>, or by policy: --approve.',
  },
  NOTHING_TESTED: {
    exit: EXIT.preflight,
    title: 'There is no tested tree to promote.',
    next: 'Run understudy update <site> first.',
  },
  STAGING_CHANGED: {
    exit: EXIT.preflight,
    title: 'Staging is no longer what was tested.',
    next: 'Find out who changed it; then test again: understudy update <site>.',
  },
  PRODUCTION_CHANGED: {
    exit: EXIT.preflight,
    title: "Production's code changed since the sync.",
    next: 'Look at the changed files; then sync and test again, so that they are not lost.',
  },
  PROMOTION_FROZEN: {
    exit: EXIT.preflight,
    title: 'Nothing may be promoted now.',
    next: 'Wait for the next window (maintenance.window, maintenance.freeze).',
  },
  HOSTS_CHANGED: {
    exit: EXIT.stageFailed,
    title: "Production's hosts changed during the promotion.",
    next: 'Wait until the group is at rest (no scaling, no refresh), then start again.',
  },
  PROMOTION_FAILED: {
    exit: EXIT.stageFailed,
    title: 'The promotion failed; production serves the code that it served before.',
    next: 'Read the cause above, then start again: understudy promote <site>.',
  },
  PROMOTION_ROLLED_BACK: {
    exit: EXIT.verificationFailed,
    title: 'Production did not pass its checks; the former code is back.',
    next: 'Open the report; then test the update again on staging.',
  },
  PRODUCTION_NEEDS_REPAIR: {
    exit: EXIT.needsRepair,
    title: 'A promotion was cut off or could not be undone on every host.',
    next: 'Run understudy promote <site> --recover.',
  },
});
