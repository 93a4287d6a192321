import { type SqlBytes } from '../connection.js';
import { type ColumnBytes } from './column-bytes.js';
import { type ScanUnit } from './scan.js';

/** Changed values and single replacements by column. */
export type UnitCounts = Map<string, ColumnCounts>;
export interface ColumnCounts {
  readonly values: number;
  readonly replacements: number;
}

/** By table, then by column. */
export type DatabaseCounts = Map<string, UnitCounts>;

export function addCounts(total: DatabaseCounts, table: string, counts: UnitCounts): void {
  const columns: UnitCounts = total.get(table) ?? new Map<string, ColumnCounts>();
  for (const [name, more] of counts) {
    const known = columns.get(name) ?? { values: 0, replacements: 0 };
    columns.set(name, {
      values: known.values + more.values,
      replacements: known.replacements + more.replacements,
    });
  }
  if (columns.size > 0) total.set(table, columns);
}

/** A changed value that was valid serialized PHP before; the proof reads it again. */
export interface SerializedPlace {
  readonly table: string;
  readonly column: string;
  /** Names and bytes of the row's key. */
  readonly key: readonly { readonly column: string; readonly bytes: Buffer }[];
}

/** At most this many places are kept; beyond it, every value still passed the same check before it was sent. */
const LIMIT = 500_000;

/** Remembers where valid serialized values were changed. Tables without a key cannot be named and are left out. */
export class SerializedLedger {
  readonly places: SerializedPlace[] = [];

  /** @param row the row of a valid serialized value, as it was read */
  note(unit: ScanUnit, bytes: ColumnBytes, row: readonly SqlBytes[]): void {
    if (unit.key === undefined || this.places.length >= LIMIT) return;
    const key = unit.key.columns.map((column, index) => ({
      column: column.name,
      bytes: Buffer.from(row[index] ?? Buffer.alloc(0)),
    }));
    this.places.push({ table: unit.table.name, column: bytes.column.name, key });
  }
}
