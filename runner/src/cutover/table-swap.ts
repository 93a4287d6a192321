import { quoteIdentifier } from '../commands/quote.js';
import { type SqlConnection, SqlError } from '../database/connection.js';
import { UnderstudyError } from '../errors/index.js';
import { findBlockers } from './blockers.js';

export interface TableMove {
  readonly table: string;
  readonly from: string;
  readonly to: string;
}

/** The journal's view of a swap: which tables leave the live schema, and which come. */
export interface TableSwap {
  readonly live: string;
  /** Where the new tables come from. */
  readonly incoming: string;
  /** Where the former ones go. */
  readonly outgoing: string;
  readonly incomingTables: readonly string[];
  readonly outgoingTables: readonly string[];
}

/** Five times five seconds: every reader of staging queues behind a RENAME that waits, so it must not wait long. */
const LOCK_WAIT_SECONDS = 5;
const TRIES = 5;
const LOCK_WAIT_TIMEOUT = 1205;

/** Tables, sequences and versioned tables of a schema: all that RENAME TABLE can move. */
export async function listTables(connection: SqlConnection, schema: string): Promise<string[]> {
  const rows = await connection.query(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = ? AND table_type NOT IN ('VIEW', 'SYSTEM VIEW', 'TEMPORARY') ORDER BY 1`,
    [schema],
  );
  return rows.map((row) => String(row['name']));
}

/** The moves that are left to do; none when the swap is complete. */
export async function remainingMoves(connection: SqlConnection, swap: TableSwap): Promise<TableMove[]> {
  const gone = new Set(await listTables(connection, swap.outgoing));
  const waiting = new Set(await listTables(connection, swap.incoming));
  return [
    ...swap.outgoingTables
      .filter((table) => !gone.has(table))
      .map((table) => ({ table, from: swap.live, to: swap.outgoing })),
    ...swap.incomingTables
      .filter((table) => waiting.has(table))
      .map((table) => ({ table, from: swap.incoming, to: swap.live })),
  ];
}

/** Whether the new tables are all in the live schema: from here on a cutover is finished, before it is undone. */
export async function isSwapped(connection: SqlConnection, swap: TableSwap): Promise<boolean> {
  return (await remainingMoves(connection, swap)).length === 0;
}

/** One RENAME TABLE for everything: readers see the former tables or the new ones, nothing between. */
export async function swapTables(connection: SqlConnection, swap: TableSwap): Promise<void> {
  await rename(connection, await remainingMoves(connection, swap), [swap.live, swap.incoming]);
}

/** The reverse, from any state, also one that a server without crash-safe DDL left half way. */
export async function putTablesBack(connection: SqlConnection, swap: TableSwap): Promise<void> {
  const gone = new Set(await listTables(connection, swap.outgoing));
  const waiting = new Set(await listTables(connection, swap.incoming));
  const live = new Set(await listTables(connection, swap.live));
  const moves = [
    ...swap.incomingTables
      .filter((table) => !waiting.has(table) && live.has(table))
      .map((table) => ({ table, from: swap.live, to: swap.incoming })),
    ...swap.outgoingTables
      .filter((table) => gone.has(table))
      .map((table) => ({ table, from: swap.outgoing, to: swap.live })),
  ];
  await rename(connection, moves, [swap.live]);
}

/** The statement; golden-tested. */
export const renameStatement = (moves: readonly TableMove[]): string =>
  `RENAME TABLE ${moves
    .map(
      ({ table, from, to }) =>
        `${quoteIdentifier(from)}.${quoteIdentifier(table)} TO ${quoteIdentifier(to)}.${quoteIdentifier(table)}`,
    )
    .join(', ')}`;

async function rename(
  connection: SqlConnection,
  moves: readonly TableMove[],
  schemas: readonly string[],
): Promise<void> {
  if (moves.length === 0) return;
  await connection.execute('SET SESSION lock_wait_timeout = ?', [LOCK_WAIT_SECONDS]);
  // Children keep following their parents while names move; the check of the new parent would come too early.
  await connection.execute('SET SESSION foreign_key_checks = 0');
  for (let attempt = 1; ; attempt++) {
    try {
      await connection.execute(renameStatement(moves));
      return;
    } catch (cause) {
      if (!(cause instanceof SqlError) || cause.errno !== LOCK_WAIT_TIMEOUT) throw cause;
      if (attempt < TRIES) continue;
      throw new UnderstudyError(
        'CUTOVER_BLOCKED',
        `The tables of ${schemas.join(' and ')} stayed locked for ${String(TRIES * LOCK_WAIT_SECONDS)} seconds.`,
        { details: await findBlockers(connection, schemas), cause },
      );
    }
  }
}
