import { several, UnderstudyError } from '../../errors/index.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import { type BackupManifest, type BackupTable } from '../manifest.js';
import { OBJECT_KINDS, schemaEntries, countRows } from '../schema/schema-lists.js';
import { isTableChanged } from './dump-output.js';
import { measureServer, type ServerCost } from './server-cost.js';

/** Rows of one table: in the dump, and as the server counted them a moment before and (where asked) after it began. */
export interface Counts {
  readonly dumped: number;
  readonly before: number;
  readonly after?: number;
  /** The server says that somebody wrote to the table since the first count began. */
  readonly written?: boolean;
}

/**
 * What the counts say of a table. `same`: the dump holds what the server counted. `moved`: rows came or went while the
 * snapshot was taken, and the dump fits to that. `other`: nothing that happened on the server explains the dump. Pure.
 */
export function judgeCounts({
  dumped,
  before,
  after = before,
  written = false,
}: Counts): 'same' | 'moved' | 'other' {
  if (dumped === before || dumped === after) return 'same';
  const [low, high] = [Math.min(before, after), Math.max(before, after)];
  if (low === high && !written) return 'other';
  if (dumped === 0 && low > 0) return 'other';
  // The two counts lie less than a second apart: what comes and goes in between is a multiple of what is left of it.
  const room = 3 + 4 * (high - low);
  return dumped >= low - room && dumped <= high + room ? 'moved' : 'other';
}

export interface WitnessOrder {
  readonly schema: string;
  readonly structureOnly: readonly string[];
  /** Tables and views that are no part of the dump. */
  readonly leftOut: readonly string[];
}

export interface Testimony {
  /** Differences that only an incomplete dump explains, a sentence each. */
  readonly missing: readonly string[];
  /** Tables that were written to in the moment of the snapshot, a sentence each. */
  readonly moved: readonly string[];
}

/**
 * The server's own word on what a dump has to hold. A snapshot cannot be shared between sessions, so two sessions of Understudy
 * enclose that of the dump program: one taken just before it starts, one as soon as it has begun to write. Whatever
 * makes the stream incomplete (an option, a proxy, a fault of the program) contradicts them.
 */
export class Witness {
  readonly #first: SqlConnection;
  readonly #second: SqlConnection;
  readonly #counts: Promise<ReadonlyMap<string, number>>;
  readonly #startedAt: string;
  #began: Promise<unknown> | undefined;

  private constructor(
    first: SqlConnection,
    second: SqlConnection,
    startedAt: string,
    tables: readonly string[],
    private readonly order: WitnessOrder,
    private readonly costUntil: ReturnType<typeof measureServer>,
  ) {
    this.#first = first;
    this.#second = second;
    this.#startedAt = startedAt;
    this.#counts = countAll(first, order.schema, tables);
    this.#counts.catch(() => undefined);
  }

  /** Takes the first snapshot and goes on counting while the dump is made. */
  static async call(connect: () => Promise<SqlConnection>, order: WitnessOrder): Promise<Witness> {
    const { schema, structureOnly, leftOut } = order;
    const [first, second] = await Promise.all([connect(), connect()]);
    try {
      const costUntil = measureServer(second);
      const asking = first.query(
        `SELECT TABLE_NAME AS name, NOW() AS now FROM information_schema.TABLES
         WHERE TABLE_SCHEMA = ? AND TABLE_TYPE NOT IN ('VIEW', 'SYSTEM VIEW', 'SEQUENCE')
           AND UPPER(COALESCE(ENGINE, '')) NOT IN (${WITHOUT_ROWS.map(() => '?').join(', ')})`,
        [schema, ...WITHOUT_ROWS],
      );
      const [found] = await inOneGo([
        asking,
        repeatableRead(first),
        first.execute(SNAPSHOT),
        repeatableRead(second),
      ]);
      const tables = found
        .map(({ name }) => String(name))
        .filter((name) => ![...structureOnly, ...leftOut].includes(name));
      return new Witness(first, second, String(found[0]?.['now'] ?? ''), tables, order, costUntil);
    } catch (cause) {
      await Promise.all([first.close(), second.close()]);
      throw cause;
    }
  }

  dumpBegan(): void {
    this.#began ??= this.#second.execute(SNAPSHOT);
    this.#began.catch(() => undefined);
  }

