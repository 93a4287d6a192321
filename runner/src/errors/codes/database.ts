import { errors, notes, warnings } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const databaseCodes = {
  ...errors(EXIT.preflight, {
    DATABASE_UNREACHABLE: {
      title: 'The database server does not answer.',
      next: 'Run understudy doctor <site>; check host, port, user and password.',
    },
    DATABASE_IS_PRODUCTION: {
      title: 'The staging database is, or may be, the production database.',
      next: 'Give staging a database of its own; on the same server as production it also needs staging.sharesServer: true.',
    },
    DATABASE_RIGHTS_MISSING: {
      title: 'The staging account lacks rights that the sync needs.',
      next: 'Ask an administrator of the staging server to run the GRANT line above.',
    },
    DATABASE_DISK_SHORT: {
      title: 'The staging server has too little disk space for another copy of the database.',
      next: 'Free space, or lower staging.keepGenerations.',
    },
    DATABASE_UNKNOWN_TABLES: {
      title:
        'A schema has tables that do not belong to the site, and the site file does not say how to treat them.',
      next: 'Name those on production in database.exclude (not copied) or database.alsoInSchema (copied and replaced); move those on staging to a schema of their own.',
    },
    DATABASE_TOOL_LOGIN: {
      title: 'The database program of the host cannot log in.',
      next: "Log in with the same program and account by hand on that host; the last line above is the program's own message.",
    },
    DATABASE_TOOL_ELSEWHERE: {
      title: 'The database program of the host connects to another server than the settings name.',
      next: 'Name one server (not a load balancer over several) as the database of the site, by its socket or its own address.',
    },
    DATABASE_CLIENT_MISSING: {
      title: 'A program that the import needs is missing.',
      next: 'Install the mariadb or mysql client and zstd on the staging database host.',
    },
    IMPORT_CANNOT_HOLD: {
      title: 'The staging server cannot store something that production has.',
      next: 'Follow the advice above, or give staging the same database server as production.',
    },
  }),
  ...errors(EXIT.stageFailed, {
    DATABASE_FAILED: {
      title: 'A database server closed the connection or refused a statement.',
      next: 'Look at the log of the database server, then start again.',
    },
    DUMP_FAILED: {
      title: 'The backup of the production database failed.',
      next: 'Read the last lines above; nothing was changed on staging. Start the build again.',
    },
    BACKUP_INVALID: {
      title: 'The backup does not match its manifest; it was not imported.',
      next: 'Start again from the backup: understudy sync <site>.',
    },
    IMPORT_FAILED: {
      title: 'The import into staging failed; staging serves what it served before.',
      next: 'Read the lines above, fix the cause, and start the build again.',
    },
    IMPORT_INCOMPLETE: {
      title: 'The imported database does not match the backup.',
      next: 'Nothing was put in place. Start again from the backup: understudy sync <site>.',
    },
    TRIGGERS_REFUSED: {
      title: 'The staging server does not let the account create triggers and functions (error 1419).',
      next: 'Set log_bin_trust_function_creators = 1 on the staging server, or turn its binary log off.',
    },
    OBJECT_REFUSED: {
      title: 'The staging server refuses a view, routine, trigger or event of production.',
      next: 'Read the reason above; fix the definition on production or grant the missing right on staging.',
    },
    SCRUB_FAILED: {
      title: 'A declared scrub statement failed; staging serves what it served before.',
      next: 'Correct the SQL file named above.',
    },
    CUTOVER_BLOCKED: {
      title: 'The new database could not be put in place because staging is in use; nothing was changed.',
      next: 'End the connection named above, then start the build again.',
    },
    CUTOVER_FAILED: {
      title: 'The new generation could not be put in place; nothing was changed.',
      next: 'Read the reason above, then start the build again.',
    },
    GENERATION_INVALID: {
      title: 'The record of a former generation of staging cannot be used.',
      next: 'Remove the file; understudy rollback cannot restore that generation. The others are not affected.',
    },
  }),
  ...warnings({
    DATABASE_COUNTER_LOST: {
      title: 'Tables of WordPress have lost AUTO_INCREMENT, as after an interrupted restore.',
      next: 'On production, give each row a unique number, then ALTER TABLE … MODIFY … AUTO_INCREMENT, with the column as primary key.',
    },
    REQUESTS_STILL_RUNNING: {
      title: 'Staging was still answering requests during the cutover.',
      next: 'Nothing, unless someone saw a page that mixes both copies.',
    },
    DATABASE_RIGHTS_TOO_WIDE: {
      title: "The staging account may write to schemas that are not the site's.",
      next: 'Revoke its rights on other schemas.',
    },
    MAINTENANCE_PAGE_MISSING: {
      title: 'The site declares no maintenance page for the time of the cutover.',
      next: 'Declare staging.maintenance.on and off.',
    },
    GENERATIONS_NOT_REMOVED: {
      title: 'Former generations of staging could not be removed.',
      next: 'Nothing: the next sync tries again. If the disk is full, free space.',
    },
  }),
  ...notes({
    IMPORT_ADJUSTED: {
      title: 'Part of the database was adapted to the staging server.',
      next: 'Nothing, if the site works as it should on staging.',
    },
    SWAP_NOT_ALLOWED: {
      title: 'The database of staging is replaced instead of swapped.',
      next: 'Nothing has to be done. The GRANT line above allows swap mode, which needs no maintenance page.',
    },
  }),
  ...errors(EXIT.verificationFailed, {
    AFTER_CUTOVER_FAILED: {
      title: 'The new generation is in place, but a step after the cutover failed.',
      next: 'Clear the caches of staging by hand.',
    },
  }),
  ...errors(EXIT.needsRepair, {
    STAGING_NEEDS_REPAIR: {
      title: 'Staging is halfway between two generations.',
      next: 'Run: understudy recover <site>',
    },
    JOURNAL_INVALID: {
      title: 'The journal of an unfinished cutover is damaged.',
      next: 'Set it aside with understudy recover <site> --set-aside-journal, then run understudy sync <site>.',
    },
  }),
  ...errors(EXIT.usage, {
    NO_GENERATION: {
      title: 'There is no former generation to restore.',
      next: 'Raise staging.keepGenerations so that the next sync keeps one.',
    },
  }),
};
