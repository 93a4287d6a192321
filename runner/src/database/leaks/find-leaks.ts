import { keepSessions } from '../connection/keep-sessions.js';
import { quoteTable } from '../../commands/quote.js';
import { type OnProgress } from '../../run/progress.js';
import { inOneGo } from '../connection/in-one-go.js';
import { readAhead } from '../connection/read-ahead.js';
import { type SqlBytes, type SqlConnection } from '../connection/sql-connection.js';
import { keyColumns } from '../rewrite/key-columns.js';
import { leakClassifier, type LeakTarget, type Occurrence } from './classify.js';
import { type Definition, readDefinitions, withoutNames } from './definitions.js';
import { type FoundPlaces, LeakPlaces } from './leak-places.js';
import { holdsHost, type LeakColumn, searchable } from './leak-query.js';
import { keyParts, type KeyPart } from '../schema/key-parts.js';
import { ALL_TIMES } from '../schema/history.js';
import { type LeakTable, listTables } from './leak-tables.js';

/** Where a production host is no surprise. */
export interface ExpectedPlaces {
  /** Why this column may name production; undefined: it may not. */
  column(table: string, column: string): string | undefined;
  /** SQL condition (over the table's columns) of rows that may; with the reason. */
  rows(
    table: string,
    columns: readonly string[],
  ): { readonly condition: string; readonly reason: string } | undefined;
  /** Why this value of an ordinary column may; e.g. its mentions are keys of a serialized array. */
  value?(value: Buffer, leaks: number): string | undefined;
}

export interface FindLeaksOptions extends LeakTarget {
  readonly schema: string;
  readonly expected: ExpectedPlaces;
  /** Triggers and events that are made at the cutover, as statements. */
  readonly definitions?: readonly Definition[];
  readonly open: () => Promise<SqlConnection>;
  readonly onProgress?: OnProgress;
}

export interface LeakReport extends FoundPlaces {
  readonly seconds: number;
}

/** Searches every text, BLOB and JSON column of a schema, old rows included, and its definitions, for production's hosts. Reads only. @throws SqlError */
export async function findLeaks(options: FindLeaksOptions): Promise<LeakReport> {
  const started = performance.now();
  const places = new LeakPlaces();
  const { open, close } = keepSessions(options.open);
  try {
    const first = await open();
    const [queue, keys, definitions] = await inOneGo([
      planParts(first, options),
      keyColumns(first, options.schema, options.hosts),
      readDefinitions(first, options.schema),
    ]);
    const total = queue.reduce((sum, part) => sum + part.bytes, 0);
    let done = 0;
    const classify = leakClassifier(options);
    const worker = async (connection: SqlConnection): Promise<void> => {
      const next = () => {
        const part = queue.shift();
        if (part === undefined) return undefined;
        const expected = expectations(options, part.table, keys.get(part.table.name));
        const item = { part, expected };
        return { item, sql: partQuery(options, part, expected, connection.isMariaDb), bytes: part.bytes };
      };
      for await (const [{ part, expected }, rows] of readAhead(connection, next)) {
        await searchPart(rows, options, { table: part.table, ...expected }, classify, places);
        done += part.bytes;
        options.onProgress?.({ done: Math.round(done), total: Math.round(total), unit: 'bytes' });
      }
    };
    const count = Math.max(1, Math.min(PARTS_AT_ONCE, queue.length));
    searchDefinitions([...definitions, ...(options.definitions ?? [])], options, classify, places);
    const workers = Array.from({ length: count }, async (_, index) =>
      worker(index === 0 ? first : await open()),
    );
    await inOneGo(workers);
    return { ...places.report(), seconds: (performance.now() - started) / 1000 };
  } finally {
    await close();
  }
}

interface Part extends KeyPart {
  readonly table: LeakTable;
}

/** Each part waits for its disk, and rewriting had as many sessions. */
const PARTS_AT_ONCE = 4;
/** Characters of SQL for the columns of one query; a server may take no more than 1 MB (max_allowed_packet). */
const QUERY_LENGTH = 400_000;

/** A table of hundreds of columns as several, each with some of them. */
function inGroups(table: LeakTable, lengthOf: (column: LeakColumn) => number): readonly LeakTable[] {
  const groups: LeakColumn[][] = [[]];
  let length = 0;
  for (const column of table.columns) {
    length += lengthOf(column);
    if (length > QUERY_LENGTH && groups.at(-1)?.length !== 0) {
      groups.push([]);
      length = lengthOf(column);
    }
    groups.at(-1)?.push(column);
  }
  return groups.map((columns) => ({ ...table, columns }));
}

