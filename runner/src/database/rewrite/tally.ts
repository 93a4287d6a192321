import { type SqlBytes } from '../connection/sql-connection.js';
import { type ColumnBytes } from './column-bytes.js';
import { keyLiteral } from './row-key.js';
import { type ScanUnit } from './scan.js';

/** Changed values and single replacements by column. */
export type UnitCounts = Map<string, ColumnCounts>;
export interface ColumnCounts {
  readonly values: number;
  readonly replacements: number;
  /** Mentions of production that were left on purpose, by reason. */
  readonly left: Readonly<Record<string, number>>;
}

const nothing: ColumnCounts = { values: 0, replacements: 0, left: {} };

/** The sum of two counts; undefined counts as 0. */
export function addUp(one: ColumnCounts = nothing, more: Partial<ColumnCounts> = nothing): ColumnCounts {
  const left = { ...one.left };
  for (const [reason, count] of Object.entries(more.left ?? {})) left[reason] = (left[reason] ?? 0) + count;
  return {
    values: one.values + (more.values ?? 0),
    replacements: one.replacements + (more.replacements ?? 0),
    left,
  };
}

/** By table, then by column. */
export type DatabaseCounts = Map<string, UnitCounts>;

export function addCounts(total: DatabaseCounts, table: string, counts: UnitCounts): void {
  const columns: UnitCounts = total.get(table) ?? new Map<string, ColumnCounts>();
  for (const [name, more] of counts) columns.set(name, addUp(columns.get(name), more));
  if (columns.size > 0) total.set(table, columns);
}

/** Rows of one column whose changed values were valid serialized PHP before; the proof reads them again. */
export interface SerializedPlaces {
  readonly table: string;
  readonly column: string;
  /** Name of the key's index, and of its columns. */
  readonly index: string;
  readonly key: readonly string[];
  /** The keys as SQL, `(17)`: a large site has a hundred thousand of them, so no more than that is kept of each. */
  readonly rows: readonly string[];
}

/** At most this many values are kept; beyond it, every value still passed the same check before it was sent. */
const LIMIT = 500_000;

/** Remembers where valid serialized values were changed. Tables without a key cannot be named and are left out. */
export class SerializedLedger {
  readonly #places = new Map<string, SerializedPlaces & { readonly rows: string[] }>();
  #left = LIMIT;

  /** @param row the row of a valid serialized value, as it was read */
  note({ table, key }: ScanUnit, bytes: ColumnBytes, row: readonly SqlBytes[]): void {
    if (key === undefined || this.#left === 0) return;
    this.#left -= 1;
    const column = bytes.column.name;
    const name = `${table.name}\0${column}`;
    let places = this.#places.get(name);
    if (places === undefined) {
      places = {
        table: table.name,
        column,
        index: key.index,
        key: key.columns.map((one) => one.name),
        rows: [],
      };
      this.#places.set(name, places);
    }
    const values = key.columns.map((one, index) => keyLiteral(one, row[index] ?? null));
    places.rows.push(`(${values.join(', ')})`);
  }

  places(): SerializedPlaces[] {
    return [...this.#places.values()];
  }
}
