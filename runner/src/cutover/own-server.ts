import { listTables } from '../database/restore/schema-objects.js';
import { withStaging } from '../database/restore/staging-account.js';
import { type SqlConnection } from '../database/sql-connection.js';
import { type CutoverContext } from './context.js';
import { refuseJournal } from './journal.js';
import { type Journal } from './journal-schema.js';
import { type ServerMark } from './journal-schema.js';
import { type TableSwap } from './table-swap.js';

type Place = Pick<CutoverContext, 'site' | 'run' | 'hosts' | 'database'>;

/** How the server of staging's settings is reached, and what it says of itself. */
export async function markServer(context: Place, connection: SqlConnection): Promise<ServerMark> {
  return { address: await addressOf(context), identity: await identityOf(connection) };
}

async function addressOf(context: Place): Promise<string> {
  const { server, container } = await context.database.staging();
  const place = server.kind === 'tcp' ? `${server.host}:${String(server.port)}` : server.path;
  const { label } = await context.hosts.stagingDatabase();
  return [label, ...(container === undefined ? [] : [container]), place].join(' ');
}

/** MariaDB has no id of its own; a container that is made anew changes its host name. */
async function identityOf(connection: SqlConnection): Promise<string> {
  const own = connection.isMariaDb ? "''" : '@@server_uuid';
  const [row] = await connection.query(
    `SELECT CONCAT_WS(' ', ${own}, @@hostname, @@port, @@datadir) AS identity`,
  );
  return String(row?.['identity']).trim();
}

/**
 * A journal says how to end a change of one server. On another one, with schemas and tables of the same names, the
 * same steps take away what is served there. So either the address or the server itself has to be the one of the
 * journal (a container that was made anew keeps the one, corrected settings the other), and the tables have to be where
 * a swap can have left them.
 * @throws JOURNAL_INVALID
 */
export async function assertOwnServer(
  context: Place,
  connection: SqlConnection,
  journal: Journal,
): Promise<void> {
  const { server } = journal;
  if (server !== undefined && server.address !== (await addressOf(context))) {
    if (server.identity !== (await identityOf(connection)))
      await refuseJournal(
        context,
        `the change was begun on another database server (${server.address}) than the one of staging's settings now (${await addressOf(context)})`,
      );
  }
  if (journal.kind !== 'swap') return;
  const [lost] = await lostTables(connection, journal.swap);
  if (lost !== undefined)
    await refuseJournal(
      context,
      `the table ${lost} is not where the change can have left it, so this is another database, or somebody changed it`,
    );
}

/** Tables of either generation that are neither in the schema that is served nor in their generation's own. */
async function lostTables(connection: SqlConnection, swap: TableSwap): Promise<readonly string[]> {
  const [live, incoming, outgoing] = await Promise.all(
    [swap.live, swap.incoming, swap.outgoing].map(
      async (schema) => new Set(await listTables(connection, schema)),
    ),
  );
  if (live === undefined || incoming === undefined || outgoing === undefined) return [];
  const isLost = (table: string): boolean => {
    const wanted = Number(swap.incomingTables.includes(table)) + Number(swap.outgoingTables.includes(table));
    const found = Number(live.has(table)) + Number(incoming.has(table)) + Number(outgoing.has(table));
    return found < wanted;
  };
  return [...swap.incomingTables, ...swap.outgoingTables].filter(isLost);
}

/** The same over a session of its own. */
export const assertJournalOfServer = (context: CutoverContext, journal: Journal): Promise<void> =>
  withStaging(context, {}, (connection) => assertOwnServer(context, connection, journal));
