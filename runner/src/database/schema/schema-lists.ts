import { quoteIdentifier, quoteTable } from '../../commands/quote.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection, type SqlRow } from '../connection/sql-connection.js';

/** Which column of a list of information_schema says to which schema a row belongs. */
const OWNERS = {
  CHECK_CONSTRAINTS: 'CONSTRAINT_SCHEMA',
  COLUMNS: 'TABLE_SCHEMA',
  EVENTS: 'EVENT_SCHEMA',
  PARTITIONS: 'TABLE_SCHEMA',
  ROUTINES: 'ROUTINE_SCHEMA',
  STATISTICS: 'TABLE_SCHEMA',
  TABLES: 'TABLE_SCHEMA',
  TRIGGERS: 'TRIGGER_SCHEMA',
  VIEWS: 'TABLE_SCHEMA',
} as const;
export type SchemaList = keyof typeof OWNERS;

/** What information_schema lists of a schema. @param columns each with an alias: servers differ in their letter case */
export const schemaRows = (
  connection: SqlConnection,
  schema: string,
  list: SchemaList,
  columns: string,
  more = '',
): Promise<SqlRow[]> =>
  connection.query(`SELECT ${columns} FROM information_schema.${list} WHERE ${OWNERS[list]} = ? ${more}`, [
    schema,
  ]);

/**
 * The columns of a schema's tables, views apart, in their order; each row has `tableName`, `columnName` and what is asked
 * of the column and of its table. Two lists, because a server that joins them looks for every row of the one in all of the
 * other, and MariaDB opens the tables of all schemas for that.
 */
export async function columnsOfTables(
  connection: SqlConnection,
  schema: string,
  ofColumn: string,
  { ofTable = 'TABLE_TYPE AS tableType', more = '' } = {},
): Promise<SqlRow[]> {
  const [tables, columns] = await inOneGo([
    schemaRows(
      connection,
      schema,
      'TABLES',
      `TABLE_NAME AS tableName, ${ofTable}`,
      "AND TABLE_TYPE <> 'VIEW'",
    ),
    schemaRows(
      connection,
      schema,
      'COLUMNS',
      `TABLE_NAME AS tableName, COLUMN_NAME AS columnName, ${ofColumn}`,
      `${more} ORDER BY TABLE_NAME, ORDINAL_POSITION`,
    ),
  ]);
  const known = new Map(tables.map((table) => [String(table['tableName']), table]));
  return columns.flatMap((column) => {
    const table = known.get(String(column['tableName']));
    return table === undefined ? [] : [{ ...table, ...column }];
  });
}

export const OBJECT_KINDS = ['view', 'trigger', 'routine', 'event'] as const;

/** List, and the columns for name, type, table and text. */
const OBJECTS = {
  view: ['VIEWS', 'TABLE_NAME', "''", 'TABLE_NAME', 'VIEW_DEFINITION'],
  trigger: ['TRIGGERS', 'TRIGGER_NAME', "''", 'EVENT_OBJECT_TABLE', 'ACTION_STATEMENT'],
  routine: ['ROUTINES', 'ROUTINE_NAME', 'ROUTINE_TYPE', "''", 'ROUTINE_DEFINITION'],
  event: ['EVENTS', 'EVENT_NAME', "''", "''", 'EVENT_DEFINITION'],
} as const;

export interface SchemaEntry {
  readonly kind: (typeof OBJECT_KINDS)[number];
  readonly name: string;
  /** MariaDB's packages, in Oracle's way. */
  readonly isPackage: boolean;
  /** Its table, or its text, as was asked; '' where it has none. */
  readonly about: string;
}

/** The views, triggers, routines and events of a schema. @param about what is asked of each in addition */
export async function schemaEntries(
  connection: SqlConnection,
  schema: string,
  about: 'table' | 'body',
): Promise<SchemaEntry[]> {
  const rows = await inOneGo(
    OBJECT_KINDS.map((kind) => {
      const [list, name, type, table, body] = OBJECTS[kind];
      const more = about === 'table' ? table : body;
      return schemaRows(connection, schema, list, `${name} AS name, ${type} AS type, ${more} AS about`);
    }),
  );
  return OBJECT_KINDS.flatMap((kind, index) =>
    (rows[index] ?? []).map((row) => ({
      kind,
      name: String(row['name']),
      isPackage: String(row['type']).startsWith('PACKAGE'),
      about: String(row['about'] ?? ''),
    })),
  );
}

/** Every row, counted: `information_schema.table_rows` is an estimate. */
export async function countRows(connection: SqlConnection, schema: string, table: string): Promise<number> {
  const [row] = await connection.query(`SELECT COUNT(*) AS counted FROM ${quoteTable(schema, table)}`);
  return Number(row?.['counted']);
}

/** The smallest and the greatest value of an integer key; 0 and 0 for a table without rows. */
export async function keyEnds(
  connection: SqlConnection,
  schema: string,
  table: string,
  key: string,
): Promise<readonly [first: bigint, last: bigint]> {
  const quoted = quoteIdentifier(key);
  const [row] = await connection.queryBytes(
    `SELECT COALESCE(MIN(${quoted}), 0), COALESCE(MAX(${quoted}), 0) FROM ${quoteTable(schema, table)}`,
  );
  return [BigInt(String(row?.[0] ?? '0')), BigInt(String(row?.[1] ?? '0'))];
}

/** Statistics of a table that was just imported may say that it is empty: the server would read all of it each time. */
export const byIndex = (index: string): string => `FORCE INDEX (${quoteIdentifier(index)})`;
