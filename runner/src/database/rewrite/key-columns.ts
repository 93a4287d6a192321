import { quoteIdentifier, quoteTable } from '../../commands/quote.js';
import { type SqlConnection, type SqlRow } from '../connection/sql-connection.js';
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

/** Texts or bytes. Both lists are asked with the schema: MariaDB opens the tables of all schemas otherwise. */
async function textColumns({ connection, schema }: Search): Promise<TextColumn[]> {
  const rows = await connection.query(
    `SELECT c.TABLE_NAME AS tableName, c.COLUMN_NAME AS columnName, c.COLUMN_KEY AS keyKind
     FROM information_schema.COLUMNS c JOIN information_schema.TABLES t ON t.TABLE_NAME = c.TABLE_NAME
     WHERE c.TABLE_SCHEMA = ? AND t.TABLE_SCHEMA = ? AND t.TABLE_TYPE <> 'VIEW' AND (c.CHARACTER_SET_NAME IS NOT NULL
       OR c.DATA_TYPE IN ('binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'))
     ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION`,
    [schema, schema],
  );
  return rows.map((row) => ({
    ...placeOf(row, 'tableName', 'columnName'),
    isKey: String(row['keyKind']) === 'PRI',
  }));
}

async function withHosts<P extends Location>(search: Search, places: readonly P[]): Promise<P[]> {
  if (places.length === 0 || search.hosts.length === 0) return [];
  const asked = places.map(
    (key) => `EXISTS (SELECT 1 FROM ${from(search, key)} WHERE ${namesHost(search, key)})`,
  );
  const [answers] = await search.connection.queryBytes(`SELECT ${asked.join(', ')}`);
  return places.filter((_, index) => answers?.[index]?.toString() === '1');
}

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

/** Columns with the name of a key, which name production in nothing but such keys. */
async function referencesByName(
  search: Search,
  keys: readonly Location[],
  columns: readonly TextColumn[],
): Promise<Reference[]> {
  const references: Reference[] = [];
  for (const parent of keys)
    for (const child of columns)
      if (!child.isKey && child.column === parent.column && (await namesKeysOnly(search, child, parent)))
        references.push({ child, parent });
  return references;
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
