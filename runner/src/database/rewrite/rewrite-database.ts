import { keepSessions } from '../connection/keep-sessions.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { type Rewriter } from '../../rewrite/index.js';
import { type OnProgress } from '../../run/progress.js';
import { inOneGo } from '../connection/in-one-go.js';
import { readAhead, type RowQuestion } from '../connection/read-ahead.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import { candidateSearch } from './candidates.js';
import { effectiveCharset } from './column-bytes.js';
import { keyColumns } from './key-columns.js';
import { packsValues } from './packed-cells.js';
import { rewriteUnit, type UnitContext, type UnitResult } from './rewrite-unit.js';
import { type RewriteRules } from './rules.js';
import { readsSnapshots, scanQuery, type ScanSettings, type ScanUnit, scanUnits } from './scan.js';
import { addCounts, type DatabaseCounts, SerializedLedger, type SerializedPlaces } from './tally.js';
import { readTables, type Table } from './tables.js';
import { type WriteProblem, WriteLine } from './write-back.js';
import { keyParts } from '../schema/key-parts.js';
import { splittableColumn } from './row-key.js';

export interface RewriteDatabaseOptions {
  readonly schema: string;
  /** DB_CHARSET of the site; '' where wp-config.php has none. */
  readonly siteCharset: string;
  readonly rewriter: Rewriter;
  readonly rules: RewriteRules;
  /** Opens one more session with {@link REWRITE_SESSION}. Called for each reader and each writer. */
  readonly open: () => Promise<SqlConnection>;
  /** What has to be done before the first row is read; what there is to read is looked up meanwhile. */
  readonly before?: Promise<void>;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export interface RewriteDatabaseResult {
  readonly counts: DatabaseCounts;
  readonly values: number;
  readonly replacements: number;
  /** Changed values that were valid serialized PHP before, for the proof. */
  readonly serialized: readonly SerializedPlaces[];
  readonly seconds: number;
}

/** What a rewriting session needs beside the policy of all sessions. */
export const REWRITE_SESSION = { multipleStatements: true, foreignKeyChecks: false } as const;

/** Each has a connection to read and one to write. */
const TABLES_AT_ONCE = 2;
/** Passes over the tables whose rows somebody else changed meanwhile. */
const PASSES = 3;

/** Rewrites a schema in place; may be started again. @throws REWRITE_VALUE_REFUSED naming what could not be written */
export async function rewriteDatabase(options: RewriteDatabaseOptions): Promise<RewriteDatabaseResult> {
  const started = performance.now();
  const { open, close } = keepSessions(options.open);
  try {
    const first = await open();
    // Asked first: what goes before would be part of the round trip.
    const packing = packsValues(first);
    const reading = readTables(first, options.schema);
    const [packs, settings, packet, tables] = await inOneGo([
      packing,
      scanSettings(options, first),
      largestPacket(first),
      reading.then((all) =>
        inOneGo(all.map(async (table) => [table, await partsOf(first, options.schema, table)] as const)),
      ),
    ]);
    const work = new Work(options, { ...settings, packs }, packet);
    let units = tables
      .flatMap(([table, parts]) => scanUnits(table, parts, work.settings))
      .sort((a, b) => b.part.bytes - a.part.bytes);
    await options.before;
    for (let pass = 1; pass <= PASSES && units.length > 0; pass += 1)
      units = await work.pass(units, first, open);
    refuseProblems(work.problems);
    return { ...work.result(), seconds: (performance.now() - started) / 1000 };
  } finally {
    await close();
  }
}

async function scanSettings(
  options: RewriteDatabaseOptions,
  connection: SqlConnection,
): Promise<Omit<ScanSettings, 'packs'>> {
  const { needles, hiddenHosts } = options.rewriter;
  return {
    siteCharset: effectiveCharset(options.siteCharset),
    rules: options.rules,
    keys: await keyColumns(connection, options.schema, hiddenHosts),
    search: candidateSearch({ needles, isMariaDb: connection.isMariaDb, hiddenHosts }),
  };
}

async function largestPacket(connection: SqlConnection): Promise<number> {
  const rows = await connection.query('SELECT @@max_allowed_packet AS size');
  return Number(rows[0]?.['size']);
}

const partsOf = (connection: SqlConnection, schema: string, table: Table) =>
  keyParts(connection, schema, {
    name: table.name,
    bytes: table.estimatedBytes,
    key: splittableColumn(table),
  });

class Work {
  readonly problems: WriteProblem[] = [];
  readonly #counts: DatabaseCounts = new Map();
  readonly #ledger = new SerializedLedger();

