import { quoteTable } from '../../commands/quote.js';
import { type CandidateSearch } from './candidates.js';
import { type ColumnBytes, columnBytes } from './column-bytes.js';
import { cellsOf } from './packed-cells.js';
import { rowKey, type RowKey } from './row-key.js';
import { type KeyColumns } from './key-columns.js';
import { rowFilter, type RewriteRules, treatment } from './rules.js';
import { type Table } from './tables.js';
import { type KeyPart } from '../schema/key-parts.js';

/** What one connection reads of a table in one go. */
export interface ScanUnit {
  readonly table: Table;
  readonly columns: readonly ColumnBytes[];
  /** Those of {@link columns} that stay as they are and are only counted. */
  readonly counted: ReadonlySet<ColumnBytes>;
  readonly key: RowKey | undefined;
  readonly part: KeyPart;
}

export interface ScanSettings {
  readonly siteCharset: string;
  readonly rules: RewriteRules;
  readonly keys: KeyColumns;
  readonly search: CandidateSearch;
  /** Long values come compressed. */
  readonly packs: boolean;
}

/** What there is to read in a table; nothing when no column could hold a hit. */
export function scanUnits(
  table: Table,
  parts: readonly KeyPart[],
  settings: ScanSettings,
): readonly ScanUnit[] {
  const columns = table.columns.filter((column) => {
    if (treatment(table, column, settings.rules, settings.keys) === 'leave') return false;
    // A list of choices that names no host cannot hold one.
    if (column.kind === 'choice') return /[./]/.test(column.columnType);
    return (column.maxBytes ?? Infinity) >= settings.search.shortest;
  });
  if (columns.length === 0) return [];
  const read = columns.map((column) => columnBytes(column, settings.siteCharset));
  const whole = {
    table,
    columns: read,
    counted: new Set(read.filter(({ column }) => settings.keys.get(table.name)?.has(column.name) === true)),
    key: rowKey(table),
  };
  return parts.map((part) => ({ ...whole, part }));
}

/** Whether rows can be written while the table is read: engines without versions of rows lock it until the last one. */
export const readsSnapshots = (table: Table): boolean =>
  /^(innodb|rocksdb|tokudb|ndb.*)$/i.test(table.engine);

/** Key, then {@link cellsOf} each column. One snapshot. */
export function scanQuery(schema: string, unit: ScanUnit, settings: ScanSettings): string {
  const { table, columns, key, part } = unit;
  const list = [...(key?.read ?? []), ...columns.flatMap((column) => cellsOf(column, settings.packs))];
  const filter = rowFilter(table, settings.rules);
  const conditions = [
    ...(filter === undefined ? [] : [filter]),
    `(${columns.map((column) => settings.search.condition(column)).join(' OR ')})`,
  ];
  return (
    `SELECT ${list.join(', ')} FROM ${quoteTable(schema, table.name)} ` +
    [part.rows, ...conditions].join(' AND ')
  );
}