  cost(): Promise<ServerCost> {
    return this.costUntil(this.#second);
  }

  async close(): Promise<void> {
    await Promise.all([this.#first.close(), this.#second.close()]);
  }

  /** @throws SqlError when the server does not count */
  async compare(tables: readonly BackupTable[]): Promise<Testimony> {
    this.dumpBegan();
    await this.#began;
    const dumped = new Map(tables.map(({ name, rows }) => [name, rows]));
    const missing: string[] = [];
    const moved: string[] = [];
    const before = await this.#counts;
    const different = [...before].filter(([name, rows]) => (dumped.get(name) ?? rows) !== rows);
    const seen = await inOneGo(different.map(([name]) => this.#lookAgain(name)));
    const again = new Map(different.map(([name], index) => [name, seen[index]]));
    for (const [name, counted] of before) {
      const rows = dumped.get(name);
      const now = again.get(name);
      if (rows === undefined) missing.push(`${name} is not in the dump`);
      else if (now !== undefined) {
        const counts = { dumped: rows, before: counted, ...now };
        const text = `${name}: ${several(rows, 'row')} in the dump, ${String(counted)} counted before it and ${String(counts.after)} after it began`;
        const verdict = judgeCounts(counts);
        if (verdict === 'other') missing.push(text);
        else if (verdict === 'moved') moved.push(text);
      }
    }
    return { missing, moved };
  }

  /** The views, triggers, routines and events that the server has. @returns those of them that a dump has not */
  async listObjects(): Promise<(manifest: BackupManifest) => string[]> {
    const { schema, leftOut } = this.order;
    const entries = await schemaEntries(this.#second, schema, 'table');
    return (manifest) => {
      const dumped = new Set(
        OBJECT_KINDS.flatMap((kind) => manifest[`${kind}s`].map((name) => `${kind} ${name.toLowerCase()}`)),
      );
      return entries
        .filter(({ isPackage, about: table }) => !isPackage && !leftOut.includes(table))
        .filter(({ kind, name }) => !dumped.has(`${kind} ${name.toLowerCase()}`))
        .map(({ kind, name }) => `${kind} ${name} is not in the dump`);
    };
  }

  async #lookAgain(table: string): Promise<{ readonly after: number; readonly written: boolean }> {
    const [[row], after] = await inOneGo([
      this.#second.query(
        `SELECT UPDATE_TIME >= ? - INTERVAL 1 SECOND AS written FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?`,
        [this.#startedAt, this.order.schema, table],
      ),
      countRows(this.#second, this.order.schema, table),
    ]);
    return { after, written: Number(row?.['written']) === 1 };
  }
}

const SNAPSHOT = 'START TRANSACTION WITH CONSISTENT SNAPSHOT';

/** The dump programs write no rows of these, because they lie elsewhere. */
const WITHOUT_ROWS = ['MRG_MYISAM', 'MRG_ISAM', 'FEDERATED'];

async function repeatableRead(connection: SqlConnection): Promise<void> {
  // MySQL 8 and later answer for a day from what they remember (UPDATE_TIME); older ones have no such setting.
  const more = connection.isMariaDb ? 'idle_transaction_timeout' : 'information_schema_stats_expiry';
  await inOneGo([
    // One of them waits, idle, until the dump has ended.
    connection.execute('SET SESSION wait_timeout = 86400'),
    connection.execute('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ'),
    connection.execute(`SET SESSION ${more} = 0`).catch(() => undefined),
  ]);
}

async function countAll(
  connection: SqlConnection,
  schema: string,
  tables: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const counts = await inOneGo(tables.map((table) => countRows(connection, schema, table)));
  return new Map(tables.map((table, index) => [table, counts[index] ?? 0]));
}

/** Error 1412 also meets who counts: an ALTER TABLE since the snapshot. */
export const metAlteredTable = (cause: unknown): boolean =>
  cause instanceof Error && isTableChanged(`${String((cause as { errno?: number }).errno)} ${cause.message}`);

export const rowsMissing = (host: string, schema: string, details: readonly string[]): UnderstudyError =>
  new UnderstudyError(
    'DUMP_INCOMPLETE',
    `The dump of ${schema} does not match the server's counts, in ${several(details.length, 'place')}.`,
    { host, details },
  );