  constructor(
    readonly options: RewriteDatabaseOptions,
    readonly settings: ScanSettings,
    readonly packet: number,
  ) {}

  /** @returns the units of which rows were changed by somebody else meanwhile */
  async pass(
    units: readonly ScanUnit[],
    first: SqlConnection,
    open: () => Promise<SqlConnection>,
  ): Promise<ScanUnit[]> {
    const queue = [...units];
    const again: ScanUnit[] = [];
    const total = units.reduce((sum, unit) => sum + unit.part.bytes, 0);
    let done = 0;
    const failure = new AbortController();
    const worker = async (reader: SqlConnection) => {
      const writer = await open();
      const ended: (readonly [ScanUnit, Promise<UnitResult>])[] = [];
      const line = new WriteLine();
      for await (const [unit, rows] of readAhead(reader, () => this.#question(queue.shift()))) {
        if (failure.signal.aborted) return;
        if (this.options.signal?.aborted) throw new UnderstudyError('INTERRUPTED');
        const read = await rewriteUnit(this.#unitContext(writer), unit, rows, this.#ledger, line);
        ended.push([unit, read.result]);
        // Anyone who reads a table that cannot be read and written at once waits for its last row.
        if (!readsSnapshots(unit.table)) await read.written;
        done += unit.part.bytes;
        this.options.onProgress?.({ done: Math.round(done), total: Math.round(total), unit: 'bytes' });
      }
      for (const [unit, result] of ended) if (this.note(unit, await result)) again.push(unit);
    };
    const count = Math.max(1, Math.min(TABLES_AT_ONCE, units.length));
    const workers = Array.from({ length: count }, async (_, index) => {
      try {
        await worker(index === 0 ? first : await open());
      } catch (cause) {
        failure.abort();
        throw cause;
      }
    });
    await inOneGo(workers);
    return again;
  }

  #question(unit: ScanUnit | undefined): RowQuestion<ScanUnit> | undefined {
    return (
      unit && {
        item: unit,
        sql: scanQuery(this.options.schema, unit, this.settings),
        bytes: unit.part.bytes,
        alone: !readsSnapshots(unit.table),
      }
    );
  }

  #unitContext(writer: SqlConnection): UnitContext {
    const { schema, rewriter, signal } = this.options;
    return { writer, schema, rewriter, settings: this.settings, largestPacket: this.packet, signal };
  }

  /** @returns whether the unit must be read again */
  note(unit: ScanUnit, result: UnitResult): boolean {
    addCounts(this.#counts, unit.table.name, result.counts);
    this.problems.push(...result.problems);
    return result.changedMeanwhile > 0;
  }

  result(): Omit<RewriteDatabaseResult, 'seconds'> {
    const columns = [...this.#counts.values()].flatMap((table) => [...table.values()]);
    return {
      counts: this.#counts,
      values: columns.reduce((sum, column) => sum + column.values, 0),
      replacements: columns.reduce((sum, column) => sum + column.replacements, 0),
      serialized: this.#ledger.places(),
    };
  }
}

const SHOWN = 20;

function refuseProblems(problems: readonly WriteProblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const line = (problem: WriteProblem) =>
    `${problem.table}.${problem.column}, ${problem.row}: ${problem.reason}`;
  const more = problems.length > SHOWN ? [`and ${String(problems.length - SHOWN)} more`] : [];
  throw new UnderstudyError(
    'REWRITE_VALUE_REFUSED',
    `${several(problems.length, 'rewritten value')} could not be stored, the first in ${first.table}.${first.column} (${first.row}): ${first.reason}.`,
    { details: [...problems.slice(0, SHOWN).map(line), ...more] },
  );
}
