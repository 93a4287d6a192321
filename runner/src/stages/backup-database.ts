import { linesIn } from '../basics/lines.js';
import { shellScript } from '../commands/command.js';
import { quoteWords } from '../commands/quote.js';
import { dumpArguments } from '../commands/mysqldump.js';
import { createBackup, totalBytes } from '../database/dump/create-backup.js';
import { type ServerCost } from '../database/dump/server-cost.js';
import { backupFindings, type BackupSurvey } from '../database/dump/findings.js';
import { PRUNE_SCRIPT } from '../commands/scripts/backup-scripts.js';
import { errorOf, isErrorFinding, several } from '../errors/index.js';
import { formatBytes } from '../report/format.js';
import { hoursFindings, waitForQuiet } from './survey/production-limits.js';
import { lookAtProduction } from './survey/database-surveys.js';
import { type Stage, type StageContext } from './stage.js';

/** Stage 2: one dump, one snapshot, cut and compressed on production's database host; the manifest is written last. */
export const backupDatabase: Stage = {
  name: 'backup-database',
  label: 'Back up production database',

  async preflight(context) {
    return [...hoursFindings(context), ...backupFindings(await lookAtProduction(context))];
  },

  async plan(context) {
    const survey = await lookAtProduction(context);
    const words = dumpArguments({
      program: survey.tools.program ?? 'mysqldump',
      known: survey.tools.known,
      textAs: survey.tools.textAs,
      schema: survey.database.schema,
      structureOnly: context.site.database.structureOnly,
      leftOut: survey.foreign?.excluded ?? [],
    });
    return [
      { detail: `${quoteWords(words)} | split into shards | ${survey.tools.compressor?.text ?? 'gzip'}` },
      `${several(survey.database.tables.length, 'table')}, about ${formatBytes(survey.expectedRawBytes)} of SQL, into ${survey.host.workDir}/${context.run.id}/backup`,
    ];
  },

  async run(context) {
    const survey = await lookAtProduction(context);
    const problem = backupFindings(survey).find(isErrorFinding);
    if (problem) throw errorOf(problem);
    const { host, tools, database } = survey;
    context.reporter.step(`Dump ${database.schema} (${several(database.tables.length, 'table')})`);
    const { limits } = context.site.production;
    await waitForQuiet(context, host);
    const { manifest, manifestSha256, rawBytes, cost } = await createBackup({
      host,
      access: survey.access,
      connect: async () => {
        const { openDatabase } = await import('../database/connection/open-database.js');
        return openDatabase(host, survey.access, { signal: context.signal });
      },
      tools,
      database,
      megabytesPerSecond: limits.dumpMegabytes,
      structureOnly: context.site.database.structureOnly,
      leftOut: survey.foreign?.excluded ?? [],
      expectedRawBytes: survey.expectedRawBytes,
      site: context.site.name,
      run: context.run.id,
      folder: `${host.workDir}/${context.run.id}/backup`,
      signal: context.signal,
      timeoutSeconds: context.site.run.stageTimeoutSeconds,
      onProgress: context.reporter.progress,
      onRetry: (message) => {
        context.reporter.warn({ severity: 'warning', code: 'DUMP_TABLE_CHANGED', message, host: host.label });
      },
    });
    await pruneBackups(context, survey);
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
    const bytes = totalBytes(manifest.files);
    const metrics = {
      files: manifest.files.length,
      tables: manifest.tables.length,
      rows,
      bytes,
      rawBytes,
    };
    for (const [name, value] of Object.entries(metrics)) context.reporter.metric(name, value);
    reportCost(context, cost);
    return {
      summary: `${several(metrics.tables, 'table')}, ${several(rows, 'row')}, ${formatBytes(bytes)} (${formatBytes(rawBytes)} of SQL)`,
      // The checksum is for the next stage, not for people.
      outputs: { manifestSha256, ...metrics },
    };
  },
};

function reportCost({ reporter }: StageContext, cost: ServerCost): void {
  const figures = {
    productionSeconds: Math.round(cost.seconds * 10) / 10,
    productionDiskBytes: cost.diskBytes,
    productionLockWaits: cost.lockWaits,
    productionLockMilliseconds: cost.lockMilliseconds,
    productionPoolPercent: cost.poolShare && Math.round(cost.poolShare * 1000) / 10,
  };
  for (const [name, value] of Object.entries(figures)) if (value !== undefined) reporter.metric(name, value);
}

/** Own backups beyond `run.keepBackups` go; a failure to remove one does not fail the backup that was just made. */
async function pruneBackups(context: StageContext, { host }: BackupSurvey): Promise<void> {
  const folder = host.workDir;
  const keep = String(Math.max(1, context.site.run.keepBackups));
  const script = shellScript('remove-own-backup', PRUNE_SCRIPT, [folder, keep, '.'], folder);
  const { stdout } = await host.run(script, { allowedExitCodes: 'any', label: 'remove old backups' });
  const removed = linesIn(stdout).filter((line) => line.startsWith('removed '));
  if (removed.length > 0) context.reporter.metric('backups removed from production', removed.length);
}
