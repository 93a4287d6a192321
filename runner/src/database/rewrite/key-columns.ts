import { inChunks } from '../../basics/chunks.js';
import { quoteIdentifier, quoteTable } from '../../commands/quote.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection, type SqlRow } from '../connection/sql-connection.js';
import { columnsOfTables } from '../schema/schema-lists.js';
import { holdsOne } from './candidates.js';

/** Columns whose texts are keys of rows, by table, each with the reason in words. */
export type KeyColumns = ReadonlyMap<string, ReadonlyMap<string, string>>;

interface Location {
  readonly table: string;
  readonly column: string;
}

interface Reference {
  readonly child: Location;
  readonly parent: Location;
}

/**
 * Primary keys that name production, and the columns that refer to them, are not rewritten, so that both still meet. A
 * column refers to a key by a foreign key; or, as most plugins declare none, by having its name and naming production
 * in nothing but keys of that table.
 * @param hosts production's, ASCII in lower case
 */
export async function keyColumns(
  connection: SqlConnection,
  schema: string,
  hosts: readonly string[],
): Promise<KeyColumns> {
  const search = { connection, schema, hosts };
  const found = new Map<string, Map<string, string>>();
  const isFound = ({ table, column }: Location) => found.get(table)?.has(column) === true;
  const add = ({ table, column }: Location, reason: string) =>
    found.set(table, (found.get(table) ?? new Map<string, string>()).set(column, reason));
  const columns = await textColumns(search);
  const keys = await withHosts(
    search,
    columns.filter(({ isKey }) => isKey),
  );
  for (const place of keys) add(place, 'primary key');
  if (keys.length === 0) return found;
  const references = [...(await foreignKeys(search)), ...(await referencesByName(search, keys, columns))];
  for (let grows = true; grows;) {
    const next = references.filter(({ child, parent }) => isFound(parent) && !isFound(child));
    for (const { child, parent } of next) add(child, `refers to the key ${parent.table}.${parent.column}`);
    grows = next.length > 0;
  }
  return found;
}

interface Search {
  readonly connection: SqlConnection;
  readonly schema: string;
  readonly hosts: readonly string[];
}

const placeOf = (row: SqlRow, table: string, column: string): Location => ({
  table: String(row[table]),
  column: String(row[column]),
});

const from = ({ schema }: Search, { table }: Location): string => quoteTable(schema, table);

const namesHost = ({ connection, hosts }: Search, { column }: Location): string =>
  `(${holdsOne(`CONVERT(${quoteIdentifier(column)} USING binary)`, hosts, connection.isMariaDb)})`;

interface TextColumn extends Location {
  readonly isKey: boolean;
}

/** Texts or bytes. */
async function textColumns({ connection, schema }: Search): Promise<TextColumn[]> {
  const rows = await columnsOfTables(connection, schema, 'COLUMN_KEY AS keyKind', {
    more: `AND (CHARACTER_SET_NAME IS NOT NULL
      OR DATA_TYPE IN ('binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'))`,
  });
  return rows.map((row) => ({
    ...placeOf(row, 'tableName', 'columnName'),
    isKey: String(row['keyKind']) === 'PRI',
  }));
}

async function withHosts<P extends Location>(search: Search, places: readonly P[]): Promise<P[]> {
  if (search.hosts.length === 0) return [];
  const asked = async (some: readonly P[]): Promise<P[]> => {
    const exists = some.map(
      (place) => `EXISTS (SELECT 1 FROM ${from(search, place)} WHERE ${namesHost(search, place)})`,
    );
    const [answers] = await search.connection.queryBytes(`SELECT ${exists.join(', ')}`);
    return some.filter((_, index) => answers?.[index]?.toString() === '1');
  };
  return (await inOneGo(inChunks(places, ASKED_TOGETHER).map(asked))).flat();
}

/** In one statement, which opens the tables of all of them. */
const ASKED_TOGETHER = 50;