async function planParts(connection: SqlConnection, options: FindLeaksOptions): Promise<Part[]> {
  const cutTable = async (table: LeakTable): Promise<Part[]> => {
    const parts = await keyParts(connection, options.schema, table);
    return parts.map((part) => ({ ...part, table }));
  };
  // Each column stands twice in its query: for its value, and in the condition.
  const lengthOf = (column: LeakColumn) => 2 * holdsHost(column, options.hosts, connection.isMariaDb).length;
  const tables = (await listTables(connection, options.schema)).flatMap((table) => inGroups(table, lengthOf));
  const parts = await inOneGo(tables.map(cutTable));
  return parts.flat().sort((a, b) => b.bytes - a.bytes);
}

/** What of a table may name production, and why. @param keys texts that are keys of rows, with the reason */
function expectations(
  { expected }: FindLeaksOptions,
  table: LeakTable,
  keys: ReadonlyMap<string, string> | undefined,
) {
  const reasons = new Map(
    table.columns.map((column) => [
      column,
      keys?.get(column.name) ??
        (table.keyColumns.has(column.name) ? 'primary key' : expected.column(table.name, column.name)),
    ]),
  );
  return {
    reasons,
    /** Columns that may name production: only how many values do is asked for. */
    counted: table.columns.filter((column) => reasons.get(column) !== undefined),
    /** Columns of which the values are looked at. */
    searched: table.columns.filter((column) => reasons.get(column) === undefined),
    rows: expected.rows(table.name, table.names),
  };
}

type Expectations = ReturnType<typeof expectations>;

async function searchPart(
  found: AsyncIterable<SqlBytes[]>,
  options: FindLeaksOptions,
  { table, reasons, counted, searched, rows }: Pick<Part, 'table'> & Expectations,
  classify: (value: Buffer) => Occurrence[],
  places: LeakPlaces,
): Promise<void> {
  const totals = counted.map(() => 0);
  for await (const [isExpected, named, ...values] of found) {
    for (let index = 0; index < totals.length; index += 1)
      if (named?.[index] === ONE) totals[index] = (totals[index] ?? 0) + 1;
    searched.forEach((column, index) => {
      const value = values[index];
      if (value === null || value === undefined) return;
      const leaks = classify(value);
      if (leaks.length === 0) return;
      const why = isExpected?.[0] === ONE ? rows?.reason : options.expected.value?.(value, leaks.length);
      places.add({ ...placeOf(table, column), reason: why, sample: leaks[0]?.sample ?? '' }, 1, leaks.length);
    });
  }
  counted.forEach((column, index) => {
    const values = totals[index] ?? 0;
    if (values > 0)
      places.add({ ...placeOf(table, column), reason: reasons.get(column), sample: '' }, values, values);
  });
}

const placeOf = ({ name, isVersioned }: LeakTable, column: LeakColumn) => ({
  table: name,
  column: column.name,
  isVersioned,
});

/** Views, routines, triggers, events, defaults and comments; one that the account may not read counts as a leak. */
function searchDefinitions(
  definitions: readonly Definition[],
  options: FindLeaksOptions,
  classify: (value: Buffer) => Occurrence[],
  places: LeakPlaces,
): void {
  for (const { name, column, part, text } of definitions) {
    const leaks = text === undefined ? [] : classify(Buffer.from(withoutNames(text)));
    if (text !== undefined && leaks.length === 0) continue;
    const sample = leaks[0]?.sample ?? 'hidden from the account';
    const location = { table: name, column, part, reason: options.expected.column(name, column), sample };
    places.add(location, 1, Math.max(1, leaks.length));
  }
}

const ONE = 0x31;

/** Whether the row may name production, a digit for each counted column (these first), and the values looked at. */
function partQuery(
  options: FindLeaksOptions,
  { table, rows: ofPart }: Part,
  { counted, searched, rows }: Expectations,
  isMariaDb: boolean,
): string {
  const holds = (column: LeakColumn) => holdsHost(column, options.hosts, isMariaDb);
  const flags = counted.map((column) => `COALESCE(${holds(column)}, 0)`);
  const values = searched.map((column) => `IF(${holds(column)}, ${searchable(column)}, NULL)`);
  const list = [
    rows === undefined ? '0' : `(${rows.condition})`,
    flags.length === 0 ? "''" : `CONCAT(${flags.join(', ')})`,
    ...values,
  ];
  const conditions = [...counted, ...searched].map(holds);
  return (
    `SELECT ${list.join(', ')} FROM ${quoteTable(options.schema, table.name)} ` +
    `${table.isVersioned ? ALL_TIMES : ''} ${ofPart} AND (${conditions.join(' OR ')})`
  );
}
