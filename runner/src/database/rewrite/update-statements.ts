import { quoteIdentifier } from '../../commands/quote.js';
import { type ValueChange } from './changes.js';
import { keyCondition, keyLiteral, type RowKey } from './row-key.js';
import { isAsStored, newValue, stillSame } from './value-sql.js';

/** What the UPDATE of one row is made of. */
export interface KeyedUpdate {
  /** The key's value as SQL, for a row that may share its statement with others; undefined: it may not. */
  readonly key: string | undefined;
  /** True for this row alone. */
  readonly condition: string;
  readonly sets: readonly {
    readonly column: string;
    readonly value: string;
    /** True while the column holds what was read. */
    readonly same: string;
  }[];
}

export interface Statement {
  readonly sql: string;
  /** How many rows it changes when nobody else changed them meanwhile; undefined: that cannot be known. */
  readonly rows?: number;
}

/** @param key bytes of the row's key */
export function keyedUpdate(
  key: RowKey,
  keyBytes: readonly (Buffer | null)[],
  values: readonly ValueChange[],
): KeyedUpdate {
  return {
    key: values.every(mixesWithOthers) ? integerKey(key, keyBytes) : undefined,
    condition: keyCondition(key, keyBytes),
    sets: values.map((change) => ({
      column: change.bytes.column.name,
      value: newValue(change),
      same: stillSame(change),
    })),
  };
}

/** Beside other values of its column in one expression it still becomes the same bytes. */
const mixesWithOthers = (change: ValueChange): boolean =>
  isAsStored(change) && (change.bytes.column.kind === 'text' || change.bytes.column.kind === 'binary');

/** A key that is compared by number, whatever stands beside it in a list. */
function integerKey(key: RowKey, keyBytes: readonly (Buffer | null)[]): string | undefined {
  const [column, ...more] = key.columns;
  if (column === undefined || more.length > 0) return undefined;
  return /^(tinyint|smallint|mediumint|int|bigint)$/.test(column.dataType)
    ? keyLiteral(column, keyBytes[0] ?? null)
    : undefined;
}

/**
 * One statement for all rows whose same columns change, because the server spends more on a statement than on a row.
 * @param kept assignments of columns that would change by themselves
 */
export function updateStatements(
  table: string,
  key: RowKey,
  updates: readonly KeyedUpdate[],
  kept: (columns: readonly string[]) => readonly string[],
): Statement[] {
  const groups = new Map<string, KeyedUpdate[]>();
  for (const [index, update] of updates.entries()) {
    const name = update.key === undefined ? String(index) : JSON.stringify(update.sets.map(columnOf));
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [update]);
    else group.push(update);
  }
  return [...groups.values()].map((group) => ({
    sql: together(table, key, group, kept),
    rows: group.length,
  }));
}

const columnOf = ({ column }: KeyedUpdate['sets'][number]): string => column;

function together(
  table: string,
  key: RowKey,
  group: readonly KeyedUpdate[],
  kept: (columns: readonly string[]) => readonly string[],
): string {
  const columns = group[0]?.sets.map(columnOf) ?? [];
  const name = quoteIdentifier(key.columns[0]?.name ?? '');
  /** What holds for each row by its key; without a choice where it is the same for all. */
  const perRow = (of: (update: KeyedUpdate) => string): string => {
    const [first, ...others] = group.map(of);
    if (first === undefined) throw new TypeError('no rows');
    return others.every((other) => other === first)
      ? first
      : `CASE ${name} ${group.map((update) => `WHEN ${String(update.key)} THEN ${of(update)}`).join(' ')} END`;
  };
  const sets = columns.map(
    (column, index) => `${quoteIdentifier(column)} = ${perRow(({ sets }) => sets[index]?.value ?? '')}`,
  );
  const rows =
    group.length === 1
      ? group[0]?.condition
      : `${name} IN (${group.map((update) => String(update.key)).join(', ')})`;
  const same = perRow(({ sets }) => sets.map((set) => set.same).join(' AND '));
  return `UPDATE ${table} SET ${[...sets, ...kept(columns)].join(', ')} WHERE ${String(rows)} AND ${same}`;
}
