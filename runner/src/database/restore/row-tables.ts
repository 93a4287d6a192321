import { quoteIdentifier, quoteTable } from '../../commands/quote.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import { refusedAs } from '../connection/sql-error.js';

/**
 * A table whose rows cannot go into it as the dump has them, and the table beside it that takes them first: its
 * columns are plain ones. MySQL refuses the values of generated columns, which mariadb-dump writes; text
 * that comes as bytes is taken for the bytes of a UUID or an address.
 */
export interface RowTable {
  readonly table: string;
  /** Where its rows go first, in the same schema. */
  readonly rows: string;
  /** Columns that get a value. */
  readonly columns: readonly string[];
}

/** Types that a server reads from text, unless the text comes as bytes. */
export const PARSED_TYPES = ['uuid', 'inet4', 'inet6'];

/** Makes the tables beside. @param tables those that need one, in a schema that is still without rows */
export async function makeRowTables(
  connection: SqlConnection,
  schema: string,
  tables: readonly string[],
): Promise<readonly RowTable[]> {
  const all = await inOneGo(
    tables.map((table) =>
      connection.query(
        `SELECT column_name AS name, data_type AS type, COALESCE(generation_expression, '') <> '' AS is_generated
         FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`,
        [schema, table],
      ),
    ),
  );
  return inOneGo(
    tables.map(async (table, index): Promise<RowTable> => {
      const columns = all[index] ?? [];
      const selected = columns.map(({ name, type }) => {
        const quoted = quoteIdentifier(String(name));
        return PARSED_TYPES.includes(String(type).toLowerCase())
          ? `CAST(${quoted} AS CHAR(64) CHARACTER SET ascii) AS ${quoted}`
          : quoted;
      });
      const rows = `_understudy_rows_${String(index + 1)}`;
      // MySQL may insist on a primary key; one that is invisible gets no value from an INSERT without a list of columns.
      const key = connection.isMariaDb
        ? ''
        : ' (understudy_row bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY INVISIBLE)';
      await connection.execute(
        `CREATE TABLE ${quoteTable(schema, rows)}${key} ENGINE=InnoDB AS SELECT ${selected.join(', ')} FROM ${quoteTable(schema, table)} LIMIT 0`,
      );
      const plain = columns.filter((column) => Number(column['is_generated']) === 0);
      return { table, rows, columns: plain.map(({ name }) => String(name)) };
    }),
  );
}

/** Moves the rows to where they belong, and drops the tables beside. @throws IMPORT_FAILED naming the table */
export async function emptyRowTables(
  connection: SqlConnection,
  schema: string,
  rowTables: readonly RowTable[],
): Promise<void> {
  await inOneGo(
    rowTables.map(async ({ table, rows, columns }) => {
      const list = columns.map(quoteIdentifier).join(', ');
      await connection
        .execute(
          `INSERT INTO ${quoteTable(schema, table)} (${list}) SELECT ${list} FROM ${quoteTable(schema, rows)}`,
        )
        .catch(refusedAs('IMPORT_FAILED', `The rows of ${table} cannot be imported`));
    }),
  );
  await inOneGo(rowTables.map(({ rows }) => connection.execute(`DROP TABLE ${quoteTable(schema, rows)}`)));
}
