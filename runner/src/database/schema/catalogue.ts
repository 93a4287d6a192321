import { compareVersions } from './server-version.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection, type SqlRow } from '../connection/sql-connection.js';
import { VERSIONED } from './history.js';

/** What production's server says of the parts of a schema that not every server can hold. */
export interface SchemaCatalogue {
  readonly isMariaDb: boolean;
  readonly version: string;
  readonly tables: readonly CataloguedTable[];
  readonly columns: readonly CataloguedColumn[];
  readonly keys: readonly CataloguedKey[];
  /** `table.constraint` of CHECKs that are not enforced (MySQL). */
  readonly looseChecks: readonly string[];
  /** `table.constraint` whose names have a backquote. */
  readonly tickedConstraints: readonly string[];
  readonly sequences: readonly string[];
  readonly packages: readonly string[];
  readonly triggers: number;
  readonly functions: number;
}

interface CataloguedTable {
  readonly name: string;
  readonly engine: string;
  readonly isVersioned: boolean;
  readonly hasPrimaryKey: boolean;
  readonly isPartitioned: boolean;
}

export interface CataloguedColumn {
  readonly table: string;
  readonly name: string;
  /** `varchar`, `uuid`. */
  readonly type: string;
  /** Most bytes that a text or binary column takes; 0 for others. */
  readonly bytes: number;
  /** What computes its value or its default; '' where nothing does. */
  readonly expression: string;
  /** Spatial reference system that all values must have (MySQL). */
  readonly srid: string;
  /** AUTO_INCREMENT. */
  readonly isCounter: boolean;
}

interface CataloguedKey {
  readonly table: string;
  readonly name: string;
  /** `BTREE`, `HASH`, `FULLTEXT`, `SPATIAL`, `VECTOR`. */
  readonly type: string;
  readonly isUnique: boolean;
  /** On an expression, not on a column (MySQL). */
  readonly isFunctional: boolean;
}

const text = (value: unknown): string => (Buffer.isBuffer(value) ? value.toString() : String(value ?? ''));

export async function readCatalogue(connection: SqlConnection, schema: string): Promise<SchemaCatalogue> {
  const ask = (sql: string) => connection.query(sql, [schema]);
  const { isMariaDb } = connection;
  // Before, MySQL has none of what is asked for so, and no columns that would say it.
  const isMySql8 = !isMariaDb && compareVersions(connection.serverVersion, '8.0.16') >= 0;
  const [tables, columns, keys, loose, ticked, routines, [triggers]] = await inOneGo([
    ask(
      `SELECT TABLE_NAME AS name, TABLE_TYPE AS type, ENGINE AS engine, CREATE_OPTIONS AS options
       FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE NOT LIKE '%VIEW'`,
    ),
    ask(
      `SELECT TABLE_NAME AS tab, COLUMN_NAME AS name, DATA_TYPE AS type, CHARACTER_OCTET_LENGTH AS bytes,
         COLUMN_DEFAULT AS def, EXTRA AS extra, GENERATION_EXPRESSION AS expression,
         ${isMySql8 ? 'SRS_ID' : 'NULL'} AS srid FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ?`,
    ),
    ask(
      `SELECT DISTINCT TABLE_NAME AS tab, INDEX_NAME AS name, INDEX_TYPE AS type, NON_UNIQUE AS many,
         ${isMySql8 ? 'EXPRESSION IS NOT NULL' : '0'} AS functional
       FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ?`,
    ),
    isMySql8
      ? ask(
          `SELECT CONCAT(TABLE_NAME, '.', CONSTRAINT_NAME) AS name FROM information_schema.TABLE_CONSTRAINTS
           WHERE TABLE_SCHEMA = ? AND CONSTRAINT_TYPE = 'CHECK' AND ENFORCED = 'NO'`,
        )
      : Promise.resolve([]),
    ask(
      `SELECT CONCAT(TABLE_NAME, '.', CONSTRAINT_NAME) AS name FROM information_schema.TABLE_CONSTRAINTS
       WHERE TABLE_SCHEMA = ? AND CONSTRAINT_TYPE = 'FOREIGN KEY' AND LOCATE('\`', CONSTRAINT_NAME) > 0`,
    ),
    ask(
      'SELECT ROUTINE_NAME AS name, ROUTINE_TYPE AS type FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ?',
    ),
    ask('SELECT COUNT(*) AS counted FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ?'),
  ]);
  const names = (rows: readonly SqlRow[]) => rows.map(({ name }) => text(name));
  // Asked of each table by itself, it would open every table of the schema for every table of the schema.
  const keyed = new Set(keys.filter(({ name }) => name === 'PRIMARY').map(({ tab }) => text(tab)));
  return {
    isMariaDb,
    version: connection.serverVersion,
    tables: tables.filter(({ type }) => type !== 'SEQUENCE').map((row) => tableOf(row, keyed)),
    columns: columns.map((row) => columnOf(row, isMariaDb)),
    keys: keys.map((row) => ({
      table: text(row['tab']),
      name: text(row['name']),
      type: text(row['type']),
      isUnique: Number(row['many']) === 0,
      isFunctional: Number(row['functional']) === 1,
    })),
    looseChecks: names(loose),
    tickedConstraints: names(ticked),
    sequences: names(tables.filter(({ type }) => type === 'SEQUENCE')),
    packages: names(routines.filter(({ type }) => type === 'PACKAGE')),
    triggers: Number(triggers?.['counted'] ?? 0),
    functions: routines.filter(({ type }) => type === 'FUNCTION').length,
  };
}

/** MySQL shows an expression with its quotes escaped, and with a character set before every string. */
const asSql = (shown: string, isMariaDb: boolean): string =>
  isMariaDb ? shown : shown.replaceAll(/\\(.)/gs, '$1').replaceAll(/\b_utf8mb[34](?=')/g, '');

const tableOf = (row: SqlRow, keyed: ReadonlySet<string>): CataloguedTable => ({
  name: text(row['name']),
  engine: text(row['engine']),
  isVersioned: row['type'] === VERSIONED,
  hasPrimaryKey: keyed.has(text(row['name'])),
  isPartitioned: /\bpartitioned\b/i.test(text(row['options'])),
});

function columnOf(row: SqlRow, isMariaDb: boolean): CataloguedColumn {
  const standard = text(row['def']);
  // MariaDB writes every default as SQL; MySQL says in EXTRA which are.
  const isExpression = isMariaDb
    ? /\(/.test(standard) && !/^(?:'|current_timestamp\()/i.test(standard)
    : /DEFAULT_GENERATED/.test(text(row['extra'])) && !/^CURRENT_TIMESTAMP/i.test(standard);
  return {
    table: text(row['tab']),
    name: text(row['name']),
    type: text(row['type']).toLowerCase(),
    bytes: Number(row['bytes'] ?? 0),
    expression: asSql(text(row['expression']) || (isExpression ? standard : ''), isMariaDb),
    srid: text(row['srid']),
    isCounter: /auto_increment/i.test(text(row['extra'])),
  };
}
