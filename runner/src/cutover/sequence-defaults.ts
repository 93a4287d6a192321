import { quoteIdentifier } from '../commands/quote.js';
import { type SqlConnection } from '../database/sql-connection.js';

/**
 * Defaults that take a number from a sequence hold the sequence's schema by name, and keep that name when the table
 * moves (MariaDB). Those of the moved tables that name the schema they came from get the one they are in now. May be
 * repeated; does nothing where there are none.
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
    const table = `${quoteIdentifier(to)}.${quoteIdentifier(String(name))}`;
    const now = String(expression).replaceAll(former, `${quoteIdentifier(to)}.`);
    await connection.execute(
      `ALTER TABLE ${table} ALTER COLUMN ${quoteIdentifier(String(col))} SET DEFAULT (${now})`,
    );
  }
}
