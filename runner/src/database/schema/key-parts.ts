import { quoteIdentifier } from '../../commands/quote.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import { byIndex, keyEnds } from './schema-lists.js';

/** What is cut. */
export interface KeyedTable {
  readonly name: string;
  /** As the server's statistics say. */
  readonly bytes: number;
  /** The only column of the primary key, an integer; undefined where there is none: the table stays whole. */
  readonly key: string | undefined;
}

/** Rows of a table that one session reads in one go. The parts of a table are all of it, whatever rows come and go. */
export interface KeyPart {
  /** What stands between the table's name and other conditions: `` FORCE INDEX (`PRIMARY`) WHERE `ID` < 17 ``. */
  readonly rows: string;
  /** About. */
  readonly bytes: number;
}

/** Above this size a table is cut, so that several sessions share it. */
const PART_BYTES = 24 * 1024 * 1024;
const MOST_PARTS = 256;

/** No row is shorter that has an integer for a key. */
const LEAST_ROW_BYTES = 16;
/** Posts have more. */
const LIKELY_ROW_BYTES = 4096;
/** Where only the keys are known: there may be few rows for them. */
const MOST_GUESSED_PARTS = 16;

/** Cuts a table into parts that take about the same time. @throws SqlError */
export async function keyParts(
  connection: SqlConnection,
  schema: string,
  table: KeyedTable,
): Promise<KeyPart[]> {
  if (table.key === undefined) return [{ rows: 'WHERE 1', bytes: table.bytes }];
  return cutByKey(table.key, table.bytes, await keyEnds(connection, schema, table.name, table.key));
}

/**
 * Pure. A server's statistics may know nothing of rows that just came in, so that a full table is empty for them: then
 * the numbers of its keys are what counts.
 * @param ends the first and the last key
 */
export function cutByKey(key: string, bytes: number, [first, last]: readonly [bigint, bigint]): KeyPart[] {
  const keys = Number(last - first) + 1;
  const isKnown = bytes >= keys * LEAST_ROW_BYTES;
  const likely = isKnown ? bytes : Math.min(keys * LIKELY_ROW_BYTES, MOST_GUESSED_PARTS * PART_BYTES);
  const count = Math.min(isKnown ? MOST_PARTS : MOST_GUESSED_PARTS, Math.ceil(likely / PART_BYTES), keys);
  if (count < 2) return [{ rows: 'WHERE 1', bytes }];
  const name = quoteIdentifier(key);
  const starts = Array.from(
    { length: count },
    (_, index) => first + ((last - first + 1n) * BigInt(index)) / BigInt(count),
  );
  // The first and the last part have no end to the outside. The index is named: for statistics that say "empty", reading
  // all of the table costs as much as reading a part.
  return starts.map((start, index) => {
    const end = starts[index + 1];
    const conditions = [
      ...(index === 0 ? [] : [`${name} >= ${String(start)}`]),
      ...(end === undefined ? [] : [`${name} < ${String(end)}`]),
    ];
    return { rows: `${byIndex('PRIMARY')} WHERE ${conditions.join(' AND ')}`, bytes: likely / count };
  });
}
