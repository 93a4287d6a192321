import { quoteTable } from '../../commands/quote.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { listTables } from '../../database/restore/objects/schema-objects.js';

export interface TableMove {
  readonly table: string;
  readonly from: string;
  readonly to: string;
}

/** The journal's view of a swap: which tables leave the live schema, and which come. */
export interface TableSwap {
  readonly live: string;
  readonly incoming: string;
  readonly outgoing: string;
  readonly incomingTables: readonly string[];
  readonly outgoingTables: readonly string[];
}

/** The moves that are left to do; none when the swap is complete. */
async function remainingMoves(connection: SqlConnection, swap: TableSwap): Promise<TableMove[]> {
  const [gone, waiting] = await setsOf(connection, [swap.outgoing, swap.incoming]);
  return [
    ...swap.outgoingTables
      .filter((table) => !gone.has(table))
      .map((table) => ({ table, from: swap.live, to: swap.outgoing })),
    ...swap.incomingTables
      .filter((table) => waiting.has(table))
      .map((table) => ({ table, from: swap.incoming, to: swap.live })),
  ];
}

async function setsOf<Schemas extends readonly string[]>(
  connection: SqlConnection,
  schemas: readonly [...Schemas],
): Promise<{ readonly [Index in keyof Schemas]: ReadonlySet<string> }> {
  const lists = await inOneGo(schemas.map((schema) => listTables(connection, schema)));
  return lists.map((list) => new Set(list)) as unknown as {
    readonly [Index in keyof Schemas]: ReadonlySet<string>;
  };
}

/** Whether the new tables are all in the live schema: from here on a cutover is finished, before it is undone. */
export async function isSwapped(connection: SqlConnection, swap: TableSwap): Promise<boolean> {
  return (await remainingMoves(connection, swap)).length === 0;
}

/** Whether any table has changed its place: only then is there something to put back. */
export async function hasMoved(connection: SqlConnection, swap: TableSwap): Promise<boolean> {
  const moves = swap.outgoingTables.length + swap.incomingTables.length;
  return (await remainingMoves(connection, swap)).length < moves;
}

/** Prepares the session for {@link moveTables}. @returns the moves that are left to do */
export async function readyToMove(connection: SqlConnection, swap: TableSwap): Promise<TableMove[]> {
  const [, moves] = await inOneGo([leaveParents(connection), remainingMoves(connection, swap)]);
  return moves;
}

/** One RENAME TABLE for everything: readers see the former tables or the new ones, nothing between. */
export async function moveTables(connection: SqlConnection, moves: readonly TableMove[]): Promise<void> {
  if (moves.length > 0) await connection.execute(renameStatement(moves));
}

/** The reverse, from any state, also one that a server without crash-safe DDL left halfway. */
export async function putTablesBack(connection: SqlConnection, swap: TableSwap): Promise<void> {
  const [gone, waiting, live] = await setsOf(connection, [swap.outgoing, swap.incoming, swap.live]);
  const moves = [
    ...swap.incomingTables
      .filter((table) => !waiting.has(table) && live.has(table))
      .map((table) => ({ table, from: swap.live, to: swap.incoming })),
    ...swap.outgoingTables
      .filter((table) => gone.has(table))
      .map((table) => ({ table, from: swap.outgoing, to: swap.live })),
  ];
  await leaveParents(connection);
  await moveTables(connection, moves);
}

/** The statement; golden-tested. */
export const renameStatement = (moves: readonly TableMove[]): string =>
  `RENAME TABLE ${moves
    .map(({ table, from, to }) => `${quoteTable(from, table)} TO ${quoteTable(to, table)}`)
    .join(', ')}`;

/** Children keep following their parents while names move; the check of the new parent would come too early. */
const leaveParents = (connection: SqlConnection): Promise<unknown> =>
  connection.execute('SET SESSION foreign_key_checks = 0');
