import { createHash } from 'node:crypto';
import { CLIENT_SCRIPT, firstOptions } from '../../commands/client-program.js';
import { type Command, shellScript } from '../../commands/command.js';
import { type Compressor } from '../../commands/compress.js';
import { importShard, type ImportClient } from '../../commands/mysql.js';
import { clientOptionFile, type PROBED_OPTIONS } from '../../commands/mysqldump.js';
import { quoteIdentifier } from '../../commands/quote.js';
import { type DatabaseAccess } from '../../database/connection/access.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { probeDumpTools } from '../../database/dump/probe-tools.js';
import { probeImportHost } from '../../database/restore/import-data.js';
import {
  dropObjects,
  listTables,
  readObjects,
  type SchemaObject,
} from '../../database/restore/objects/schema-objects.js';
import { restoreObjects } from '../../cutover/exchange/restore-objects.js';
import { withStaging } from '../../database/restore/staging-account.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { runSnapshotCommand } from './snapshot-command.js';
import { type UpdateContext } from './update-context.js';

/** What a table is: its rows and its structure, each as a short text. */
interface TableState {
  /** CHECKSUM TABLE; {@link UNSTABLE} where the rows change all the time. */
  readonly rows: string;
  /** Hash of SHOW CREATE TABLE without its counter. */
  readonly structure: string;
}

/** The tables of a schema at one moment, with views, routines, triggers and events. */
export interface DatabaseState {
  readonly tables: Readonly<Record<string, TableState>>;
  readonly objects: readonly SchemaObject[];
}

type SnapshotContext = Pick<UpdateContext, 'site' | 'hosts' | 'database' | 'run' | 'signal' | 'reporter'>;

/** Reads every row once; about as fast as the disk. */
export async function readDatabaseState(context: SnapshotContext): Promise<DatabaseState> {
  const { name } = await context.database.staging();
  return withStaging(context, { signal: context.signal }, async (connection) => ({
    tables: await tableStates(connection, name),
    objects: await readObjects(connection, name),
  }));
}

async function tableStates(connection: SqlConnection, schema: string): Promise<Record<string, TableState>> {
  const tables = await listTables(connection, schema);
  const states = await inOneGo(tables.map((table) => tableState(connection, quoteIdentifier(table))));
  return Object.fromEntries(tables.map((table, index) => [table, states[index] as TableState]));
}

async function tableState(connection: SqlConnection, quoted: string): Promise<TableState> {
  const [[sum], [made]] = await inOneGo([
    connection.query(`CHECKSUM TABLE ${quoted}`),
    connection.query(`SHOW CREATE TABLE ${quoted}`),
  ]);
  const text = String(made?.['Create Table'] ?? made?.['Create Sequence'] ?? '');
  return {
    rows: String(sum?.['Checksum']),
    structure: createHash('sha256')
      .update(text.replace(/ AUTO_INCREMENT=\d+/, ''))
      .digest('hex'),
  };
}

/** Rows that something writes to by itself (a scheduled event): they prove nothing and are not put back. The word is that of stored snapshots. */
export const UNSTABLE = 'restless';

const sameRows = (a: string, b: string): boolean => a === b || a === UNSTABLE || b === UNSTABLE;

/** Names of the tables that are another in `now`, are missing there, or came up since. */
export function changedTables(before: DatabaseState, now: DatabaseState): string[] {
  const names = new Set([...Object.keys(before.tables), ...Object.keys(now.tables)]);
  return [...names]
    .filter((name) => {
      const [a, b] = [before.tables[name], now.tables[name]];
      return a === undefined || b === undefined || !sameRows(a.rows, b.rows) || a.structure !== b.structure;
    })
    .sort();
}

interface Tools {
  readonly program: string;
  readonly known: ReadonlySet<string>;
  readonly compressor: Compressor;
  readonly client: ImportClient;
  readonly isMariaDb: boolean;
}

/** Dump and import programs of the database host. @throws SNAPSHOT_FAILED when one is missing */
export async function findTools(context: SnapshotContext): Promise<Tools> {
  const host = await context.hosts.stagingDatabase();
  const account = await context.database.staging();
  const isMariaDb = await withStaging(context, {}, (connection) => Promise.resolve(connection.isMariaDb));
  const dump = await probeDumpTools(host, context.run.stagingFolder, {
    container: account.container,
    isMariaDb,
  });
  const { client } = await probeImportHost(host, account.container, isMariaDb);
  const { program, compressor, known } = dump;
  if (program === undefined || compressor === undefined || client === undefined)
    throw new UnderstudyError(
      'SNAPSHOT_FAILED',
      `Staging’s database host lacks ${program === undefined ? 'mysqldump' : client === undefined ? 'the mysql client' : 'gzip'}.`,
      { host: host.label },
    );
  return { program, compressor, known, client, isMariaDb };
}

/** File of a table's dump: names of tables may hold what file names may not. */
const fileOf = (folder: string, table: string, ending: string): string =>
  `${folder}/tables/${createHash('sha256').update(table).digest('hex').slice(0, 32)}.sql.${ending}`;

/**
 * Dumps tables, each into a file of its own. $1 compressor, $2 container, $3 the client script, $4 dump program, $5 its
 * options (constants without blanks), $6 schema; then file and table in turns. A dump that was cut off has no trailer;
 * a file gets its name only when it is whole.
 */
