import {
  IMPORT_FAILED_CODE,
  type ImportClient,
  type ImportProbe,
  importShard,
  type ShardImport,
  parseProbe,
  probeImport,
  readStatement,
  UNPACK_FAILED_CODE,
} from '../../commands/mysql.js';
import { clientOptionFile } from '../../commands/mysqldump.js';
import { UnderstudyError } from '../../errors/index.js';
import { type ReadingHost, type WritingHost } from '../../hosts/host.js';
import { type OnProgress } from '../../run/progress.js';
import { type DatabaseAccess } from '../connection/access.js';
import { guardedMode, isRefused } from '../connection/session-fence.js';
import { type BackupFile } from '../manifest.js';
import { type DeferredKeys } from './deferred-keys.js';
import { type ImportWay, planImport, type ShardOrder, shardQueue } from './plan-import.js';
import { type Backup } from './read-backup.js';
import { type RowTable } from './row-tables.js';
import { type TableCapabilities } from './table-capabilities.js';

export interface DataImport {
  readonly host: WritingHost;
  readonly account: DatabaseAccess;
  readonly schema: string;
  /** What the host has; see {@link probeImportHost}. */
  readonly probe: Promise<ImportProbe>;
  readonly backup: Backup;
  readonly capabilities: TableCapabilities;
  readonly rowTables: readonly RowTable[];
  /** Connections at the same time; bounded by twice the cores of the host. */
  readonly connections: number;
  readonly onProgress: OnProgress;
  readonly deferred: readonly DeferredKeys[];
  /** All rows of the table are in. */
  readonly onTable: (table: string) => void;
  /** What happens otherwise than planned, in a sentence. */
  readonly onStep: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
  readonly jobsFolder: string;
}

export async function probeImportHost(
  host: ReadingHost,
  container: string | undefined,
  isMariaDb: boolean,
): Promise<ImportProbe> {
  const result = await host.run(probeImport(container, isMariaDb), {
    label: 'look for the database client',
  });
  return parseProbe(result.stdout.toString());
}

/** Counts the shards that each table still waits for, and tells when the last one is in. */
function tableCountdown(shards: readonly BackupFile[], onTable: (table: string) => void) {
  const left = new Map<string, number>();
  for (const { tables = [] } of shards)
    for (const table of tables) left.set(table, (left.get(table) ?? 0) + 1);
  return ({ tables = [] }: BackupFile): void => {
    for (const table of tables) {
      const more = (left.get(table) ?? 1) - 1;
      left.set(table, more);
      if (more === 0) onTable(table);
    }
  };
}

/** Imports all shards, several at a time. @throws IMPORT_FAILED for the first that fails; the others are ended */
export async function importData(options: DataImport): Promise<void> {
  const { backup, host } = options;
  const probe = await options.probe;
  const plan = planImport(backup.manifest, options.deferred, options.capabilities, probe.cores);
  if (plan.length === 0) return;
  const { client } = probe;
  if (client === undefined)
    throw new UnderstudyError('DATABASE_CLIENT_MISSING', undefined, { host: host.label });
  const total = plan.reduce((sum, { file }) => sum + file.rawBytes, 0);
  const workers = Math.max(1, Math.min(options.connections, probe.cores * 2, plan.length));
  const queue = shardQueue(plan);
  const failed = new AbortController();
  const signal =
    options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal]);
  const imported = tableCountdown(
    plan.map(({ file }) => file),
    options.onTable,
  );
  let done = 0;
  const work = async () => {
    for (let shard = queue.take(); shard && !signal.aborted; shard = queue.take()) {
      await importOne(options, client, shard, signal);
      queue.done(shard);
      imported(shard.file);
      done += shard.file.rawBytes;
      options.onProgress({ done, total, unit: 'bytes' });
    }
  };
  let first: unknown;
  await Promise.all(
    Array.from({ length: workers }, () =>
      work().catch((cause: unknown) => {
        first ??= cause;
        failed.abort();
      }),
    ),
  );
  if (first !== undefined) throw options.signal?.aborted ? new UnderstudyError('INTERRUPTED') : first;
}

/** The first way; when the server does not take the rows so, nothing of them stays, and the other way decides. */
async function importOne(
  options: DataImport,
  client: ImportClient,
  { file, way, otherwise }: ShardOrder,
  signal: AbortSignal,
): Promise<void> {
  const first = await runImport(options, client, file, signal, way);
  if (first === undefined) return;
  if (otherwise === undefined || !first.byServer) throw first.problem;
  options.onStep(`LOAD DATA does not accept ${file.name}; its INSERTs run instead. ${first.problem.message}`);
  const second = await runImport(options, client, file, signal, otherwise);
  if (second !== undefined) throw second.problem;
}

interface FailedImport {
  readonly problem: UnderstudyError;
  /** The server refused; neither is the file damaged nor was the import ended. */
  readonly byServer: boolean;
}

