import { inChunks } from '../../basics/chunks.js';
import { quoteIdentifier, quoteTable } from '../../commands/quote.js';
import { type SerializedPlaces } from '../rewrite/tally.js';
import { byIndex } from '../schema/schema-lists.js';
import { isValidSerialized } from '../../rewrite/index.js';
import { readAhead, type RowQuestion } from '../connection/read-ahead.js';
import { type SqlConnection } from '../connection/sql-connection.js';

const BATCH = 500;
/** Of values in a batch, about. */
const BATCH_BYTES = 256 * 1024;

/** Reads changed values as PHP does, in the site's charset. @returns `table.column` and how many are not valid */
export async function brokenSerialized(
  connection: SqlConnection,
  schema: string,
  places: readonly SerializedPlaces[],
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
  { table, column, index, key, rows }: SerializedPlaces,
): RowQuestion<string>[] {
  const select =
    `SELECT ${quoteIdentifier(column)} FROM ${quoteTable(schema, table)} ` +
    `${byIndex(index)} WHERE (${key.map(quoteIdentifier).join(', ')}) IN `;
  return inChunks(rows, BATCH).map((some) => ({
    item: `${table}.${column}`,
    sql: `${select}(${some.join(', ')})`,
    bytes: BATCH_BYTES,
  }));
}
