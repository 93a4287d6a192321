import { quoteIdentifier, quoteTable } from '../../commands/quote.js';
import { byIndex } from '../rewrite/row-key.js';
import { isValidSerialized } from '../../rewrite/index.js';
import { readAhead, type RowQuestion } from '../connection/read-ahead.js';
import { type SqlConnection } from '../connection/sql-connection.js';

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
/** Of values in a batch, about. */
const BATCH_BYTES = 256 * 1024;

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
  const questions = places.flatMap((location) => questionsOf(schema, location)).values();
  for await (const [location, found] of readAhead(connection, () => questions.next().value))
    for await (const [value] of found)
      if (value !== null && value !== undefined && !isValidSerialized(value))
        broken.set(location, (broken.get(location) ?? 0) + 1);
  return broken;
}

function questionsOf(
  schema: string,
  { table, column, index, key, rows }: SerializedValues,
): RowQuestion<string>[] {
  const select =
    `SELECT ${quoteIdentifier(column)} FROM ${quoteTable(schema, table)} ` +
    `${byIndex(index)} WHERE (${key.map(quoteIdentifier).join(', ')}) IN `;
  return Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, at) => ({
    item: `${table}.${column}`,
    sql: `${select}(${rows.slice(at * BATCH, (at + 1) * BATCH).join(', ')})`,
    bytes: BATCH_BYTES,
  }));
}
