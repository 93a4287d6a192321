import { type ValueChange, hex, source } from './value-sql.js';
import { quoteIdentifier, quoteTable } from '../../commands/quote.js';
import { literal } from './column-bytes.js';
import { type RowKey } from './row-key.js';
import { type Table } from './tables.js';
import { type KeyedUpdate, keyedUpdate, type Statement, updateStatements } from './update-statements.js';

/** What is sent for a changed row, as SQL: the values themselves are not kept while it waits. */
export interface RowChange {
  /** Bytes of the row's key; empty where the table has none. */
  readonly key: readonly (Buffer | null)[];
  readonly columns: readonly string[];
  readonly sql: RowSql;
  readonly size: number;
}

/** With a key, what its UPDATE is made of. Without one, what becomes of each value, wherever it stands. */
type RowSql = KeyedUpdate | readonly ValueReplacement[];

interface ValueReplacement {
  readonly column: string;
  /** Expression of the bytes that were read. */
  readonly source: string;
  readonly before: string;
  readonly after: string;
}

export class ChangeWriter {
  readonly #table: string;

  constructor(
    schema: string,
    readonly table: Table,
    readonly key: RowKey | undefined,
  ) {
    this.#table = quoteTable(schema, table.name);
  }

  /** @param key bytes of the row's key; a copy, as it outlives the row */
  change(key: readonly (Buffer | null)[], values: readonly ValueChange[]): RowChange {
    const columns = values.map((value) => value.bytes.column.name);
    const size = values.reduce((sum, value) => sum + value.after.length, 0);
    if (this.key !== undefined) return { key, columns, sql: keyedUpdate(this.key, key, values), size };
    const sql = values.map((value) => ({
      column: value.bytes.column.name,
      source: source(value),
      before: hex(value.before),
      after: literal(value.bytes, value.after, value.converted),
    }));
    return { key, columns, sql, size };
  }

  statements(changes: readonly RowChange[]): Statement[] {
    const updates = changes.flatMap(({ sql }) => ('sets' in sql ? [sql] : []));
    const values = changes.flatMap(({ sql }) => ('sets' in sql ? [] : sql));
    const kept = (columns: readonly string[]) => this.#keptColumns(columns);
    return [
      ...(this.key === undefined ? [] : updateStatements(this.#table, this.key, updates, kept)),
      ...this.#updatesByValue(values).map((sql) => ({ sql })),
    ];
  }

  /** Columns that would change by themselves with any UPDATE are set to what they are. */
  #keptColumns(changed: readonly string[]): string[] {
    return this.table.columns
      .filter((column) => column.changesOnUpdate && !changed.includes(column.name))
      .map((column) => `${quoteIdentifier(column.name)} = ${quoteIdentifier(column.name)}`);
  }

  /** What becomes of a value depends on it alone, so one statement a column changes all rows that hold it. */
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
