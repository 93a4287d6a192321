import { quoteIdentifier, quoteTable } from '../../commands/quote.js';
import { type CandidateSearch } from './candidates.js';
import { type ColumnBytes, columnBytes } from './column-bytes.js';
import { cellsOf } from './packed-cells.js';
import { rowKey, type RowKey, splittableColumn } from './row-key.js';
import { type KeyColumns } from './key-columns.js';
import { rowFilter, type RewriteRules, treatment } from './rules.js';
import { type Table } from './tables.js';
import { keyRanges } from '../schema/schema-lists.js';

/** A table, or a part of it by primary key, that one connection reads in one go. */
export interface ScanUnit {
  readonly table: Table;
  readonly columns: readonly ColumnBytes[];
  /** Those of {@link columns} that stay as they are and are only counted. */
  readonly counted: ReadonlySet<ColumnBytes>;
  readonly key: RowKey | undefined;
  /** Inclusive ends over the integer primary key. */
  readonly range?: { readonly column: string; readonly from: bigint; readonly to: bigint };
  readonly estimatedBytes: number;
}

export interface ScanSettings {
  readonly siteCharset: string;
  readonly rules: RewriteRules;
  readonly keys: KeyColumns;
  readonly search: CandidateSearch;
  /** Long values come compressed. */
  readonly packs: boolean;
}

/** What there is to read in a table; undefined when no column could hold a hit. */
export function scanUnit(table: Table, settings: ScanSettings): ScanUnit | undefined {
  const columns = table.columns.filter((column) => {
    if (treatment(table, column, settings.rules, settings.keys) === 'leave') return false;
    // A list of choices that names no host cannot hold one.
    if (column.kind === 'choice') return /[./]/.test(column.columnType);
    return (column.maxBytes ?? Infinity) >= settings.search.shortest;
  });
  if (columns.length === 0) return undefined;
  const read = columns.map((column) => columnBytes(column, settings.siteCharset));
  return {
    table,
    columns: read,
    counted: new Set(read.filter(({ column }) => settings.keys.get(table.name)?.has(column.name) === true)),
    key: rowKey(table),
    estimatedBytes: table.estimatedBytes,
  };
}

/** Above this size a table is read in parts, so that several connections share it. */
const PART_BYTES = 24 * 1024 * 1024;

/** Cuts a big table with an integer key; `ends` are the smallest and the greatest key. */
export function splitUnit(unit: ScanUnit, ends: readonly [bigint, bigint]): ScanUnit[] {
  const column = splittableColumn(unit.table);
  const parts = Math.min(256, Math.ceil(unit.estimatedBytes / PART_BYTES));
  if (column === undefined || parts < 2 || ends[1] <= ends[0]) return [unit];
  return keyRanges(ends, parts).map(({ from, to }) => ({
    ...unit,
    range: { column, from, to },
    estimatedBytes: unit.estimatedBytes / parts,
  }));
}

export const isSplittable = (table: Table): boolean =>
  table.estimatedBytes > PART_BYTES && splittableColumn(table) !== undefined;

/** Whether rows can be written while the table is read: engines without versions of rows lock it until the last one. */
export const readsSnapshots = (table: Table): boolean =>
  /^(innodb|rocksdb|tokudb|ndb.*)$/i.test(table.engine);

/** Key, then {@link cellsOf} each column. One snapshot. */
export function scanQuery(schema: string, unit: ScanUnit, settings: ScanSettings): string {
  const { table, columns, key, range } = unit;
  const list = [...(key?.read ?? []), ...columns.flatMap((column) => cellsOf(column, settings.packs))];
  const filter = rowFilter(table, settings.rules);
  const conditions = [
    ...(range === undefined
      ? []
      : [`${quoteIdentifier(range.column)} BETWEEN ${String(range.from)} AND ${String(range.to)}`]),
    ...(filter === undefined ? [] : [filter]),
    `(${columns.map((column) => settings.search.condition(column)).join(' OR ')})`,
  ];
  return (
    `SELECT ${list.join(', ')} FROM ${quoteTable(schema, table.name)} ` + `WHERE ${conditions.join(' AND ')}`
  );
}
