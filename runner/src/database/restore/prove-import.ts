import { several, UnderstudyError } from '../../errors/index.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection, type SqlRow } from '../connection/sql-connection.js';
import { isRefusal } from '../connection/sql-error.js';
import { type BackupManifest, type BackupTable } from '../manifest.js';
import { type ListedObject } from './objects/schema-objects.js';
import { schemaRows, countRows, OBJECT_KINDS } from '../schema/schema-lists.js';

export interface SchemaCount {
  readonly engines: ReadonlyMap<string, string>;
  readonly rows: ReadonlyMap<string, number>;
}

/** ER_NO_SUCH_TABLE */
const NO_SUCH_TABLE = 1146;

/**
 * Counts every row of every table: of those that the backup has while the server lists its own, then of whatever else it
 * lists. @param connections the tables are shared out among them
 */
async function countAll(
  connections: readonly [SqlConnection, ...SqlConnection[]],
  schema: string,
  expected: readonly BackupTable[],
): Promise<SchemaCount> {
  const counts = new Map<string, number>();
  const count = async (connection: SqlConnection, table: string): Promise<void> => {
    try {
      counts.set(table, await countRows(connection, schema, table));
    } catch (cause) {
      if (!isRefusal(cause) || cause.errno !== NO_SUCH_TABLE) throw cause;
    }
  };
  const countThese = (tables: readonly (readonly [name: string, bytes: number])[]): Promise<unknown>[] => {
    const queue = portions(tables).values();
    return connections.map(async (connection) => {
      for (const portion of queue) await inOneGo(portion.map((table) => count(connection, table)));
    });
  };
  const largestFirst = expected
    .filter(({ engine }) => engine !== '')
    .toSorted((a, b) => b.rawBytes - a.rawBytes);
  const [rows] = await inOneGo<[readonly SqlRow[], ...unknown[]]>([
    // Not while a table is altered: the server then says of its engine that it has none.
    schemaRows(
      connections[0],
      schema,
      'TABLES',
      'TABLE_NAME AS name, ENGINE AS engine',
      "AND TABLE_TYPE NOT IN ('VIEW', 'SEQUENCE')",
    ),
    ...countThese(largestFirst.map(({ name, rawBytes }) => [name, rawBytes])),
  ]);
  const engines = new Map(rows.map((row) => [String(row['name']), String(row['engine'])]));
  await inOneGo(countThese([...engines.keys()].filter((name) => !counts.has(name)).map((name) => [name, 0])));
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
  const details = differences(manifest, await countAll(connections, schema, manifest.tables));
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
