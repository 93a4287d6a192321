import { quoteIdentifier } from '../../commands/quote.js';
import { byIndex } from '../rewrite/row-key.js';
import { isValidSerialized } from '../../rewrite/index.js';
import { type SqlConnection } from '../sql-connection.js';

/** Values of one column that were valid serialized PHP before the rewriting. */
export interface SerializedValues {
  readonly table: string;
  readonly column: string;
  /** Name of the key's index, and of its columns. */
  readonly index: string;
  readonly key: readonly string[];
  /** The keys as SQL: `(17)`. */
  readonly rows: readonly string[];
}

const BATCH = 500;

/**
 * Reads changed serialized values again, as PHP does: through a session that speaks the site's DB_CHARSET, without any
 * of the conversions that wrote them. @returns `table.column` and how many are not valid any more
 * @param connection a session whose results come in the site's character set
 */
export async function brokenSerialized(
  connection: SqlConnection,
  schema: string,
  places: readonly SerializedValues[],
): Promise<Map<string, number>> {
  const broken = new Map<string, number>();
  for (const { table, column, index, key, rows } of places) {
    const select =
      `SELECT ${quoteIdentifier(column)} FROM ${quoteIdentifier(schema)}.${quoteIdentifier(table)} ` +
      `${byIndex(index)} WHERE (${key.map(quoteIdentifier).join(', ')}) IN `;
    let count = 0;
    for (let start = 0; start < rows.length; start += BATCH) {
      const query = `${select}(${rows.slice(start, start + BATCH).join(', ')})`;
      for await (const [value] of connection.stream(query))
        if (value !== null && value !== undefined && !isValidSerialized(value)) count += 1;
    }
    if (count > 0) broken.set(`${table}.${column}`, count);
  }
  return broken;
}
