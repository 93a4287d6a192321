import { quoteIdentifier } from '../../commands/quote.js';
import { isValidSerialized } from '../../rewrite/index.js';
import { type SqlConnection } from '../connection.js';

/** A value that was valid serialized PHP before the rewriting. */
export interface SerializedValuePlace {
  readonly table: string;
  readonly column: string;
  readonly key: readonly { readonly column: string; readonly bytes: Buffer }[];
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
  places: readonly SerializedValuePlace[],
): Promise<Map<string, number>> {
  const groups = new Map<string, SerializedValuePlace[]>();
  for (const place of places) {
    const name = `${place.table}\0${place.column}`;
    const group = groups.get(name);
    if (group) group.push(place);
    else groups.set(name, [place]);
  }
  const broken = new Map<string, number>();
  for (const group of groups.values())
    for (let start = 0; start < group.length; start += BATCH)
      await checkBatch(connection, schema, group.slice(start, start + BATCH), broken);
  return broken;
}

async function checkBatch(
  connection: SqlConnection,
  schema: string,
  batch: readonly SerializedValuePlace[],
  broken: Map<string, number>,
): Promise<void> {
  const [first] = batch;
  if (first === undefined) return;
  const rows = batch.map((place) => `(${place.key.map(({ bytes }) => keyValue(bytes)).join(', ')})`);
  const columns = first.key.map(({ column }) => quoteIdentifier(column));
  const query =
    `SELECT ${quoteIdentifier(first.column)} FROM ${quoteIdentifier(schema)}.${quoteIdentifier(first.table)} ` +
    `WHERE (${columns.join(', ')}) IN (${rows.join(', ')})`;
  const name = `${first.table}.${first.column}`;
  for await (const [value] of connection.stream(query))
    if (value !== null && value !== undefined && !isValidSerialized(value))
      broken.set(name, (broken.get(name) ?? 0) + 1);
}

/** Numbers as numbers; anything else as the bytes that the column holds. */
const keyValue = (bytes: Buffer): string =>
  /^-?\d{1,20}$/.test(bytes.toString('latin1')) ? bytes.toString() : `X'${bytes.toString('hex')}'`;
