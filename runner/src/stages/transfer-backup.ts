import path from 'node:path';
import { shellScript } from '../commands/command.js';
import { PRUNE_SCRIPT } from '../commands/scripts/backup-scripts.js';
import { type HostProbe, hasChecksums } from '../commands/probe.js';
import { probeHost } from '../database/dump/probe-tools.js';
import { expectedBackupBytes } from '../database/dump/survey-schema.js';
import { type BackupOrder } from '../database/dump/patched-files.js';
import { readBackupsOnProduction, transferFiles } from '../database/dump/transfer.js';
import { ReadAhead } from './read-ahead.js';
import { inOneGo } from '../database/connection/in-one-go.js';
import { errorOf, type Finding, several, UnderstudyError, isErrorFinding } from '../errors/index.js';
import { type OpenedRoute } from '../hosts/route/route.js';
import { formatBytes } from '../report/format.js';
import { manifestSha256Of } from './proof/manifest-checksum.js';
import { hoursFindings, waitForQuiet } from './survey/production-limits.js';
import { lookAtProduction } from './survey/database-surveys.js';
import { atEnd, type Stage, type StageContext } from './stage.js';
import { proveForStage, routeForStage, stagingRouteOptions } from './survey/staging-route.js';

/** Stage 3: production's database host pushes the backup to staging, where every checksum is compared. */
export const transferBackup: Stage = {
  name: 'transfer-backup',
  label: 'Transfer backup',

  async preflight(context) {
    const [own, route] = await Promise.all([toolsAndDisk(context), ownRoute(context)]);
    return [...hoursFindings(context), ...own, ...route];
  },

  async plan(context) {
    const host = await context.hosts.productionDatabase();
    return [
      `from ${host.label} to staging, route ${context.site.content.route}; what a former backup there has is not sent again; every file's SHA-256 compared there`,
      {
        detail: `rsync --append-verify ${host.workDir}/${context.run.id}/backup/ → staging:${destinationOf(context)}/`,
      },
    ];
  },

  readAhead: (context) => {
    backups.begin(context);
  },

  async run(context) {
    const client = await context.hosts.productionDatabase();
    const target = await context.hosts.staging();
    await waitForQuiet(context, client);
    const route = await routeForStage(context, await stagingRouteOptions(context, 'database'));
    try {
      context.reporter.step('Send the backup to staging');
      const order = {
        ...(await backupOrder(context)),
        target,
        route,
        destination: destinationOf(context),
        timeoutSeconds: context.site.run.stageTimeoutSeconds,
        onProgress: context.reporter.progress,
        onRetry: (message: string) => {
          context.reporter.warn({
            severity: 'warning',
            code: 'TRANSFER_RETRIED',
            message,
            host: client.label,
          });
        },
      };
      const { manifest, manifestSha256, bytes, sentBytes, seconds } = await transferFiles(
        order,
        backups.take(context),
      ).catch((error: unknown) => explain(error, route));
      await inOneGo([atEnd(context, pruneStaging(context)), route.close()]);
      context.reporter.metric('bytes through the runner', route.bytesCarried());
      context.reporter.metric('bytes sent', sentBytes);
      const files = manifest.files.length;
      return {
        summary: `${several(files, 'file')}, ${formatBytes(bytes)} in ${seconds.toFixed(1)} s, checksums verified on staging${whatTravelled(sentBytes, bytes)}`,
        outputs: { manifestSha256, files, bytes, sentBytes, route: route.kind },
      };
    } finally {
      await route.close();
    }
  },
};

async function backupOrder(context: StageContext): Promise<BackupOrder> {
  const { run, site, signal } = context;
  const client = await context.hosts.productionDatabase();
  return {
    client,
    source: `${client.workDir}/${run.id}/backup`,
    manifestSha256: manifestSha256Of(context, 'backup-database'),
    run: run.id,
    site: site.name,
    signal,
  };
}

const backups = new ReadAhead(async (context) => readBackupsOnProduction(await backupOrder(context)));

