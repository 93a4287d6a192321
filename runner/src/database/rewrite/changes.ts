import { createHash } from 'node:crypto';
import { quoteIdentifier } from '../../commands/quote.js';
import { type ColumnBytes, literal } from './column-bytes.js';
import { type PatchPiece } from './patch.js';
import { keyCondition, type RowKey } from './row-key.js';
import { type Table } from './tables.js';

/** One value that the rewriter changed. */
export interface ValueChange {
  readonly bytes: ColumnBytes;
  readonly before: Buffer;
  readonly after: Buffer;
  /** `after` as pieces of `before` and new bytes. */
  readonly pieces: readonly PatchPiece[];
  /** False where the value was read as stored, because a conversion would have lost characters. */
  readonly converted: boolean;
}

export interface RowChange {
  /** Bytes of the row's key; empty where the table has none. */
  readonly key: readonly (Buffer | null)[];
  readonly values: readonly ValueChange[];
}

/** Up to here a value is compared and sent as it is; above, by digest and in pieces. */
const SHORT = 256;

/** Expression of the bytes that a change was made from. */
const source = (change: ValueChange): string => (change.converted ? change.bytes.read : change.bytes.stored);

/** True only while the column still holds the bytes that were read. */
function stillSame(change: ValueChange): string {
  const { before } = change;
  if (before.length <= SHORT) return `${source(change)} = X'${before.toString('hex')}'`;
  const digest = createHash('sha256').update(before).digest('hex');
  return `SHA2(${source(change)}, 256) = '${digest}'`;
}

/** Expression of the new value: a literal, or pieces of the old value and what is new. */
export function newValue(change: ValueChange): string {
  const { bytes, before, after, converted } = change;
  const whole = () => literal(bytes, after, converted);
  if (after.length <= SHORT || before.length <= SHORT) return whole();
  const pieces = change.pieces.map((piece) =>
    piece.kind === 'new'
      ? `X'${piece.bytes.toString('hex')}'`
      : `SUBSTRING(${source(change)}, ${String(piece.start + 1)}, ${String(piece.length)})`,
  );
  const joined = `CONCAT(${pieces.join(', ')})`;
  if (joined.length > after.length * 2) return whole();
  // Bytes are stored in a column as they are, once the server has checked them as text of the column's character set.
  const charset = converted ? bytes.charset : bytes.column.charset;
  const isAsStored = charset === undefined || charset === 'binary' || charset === bytes.column.charset;
  return isAsStored ? joined : `CONVERT(${joined} USING ${charset})`;
}

/** Columns that would change by themselves with any UPDATE are set to what they are. */
const keptColumns = (table: Table, changed: readonly string[]): string[] =>
  table.columns
    .filter((column) => column.changesOnUpdate && !changed.includes(column.name))
    .map((column) => `${quoteIdentifier(column.name)} = ${quoteIdentifier(column.name)}`);

/** One UPDATE for one row. */
export function updateByKey(schema: string, table: Table, key: RowKey, change: RowChange): string {
  const sets = change.values.map(
    (value) => `${quoteIdentifier(value.bytes.column.name)} = ${newValue(value)}`,
  );
  const names = change.values.map((value) => value.bytes.column.name);
  return (
    `UPDATE ${quoteIdentifier(schema)}.${quoteIdentifier(table.name)} ` +
    `SET ${[...sets, ...keptColumns(table, names)].join(', ')} ` +
    `WHERE ${[keyCondition(key, change.key), ...change.values.map(stillSame)].join(' AND ')}`
  );
}

/**
 * UPDATEs for a table without a key. What becomes of a value depends on the value alone, so every row that holds it
 * may be changed at once: one statement, and one pass over the table, for each column of a batch.
 */
export function updatesByValue(schema: string, table: Table, changes: readonly RowChange[]): string[] {
  const groups = new Map<string, Map<string, ValueChange>>();
  for (const value of changes.flatMap((change) => change.values)) {
    const name = `${value.converted ? 'converted' : 'stored'} ${value.bytes.column.name}`;
    const group = groups.get(name) ?? new Map<string, ValueChange>();
    group.set(value.before.toString('latin1'), value);
    groups.set(name, group);
  }
  return [...groups.values()].map((group) => updateColumnByValue(schema, table, [...group.values()]));
}

function updateColumnByValue(schema: string, table: Table, values: readonly ValueChange[]): string {
  const first = values[0];
  if (first === undefined) throw new TypeError('no change');
  const name = quoteIdentifier(first.bytes.column.name);
  const old = (value: ValueChange) => `X'${value.before.toString('hex')}'`;
  const cases = values.map(
    (value) => `WHEN ${old(value)} THEN ${literal(value.bytes, value.after, value.converted)}`,
  );
  return (
    `UPDATE ${quoteIdentifier(schema)}.${quoteIdentifier(table.name)} ` +
    `SET ${[
      `${name} = CASE ${source(first)} ${cases.join(' ')} ELSE ${name} END`,
      ...keptColumns(table, [first.bytes.column.name]),
    ].join(', ')} ` +
    `WHERE ${source(first)} IN (${values.map(old).join(', ')})`
  );
}
