import { defineCodes } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const databaseCodes = defineCodes({
  DATABASE_UNREACHABLE: {
    exit: EXIT.preflight,
    title: 'The database server does not answer.',
    next: 'Run understudy doctor <site>; check host, port, user and password.',
  },
  DATABASE_FAILED: {
    exit: EXIT.stageFailed,
    title: 'A database server closed the connection or refused a statement.',
    next: 'Look at the log of the database server, then start again.',
  },
  DUMP_FAILED: {
    exit: EXIT.stageFailed,
    title: 'The backup of the production database failed.',
    next: 'Read the last lines above; nothing was changed on staging. Start the build again.',
  },
  DATABASE_IS_PRODUCTION: {
    exit: EXIT.preflight,
    title: 'The staging database is, or may be, the production database.',
    next: 'Give staging a database of its own; on the same server as production it also needs staging.sharesServer: true.',
  },
  DATABASE_RIGHTS_MISSING: {
    exit: EXIT.preflight,
    title: 'The staging account lacks rights that the sync needs.',
    next: 'Ask an administrator of the staging server to run the GRANT line above.',
  },
  DATABASE_DISK_SHORT: {
    exit: EXIT.preflight,
    title: 'The staging server has too little disk space for another copy of the database.',
    next: 'Free space, or lower staging.keepGenerations.',
  },
  DATABASE_UNKNOWN_TABLES: {
    exit: EXIT.preflight,
    title:
      'A schema has tables that do not belong to the site, and the site file does not say how to treat them.',
    next: 'Name those on production in database.exclude (not copied) or database.alsoInSchema (copied and replaced); move those on staging to a schema of their own.',
  },
  DATABASE_COUNTER_LOST: {
    severity: 'warning',
    title: 'Tables of WordPress have lost AUTO_INCREMENT, as after an interrupted restore.',
    next: 'On production, give each row a unique number, then ALTER TABLE … MODIFY … AUTO_INCREMENT, with the column as primary key.',
  },
  DATABASE_TOOL_LOGIN: {
    exit: EXIT.preflight,
    title: 'The database program of the host cannot log in.',
    next: "Log in with the same program and account by hand on that host; the last line above is the program's own message.",
  },
  DATABASE_TOOL_ELSEWHERE: {
    exit: EXIT.preflight,
    title: 'The database program of the host connects to another server than the settings name.',
    next: 'Name one server (not a load balancer over several) as the database of the site, by its socket or its own address.',
  },
  DATABASE_CLIENT_MISSING: {
    exit: EXIT.preflight,
    title: 'A program that the import needs is missing.',
    next: 'Install the mariadb or mysql client and zstd on the staging database host.',
  },
  BACKUP_INVALID: {
    exit: EXIT.stageFailed,
    title: 'The backup does not match its manifest; it was not imported.',
    next: 'Start again from the backup: understudy sync <site>.',
  },
  IMPORT_FAILED: {
    exit: EXIT.stageFailed,
    title: 'The import into staging failed; staging serves what it served before.',
    next: 'Read the lines above, fix the cause, and start the build again.',
  },
  IMPORT_CANNOT_HOLD: {
    exit: EXIT.preflight,
    title: 'The staging server cannot store something that production has.',
    next: 'Follow the advice above, or give staging the same database server as production.',
  },
  IMPORT_ADJUSTED: {
    severity: 'info',
    title: 'Part of the database was adapted to the staging server.',
    next: 'Nothing, if the site works as it should on staging.',
  },
  IMPORT_INCOMPLETE: {
    exit: EXIT.stageFailed,
    title: 'The imported database does not match the backup.',
    next: 'Nothing was put in place. Start again from the backup: understudy sync <site>.',
  },
  TRIGGERS_REFUSED: {
    exit: EXIT.stageFailed,
    title: 'The staging server does not let the account create triggers and functions (error 1419).',
    next: 'Set log_bin_trust_function_creators = 1 on the staging server, or turn its binary log off.',
  },
  OBJECT_REFUSED: {
    exit: EXIT.stageFailed,
    title: 'The staging server refuses a view, routine, trigger or event of production.',
    next: 'Read the reason above; fix the definition on production or grant the missing right on staging.',
  },
  SCRUB_FAILED: {
    exit: EXIT.stageFailed,
    title: 'A declared scrub statement failed; staging serves what it served before.',
    next: 'Correct the SQL file named above.',
  },
  CUTOVER_BLOCKED: {
    exit: EXIT.stageFailed,
    title: 'The new database could not be put in place because staging is in use; nothing was changed.',
    next: 'End the connection named above, then start the build again.',
  },
  CUTOVER_FAILED: {
    exit: EXIT.stageFailed,
    title: 'The new generation could not be put in place; nothing was changed.',
    next: 'Read the reason above, then start the build again.',
  },
  AFTER_CUTOVER_FAILED: {
    exit: EXIT.verificationFailed,
    title: 'The new generation is in place, but a step after the cutover failed.',
    next: 'Clear the caches of staging by hand.',
  },
  REQUESTS_STILL_RUNNING: {
    severity: 'warning',
    title: 'Staging was still answering requests during the cutover.',
    next: 'Nothing, unless someone saw a page that mixes both copies.',
  },
  STAGING_NEEDS_REPAIR: {
    exit: EXIT.needsRepair,
    title: 'Staging is halfway between two generations.',
    next: 'Run: understudy recover <site>',
  },
  JOURNAL_INVALID: {
    exit: EXIT.needsRepair,
    title: 'The journal of an unfinished cutover is damaged.',
    next: 'Set it aside with understudy recover <site> --set-aside-journal, then run understudy sync <site>.',
  },
  GENERATION_INVALID: {
    exit: EXIT.stageFailed,
    title: 'The record of a former generation of staging cannot be used.',
    next: 'Remove the file; understudy rollback cannot restore that generation. The others are not affected.',
  },
  NO_GENERATION: {
    exit: EXIT.usage,
    title: 'There is no former generation to restore.',
    next: 'Raise staging.keepGenerations so that the next sync keeps one.',
  },
  DATABASE_RIGHTS_TOO_WIDE: {
    severity: 'warning',
    title: "The staging account may write to schemas that are not the site's.",
    next: 'Revoke its rights on other schemas.',
  },
  SWAP_NOT_ALLOWED: {
    severity: 'info',
    title: 'The database of staging is replaced instead of swapped.',
    next: 'Nothing has to be done. The GRANT line above allows swap mode, which needs no maintenance page.',
  },
  MAINTENANCE_PAGE_MISSING: {
    severity: 'warning',
    title: 'The site declares no maintenance page for the time of the cutover.',
    next: 'Declare staging.maintenance.on and off.',
  },
  GENERATIONS_NOT_REMOVED: {
    severity: 'warning',
    title: 'Former generations of staging could not be removed.',
    next: 'Nothing: the next sync tries again. If the disk is full, free space.',
  },
});
