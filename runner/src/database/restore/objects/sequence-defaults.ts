import { quoteIdentifier, quoteTable } from '../../../commands/quote.js';
import { type SqlConnection } from '../../connection/sql-connection.js';
import { refusedAs } from '../../connection/sql-error.js';

/** MariaDB 10.5 looks for ALTER on the sequence among the rights on everything and on the one table alone. */
export const SEQUENCE_ADVICE =
  'Set database.mode to replace, use MariaDB 10.11 or later on staging, or GRANT ALTER ON *.* to the staging account.';

/**
 * Defaults that take a number from a sequence hold the sequence's schema by name, and keep that name when the table
 * moves (MariaDB). Those of the moved tables that name the schema they came from get the one they are in now. May be
 * repeated; does nothing where there are none. With `from` and `to` the same, it proves that the server allows it.
 * @throws CUTOVER_FAILED when the server refuses
 */
export async function followSequences(connection: SqlConnection, from: string, to: string): Promise<void> {
  if (!connection.isMariaDb) return;
  const former = `${quoteIdentifier(from)}.`;
  const columns = await connection.query(
    `SELECT table_name AS name, column_name AS col, column_default AS expression FROM information_schema.columns
     WHERE table_schema = ? AND LOCATE(?, column_default) > 0`,
    [to, former],
  );
  for (const { name, col, expression } of columns) {
    const table = quoteTable(to, String(name));
    const now = String(expression).replaceAll(former, `${quoteIdentifier(to)}.`);
    const sql = `ALTER TABLE ${table} ALTER COLUMN ${quoteIdentifier(String(col))} SET DEFAULT (${now})`;
    const what = `The default of ${String(name)}.${String(col)} cannot follow its sequence into the schema that is served`;
    await connection.execute(sql).catch(refusedAs('CUTOVER_FAILED', what, SEQUENCE_ADVICE));
  }
}