/** One way of a shard. Undefined: its rows are in. */
async function runImport(
  options: DataImport,
  client: ImportClient,
  shard: BackupFile,
  signal: AbortSignal,
  way: ImportWay,
): Promise<FailedImport | undefined> {
  const { host, account, backup, capabilities } = options;
  const { tables = [] } = shard;
  const pass = await account.fence?.enter();
  const command = importShard({
    compression: backup.manifest.compression,
    shard: `${backup.folder}/${shard.name}`,
    isMariaDb: capabilities.isMariaDb,
    generated: tables.filter((table) => capabilities.generated.has(table)),
    ...enumsOf(tables, capabilities),
    redirected: Object.fromEntries(
      options.rowTables.filter(({ table }) => tables.includes(table)).map(({ table, rows }) => [table, rows]),
    ),
    asBytes: backup.manifest.textAs === 'bytes' || tables.every((table) => capabilities.asBytes.has(table)),
    ...way,
    client,
    schema: options.schema,
    guard: (mode) => guardedMode(pass, mode),
    container: account.container,
  });
  const { code, stderr } = await host
    .run(command, {
      stdin: clientOptionFile({ ...account, password: account.password.reveal() }, client.known),
      timeoutSeconds: 0,
      allowedExitCodes: 'any',
      label: `import ${shard.name}`,
      signal,
      job: { name: `import-${shard.name.replaceAll(/[^a-z0-9]+/g, '-')}`, folder: options.jobsFolder },
    })
    .finally(() => pass?.leave());
  if (code === 0) return undefined;
  // Where the lock is not lost, its session on the server was: the shard has failed all the same.
  if (isRefused(stderr)) await account.fence?.verify();
  return {
    problem: importProblem(host, shard, code, stderr, await tableInError(options, shard, stderr)),
    byServer: code !== UNPACK_FAILED_CODE && !signal.aborted,
  };
}

/** A warning names a column, not a table: a name that is no ENUM in another table of the shard is not let through. */
function enumsOf(tables: readonly string[], { enums }: TableCapabilities): Pick<ShardImport, 'enums'> {
  const found = tables.flatMap((table) => enums.get(table) ?? []);
  if (found.length === 0) return {};
  const others = new Set(found.flatMap((each) => each.others));
  const columns = new Set(found.flatMap((each) => each.enums).filter((name) => !others.has(name)));
  return { enums: { tables: tables.filter((table) => enums.has(table)), columns: [...columns] } };
}

/** The table of the statement that the client failed at: a shard may hold many, and the server names none. */
async function tableInError(
  { host, backup }: DataImport,
  shard: BackupFile,
  stderr: string,
): Promise<string | undefined> {
  const line = Number(/^ERROR \d+ .*?at line (\d+)/m.exec(stderr)?.[1] ?? 0);
  if (line < 2) return undefined;
  const command = readStatement(
    { compression: backup.manifest.compression, shard: `${backup.folder}/${shard.name}` },
    line,
  );
  const { stdout } = await host.run(command, {
    allowedExitCodes: 'any',
    label: 'find the statement that failed',
  });
  return /^INSERT\s+(?:IGNORE )?INTO `((?:[^`]|``)+)`/.exec(stdout.toString())?.[1]?.replaceAll('``', '`');
}

/** Sentences for what goes wrong most; the server's numbers are stable across versions. */
const ADVICE: Readonly<Record<string, string>> = {
  1114: 'The disk of the staging database is full. Free space and start again.',
  1021: 'The disk of the staging database is full. Free space and start again.',
  1030: 'The storage engine failed; look at the server’s error log and at its disk space.',
  1146: 'The backup has rows of a table that its schema does not create. Start again from the backup.',
  1153: 'Raise max_allowed_packet on the staging server to that of production.',
  1062: 'Two rows have the same key on staging: a collation differs, or the backup is damaged.',
  1213: 'Two connections waited for each other. Start again; with database.connections: 1 it cannot happen.',
};

/** The failure of a shard. Values from rows, which the server puts into some messages, are left out. */
export function importProblem(
  host: Pick<ReadingHost, 'label'>,
  shard: Pick<BackupFile, 'name' | 'tables'>,
  code: number,
  stderr: string,
  table?: string,
): UnderstudyError {
  const tables = (shard.tables ?? []).join(', ');
  const what =
    table === undefined ? `${shard.name} (rows of ${tables})` : `The table ${table} (${shard.name})`;
  if (code === UNPACK_FAILED_CODE)
    return new UnderstudyError('IMPORT_FAILED', `${what} cannot be decompressed.`, {
      host: host.label,
      stderr,
    });
  const line = /(?:ERROR |(?:Warning|Note|Error)\t)(\d+)[^\n]*/.exec(stderr);
  const message = withoutValues(line?.[0] ?? `the client ended with exit code ${String(code)}`);
  const said = code === IMPORT_FAILED_CODE && line ? message : withoutValues(stderr.trim().slice(0, 500));
  return new UnderstudyError('IMPORT_FAILED', `${what} cannot be imported: ${said || message}.`, {
    host: host.label,
    next: ADVICE[line?.[1] ?? ''],
  });
}

/** `Duplicate entry 'mail@example.com' for key` → `Duplicate entry … for key`. */
const withoutValues = (message: string): string =>
  message
    .slice(0, 500)
    .replace(/(Duplicate entry|value:?|near) '.*?'(?= (?:for|at)\b|$)/gs, '$1 …')
    .replace(/\.$/, '');
