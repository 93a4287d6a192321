import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import { VERSIONED } from '../schema/history.js';
import { columnsOfTables, schemaRows } from '../schema/schema-lists.js';
import { type LeakColumn } from './leak-query.js';

export interface LeakTable {
  readonly name: string;
  readonly bytes: number;
  readonly columns: readonly LeakColumn[];
  /** Of all its columns that are searched, here or in another group. */
  readonly names: readonly string[];
  /** Integer primary key, by which a big table is cut. */
  readonly key: string | undefined;
  readonly keyColumns: ReadonlySet<string>;
  /** What its rows were is searched as well. */
  readonly isVersioned: boolean;
}

/** The tables with columns that are searched. */
export async function listTables(connection: SqlConnection, schema: string): Promise<LeakTable[]> {
  const [rows, cuts] = await inOneGo([
    columnsOfTables(
      connection,
      schema,
      'CHARACTER_SET_NAME AS charset, LOWER(DATA_TYPE) AS dataType, COLUMN_KEY AS keyKind',
      { ofTable: 'COALESCE(DATA_LENGTH, 0) AS bytes, TABLE_TYPE AS tableType' },
    ),
    keysOfOneColumn(connection, schema),
  ]);
  const tables = new Map<
    string,
    {
      bytes: number;
      columns: LeakColumn[];
      keys: Set<string>;
      key: string | undefined;
      isVersioned: boolean;
    }
  >();
  for (const row of rows) {
    const table = String(row['tableName']);
    const known = tables.get(table) ?? {
      bytes: Number(row['bytes']),
      columns: [],
      keys: new Set(),
      key: undefined,
      isVersioned: row['tableType'] === VERSIONED,
    };
    tables.set(table, known);
    const column = {
      name: String(row['columnName']),
      charset: row['charset'] === null ? null : String(row['charset']),
      dataType: String(row['dataType']),
    };
    if (row['keyKind'] === 'PRI') known.keys.add(column.name);
    if (cuts.get(table) === column.name && /^(int|bigint|mediumint)$/.test(column.dataType))
      known.key = column.name;
    if (column.charset !== null || /blob|binary|json/.test(column.dataType)) known.columns.push(column);
  }
  return [...tables]
    .filter(([, table]) => table.columns.length > 0)
    .map(([name, { keys, ...table }]) => ({
      ...table,
      name,
      names: table.columns.map((column) => column.name),
      keyColumns: keys,
    }));
}

/**
 * The column of each primary key that has one alone, by table. The kind of key that a column is said to have will not do:
 * where there is no primary key, it is PRI for a unique one.
 */
async function keysOfOneColumn(connection: SqlConnection, schema: string): Promise<Map<string, string>> {
  const keys = await schemaRows(
    connection,
    schema,
    'STATISTICS',
    'TABLE_NAME AS tableName, COUNT(*) AS parts, MAX(COLUMN_NAME) AS columnName',
    "AND INDEX_NAME = 'PRIMARY' GROUP BY TABLE_NAME",
  );
  return new Map(
    keys
      .filter(({ parts }) => Number(parts) === 1)
      .map(({ tableName, columnName }) => [String(tableName), String(columnName)]),
  );
}
