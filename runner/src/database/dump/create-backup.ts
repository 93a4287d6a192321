import { createHash } from 'node:crypto';
import { CLIENT_SCRIPT } from '../../commands/client-program.js';
import { shellScript } from '../../commands/command.js';
import { clientOptionFile, dumpArguments } from '../../commands/mysqldump.js';
import { UnderstudyError } from '../../errors/index.js';
import { type ProductionHost } from '../../hosts/host.js';
import { type OnProgress } from '../../run/progress.js';
import { type DatabaseAccess } from '../connection/access.js';
import { type BackupFile, type BackupManifest } from '../manifest.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import { prepareSchema, type PreparedStatement } from '../sql/sql-statements.js';
import { dumpFailure, isTableChanged, type DumpOutput, parseDumpOutput, progressIn } from './dump-output.js';
import { type DumpTools } from './probe-tools.js';
import {
  DUMP_SCRIPT,
  MANIFEST_SCRIPT,
  PREPARE_SCRIPT,
  READ_SCRIPT,
} from '../../commands/scripts/backup-scripts.js';
import { AWK_SPLITTER } from '../../commands/scripts/splitter-awk.js';
import { PERL_SPLITTER } from '../../commands/scripts/splitter-perl.js';
import { isTransactional, type SchemaSurvey } from './survey-schema.js';
import { type ServerCost } from './server-cost.js';
import { metAlteredTable, rowsMissing, Witness } from './witness.js';

export interface BackupOrder {
  readonly host: Pick<ProductionHost, 'label' | 'run' | 'workDir'>;
  readonly access: DatabaseAccess;
  /** Opens a connection to the same database, for the server's own count. */
  readonly connect: () => Promise<SqlConnection>;
  readonly tools: DumpTools;
  readonly database: SchemaSurvey;
  /** Of SQL, at most; undefined: as fast as it goes. */
  readonly megabytesPerSecond?: number | undefined;
  readonly structureOnly: readonly string[];
  /** Tables and views that are no part of the backup. */
  readonly leftOut?: readonly string[];
  readonly expectedRawBytes: number;
  readonly site: string;
  readonly run: string;
  /** `<workDir>/<run>/backup`, absolute. Emptied first. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress?: OnProgress;
  readonly onRetry: (why: string) => void;
  /** Seconds for the whole dump; 0 is no limit. */
  readonly timeoutSeconds: number;
}

export interface CreatedBackup {
  readonly manifest: BackupManifest;
  /** SHA-256 of manifest.json, hex; travels through the run record, not with the file. */
  readonly manifestSha256: string;
  readonly rawBytes: number;
  readonly cost: ServerCost;
}

/**
 * Sixteen shards keep several import connections busy to the end; smaller ones than 4 MB only cost. In steps, because
 * the expectation moves a little from day to day and shards are best compared with those of the day before.
 */
export const shardBytes = (expectedRawBytes: number): number => {
  const megabyte = 1024 * 1024;
  const steps = [32, 24, 16, 12, 8, 6].map((size) => size * megabyte);
  return steps.find((step) => step <= expectedRawBytes / 16) ?? 4 * megabyte;
};

/**
 * Makes a complete backup, or throws and leaves a folder without a manifest, which nobody takes for a backup.
 * @throws UnderstudyError DUMP_FAILED, DUMP_INCOMPLETE, DUMP_TABLE_CHANGED, DUMP_DISK_SHORT, DUMP_REFUSED
 */
export async function createBackup(order: BackupOrder): Promise<CreatedBackup> {
  const dump = await dumpWithRetry(order);
  const bytes = Buffer.from(`${JSON.stringify(dump.manifest, null, 1)}\n`);
  const args = [order.folder, String(bytes.length)];
  await order.host.run(shellScript('create-backup', MANIFEST_SCRIPT, args, order.folder), {
    stdin: bytes,
    signal: order.signal,
    label: 'write the manifest of the backup',
  });
  return { ...dump, manifestSha256: createHash('sha256').update(bytes).digest('hex') };
}

type CheckedDump = Omit<CreatedBackup, 'manifestSha256'>;

/** A table that was altered meanwhile, and rows that the server does not confirm, get a second try. */
async function dumpWithRetry(order: BackupOrder): Promise<CheckedDump> {
  const first = await dumpAndCompare(order);
  if (!('again' in first)) return first;
  order.onRetry(first.again);
  const second = await dumpAndCompare(order);
  if ('again' in second) throw second.problem;
  return second;
}

/** @returns the dump, or why it has to be made again; every other problem is thrown */
async function dumpAndCompare(
  order: BackupOrder,
): Promise<CheckedDump | { readonly again: string; readonly problem: UnderstudyError }> {
  const prepared = prepareFolder(order);
  // Awaited below, whatever becomes of the witness.
  prepared.catch(() => undefined);
  const witness = await Witness.call(order.connect, {
    schema: order.access.name,
    structureOnly: order.structureOnly,
    leftOut: order.leftOut ?? [],
  });
  try {
    await prepared;
    const result = await dumpOnce(order, () => {
      witness.dumpBegan();
    });
    if (result.code !== 0 && isTableChanged(result.stderr))
      return { again: ALTERED, problem: failure(order, result) };
    if (result.code !== 0) throw failure(order, result);
    const output = parseDumpOutput(result.stdout);
    if (output.rawBytes === undefined)
      throw new UnderstudyError('DUMP_FAILED', 'The dump ended without its last line.', {
        host: order.host.label,
      });
    const [schema, objects, { missing, moved }, missingObjects, cost] = await inOneGo([
      inspect(order, output, 'schema'),
      inspect(order, output, 'objects'),
      witness.compare(output.tables),
      witness.listObjects(),
      witness.cost(),
    ]);
    const statements = [...schema, ...objects];
    const manifest = makeManifest(order, output, statements, moved);
    const details = [...missing, ...missingObjects(manifest)];
    if (details.length > 0)
      return {
        again: `The dump does not match the server's counts (${details[0] ?? ''}); it is repeated once.`,
        problem: rowsMissing(order.host.label, order.access.name, details),
      };
    return { manifest, rawBytes: output.rawBytes, cost };
  } catch (cause) {
    if (!metAlteredTable(cause)) throw cause;
    const stderr = cause instanceof Error ? cause.message : '';
    return { again: ALTERED, problem: failure(order, { code: 10, stderr }) };
  } finally {
    await witness.close();
  }
}

