import { quoteIdentifier, quoteTable } from '../../commands/quote.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import { isRefusal } from '../connection/sql-error.js';

/** What a schema holds, as the server tells it. Sizes are estimates, row counts prove nothing and are not asked. */
export interface SchemaSurvey {
  readonly schema: string;
  readonly serverVersion: string;
  readonly charset: string;
  readonly collation: string;
  /** Character set → its default collation on this server. */
  readonly defaultCollations: Readonly<Record<string, string>>;
  readonly tables: readonly SurveyedTable[];
  readonly views: readonly string[];
  /** `name: why` of views that cannot be read: the dump program would stop at them. */
  readonly brokenViews: readonly string[];
  /** `table.constraint` whose names the server does not quote right in what it says of the table: no client can read that. */
  readonly brokenNames: readonly string[];
  /** `sequence x`, `package y`: MySQL's dump program does not know them. */
  readonly mariaDbOnly: readonly string[];
  /** `table.column (vector)` of MySQL: MariaDB's dump program takes their bytes for text. */
  readonly mySqlOnly: readonly string[];
  /** `table.column` in character sets that the dump converts through utf8mb4 with possible loss. */
  readonly convertedColumns: readonly string[];
  /** Routines whose text the account may not read: the dump program would stop at them. */
  readonly hiddenRoutines: readonly string[];
}

interface SurveyedTable {
  readonly name: string;
  readonly engine: string;
  readonly dataBytes: number;
}

/** Engines whose rows are part of the snapshot of --single-transaction. */
const TRANSACTIONAL = new Set(['INNODB', 'ROCKSDB', 'MYROCKS', 'TOKUDB', 'SEQUENCE', 'VIEW']);
export const isTransactional = (engine: string): boolean => TRANSACTIONAL.has(engine.toUpperCase());

/** Character sets that go to utf8mb4 and back without loss; latin1 too: MySQL's has all 256 characters. */
const LOSSLESS = [
  'utf8mb4',
  'utf8mb3',
  'utf8',
  'latin1',
  'ascii',
  'binary',
  'ucs2',
  'utf16',
  'utf16le',
  'utf32',
];

const isView = (type: unknown): boolean => String(type).endsWith('VIEW');

export async function surveySchema(connection: SqlConnection, schema: string): Promise<SchemaSurvey> {
  const ask = (sql: string, more: readonly string[] = []) => connection.query(sql, [schema, ...more]);
  const [[defaults], rows, columns, routines, packages, charsets, brokenNames] = await inOneGo([
    ask(
      'SELECT DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
    ),
    ask(
      'SELECT TABLE_NAME AS name, TABLE_TYPE AS type, ENGINE AS engine, DATA_LENGTH AS bytes FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME',
    ),
    ask(
      `SELECT DISTINCT TABLE_NAME AS name, COLUMN_NAME AS col, CHARACTER_SET_NAME AS charset FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND CHARACTER_SET_NAME IS NOT NULL AND CHARACTER_SET_NAME NOT IN (${LOSSLESS.map(() => '?').join(', ')})`,
      LOSSLESS,
    ),
    ask(
      'SELECT ROUTINE_NAME AS name FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? AND ROUTINE_DEFINITION IS NULL',
    ),
    ask(
      "SELECT ROUTINE_NAME AS name FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? AND ROUTINE_TYPE = 'PACKAGE'",
    ),
    connection.query(
      'SELECT CHARACTER_SET_NAME AS name, DEFAULT_COLLATE_NAME AS collation FROM information_schema.CHARACTER_SETS',
    ),
    findBrokenNames(connection, schema),
  ]);
  const views = rows.filter(({ type }) => isView(type)).map(({ name }) => String(name));
  return {
    schema,
    serverVersion: connection.serverVersion,
    charset: String(defaults?.['charset'] ?? ''),
    collation: String(defaults?.['collation'] ?? ''),
    defaultCollations: Object.fromEntries(
      charsets.map(({ name, collation }) => [String(name), String(collation).toLowerCase()]),
    ),
    tables: rows
      .filter(({ type }) => !isView(type) && type !== 'SEQUENCE')
      .map(({ name, engine, bytes }) => ({
        name: String(name),
        engine: String(engine ?? ''),
        dataBytes: Number(bytes ?? 0),
      })),
    views,
    brokenViews: await findBrokenViews(connection, schema, views),
    brokenNames,
    mariaDbOnly: [
      ...rows.filter(({ type }) => type === 'SEQUENCE').map(({ name }) => `sequence ${String(name)}`),
      ...packages.map(({ name }) => `package ${String(name)}`),
    ],
    mySqlOnly: connection.isMariaDb ? [] : await findVectors(connection, schema),
    convertedColumns: columns.map(
      ({ name, col, charset }) => `${String(name)}.${String(col)} (${String(charset)})`,
    ),
    hiddenRoutines: routines.map(({ name }) => String(name)),
  };
}

async function findVectors(connection: SqlConnection, schema: string): Promise<string[]> {
  const columns = await connection.query(
    "SELECT TABLE_NAME AS tab, COLUMN_NAME AS col FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND DATA_TYPE = 'vector'",
    [schema],
  );
  return columns.map(({ tab, col }) => `${String(tab)}.${String(col)} (vector)`);
}

/** Bytes of SQL that a dump will have, about: what the tables take without their indexes. For the progress. */
export const expectedRawBytes = (survey: SchemaSurvey, structureOnly: readonly string[]): number =>
  survey.tables
    .filter(({ name }) => !structureOnly.includes(name))
    .reduce((sum, { dataBytes }) => sum + dataBytes, 0);

/** Texts compress to a fifth and less, photographs in columns hardly at all; 40 % is on the careful side. */
export const expectedBackupBytes = (rawBytes: number): number => Math.ceil(rawBytes * 0.4);

/** The dump program reads the columns of every view; a dropped table or a missing EXECUTE right shows there. */
async function findBrokenViews(
  connection: SqlConnection,
  schema: string,
  views: readonly string[],
): Promise<string[]> {
  const problems = await inOneGo(
    views.map((view) =>
      connection.query(`SHOW COLUMNS FROM ${quoteTable(schema, view)}`).then(
        () => [],
        (cause: unknown) => {
          if (!isRefusal(cause)) throw cause;
          return [`${view}: ${cause.message}`];
        },
      ),
    ),
  );
  return problems.flat();
}

/** MariaDB 10.5 writes the name of a foreign key as it is, backquotes included; its own client cannot import that. */
async function findBrokenNames(connection: SqlConnection, schema: string): Promise<string[]> {
  const suspects = await connection.query(
    `SELECT TABLE_NAME AS tab, CONSTRAINT_NAME AS name FROM information_schema.TABLE_CONSTRAINTS
     WHERE TABLE_SCHEMA = ? AND LOCATE('\`', CONSTRAINT_NAME) > 0`,
    [schema],
  );
  const broken: string[] = [];
  for (const { tab, name } of suspects) {
    const [table, constraint] = [String(tab), String(name)];
    const [row] = await connection.query(`SHOW CREATE TABLE ${quoteTable(schema, table)}`);
    if (!String(row?.['Create Table']).includes(quoteIdentifier(constraint)))
      broken.push(`${table}.${constraint}`);
  }
  return broken;
}
