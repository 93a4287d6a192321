import { type SqlConnection } from '../connection/sql-connection.js';
import { type SqlError, isRefusal } from '../connection/sql-error.js';
import { type ChangeWriter, type RowChange } from './changes.js';
import { describeKey } from './row-key.js';

/** A value that could not be written: nothing of the run may be activated. */
export interface WriteProblem {
  readonly table: string;
  readonly column: string;
  /** The row's key as a person reads it. */
  readonly row: string;
  readonly reason: string;
}

export interface WriteResult {
  readonly rows: number;
  /** Rows that held something else by the time of writing. */
  readonly changedMeanwhile: number;
  readonly problems: readonly WriteProblem[];
}

export interface WriteTarget {
  readonly connection: SqlConnection;
  readonly writer: ChangeWriter;
}

/** Deadlock, lock wait time-out: trying again helps. */
const PASSING = new Set([1213, 1205]);

/** One transaction and round trip; a batch that the server refuses is written row by row, to name those. */
export async function writeBack(target: WriteTarget, changes: readonly RowChange[]): Promise<WriteResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await writeTogether(target, changes);
    } catch (cause) {
      if (!isRefusal(cause)) throw cause;
      await target.connection.execute('ROLLBACK');
      if (PASSING.has(cause.errno) && attempt < 4) continue;
      return writeOneByOne(target, changes);
    }
  }
}

async function writeTogether(target: WriteTarget, changes: readonly RowChange[]): Promise<WriteResult> {
  const statements = target.writer.statements(changes);
  // The batch before may have ended halfway, which is not known yet: nothing of it becomes part of this one.
  const sql = [
    'ROLLBACK',
    'START TRANSACTION',
    ...statements.map((statement) => statement.sql),
    'COMMIT',
  ].join(';\n');
  // Hex literals and quoted ASCII apart, only identifiers can hold other characters.
  const results = await target.connection.executeAll(sql);
  let [rows, missed] = [0, 0];
  for (const [index, { rows: expected }] of statements.entries()) {
    const { affectedRows = 0 } = results[index + 2] ?? {};
    rows += affectedRows;
    if (expected !== undefined) missed += Math.max(0, expected - affectedRows);
  }
  return { rows, changedMeanwhile: missed, problems: [] };
}

async function writeOneByOne(target: WriteTarget, changes: readonly RowChange[]): Promise<WriteResult> {
  let rows = 0;
  let changedMeanwhile = 0;
  const problems: WriteProblem[] = [];
  for (const change of changes) {
    try {
      const result = await writeTogether(target, [change]);
      rows += result.rows;
      changedMeanwhile += result.changedMeanwhile;
    } catch (cause) {
      if (!isRefusal(cause)) throw cause;
      await target.connection.execute('ROLLBACK');
      problems.push(describeProblem(target, change, cause));
    }
  }
  return { rows, changedMeanwhile, problems };
}

function describeProblem(target: WriteTarget, change: RowChange, cause: SqlError): WriteProblem {
  const { columns, key } = change;
  const { writer } = target;
  const named = /(?:for|in) column [^'`]*['`](?:.*[.`])?([^'`]+)['`]/i.exec(cause.message)?.[1];
  return {
    table: writer.table.name,
    column: named !== undefined && columns.includes(named) ? named : columns.join(', '),
    row: writer.key === undefined ? 'a table without a key' : describeKey(writer.key, key),
    reason: reasonOf(cause),
  };
}

const LACKS_CHARACTERS = "the new value has characters that the column's character set lacks";
const CHECK_BROKEN = 'the new value breaks a CHECK constraint';
/** The server's own message holds the row's content, which may be personal. */
const REASONS: Readonly<Record<number, string>> = {
  1153: 'the value is larger than max_allowed_packet of the server',
  1265: 'the new value is not one of those that the column allows',
  1300: LACKS_CHARACTERS,
  1366: LACKS_CHARACTERS,
  1406: 'the new value is longer than the column',
  3819: CHECK_BROKEN,
  3988: LACKS_CHARACTERS,
  4025: CHECK_BROKEN,
};

function reasonOf({ errno, message }: SqlError): string {
  if (errno === 1062 || errno === 1586)
    return `another row has the new value already (unique key ${/for key '([^']+)'/.exec(message)?.[1] ?? 'unknown'})`;
  return REASONS[errno] ?? `the server refused it (error ${String(errno)})`;
}

/** Batches that are on their way at once. Each holds a megabyte at most. */
const MOST_UNDERWAY = 4;

/** Batches of one session, sent in order without waiting for each answer: a distant server works meanwhile. */
export class WriteLine {
  readonly #underway: Promise<void>[] = [];
  #failure: { readonly cause: unknown } | undefined;

  /**
   * Waits until there is room, and begins.
   * @param write sends at once what it has to send
   * @returns when this batch is done; rejects where it failed
   * @throws what an earlier batch failed with: nothing more is begun
   */
  async send(write: () => Promise<void>): Promise<{ readonly done: Promise<void> }> {
    while (this.#failure === undefined && this.#underway.length >= MOST_UNDERWAY) await this.#underway[0];
    if (this.#failure !== undefined) throw this.#failure.cause;
    const done = write();
    const ended = done.catch((cause: unknown) => {
      this.#failure ??= { cause };
    });
    this.#underway.push(ended);
    void ended.then(() => this.#underway.splice(this.#underway.indexOf(ended), 1));
    return { done };
  }
}