const DUMP = `umask 077
compressor=$1 container=$2 client=$3 program=$4 options=$5 schema=$6; shift 6
account=$(cat)
exec </dev/null
mkdir -p -- "$(dirname -- "$1")" || exit 1
dump() {
  if [ -n "$container" ]; then printf '%s\\n\\n' "$account" | docker exec -i "$container" sh -c "$client" understudy '' table-snapshot "$program" $options -- "$schema" "$1"
  else printf '%s\\n\\n' "$account" | sh -c "$client" understudy '' table-snapshot "$program" $options -- "$schema" "$1"; fi
}
case $compressor in zstd*) unpack=zstd ;; *) unpack=gzip ;; esac
while [ $# -gt 1 ]; do
  file=$1 table=$2; shift 2
  said=$({ { dump "$table" || echo dump >&3; } | $compressor >"$file.part" || echo compressor >&3; } 3>&1)
  [ -z "$said" ] || { echo "the $said of $table failed" >&2; exit 1; }
  "$unpack" -d -c -q -- "$file.part" | tail -n 1 | grep -q '^-- Dump completed' || { echo "the dump of $table has no end" >&2; exit 1; }
  mv -f -- "$file.part" "$file"
done
`;

/** Keeps the rows and structure of these tables. @throws SNAPSHOT_FAILED */
export async function dumpTables(
  context: SnapshotContext,
  tools: Tools,
  folder: string,
  tables: readonly string[],
): Promise<void> {
  if (tables.length === 0) return;
  const host = await context.hosts.stagingDatabase();
  const account = await context.database.staging();
  const command = dumpCommand(account, tools, folder, tables);
  await runSnapshotCommand(host, command, 'SNAPSHOT_FAILED', 'The tables could not be saved.', {
    stdin: clientOptionFile({ ...account, password: account.password.reveal() }, tools.known),
    timeoutSeconds: 0,
    signal: context.signal,
    label: `keep ${several(tables.length, 'table')}`,
    job: { name: 'table-snapshot', folder: context.run.stagingFolder },
  });
}

function dumpCommand(
  account: DatabaseAccess,
  tools: Tools,
  folder: string,
  tables: readonly string[],
): Command<'write'> {
  const has = (option: (typeof PROBED_OPTIONS)[number]): boolean => tools.known.has(option);
  const options = [
    ...firstOptions(tools.known),
    '--single-transaction',
    '--quick',
    '--hex-blob',
    '--opt',
    '--skip-triggers',
    '--comments',
    '--default-character-set=utf8mb4',
    '--max-allowed-packet=1G',
    ...(has('--no-tablespaces') ? ['--no-tablespaces'] : []),
    ...(has('--set-gtid-purged') ? ['--set-gtid-purged=OFF'] : []),
    ...(has('--column-statistics') ? ['--column-statistics=0'] : []),
  ];
  return shellScript('write', DUMP, [
    tools.compressor.text,
    account.container ?? '',
    CLIENT_SCRIPT,
    tools.program,
    options.join(' '),
    account.name,
    ...tables.flatMap((table) => [fileOf(folder, table, tools.compressor.ending), table]),
  ]);
}

/**
 * Makes the schema what it was: tables that changed are imported again, those that came up since are dropped, views,
 * routines, triggers and events are made again. Proven by comparing every table with what was kept.
 * @returns the tables that were put back or dropped
 * @throws ITEM_NOT_RESTORED
 */
export async function restoreDatabase(
  context: SnapshotContext,
  tools: Tools,
  folder: string,
  kept: DatabaseState,
): Promise<string[]> {
  const restored = new Set<string>();
  let wrong = changedTables(kept, await readDatabaseState(context));
  // A visitor's request may write in between (a transient); what it wrote is put right in the next round.
  for (let round = 0; round < ROUNDS && (round === 0 || wrong.length > 0); round += 1) {
    for (const table of wrong) restored.add(table);
    await putBack(context, tools, folder, { kept, tables: wrong });
    wrong = changedTables(kept, await readDatabaseState(context));
  }
  if (wrong.length > 0)
    throw new UnderstudyError(
      'ITEM_NOT_RESTORED',
      `${several(wrong.length, 'table is not what it was', 'tables are not what they were')} before the update.`,
      { details: wrong },
    );
  return [...restored].sort();
}

const ROUNDS = 3;

async function putBack(
  context: SnapshotContext,
  tools: Tools,
  folder: string,
  wanted: { readonly kept: DatabaseState; readonly tables: readonly string[] },
): Promise<void> {
  const { name } = await context.database.staging();
  const { kept, tables } = wanted;
  await withStaging(context, { foreignKeyChecks: false }, async (connection) => {
    // A trigger would act on the rows that come back.
    if (tables.length > 0) await dropObjects(connection, name, ({ kind }) => kind === 'trigger');
    for (const table of tables.filter((each) => kept.tables[each] === undefined))
      await connection.execute(`DROP TABLE IF EXISTS ${quoteIdentifier(table)}`);
  });
  for (const table of tables.filter((each) => kept.tables[each] !== undefined))
    await importTable(context, tools, folder, table);
  await withStaging(context, {}, (connection) => restoreObjects(context, connection, name, kept.objects));
}

async function importTable(
  context: SnapshotContext,
  tools: Tools,
  folder: string,
  table: string,
): Promise<void> {
  const host = await context.hosts.stagingDatabase();
  const account = await context.database.staging();
  const command = importShard({
    compression: tools.compressor.compression,
    shard: fileOf(folder, table, tools.compressor.ending),
    generated: [],
    isMariaDb: tools.isMariaDb,
    client: tools.client,
    schema: account.name,
    container: account.container,
  });
  const failed = `The table ${table} could not be restored.`;
  await runSnapshotCommand(host, command, 'ITEM_NOT_RESTORED', failed, {
    stdin: clientOptionFile({ ...account, password: account.password.reveal() }, tools.client.known),
    timeoutSeconds: 0,
    label: `put the table ${table} back`,
    job: { name: 'table-restore', folder: context.run.stagingFolder },
  });
}

export type { Tools as TableTools };