async function foreignKeys({ connection, schema }: Search): Promise<Reference[]> {
  const rows = await connection.query(
    `SELECT TABLE_NAME AS tableName, COLUMN_NAME AS columnName, REFERENCED_TABLE_NAME AS parentTable,
       REFERENCED_COLUMN_NAME AS parentColumn FROM information_schema.KEY_COLUMN_USAGE
     WHERE TABLE_SCHEMA = ? AND REFERENCED_TABLE_SCHEMA = ? ORDER BY TABLE_NAME, COLUMN_NAME`,
    [schema, schema],
  );
  return rows.map((row) => ({
    child: placeOf(row, 'tableName', 'columnName'),
    parent: placeOf(row, 'parentTable', 'parentColumn'),
  }));
}

/**
 * Columns with the name of a key, which name production in nothing but such keys. In a network every site may have both,
 * so a column is not compared with all keys of its name, but with those that have a first value of it, the ones of its
 * own site before others.
 */
async function referencesByName(
  search: Search,
  keys: readonly Location[],
  columns: readonly TextColumn[],
): Promise<Reference[]> {
  const names = new Set(keys.map(({ column }) => column));
  const children = columns.filter(({ isKey, column }) => !isKey && names.has(column));
  const samples = await inOneGo(children.map((child) => sampleOf(search, child)));
  const samplesOf = (name: string) =>
    samples.flatMap((sample, index) => (sample && children[index]?.column === name ? [sample] : []));
  const held = await inOneGo(keys.map((key) => heldBy(search, key, samplesOf(key.column))));
  const references = await inOneGo(
    children.map(async (child, index): Promise<Reference[]> => {
      const sample = samples[index]?.toString('hex') ?? '';
      const parents = keys.filter((key, at) => key.column === child.column && held[at]?.has(sample));
      for (const parent of nearestFirst(child, parents))
        if (await namesKeysOnly(search, child, parent)) return [{ child, parent }];
      return [];
    }),
  );
  return references.flat();
}

/** Any value of a column that names production. */
async function sampleOf(search: Search, place: Location): Promise<Buffer | undefined> {
  const [row] = await search.connection.queryBytes(
    `SELECT ${bytesOf(place)} FROM ${from(search, place)} WHERE ${namesHost(search, place)} LIMIT 1`,
  );
  return row?.[0] ?? undefined;
}

/** Those of the values that a key has, in hexadecimal. */
async function heldBy(
  search: Search,
  place: Location,
  values: readonly Buffer[],
): Promise<ReadonlySet<string>> {
  const found = await inOneGo(
    inChunks(values, VALUES_TOGETHER).map((some) =>
      search.connection.queryBytes(
        `SELECT ${bytesOf(place)} FROM ${from(search, place)} WHERE ${bytesOf(place)} IN (${some.map(() => '?').join(', ')})`,
        some,
      ),
    ),
  );
  return new Set(found.flat().map(([value]) => value?.toString('hex') ?? ''));
}

/** In one statement; most are addresses. */
const VALUES_TOGETHER = 500;

const bytesOf = ({ column }: Location): string => `CAST(${quoteIdentifier(column)} AS BINARY)`;

/** Tables of one site of a network begin with the same name. */
function nearestFirst(child: Location, parents: readonly Location[]): Location[] {
  const shared = ({ table }: Location): number => {
    let length = 0;
    while (length < table.length && table[length] === child.table[length]) length += 1;
    return length;
  };
  return parents.toSorted((a, b) => shared(b) - shared(a));
}

async function namesKeysOnly(search: Search, child: Location, parent: Location): Promise<boolean> {
  const name = quoteIdentifier(child.column);
  const [row] = await search.connection.queryBytes(
    `SELECT COUNT(*), COALESCE(SUM(CAST(${name} AS BINARY) IN
       (SELECT CAST(${name} AS BINARY) FROM ${from(search, parent)})), 0)
     FROM ${from(search, child)} WHERE ${namesHost(search, child)}`,
  );
  const [mentions, keys] = (row ?? []).map(Number);
  return mentions !== undefined && mentions > 0 && mentions === keys;
}
