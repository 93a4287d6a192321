import { hasChecksums } from '../commands/probe.js';
import { cutover } from '../cutover/cutover.js';
import { recover } from '../cutover/recover-cutover.js';
import { startReplacement } from '../cutover/exchange/replace-generation.js';
import { writeImported } from '../cutover/journal/imported.js';
import { missingPrivileges } from '../database/schema/grants.js';
import { grantLine } from '../database/restore/survey-staging.js';
import { probeImportHost } from '../database/restore/import-data.js';
import { type Backup, readBackup, readBackupManifest } from '../database/restore/read-backup.js';
import { restoreBackup, type Restored, type RestoreOptions } from '../database/restore/restore-backup.js';
import { readScrubs, runScrubs } from '../database/restore/scrub.js';
import { incomingSchema } from '../database/restore/schema-names.js';
import { emptyIncomingSchema } from '../database/restore/import-schema.js';
import { siteDatabase, withSiteSession } from '../database/restore/staging-account.js';
import { tryImportClient } from '../database/connection/tool-login.js';
import { deferred } from '../hosts/deferred.js';
import { type Finding, several, UnderstudyError } from '../errors/index.js';
import { forgetHistory, historyFindings } from './staging/forget-history.js';
import { versionedTables } from '../database/schema/history.js';
import { activationTools } from './staging/activation-tools.js';
import { type RewriteText } from '../database/sql/literal-edits.js';
import { type CountRow } from '../report/events/event-log.js';
import { MOST_ROWS } from '../report/events/reporter.js';
import { createRewriter } from '../rewrite/index.js';
import { sitePairs } from './proof/leak-check.js';
import { askStaging, lookAtProduction, lookAtStaging } from './survey/database-surveys.js';
import { manifestSha256Of } from './proof/manifest-checksum.js';
import { lookAtCatalogue, unheldFindings } from './survey/unheld.js';
import { ReadAhead } from './read-ahead.js';
import { type Stage, type StageContext } from './stage.js';
import { plainSettingsFindings, verifyPlainSettings } from './proof/verify-plain-settings.js';

/** Stage 5: restores the backup and proves it, row by row. Scrub SQL and cutover of a plain site happen here too. */
export const importDatabase: Stage = {
  name: 'import-database',
  label: 'Import database',

  async preflight(context) {
    const isPlain = context.site.type === 'php';
    if (isPlain) await readScrubs(context.site);
    const findings = await Promise.all([
      missingPrograms(context),
      refusedTriggers(context),
      rightsByRole(context),
      historyFindings(context),
      unheldFindings(context),
      isPlain ? plainSettingsFindings(context) : [],
    ]);
    return findings.flat();
  },

  async plan(context) {
    const { decision, live } = await lookAtStaging(context);
    const schema = decision.mode === 'swap' ? incomingSchema(live, context.run.id) : live;
    return [
      `into ${schema} over ${several(context.site.database.connections, 'connection')}`,
      {
        detail: `schema.sql and objects.sql into ${schema}; data shards: zstd -dc … | mariadb --defaults-file=/dev/fd/3 --database=${schema}, large tables by LOAD DATA, the others by their INSERTs`,
      },
      'COUNT(*) of every table compared with the manifest; views, routines, triggers and events too',
      ...(context.site.type === 'php'
        ? [...context.site.staging.scrub.sql.map((file) => `scrub: ${file}`), `cutover (${decision.mode})`]
        : []),
    ];
  },

  readAhead: (context) => {
    manifests.begin(context);
  },

  async run(context) {
    const mode = context.run.outputs('drop-database')['mode'];
    if (mode !== 'swap' && mode !== 'replace')
      throw new UnderstudyError('IMPORT_FAILED', 'The record of stage 4 does not say how to import.');
    const folder = folderOf(context);
    context.reporter.step('Comparing the backup with its manifest');
    const live = (await context.database.staging()).name;
    const into = mode === 'swap' ? incomingSchema(live, context.run.id) : live;
    const host = await context.hosts.stagingDatabase();
    // Empty also when this stage runs again, after a failure or a kill. What staging serves waits for a backup that is whole.
    const made = deferred<true>();
    const backup = readBackup(host, folder, manifests.take(context), async (manifest) => {
      if (mode === 'swap') await emptyIncomingSchema(context, into, manifest);
      made.resolve(true);
    });
    // What is wrong with the backup is told first.
    const ready =
      mode === 'swap'
        ? Promise.race([made.promise, backup])
        : backup.then(() => startReplacement(context, {}));
    const restored = await restore(context, backup, ready, { live, into }, (objects) =>
      writeImported(context, { version: 1, mode, objects }),
    );
    for (const note of restored.notes)
      context.reporter.warn({ severity: 'info', code: 'IMPORT_ADJUSTED', message: note });
    const summary = summarize(context, restored);
    const rows = rowsByTable(restored.backup);
    context.reporter.counts('rows', rows);
    // The next run's report compares its copy with this one.
    const counted = Object.fromEntries(
      rows.slice(0, MOST_ROWS).map(({ name, values: [n = 0] }) => [name, n]),
    );
    if (context.site.type !== 'php') return { summary, outputs: { mode, schema: into, rows: counted } };
    await scrub(context, into);
    let found: UnderstudyError | undefined;
    const verify = async (): Promise<void> => {
      found = await verifyPlainSettings(context);
    };
    await cutover(context, { proof: { verify } });
    return {
      summary: `${summary}; in place`,
      outputs: { mode, schema: live, rows: counted },
      found,
    };
  },

  async undo(context) {
    await recover(context, activationTools(context));
  },
};