/** rsync's own words come to some bytes more than the files when all of them travel. */
const whatTravelled = (sentBytes: number, bytes: number): string =>
  sentBytes >= bytes
    ? ''
    : `; ${formatBytes(sentBytes)} of ${formatBytes(bytes)} sent, the rest was on staging already`;

/** How long the proof of a route at the start of a run counts. */
const PROOF_LASTS_MS = 30 * 60 * 1000;

const destinationOf = (context: StageContext): string => `${context.run.stagingFolder}/backup`;

/** A transfer that fails because of the route is reported as the preflight tells it: with the line to change. */
async function explain(error: unknown, route: OpenedRoute): Promise<never> {
  if (!(error instanceof UnderstudyError) || error.code !== 'TRANSFER_FAILED') throw error;
  const wrong = (await route.prove()).find(isErrorFinding);
  if (wrong === undefined) throw error;
  throw errorOf(wrong, { details: [error.message], cause: error });
}

/** The application host's route is proven by stage 1; a database host of its own has a route of its own. */
async function ownRoute(context: StageContext): Promise<readonly Finding[]> {
  const { routes } = context;
  const { address, database } = context.site.production;
  const shared = JSON.stringify(address) === JSON.stringify(database.address);
  if (shared && routes === undefined) return [];
  const proven = wasProvenJustNow(context);
  if (proven ? routes === undefined : shared) return [];
  const options = await stagingRouteOptions(context, 'database');
  return proven && routes !== undefined ? routes.start(options) : proveForStage(context, options);
}

/** The first process proves the routes of all stages, which takes longest; the next take its word for some minutes. */
function wasProvenJustNow({ run }: StageContext): boolean {
  const { createdAt, stages } = run.record();
  const age = Date.now() - Date.parse(createdAt);
  return stages['sync-content']?.state === 'complete' && age >= 0 && age < PROOF_LASTS_MS;
}

async function toolsAndDisk(context: StageContext): Promise<readonly Finding[]> {
  const [production, staging] = await Promise.all([
    context.hosts.productionDatabase(),
    context.hosts.staging(),
  ]);
  const { workDir } = context.site.staging;
  const [survey, ours, theirs] = await Promise.all([
    lookAtProduction(context),
    probeHost(production, 'the transfer', { folder: production.workDir }),
    probeHost(staging, 'the transfer', { folder: workDir }),
  ]);
  const disk: Finding[] = [];
  const needed = expectedBackupBytes(survey.expectedRawBytes) / 1024;
  // Staging keeps the compressed backup beside the databases that are made of it.
  if (theirs.freeKilobytes > 0 && theirs.freeKilobytes <= needed)
    disk.push({
      severity: 'error',
      code: 'DUMP_DISK_SHORT',
      message: `The disk of ${workDir} has ${formatBytes(theirs.freeKilobytes * 1024)} free; the backup may take ${formatBytes(needed * 1024)}.`,
      host: staging.label,
      next: 'Free space on staging, or set staging.workDir to a folder on a larger disk.',
    });
  return [...missingTools(production.label, ours), ...missingTools(staging.label, theirs), ...disk];
}

const missingTools = (host: string, probe: HostProbe): readonly Finding[] =>
  [...(probe.tools.has('rsync') ? [] : ['rsync']), ...(hasChecksums(probe) ? [] : ['sha256sum'])].map(
    (what) => ({
      severity: 'error',
      code: 'TRANSFER_TOOL_MISSING',
      message: `${what} is missing.`,
      host,
      next: `Install ${what} there.`,
    }),
  );

/** Backups of earlier runs beyond `run.keepBackups` go; their records stay. */
async function pruneStaging(context: StageContext): Promise<void> {
  const keep = String(Math.max(1, context.site.run.keepBackups));
  const staging = await context.hosts.staging();
  const script = shellScript('write', PRUNE_SCRIPT, [
    path.posix.dirname(context.run.stagingFolder),
    keep,
    'backup',
  ]);
  await staging.run(script, { allowedExitCodes: 'any', label: 'remove old backups' });
}
