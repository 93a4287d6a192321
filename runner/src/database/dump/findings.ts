import { quoteIdentifier } from '../../commands/quote.js';
import { type Finding, several } from '../../errors/index.js';
import { type ProductionHost } from '../../hosts/host.js';
import { type DatabaseAccess } from '../connection/access.js';
import { type ForeignTables, nameList, patternsFor } from '../schema/site-tables.js';
import { hasChecksums } from '../../commands/probe.js';
import { type DumpTools } from './probe-tools.js';
import { expectedBackupBytes, isTransactional, type SchemaSurvey } from './survey-schema.js';

export type BackupHost = Pick<ProductionHost, 'label' | 'workDir'>;

/** All that is known about a backup before it is made. */
export interface BackupSurvey<Place extends BackupHost = ProductionHost> {
  readonly host: Place;
  readonly access: DatabaseAccess;
  readonly tools: DumpTools;
  readonly database: SchemaSurvey;
  readonly missingRights: readonly string[];
  /** What a login of the dump program itself showed. */
  readonly login: readonly Finding[];
  readonly structureOnly: readonly string[];
  /** Tables of other applications in the schema, and the site's prefix; undefined where all of the schema is dumped. */
  readonly foreign?: ForeignTables & { readonly prefix: string };
  readonly expectedRawBytes: number;
}

/** What would stop the backup, and what a person should know of it. Pure. */
export const backupFindings = (survey: BackupSurvey<BackupHost>): Finding[] => [
  ...toolFindings(survey),
  ...survey.login,
  ...rightFindings(survey),
  ...diskFindings(survey),
  ...tableFindings(survey),
  ...foreignFindings(survey),
];

function toolFindings({ host, tools, access, database }: BackupSurvey<BackupHost>): Finding[] {
  const missing = (what: string, next: string): Finding => ({
    severity: 'error',
    code: 'DUMP_TOOL_MISSING',
    message: what,
    host: host.label,
    next,
  });
  const where = access.container === undefined ? 'on the host' : `in the container ${access.container}`;
  const findings: Finding[] = [];
  if (tools.program === undefined)
    findings.push(
      missing(
        `Neither mariadb-dump nor mysqldump is ${where}.`,
        `Install mariadb-client or mysql-client ${where}.`,
      ),
    );
  if (tools.program !== undefined && !/mariadb/i.test(tools.version) && database.mariaDbOnly.length > 0)
    findings.push(
      missing(
        `mysqldump cannot dump what only MariaDB has: ${database.mariaDbOnly.join(', ')}.`,
        `Install mariadb-client ${where}; its mariadb-dump is preferred.`,
      ),
    );
  if (tools.program !== undefined && /mariadb/i.test(tools.version) && database.mySqlOnly.length > 0)
    findings.push(
      missing(
        `mariadb-dump cannot dump what only MySQL has: ${database.mySqlOnly.join(', ')}.`,
        `Install mysql-client ${where}; its mysqldump is preferred.`,
      ),
    );
  if (tools.compressor === undefined)
    findings.push(missing('Neither zstd nor gzip is installed.', 'Install zstd.'));
  if (tools.splitter === undefined) findings.push(missing('Neither perl nor awk is there.', 'Install perl.'));
  if (!hasChecksums(tools))
    findings.push(missing('Neither sha256sum, shasum nor openssl is installed.', 'Install coreutils.'));
  if (tools.compressor?.compression === 'gzip')
    findings.push({
      severity: 'info',
      code: 'ZSTD_MISSING',
      message: 'There is no zstd; the backup is compressed with gzip, which takes several times longer.',
      host: host.label,
      next: 'Install zstd on production and staging for a faster sync.',
    });
  return findings;
}

