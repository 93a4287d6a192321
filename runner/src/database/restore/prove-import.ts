import { quoteIdentifier } from '../../commands/quote.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import { type BackupManifest } from '../manifest.js';
import { type ListedObject, type ObjectKind } from './objects/schema-objects.js';

/** What a schema holds, counted by the server itself. */
export interface SchemaCount {
  readonly engines: ReadonlyMap<string, string>;
  readonly rows: ReadonlyMap<string, number>;
}

/**
 * Counts every row of every table. `information_schema.table_rows` is an estimate and proves nothing.
 * @param connections the tables are shared out among them
 */
async function countRows(
  connections: readonly [SqlConnection, ...SqlConnection[]],
  schema: string,
): Promise<SchemaCount> {
  // Not while a table is altered: the server then says of its engine that it has none.
  const rows = await connections[0].query(
    `SELECT table_name AS name, engine AS engine, COALESCE(data_length, 0) AS bytes FROM information_schema.tables
     WHERE table_schema = ? AND table_type NOT IN ('VIEW', 'SEQUENCE') ORDER BY data_length DESC`,
    [schema],
  );
  const engines = new Map(rows.map((row) => [String(row['name']), String(row['engine'])]));
  const queue = portions(rows.map((row) => [String(row['name']), Number(row['bytes'])])).values();
  const counts = new Map<string, number>();
  const count = async (connection: SqlConnection, table: string): Promise<void> => {
    const [row] = await connection.query(
      `SELECT COUNT(*) AS counted FROM ${quoteIdentifier(schema)}.${quoteIdentifier(table)}`,
    );
    counts.set(table, Number(row?.['counted']));
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
  const details = differences(manifest, await countRows(connections, schema));
  if (details.length > 0) throw incomplete(details);
}

/**
 * @param listed what the schema has
 * @throws IMPORT_INCOMPLETE naming the views, triggers, routines and events that are missing
 */
export function proveObjects(listed: readonly ListedObject[], manifest: BackupManifest): void {
  const keyOf = (kind: ObjectKind, name: string): string => `${kind} ${name.toLowerCase()}`;
  const found = new Set(listed.map(({ kind, name }) => keyOf(kind, name)));
  const { views, triggers, routines, events } = manifest;
  const expected = { view: views, trigger: triggers, routine: routines, event: events };
  const missing = (Object.keys(expected) as ObjectKind[]).flatMap((kind) =>
    expected[kind]
      .filter((name) => !found.has(keyOf(kind, name)))
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
