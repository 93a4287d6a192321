import { createHash } from 'node:crypto';
import { quoteIdentifier } from '../../commands/quote.js';
import { type ColumnBytes, literal } from './column-bytes.js';
import { commonReplacement, type PatchPiece } from './patch.js';
import { keyCondition, type RowKey } from './row-key.js';
import { type Table } from './tables.js';

/** One value that the rewriter changed. Its Buffers are good until the next row is read. */
export interface ValueChange {
  readonly bytes: ColumnBytes;
  readonly before: Buffer;
  readonly after: Buffer;
  /** `after` as pieces of `before` and new bytes. */
  readonly pieces: readonly PatchPiece[];
  /** False where the value was read as stored, because a conversion would have lost characters. */
  readonly converted: boolean;
}

/** What is sent for a changed row, as SQL: the values themselves are not kept while it waits. */
export interface RowChange {
  /** Bytes of the row's key; empty where the table has none. */
  readonly key: readonly (Buffer | null)[];
  /** Names of the changed columns. */
  readonly columns: readonly string[];
  readonly sql: RowSql;
  /** Bytes of the new values. */
  readonly size: number;
}

/** With a key, the row's UPDATE. Without one, what becomes of each value, wherever it stands. */
export type RowSql = string | readonly ValueReplacement[];

interface ValueReplacement {
  readonly column: string;
  /** Expression of the bytes that were read. */
  readonly source: string;
  readonly before: string;
  readonly after: string;
}

/** Up to here a value is compared and sent as it is; above, by digest and in pieces. */
const SHORT = 256;

/** Expression of the bytes that a change was made from. */
const source = (change: ValueChange): string => (change.converted ? change.bytes.read : change.bytes.stored);

const hex = (bytes: Buffer): string => `X'${bytes.toString('hex')}'`;

/** True only while the column still holds the bytes that were read. */
function stillSame(change: ValueChange): string {
  const { before } = change;
  if (before.length <= SHORT) return `${source(change)} = ${hex(before)}`;
  const digest = createHash('sha256').update(before).digest('hex');
  return `SHA2(${source(change)}, 256) = '${digest}'`;
}

/** Expression of the new value: a literal, or what becomes of the old value. */
export function newValue(change: ValueChange): string {
  const { bytes, before, after, converted } = change;
  const whole = () => literal(bytes, after, converted);
  if (after.length <= SHORT || before.length <= SHORT) return whole();
  const changed = changedValue(change);
  if (changed.length > after.length * 2) return whole();
  // Bytes are stored in a column as they are, once the server has checked them as text of the column's character set.
  const charset = converted ? bytes.charset : bytes.column.charset;
  const isAsStored = charset === undefined || charset === 'binary' || charset === bytes.column.charset;
  return isAsStored ? changed : `CONVERT(${changed} USING ${charset})`;
}

function changedValue(change: ValueChange): string {
  const old = source(change);
  const common = commonReplacement(change.before, change.pieces);
  if (common !== undefined) return `REPLACE(${old}, ${hex(common.from)}, ${hex(common.to)})`;
  const pieces = change.pieces.map((piece) =>
    piece.kind === 'new'
      ? hex(piece.bytes)
      : `SUBSTRING(${old}, ${String(piece.start + 1)}, ${String(piece.length)})`,
  );
  return `CONCAT(${pieces.join(', ')})`;
}

/** Makes the SQL for the changed rows of one table. */
export class ChangeWriter {
  readonly #table: string;

  constructor(
    schema: string,
    readonly table: Table,
    readonly key: RowKey | undefined,
  ) {
    this.#table = `${quoteIdentifier(schema)}.${quoteIdentifier(table.name)}`;
  }

  /** @param key bytes of the row's key; a copy, as it outlives the row */
  change(key: readonly (Buffer | null)[], values: readonly ValueChange[]): RowChange {
    const columns = values.map((value) => value.bytes.column.name);
    const size = values.reduce((sum, value) => sum + value.after.length, 0);
    if (this.key !== undefined)
      return { key, columns, sql: this.#updateByKey(this.key, key, values, columns), size };
    const sql = values.map((value) => ({
      column: value.bytes.column.name,
      source: source(value),
      before: hex(value.before),
      after: literal(value.bytes, value.after, value.converted),
    }));
    return { key, columns, sql, size };
  }

  /** The statements for a batch of rows; with a key, one for each row in their order. */
  statements(changes: readonly RowChange[]): string[] {
    const updates = changes.flatMap(({ sql }) => (typeof sql === 'string' ? [sql] : []));
    const values = changes.flatMap(({ sql }) => (typeof sql === 'string' ? [] : sql));
    return [...updates, ...this.#updatesByValue(values)];
  }

  #updateByKey(
    key: RowKey,
    keyBytes: readonly (Buffer | null)[],
    values: readonly ValueChange[],
    columns: readonly string[],
  ): string {
    const sets = values.map((value) => `${quoteIdentifier(value.bytes.column.name)} = ${newValue(value)}`);
    return (
      `UPDATE ${this.#table} SET ${[...sets, ...this.#keptColumns(columns)].join(', ')} ` +
      `WHERE ${[keyCondition(key, keyBytes), ...values.map(stillSame)].join(' AND ')}`
    );
  }

  /** Columns that would change by themselves with any UPDATE are set to what they are. */
  #keptColumns(changed: readonly string[]): string[] {
    return this.table.columns
      .filter((column) => column.changesOnUpdate && !changed.includes(column.name))
      .map((column) => `${quoteIdentifier(column.name)} = ${quoteIdentifier(column.name)}`);
  }

  /**
   * What becomes of a value depends on the value alone, so every row that holds it may be changed at once: one
   * statement, and one pass over the table, for each column of a batch.
   */
  #updatesByValue(values: readonly ValueReplacement[]): string[] {
    const groups = new Map<string, Map<string, ValueReplacement>>();
    for (const value of values) {
      const group = groups.get(value.source) ?? new Map<string, ValueReplacement>();
      groups.set(value.source, group.set(value.before, value));
    }
    return [...groups.values()].map((group) => this.#updateColumn([...group.values()]));
  }

  #updateColumn(values: readonly ValueReplacement[]): string {
    const [first] = values;
    if (first === undefined) throw new TypeError('no change');
    const name = quoteIdentifier(first.column);
    const cases = values.map((value) => `WHEN ${value.before} THEN ${value.after}`);
    const set = `${name} = CASE ${first.source} ${cases.join(' ')} ELSE ${name} END`;
    return (
      `UPDATE ${this.#table} SET ${[set, ...this.#keptColumns([first.column])].join(', ')} ` +
      `WHERE ${first.source} IN (${values.map((value) => value.before).join(', ')})`
    );
  }
}
