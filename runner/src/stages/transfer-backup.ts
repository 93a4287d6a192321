import path from 'node:path';
import { shellScript } from '../commands/command.js';
import { openDatabase } from '../database/connection.js';
import { probeDumpTools } from '../database/dump/probe-tools.js';
import { PRUNE_SCRIPT } from '../database/dump/scripts.js';
import { expectedBackupBytes, expectedRawBytes, surveySchema } from '../database/dump/survey-schema.js';
import { transferFiles } from '../database/dump/transfer.js';
import { type Finding, UnderstudyError } from '../errors/index.js';
import { type ProductionHost } from '../hosts/host.js';
import { openRoute, type RouteOptions } from '../hosts/open-route.js';
import { checkRoute } from '../hosts/prove-route.js';
import { type Stage, type StageContext } from './stage.js';

/** Stage 3: production's database host pushes the backup to staging, where every checksum is compared. */
export const transferBackup: Stage = {
  name: 'transfer-backup',
  label: 'Transfer backup',
  changes: 'staging',

  async preflight(context) {
    const [tools, disk, route] = await Promise.all([
      missingRsync(context),
      stagingDisk(context),
      ownRoute(context),
    ]);
    return [...tools, ...disk, ...route];
  },

  async plan(context) {
    const host = await context.hosts.productionDatabase();
    return [
      `rsync --append-verify ${host.workDir}/${context.run.id}/backup/ → staging:${destinationOf(context)}/ (from ${host.label}, route ${context.site.content.route})`,
      'sha256 of every file compared with the manifest on staging',
    ];
  },

  async run(context) {
    const client = await context.hosts.productionDatabase();
    const target = await context.hosts.staging();
    const route = await openRoute(routeOptions(context, client));
    try {
      context.reporter.step('Send the backup to staging');
      const { manifest, bytes, seconds } = await transferFiles({
        client,
        target,
        route,
        source: `${client.workDir}/${context.run.id}/backup`,
        destination: destinationOf(context),
        manifestSha256: manifestSha256Of(context),
        run: context.run.id,
        site: context.site.name,
        signal: context.signal,
        timeoutSeconds: context.site.run.stageTimeoutSeconds,
        onProgress: context.reporter.progress,
        onRetry: (message) => {
          context.reporter.warn({
            severity: 'warning',
            code: 'TRANSFER_FAILED',
            message,
            host: client.label,
          });
        },
      });
      await pruneStaging(context);
      context.reporter.fact('bytes through the runner', route.bytesCarried());
      const files = manifest.files.length;
      const megabytes = bytes / 1e6;
      return {
        summary: `${String(files)} files, ${megabytes.toFixed(1)} MB in ${seconds.toFixed(1)} s, checksums verified on staging`,
        outputs: { manifestSha256: manifestSha256Of(context), files, bytes, route: route.kind },
      };
    } finally {
      await route.close();
    }
  },
};

const destinationOf = (context: StageContext): string => `${context.run.stagingFolder}/backup`;

function manifestSha256Of(context: StageContext): string {
  const value = context.run.outputs('backup-database')['manifestSha256'];
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return value;
  throw new UnderstudyError('MANIFEST_INVALID', 'The run record has no checksum of the manifest.');
}

const routeOptions = (context: StageContext, client: ProductionHost): RouteOptions => ({
  kind: context.site.content.route,
  client,
  clientAddress: context.site.production.database.address,
  clientWorkDir: client.workDir,
  target: context.site.staging.address,
  targetSide: 'staging',
  signal: context.signal,
});

/** The application host's route is proven by stage 1; a database host of its own has a route of its own. */
async function ownRoute(context: StageContext): Promise<readonly Finding[]> {
  const { address, database } = context.site.production;
  if (JSON.stringify(address) === JSON.stringify(database.address)) return [];
  return checkRoute(routeOptions(context, await context.hosts.productionDatabase()));
}

async function missingRsync(context: StageContext): Promise<readonly Finding[]> {
  const hosts = [await context.hosts.productionDatabase(), await context.hosts.staging()];
  const script = shellScript(
    'read',
    'for tool in rsync sha256sum shasum openssl; do command -v "$tool" >/dev/null 2>&1 && echo "$tool"; done; exit 0',
  );
  const findings: Finding[] = [];
  for (const host of hosts) {
    const present = (await host.run(script)).stdout.toString().split('\n');
    const lacks = (what: string): Finding => ({
      severity: 'error',
      code: 'TRANSFER_TOOL_MISSING',
      message: `${what} is missing.`,
      host: host.label,
      next: `Install ${what} there.`,
    });
    if (!present.includes('rsync')) findings.push(lacks('rsync'));
    if (!present.some((tool) => ['sha256sum', 'shasum', 'openssl'].includes(tool)))
      findings.push(lacks('sha256sum'));
  }
  return findings;
}

/** Staging keeps the compressed backup beside the databases that are made of it. */
async function stagingDisk(context: StageContext): Promise<readonly Finding[]> {
  const production = await context.hosts.productionDatabase();
  const access = await context.database.production();
  const connection = await openDatabase(production, access, { signal: context.signal });
  const survey = await surveySchema(connection, access.name).finally(() => connection.close());
  const staging = await context.hosts.staging();
  const { freeKilobytes } = await probeDumpTools(staging, context.site.staging.workDir, { isMariaDb: true });
  const needed = expectedBackupBytes(expectedRawBytes(survey, context.site.database.structureOnly)) / 1024;
  if (freeKilobytes === 0 || freeKilobytes > needed) return [];
  return [
    {
      severity: 'error',
      code: 'DUMP_DISK_SHORT',
      message: `The disk of ${context.site.staging.workDir} has ${String(Math.floor(freeKilobytes / 1024))} MB free; the backup may take ${String(Math.ceil(needed / 1024))} MB.`,
      host: staging.label,
      next: 'Free space on staging, or set staging.workDir to a folder on a larger disk.',
    },
  ];
}

/** Backups of earlier runs beyond `run.keepBackups` go; their records stay. */
async function pruneStaging(context: StageContext): Promise<void> {
  const keep = String(Math.max(1, context.site.run.keepBackups));
  const staging = await context.hosts.staging();
  const script = shellScript('write', PRUNE_SCRIPT, [
    path.posix.dirname(context.run.stagingFolder),
    keep,
    'backup',
  ]);
  await staging.run(script, { okCodes: 'any', describe: 'remove old backups' });
}
