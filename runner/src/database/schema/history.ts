import { quoteTable } from '../../commands/quote.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import { refusedAs } from '../connection/sql-error.js';
import { schemaRows } from './schema-lists.js';

/** What information_schema calls a table of MariaDB that keeps what its rows were (`WITH SYSTEM VERSIONING`). */
export const VERSIONED = 'SYSTEM VERSIONED';
/** After the name of such a table: its rows, and all that they were (https://mariadb.com/kb/en/system-versioned-tables/). */
export const ALL_TIMES = 'FOR SYSTEM_TIME ALL';

/** The tables of a schema that keep history; none on MySQL. */
export async function versionedTables(connection: SqlConnection, schema: string): Promise<string[]> {
  const rows = await schemaRows(
    connection,
    schema,
    'TABLES',
    'TABLE_NAME AS name',
    `AND TABLE_TYPE = '${VERSIONED}'`,
  );
  return rows.map(({ name }) => String(name));
}

/**
 * Deletes what rows were before they were rewritten and sanitized, and counts that nothing of it is left.
 * @param tables of {@link versionedTables} @returns rows deleted @throws HISTORY_KEPT naming the tables
 */
export async function deleteHistory(
  connection: SqlConnection,
  schema: string,
  tables: readonly string[],
): Promise<number> {
  const deleted = await inOneGo(
    tables.map((table) =>
      connection
        .execute(`DELETE HISTORY FROM ${quoteTable(schema, table)}`)
        .catch(refusedAs('HISTORY_KEPT', `The history of ${table} cannot be deleted`)),
    ),
  );
  const kept = await inOneGo(
    tables.map(async (table) => {
      const name = quoteTable(schema, table);
      const [row] = await connection.query(
        `SELECT (SELECT COUNT(*) FROM ${name} ${ALL_TIMES}) - (SELECT COUNT(*) FROM ${name}) AS kept`,
      );
      return Number(row?.['kept']);
    }),
  );
  const details = tables.flatMap((table, index) =>
    kept[index] === 0 ? [] : [`${table}: ${several(kept[index] ?? 0, 'old row')}`],
  );
  if (details.length > 0)
    throw new UnderstudyError('HISTORY_KEPT', 'Old rows are left after their deletion.', { details });
  return deleted.reduce((sum, { affectedRows }) => sum + affectedRows, 0);
}
