import { errors, notes, warnings } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const backupCodes = {
  ...errors(EXIT.preflight, {
    DUMP_TOOL_MISSING: {
      title: 'A program that the backup needs is missing on production.',
      next: 'Install it on the production database host, then run understudy doctor <site>.',
    },
    PRODUCTION_HOURS: {
      title: 'Stages that read production may not begin at this time of day.',
      next: 'Start again within production.limits.hours of the site file, or change them.',
    },
    DUMP_LIMITED: {
      title: 'The database server limits the rows or the time of a dump.',
      next: 'Ask an administrator to remove the limit for this account; mysqldump of MySQL 9 and later removes it itself.',
    },
    DUMP_RIGHTS_MISSING: {
      title: 'The production account lacks rights that the backup needs.',
      next: 'Ask an administrator of the production server to run the GRANT line above.',
    },
    TRANSFER_TOOL_MISSING: {
      title: 'A program that the transfer needs is missing.',
      next: 'Install rsync on both hosts, then run understudy doctor <site>.',
    },
  }),
  ...errors(EXIT.stageFailed, {
    PRODUCTION_BUSY: {
      title: 'Production had too much to do for longer than a stage waits.',
      next: 'Start the build again when production has less to do, or raise production.limits.load or wait.',
    },
    DUMP_DISK_SHORT: {
      title: 'Production has too little free disk space for a backup.',
      next: 'Free space, or set production.workDir to a folder on a larger disk.',
    },
    DUMP_TABLE_CHANGED: {
      title: 'A table of production was altered while it was dumped (error 1412).',
      next: 'Wait until the plugin update or migration on production has finished; then start the build again.',
    },
    DUMP_INCOMPLETE: {
      title: 'The dump does not hold the rows that the server counts.',
      next: 'Look for something between the dump program and the server (a wrapper script, a proxy, a load balancer over several servers); then start again.',
    },
    DUMP_REFUSED: {
      title: 'The dump holds statements that must not be imported.',
      next: 'Remove the objects named above from production, or ask their owner; then start again.',
    },
    MANIFEST_INVALID: {
      title: 'The manifest of the backup is damaged or not written by Understudy.',
      next: 'Create the backup again: understudy stage backup-database <site>',
    },
    TRANSFER_FAILED: {
      title: 'The backup did not arrive on staging.',
      next: 'Start the build again; it resumes the transfer.',
    },
  }),
  ...warnings({
    DUMP_NOT_TRANSACTIONAL: {
      title: 'Some tables of production are not part of the snapshot.',
      next: 'Convert them to InnoDB if rows that change during the dump matter.',
    },
    DUMP_CONVERTS: {
      title: 'Some columns of production are in a character set that the dump converts.',
      next: 'Compare such values on staging once, or convert the columns to utf8mb4.',
    },
    STRUCTURE_ONLY_UNKNOWN: {
      title: 'database.structureOnly names tables that production does not have.',
      next: 'Check the spelling, including the prefix.',
    },
    TRANSFER_RETRIED: {
      title: 'The transfer of the backup was interrupted and is tried again.',
      next: 'Nothing. If it happens each time, check the network between the hosts.',
    },
  }),
  ...notes({
    ZSTD_MISSING: {
      title: 'There is no zstd, so the backup is compressed with gzip, which takes several times longer.',
      next: 'Install zstd on production and staging for a faster sync.',
    },
    TABLES_EXCLUDED: {
      title: 'Tables of production are not copied because database.exclude names them.',
      next: 'Views of the site that read these tables cannot be created on staging: exclude them too.',
    },
  }),
};
