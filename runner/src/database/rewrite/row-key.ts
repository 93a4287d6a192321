import { quoteIdentifier } from '../../commands/quote.js';
import { type Column, type Table } from './tables.js';

/** What identifies a row while its texts change: its key's bytes as they are stored. */
export interface RowKey {
  readonly index: string;
  readonly columns: readonly Column[];
  /** Expressions to select, one per column. */
  readonly read: readonly string[];
}

/** The primary key, else the shortest unique one without NULLs. Floating-point columns do not compare reliably. */
export function rowKey(table: Table): RowKey | undefined {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const primary = { name: 'PRIMARY', columns: table.primaryKey };
  const others = [...table.uniqueKeys].sort((a, b) => a.columns.length - b.columns.length);
  for (const { name: index, columns: names } of [primary, ...others]) {
    const columns = names.map((name) => byName.get(name)).filter((column) => column !== undefined);
    if (columns.length === 0 || columns.length < names.length) continue;
    if (columns.some((column) => /^(float|double|real|geometry|point)$/.test(column.dataType))) continue;
    return { index, columns, read: columns.map(readKey) };
  }
  return undefined;
}

const NUMBER = /^(tinyint|smallint|mediumint|int|bigint|decimal|numeric|year)$/;

function readKey(column: Column): string {
  const name = quoteIdentifier(column.name);
  if (column.dataType === 'bit') return `${name} + 0`;
  return NUMBER.test(column.dataType) ? name : `CAST(${name} AS BINARY)`;
}

/** The condition that holds for this row alone. @param values the bytes that {@link RowKey.read} gave */
export function keyCondition(key: RowKey, values: readonly (Buffer | null)[]): string {
  return key.columns
    .map((column, index) => `${quoteIdentifier(column.name)} = ${keyLiteral(column, values[index] ?? null)}`)
    .join(' AND ');
}

export function keyLiteral(column: Column, value: Buffer | null): string {
  if (value === null) throw new TypeError('a key is never NULL');
  const text = value.toString('latin1');
  if (NUMBER.test(column.dataType) || column.dataType === 'bit') {
    if (!/^-?\d+(\.\d+)?$/.test(text)) throw new TypeError('not a number');
    return text;
  }
  if (/^(date|datetime|timestamp|time)$/.test(column.dataType)) {
    if (!/^-?[\d:. -]+$/.test(text)) throw new TypeError('not a date');
    return `'${text}'`;
  }
  // The column's own character set: the server compares by index, without converting the column.
  const charset = column.charset === undefined || column.charset === 'binary' ? 'binary' : column.charset;
  return `_${charset} X'${value.toString('hex')}'`;
}

/** The key as a person reads it: `ID 17`, `site_id 1, meta_key "siteurl"`. */
export function describeKey(key: RowKey, values: readonly (Buffer | null)[]): string {
  return key.columns
    .map((column, index) => {
      const text = (values[index] ?? Buffer.alloc(0)).toString('utf8').slice(0, 80);
      return `${column.name} ${/^-?[\d.:-]+$/.test(text) ? text : JSON.stringify(text)}`;
    })
    .join(', ');
}

/** An integer primary key of one column: what a big table can be cut by. */
export function splittableColumn(table: Table): string | undefined {
  const [name, ...more] = table.primaryKey;
  if (name === undefined || more.length > 0) return undefined;
  const column = table.columns.find((one) => one.name === name);
  return column && /^(smallint|mediumint|int|bigint)$/.test(column.dataType) ? name : undefined;
}