const ALTERED = 'A table was altered during the dump (error 1412); the dump is repeated once.';

const failure = (
  order: BackupOrder,
  result: { readonly code: number; readonly stderr: string },
): UnderstudyError =>
  dumpFailure({
    host: order.host.label,
    program: order.tools.program ?? 'mysqldump',
    code: result.code,
    stderr: result.stderr,
    schema: order.access.name,
  });

async function prepareFolder({ host, folder, signal }: BackupOrder): Promise<void> {
  await host.run(shellScript('create-backup', PREPARE_SCRIPT, [folder], folder), { signal });
}

async function dumpOnce(order: BackupOrder, onStart: () => void) {
  const { host, tools, folder, access } = order;
  const words = dumpArguments({
    program: tools.program ?? 'mysqldump',
    known: tools.known,
    textAs: tools.textAs,
    schema: access.name,
    structureOnly: order.structureOnly,
    leftOut: order.leftOut ?? [],
  });
  const compressor = tools.compressor ?? { text: 'gzip -1 -c', ending: 'gz' };
  const script = shellScript(
    'create-backup',
    DUMP_SCRIPT,
    [
      folder,
      compressor.text,
      compressor.ending,
      String(shardBytes(order.expectedRawBytes)),
      String(Math.ceil(tools.totalKilobytes / 10)),
      order.structureOnly.join('\n'),
      tools.splitter ?? 'awk',
      tools.splitter === 'perl' ? PERL_SPLITTER : AWK_SPLITTER,
      access.container ?? '',
      CLIENT_SCRIPT,
      order.run,
      String(Math.round((order.megabytesPerSecond ?? 0) * 1e6)),
      ...words,
    ],
    folder,
  );
  return host.run(script, {
    stdin: clientOptionFile({ ...access, password: access.password.reveal() }, tools.known),
    onStdout: (chunk) => {
      const done = progressIn(chunk);
      if (done === undefined) return;
      // The first line comes with the first table, and no table comes before the snapshot.
      onStart();
      if (done > 0)
        order.onProgress?.({ done, total: Math.max(done, order.expectedRawBytes), unit: 'bytes' });
    },
    // Whatever part of the pipe ends it: dumpFailure says what it was.
    allowedExitCodes: 'any',
    signal: order.signal,
    timeoutSeconds: order.timeoutSeconds,
    job: { name: `${order.run}-backup-database`, folder: order.host.workDir },
    label: `${words.join(' ')} | splitter`,
  });
}

/** Reads schema or objects back and lexes them: a dump that cannot be imported is told now, and names are listed. */
async function inspect(
  order: BackupOrder,
  output: DumpOutput,
  kind: 'schema' | 'objects',
): Promise<readonly PreparedStatement[]> {
  const file = output.files.find((one) => one.kind === kind);
  if (file === undefined) throw new UnderstudyError('DUMP_FAILED', `The dump has no ${kind} file.`);
  const program = order.tools.compressor?.compression ?? 'gzip';
  const { stdout } = await order.host.run(
    shellScript('read', READ_SCRIPT, [order.folder, program, file.name]),
    {
      signal: order.signal,
      label: `read ${file.name}`,
    },
  );
  const { statements } = prepareSchema(stdout, {
    fromSchema: order.access.name,
    toSchema: order.access.name,
    target: { collations: new Set(), isMariaDb: true },
    events: 'keep',
  });
  return statements;
}

function makeManifest(
  order: BackupOrder,
  output: DumpOutput,
  statements: readonly PreparedStatement[],
  moved: readonly string[],
): BackupManifest {
  const named = (kind: PreparedStatement['kind']) => [
    ...new Set(statements.filter((one) => one.kind === kind).map(({ name }) => name)),
  ];
  const { database, tools } = order;
  return {
    version: 1,
    run: order.run,
    site: order.site,
    createdAt: new Date().toISOString(),
    source: {
      schema: order.access.name,
      serverVersion: database.serverVersion,
      dumpTool: tools.version,
      charset: database.charset,
      collation: database.collation,
      defaultCollations: database.defaultCollations,
    },
    compression: tools.compressor?.compression ?? 'gzip',
    textAs: tools.textAs,
    files: output.files,
    tables: output.tables,
    views: named('view'),
    triggers: named('trigger'),
    routines: named('routine'),
    events: named('event'),
    warnings: [
      ...output.tables
        .filter(({ engine }) => !isTransactional(engine))
        .map(({ name, engine }) => `Table ${name} (${engine}) is not part of the snapshot.`),
      ...moved.map((text) => `Rows came or went while the snapshot was taken. ${text}.`),
    ],
  };
}

export const totalBytes = (files: readonly Pick<BackupFile, 'bytes'>[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0);
