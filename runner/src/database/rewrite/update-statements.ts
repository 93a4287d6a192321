import { quoteIdentifier } from '../../commands/quote.js';
import { type ValueChange, isAsStored, newValue, stillSame } from './value-sql.js';
import { byIndex } from '../schema/schema-lists.js';
import { keyCondition, keyLiteral, type RowKey } from './row-key.js';

export interface KeyedUpdate {
  /** The key's value as SQL, for a row that may share its statement with others; undefined: it may not. */
  readonly key: string | undefined;
  /** True for this row alone. */
  readonly condition: string;
  readonly sets: readonly ColumnUpdate[];
}

interface ColumnUpdate {
  readonly column: string;
  readonly value: string;
  /** Whether other rows are likely to have the same expression. */
  readonly common: boolean;
  /** What tells the value that was read, and what it gives while the column still holds that value. */
  readonly tested: string;
  readonly expected: string;
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
      ...newValue(change),
      ...stillSame(change),
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

/** Fewer rows with the same new value than this are not worth a statement of their own. */
const WORTH_A_STATEMENT = 8;

/** One statement for all rows that change alike. @param kept assignments of columns that would change by themselves */
export function updateStatements(
  table: string,
  key: RowKey,
  updates: readonly KeyedUpdate[],
  kept: (columns: readonly string[]) => readonly string[],
): Statement[] {
  const alone: KeyedUpdate[][] = [];
  const alike = new Map<string, KeyedUpdate[]>();
  const mixed = new Map<string, KeyedUpdate[]>();
  const addTo = (groups: Map<string, KeyedUpdate[]>, name: string, update: KeyedUpdate): void => {
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [update]);
    else group.push(update);
  };
  for (const update of updates)
    if (update.key === undefined) alone.push([update]);
    else if (update.sets.every(({ common }) => common)) addTo(alike, nameOf(update.sets, true), update);
    else addTo(mixed, nameOf(update.sets, false), update);
  const large: KeyedUpdate[][] = [];
  for (const group of alike.values())
    if (group.length >= WORTH_A_STATEMENT) large.push(group);
    else for (const update of group) addTo(mixed, nameOf(update.sets, false), update);
  return [...mixed.values(), ...large, ...alone].map((group) => ({
    sql: together(table, key, group, kept),
    rows: group.length,
  }));
}

const nameOf = (sets: readonly ColumnUpdate[], withValues: boolean): string =>
  sets.map(({ column, tested, value }) => `${column}\0${tested}\0${withValues ? value : ''}`).join('\0');

/** By the place of its key in a list: `CASE key WHEN …` compares an unsigned key as a decimal number, which is slow. */
function together(
  table: string,
  key: RowKey,
  group: readonly KeyedUpdate[],
  kept: (columns: readonly string[]) => readonly string[],
): string {
  const [first] = group;
  if (first === undefined) throw new TypeError('no rows');
  const name = quoteIdentifier(key.columns[0]?.name ?? '');
  const keys = group.map((update) => String(update.key)).join(', ');
  /** What holds for each row by its key; without a choice where it is the same for all. */
  const perRow = (values: readonly string[]): string =>
    values.every((value) => value === values[0])
      ? (values[0] ?? '')
      : `ELT(FIELD(${name}, ${keys}), ${values.join(', ')})`;
  const each = (index: number, of: 'value' | 'expected') =>
    perRow(group.map(({ sets }) => sets[index]?.[of] ?? ''));
  const sets = first.sets.map(({ column }, index) => `${quoteIdentifier(column)} = ${each(index, 'value')}`);
  const columns = first.sets.map(({ column }) => column);
  const conditions = [
    group.length === 1 ? first.condition : `${name} IN (${keys})`,
    ...first.sets.map(({ tested }, index) => `${tested} = ${each(index, 'expected')}`),
  ];
  return `UPDATE ${table} ${byIndex(key.index)} SET ${[...sets, ...kept(columns)].join(', ')} WHERE ${conditions.join(' AND ')}`;
}
