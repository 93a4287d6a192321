import { several, UnderstudyError } from '../../errors/index.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import { type BackupManifest } from '../manifest.js';
import { type ListedObject } from './objects/schema-objects.js';
import { schemaRows, countRows, OBJECT_KINDS } from '../schema/schema-lists.js';

export interface SchemaCount {
  readonly engines: ReadonlyMap<string, string>;
  readonly rows: ReadonlyMap<string, number>;
}

/** Counts every row of every table. @param connections the tables are shared out among them */
async function countAll(
  connections: readonly [SqlConnection, ...SqlConnection[]],
  schema: string,
): Promise<SchemaCount> {
  // Not while a table is altered: the server then says of its engine that it has none.
  const rows = await schemaRows(
    connections[0],
    schema,
    'TABLES',
    'TABLE_NAME AS name, ENGINE AS engine, COALESCE(DATA_LENGTH, 0) AS bytes',
    "AND TABLE_TYPE NOT IN ('VIEW', 'SEQUENCE') ORDER BY DATA_LENGTH DESC",
  );
  const engines = new Map(rows.map((row) => [String(row['name']), String(row['engine'])]));
  const queue = portions(rows.map((row) => [String(row['name']), Number(row['bytes'])])).values();
  const counts = new Map<string, number>();
  const count = async (connection: SqlConnection, table: string): Promise<void> => {
    counts.set(table, await countRows(connection, schema, table));
  };
  await Promise.all(
    connections.map(async (connection) => {
      for (const tables of queue) await inOneGo(tables.map((table) => count(connection, table)));
    }),
  );
  return { engines, rows: counts };
}

/** Bytes, and tables, that one connection counts before it takes more. */
const PORTION_BYTES = 8 * 1024 * 1024;
const PORTION_TABLES = 100;

/** Tables that are counted together, the large ones by themselves. @param tables with their bytes, the largest first */
function portions(tables: readonly (readonly [name: string, bytes: number])[]): string[][] {
  const all: string[][] = [];
  let [last, sum] = [[] as string[], Infinity];
  for (const [name, bytes] of tables) {
    if (sum + bytes > PORTION_BYTES || last.length >= PORTION_TABLES) {
      [last, sum] = [[], 0];
      all.push(last);
    }
    last.push(name);
    sum += bytes;
  }
  return all;
}

/** Every difference between a schema and the manifest of its backup, one line each; none when it is complete. Pure. */
export function differences(manifest: BackupManifest, found: SchemaCount): readonly string[] {
  const count = (rows: number) => several(rows, 'row');
  const expected = new Set(manifest.tables.map((table) => table.name));
  const lines = manifest.tables.flatMap((table) => {
    const rows = found.rows.get(table.name);
    if (rows === undefined)
      return found.engines.has(table.name) || table.engine === '' ? [] : [`${table.name} is missing`];
    const engine = found.engines.get(table.name) ?? '';
    return [
      ...(rows === table.rows || isView(table.engine)
        ? []
        : [`${table.name} has ${count(rows)}, the backup ${count(table.rows)}`]),
      ...(table.engine === '' || engine.toLowerCase() === table.engine.toLowerCase()
        ? []
        : [`${table.name} uses the engine ${engine}, production ${table.engine}`]),
    ];
  });
  const unexpected = [...found.engines.keys()].filter((name) => !expected.has(name));
  return [...lines, ...unexpected.map((name) => `${name} is not in the backup`)];
}

/** The rows of a MERGE table are those of its members, which are dumped with them. */
const isView = (engine: string): boolean => engine.toLowerCase() === 'mrg_myisam';

/** @throws IMPORT_INCOMPLETE naming every table that is not as it was on production */
export async function proveTables(
  connections: readonly [SqlConnection, ...SqlConnection[]],
  schema: string,
  manifest: BackupManifest,
): Promise<void> {
  const details = differences(manifest, await countAll(connections, schema));
  if (details.length > 0) throw incomplete(details);
}

/** @throws IMPORT_INCOMPLETE naming the views, triggers, routines and events that are not among those listed */
export function proveObjects(listed: readonly ListedObject[], manifest: BackupManifest): void {
  const found = new Set(listed.map(({ kind, name }) => `${kind} ${name.toLowerCase()}`));
  const missing = OBJECT_KINDS.flatMap((kind) =>
    manifest[`${kind}s`]
      .filter((name) => !found.has(`${kind} ${name.toLowerCase()}`))
      .map((name) => `${kind} ${name} is missing`),
  );
  if (missing.length > 0) throw incomplete(missing);
}

const incomplete = (details: readonly string[]): UnderstudyError =>
  new UnderstudyError(
    'IMPORT_INCOMPLETE',
    `The imported database differs from the backup in ${several(details.length, 'place')}.`,
    { details },
  );