const folderOf = ({ run }: StageContext): string => `${run.stagingFolder}/backup`;

/** It holds by its checksum, which the run record has. */
const manifests = new ReadAhead(async (context) =>
  readBackupManifest(await context.hosts.stagingDatabase(), folderOf(context), manifestSha256Of(context)),
);

const rowsByTable = ({ manifest }: Backup): CountRow[] =>
  manifest.tables
    .map(({ name, rows }) => ({ name, values: [rows] }))
    .sort((a, b) => (b.values[0] ?? 0) - (a.values[0] ?? 0) || (a.name < b.name ? -1 : 1));

const restore = async (
  context: StageContext,
  folder: Promise<Backup>,
  ready: Promise<unknown>,
  schemas: { readonly live: string; readonly into: string },
  onObjects: NonNullable<RestoreOptions['onObjects']>,
): Promise<Restored> =>
  restoreBackup(await siteDatabase(context), {
    folder,
    ready,
    onObjects,
    ...schemas,
    events: context.site.staging.events,
    // Rows are rewritten in stage 6; a definition can be made only once.
    rewrite: context.site.type === 'wordpress' ? definitionRewriter(context) : undefined,
    connections: context.site.database.connections,
    jobsFolder: context.run.stagingFolder,
    onStep: (text) => {
      context.reporter.step(text);
    },
    onProgress: context.reporter.progress,
    signal: context.signal,
  });

function definitionRewriter({ site }: StageContext): RewriteText {
  const rewriter = createRewriter(sitePairs(site));
  return (text) => rewriter.rewrite(text);
}

function summarize(context: StageContext, { backup, objects }: Restored): string {
  const rows = backup.manifest.tables.reduce((sum, table) => sum + table.rows, 0);
  const disabled = objects.filter(({ kind }) => kind === 'event').length;
  context.reporter.metric('tables', backup.manifest.tables.length);
  context.reporter.metric('rows', rows);
  if (disabled > 0 && context.site.staging.events === 'disable')
    context.reporter.warn({
      severity: 'info',
      code: 'IMPORT_ADJUSTED',
      message: `Events are disabled on staging: ${backup.manifest.events.join(', ')}.`,
      next: 'Set staging.events: keep to let them run.',
    });
  return `${several(backup.manifest.tables.length, 'table')} with ${several(rows, 'row')}, every one counted`;
}

