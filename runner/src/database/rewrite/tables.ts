import { inOneGo } from '../connection/in-one-go.js';
import { VERSIONED } from '../schema/history.js';
import { type SqlConnection, type SqlRow } from '../connection/sql-connection.js';

/** What a column holds, as far as rewriting is concerned. `other`: numbers, dates, geometry. */
type ColumnKind = 'text' | 'binary' | 'json' | 'choice' | 'other';

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  /** `varchar`, `longtext`, `int` … in lower case. */
  readonly dataType: string;
  /** `enum('a','b')`. */
  readonly columnType: string;
  /** Character set of text; undefined for everything else. */
  readonly charset: string | undefined;
  /** Most bytes that fit; undefined where there is no such limit to speak of. */
  readonly maxBytes: number | undefined;
  readonly generated: boolean;
  /** `ON UPDATE CURRENT_TIMESTAMP`: an UPDATE must name it, or its value changes. */
  readonly changesOnUpdate: boolean;
}

export interface Table {
  readonly name: string;
  readonly engine: string;
  /** Bytes of data as the server estimates them: for the order of work and for progress only. */
  readonly estimatedBytes: number;
  readonly columns: readonly Column[];
  readonly primaryKey: readonly string[];
  /** Unique keys over NOT NULL columns, the primary key not among them. */
  readonly uniqueKeys: readonly UniqueKey[];
}

interface UniqueKey {
  readonly name: string;
  readonly columns: readonly string[];
}

const text = (value: unknown): string => (Buffer.isBuffer(value) ? value.toString() : String(value ?? ''));

const KINDS: Readonly<Record<string, ColumnKind>> = {
  char: 'text',
  varchar: 'text',
  tinytext: 'text',
  text: 'text',
  mediumtext: 'text',
  longtext: 'text',
  enum: 'choice',
  set: 'choice',
  json: 'json',
  binary: 'binary',
  varbinary: 'binary',
  tinyblob: 'binary',
  blob: 'binary',
  mediumblob: 'binary',
  longblob: 'binary',
};

/** All base tables of a schema with their columns and keys. @throws SqlError */
export async function readTables(connection: SqlConnection, schema: string): Promise<Table[]> {
  const [tables, allColumns, allKeys] = await inOneGo([
    connection.query(
      `SELECT table_name AS name, engine AS engine, COALESCE(data_length, 0) AS bytes FROM information_schema.tables
     WHERE table_schema = ? AND table_type IN ('BASE TABLE', '${VERSIONED}') ORDER BY table_name`,
      [schema],
    ),
    connection.query(
      `SELECT table_name AS tableName, column_name AS name, data_type AS dataType, column_type AS columnType,
         character_set_name AS charset, character_octet_length AS maxBytes, extra AS extra,
         COALESCE(generation_expression, '') AS expression
       FROM information_schema.columns WHERE table_schema = ? ORDER BY table_name, ordinal_position`,
      [schema],
    ),
    connection.query(
      `SELECT table_name AS tableName, index_name AS keyName, column_name AS name, nullable AS nullable,
         sub_part AS part FROM information_schema.statistics
       WHERE table_schema = ? AND non_unique = 0 ORDER BY table_name, index_name, seq_in_index`,
      [schema],
    ),
  ]);
  const [columns, keys] = [groupByTable(allColumns), groupByTable(allKeys)];
  return tables.map((row) => {
    const name = text(row['name']);
    return {
      name,
      engine: text(row['engine']),
      estimatedBytes: Number(row['bytes'] ?? 0),
      columns: (columns.get(name) ?? []).map(toColumn),
      ...toKeys(keys.get(name) ?? []),
    };
  });
}

function groupByTable(rows: readonly SqlRow[]): Map<string, SqlRow[]> {
  const groups = new Map<string, SqlRow[]>();
  for (const row of rows) {
    const name = text(row['tableName']);
    const group = groups.get(name);
    if (group) group.push(row);
    else groups.set(name, [row]);
  }
  return groups;
}

function toColumn(row: SqlRow): Column {
  const dataType = text(row['dataType']).toLowerCase();
  const extra = text(row['extra']).toLowerCase();
  const maxBytes = row['maxBytes'] === null ? undefined : Number(row['maxBytes']);
  return {
    name: text(row['name']),
    kind: KINDS[dataType] ?? 'other',
    dataType,
    columnType: text(row['columnType']),
    charset: row['charset'] === null ? undefined : text(row['charset']).toLowerCase(),
    maxBytes,
    // MySQL writes DEFAULT_GENERATED for a column whose default is an expression; that is not a generated column.
    generated: /(virtual|stored|persistent)( generated)?$/.test(extra) || text(row['expression']) !== '',
    changesOnUpdate: extra.includes('on update'),
  };
}

function toKeys(rows: readonly SqlRow[]): Pick<Table, 'primaryKey' | 'uniqueKeys'> {
  const keys = new Map<string, { columns: string[]; usable: boolean }>();
  for (const row of rows) {
    const name = text(row['keyName']);
    const key = keys.get(name) ?? { columns: [], usable: true };
    // A part without a column name is an expression (MySQL 8). Parts that may be NULL do not identify a row.
    if (row['name'] === null || text(row['nullable']) === 'YES') key.usable = false;
    key.columns.push(text(row['name']));
    keys.set(name, key);
  }
  const primary = keys.get('PRIMARY')?.columns ?? [];
  keys.delete('PRIMARY');
  return {
    primaryKey: primary,
    uniqueKeys: [...keys].filter(([, key]) => key.usable).map(([name, { columns }]) => ({ name, columns })),
  };
}