function rightFindings({ host, database, missingRights, access }: BackupSurvey<BackupHost>): Finding[] {
  const findings: Finding[] = [];
  // Nothing to show with SHOW VIEW where there is no view; triggers and events cannot be seen without the right.
  const missing = missingRights.filter((right) => right !== 'SHOW VIEW' || database.views.length > 0);
  if (missing.length > 0)
    findings.push({
      severity: 'error',
      code: 'DUMP_RIGHTS_MISSING',
      message: `The account ${access.user} lacks ${missing.join(', ')} on ${database.schema}; the backup would be incomplete.`,
      host: host.label,
      next: `GRANT ${missing.join(', ')} ON ${quoteIdentifier(database.schema)}.* TO the account that is used.`,
    });
  if (database.brokenViews.length > 0)
    findings.push({
      severity: 'error',
      code: 'DUMP_FAILED',
      message: `Views that cannot be read stop every dump: ${database.brokenViews.join('; ')}.`,
      host: host.label,
      next: 'Fix or drop the views; where a function is missing rights, GRANT EXECUTE to the account.',
    });
  if (database.brokenNames.length > 0)
    findings.push({
      severity: 'error',
      code: 'DUMP_FAILED',
      message: `The server does not quote these names of constraints in what it writes into a dump, so nothing can import it: ${database.brokenNames.join(', ')}.`,
      host: host.label,
      next: 'Give the constraints names without a backquote.',
    });
  if (database.hiddenRoutines.length > 0) {
    const grant = /mariadb/i.test(database.serverVersion) ? 'SELECT ON mysql.proc' : 'SHOW_ROUTINE ON *.*';
    findings.push({
      severity: 'error',
      code: 'DUMP_RIGHTS_MISSING',
      message: `The account ${access.user} may not read the routines ${database.hiddenRoutines.join(', ')}.`,
      host: host.label,
      next: `GRANT ${grant} TO the account that is used, or dump as their definer.`,
    });
  }
  return findings;
}

function diskFindings({ host, tools, expectedRawBytes }: BackupSurvey<BackupHost>): Finding[] {
  if (tools.totalKilobytes === 0) return [];
  const needed = (expectedBackupBytes(expectedRawBytes) * 1.5) / 1024;
  const reserve = tools.totalKilobytes / 10;
  if (tools.freeKilobytes - needed >= reserve) return [];
  const megabytes = (kilobytes: number) => `${String(Math.ceil(kilobytes / 1024))} MB`;
  return [
    {
      severity: 'error',
      code: 'DUMP_DISK_SHORT',
      message: `The disk of ${host.workDir} has ${megabytes(tools.freeKilobytes)} free; a backup may need ${megabytes(needed)}, and a tenth of the disk (${megabytes(reserve)}) stays free.`,
      host: host.label,
    },
  ];
}

function tableFindings({ host, database, structureOnly, tools }: BackupSurvey<BackupHost>): Finding[] {
  const findings: Finding[] = [];
  const outside = database.tables.filter(({ engine }) => engine !== '' && !isTransactional(engine));
  if (outside.length > 0)
    findings.push({
      severity: 'warning',
      code: 'DUMP_NOT_TRANSACTIONAL',
      message: `Not part of the snapshot, because their engine has no snapshots: ${outside.map(({ name, engine }) => `${name} (${engine})`).join(', ')}.`,
      host: host.label,
    });
  const unknown = structureOnly.filter((name) => database.tables.every((table) => table.name !== name));
  if (unknown.length > 0)
    findings.push({
      severity: 'warning',
      code: 'STRUCTURE_ONLY_UNKNOWN',
      message: `database.structureOnly names tables that production does not have: ${unknown.join(', ')}.`,
      host: host.label,
      next: 'Check the spelling, prefix included.',
    });
  if (tools.textAs === 'utf8' && database.convertedColumns.length > 0)
    findings.push({
      severity: 'warning',
      code: 'DUMP_CONVERTS',
      message: `Columns that the dump converts to UTF-8, which may lose characters: ${database.convertedColumns.join(', ')}.`,
      host: host.label,
    });
  return findings;
}

/** Other applications' data never reach staging unasked, and nothing that the site needs stays away unasked. */
function foreignFindings({ host, database, foreign }: BackupSurvey<BackupHost>): Finding[] {
  if (foreign === undefined) return [];
  const findings: Finding[] = [];
  const { undecided, excluded, prefix } = foreign;
  if (undecided.length > 0) {
    const patterns = patternsFor(undecided, prefix);
    findings.push({
      severity: 'error',
      code: 'DATABASE_UNKNOWN_TABLES',
      message: `${database.schema} on production has ${several(undecided.length, 'table that is', 'tables that are')} not of the site with the prefix ${prefix}: ${nameList(undecided)}.`,
      host: host.label,
      next: `Decide in the site file. Another application's, not to be copied: database: { exclude: ${patterns} }. The site's too: database: { alsoInSchema: ${patterns} }.`,
    });
  }
  if (excluded.length > 0)
    findings.push({
      severity: 'info',
      code: 'TABLES_EXCLUDED',
      message: `Not copied, because database.exclude names them: ${nameList(excluded)}.`,
      host: host.label,
      next: 'Views of the site that read these tables cannot be created on staging: exclude them too.',
    });
  return findings;
}