async function scrub(context: StageContext, into: string): Promise<void> {
  if (context.site.staging.scrub.sql.length === 0) return;
  context.reporter.step('Running the declared scrub SQL');
  const options = { database: into, signal: context.signal };
  await withSiteSession(context, options, async (connection) => {
    context.reporter.metric('rows scrubbed', await runScrubs(context.site, connection));
    await forgetHistory(context, connection, into, await versionedTables(connection, into));
  });
}

async function missingPrograms(context: StageContext): Promise<readonly Finding[]> {
  const host = await context.hosts.stagingDatabase();
  const account = await context.database.staging();
  const { container } = account;
  const probing = askStaging(context, ({ isMariaDb }) => probeImportHost(host, container, isMariaDb));
  const [probe, login, production] = await Promise.all([
    probing,
    // A connection of its own: a lock that is taken on the shared one may end that of the same-target check (MySQL 5.6).
    withSiteSession(context, { signal: context.signal, asksAtOnce: true }, (connection) =>
      tryImportClient(
        { host, access: account, connection },
        probing.then(({ client }) => client),
      ),
    ),
    lookAtProduction(context),
  ]);
  const { client } = probe;
  // What production compresses with decides: a gzip backup needs no zstd.
  const unpacker = production.tools.compressor?.compression ?? 'gzip';
  const missing = [
    ...(client === undefined
      ? [`a mariadb or mysql client${container === undefined ? '' : ` in ${container}`}`]
      : []),
    ...(probe.tools.has(unpacker) ? [] : [unpacker]),
    ...(hasChecksums(probe) ? [] : ['sha256sum']),
  ];
  const findings: Finding[] = missing.map((what) => ({
    severity: 'error',
    code: 'DATABASE_CLIENT_MISSING',
    message: `The import needs ${what}, which is missing.`,
    host: host.label,
    next: installLine(what, container),
  }));
  findings.push(...login);
  if (host !== (await context.hosts.staging()))
    findings.push({
      severity: 'error',
      code: 'DATABASE_CLIENT_MISSING',
      message:
        'The backup lies on the staging host, and staging.database.ssh names another machine for the import.',
      host: host.label,
      next: 'Remove staging.database.ssh; the client on the staging host can import over the network.',
    });
  return findings;
}

/** `sha256sum` is in a package of another name. */
function installLine(what: string, container: string | undefined): string {
  const name = what === 'sha256sum' ? 'coreutils' : what.startsWith('a mariadb') ? 'mariadb-client' : what;
  const where = container === undefined ? 'there' : `in the image of ${container}`;
  return `Install it ${where}: apt-get install ${name} (Debian, Ubuntu), dnf install ${name.replace('-client', '')} (Red Hat), apk add ${name} (Alpine).`;
}

async function refusedTriggers(context: StageContext): Promise<readonly Finding[]> {
  const [{ server }, { triggers, functions }] = await Promise.all([
    lookAtStaging(context),
    lookAtCatalogue(context),
  ]);
  if (!server.refusesTriggers || triggers + functions === 0) return [];
  return [
    {
      severity: 'error',
      code: 'TRIGGERS_REFUSED',
      message: `The staging server writes a binary log and ${server.account} may not create triggers and functions (error 1419); production has ${several(triggers, 'trigger')} and ${several(functions, 'function')}.`,
    },
  ];
}

/** A view or trigger acts with what its definer was granted itself; its definer on staging is the staging account. */
async function rightsByRole(context: StageContext): Promise<readonly Finding[]> {
  const { server, live, decision } = await lookAtStaging(context);
  if (decision.missing.length > 0 || missingPrivileges(server.ownGrants, live).length === 0) return [];
  const { triggers, functions } = await lookAtCatalogue(context);
  const { views } = (await lookAtProduction(context)).database;
  if (triggers + functions + views.length === 0) return [];
  return [
    {
      severity: 'error',
      code: 'DATABASE_RIGHTS_MISSING',
      message: `The staging account ${server.account} has rights on ${live} by a role alone; production's ${several(views.length, 'view')}, ${several(triggers, 'trigger')} and ${several(functions, 'function')} would act without them.`,
      next: grantLine(live, server.account, true),
    },
  ];
}
