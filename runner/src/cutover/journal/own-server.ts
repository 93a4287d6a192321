import { listTables } from '../../database/restore/objects/schema-objects.js';
import { type StagingDatabase, withStaging } from '../../database/restore/staging-account.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { refuseJournal } from './journal.js';
import { type Journal, type ServerMark } from './journal-schema.js';
import { type TableSwap } from '../exchange/table-swap.js';
import { type StagingContext } from '../../run/site-context.js';

type ServerContext = Pick<StagingContext, 'site' | 'run' | 'hosts' | 'database'>;

/** How the server of staging's settings is reached, and what it says of itself. */
export async function markServer(context: StagingDatabase, connection: SqlConnection): Promise<ServerMark> {
  return { address: await addressOf(context), identity: await identityOf(connection) };
}

async function addressOf(context: StagingDatabase): Promise<string> {
  const { server, container } = await context.database.staging();
  const address = server.kind === 'tcp' ? `${server.host}:${String(server.port)}` : server.path;
  const { label } = await context.hosts.stagingDatabase();
  return [label, ...(container === undefined ? [] : [container]), address].join(' ');
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
 * On another server with schemas and tables of the same names, a journal's steps take away what is served there. So
 * either the address or the server itself has to be the journal's (a container made anew keeps the one, corrected
 * settings the other), and the tables have to be where a swap can have left them.
 * @throws JOURNAL_INVALID
 */
async function assertOwnServer(
  context: ServerContext,
  connection: SqlConnection,
  journal: Journal,
): Promise<void> {
  const other = await otherServer(context, connection, journal.server);
  if (other !== undefined) await refuseJournal(context, other);
  if (journal.kind !== 'swap') return;
  if (await isElsewhere(connection, journal.swap))
    await refuseJournal(
      context,
      'its tables are not where the change can have left them, so this is another database, or somebody changed it',
    );
}

/** Why a change that was started on `mark` cannot be ended here; undefined where it is the same server. */
export async function otherServer(
  context: StagingDatabase,
  connection: SqlConnection,
  mark: ServerMark | undefined,
): Promise<string | undefined> {
  const address = await addressOf(context);
  if (mark === undefined || mark.address === address) return undefined;
  if (mark.identity === (await identityOf(connection))) return undefined;
  return `the change was started on another database server (${mark.address}) than the one of staging's settings now (${address})`;
}

/** A table of both generations is there twice, in a swap or not. Where all are there once, it began elsewhere. */
async function isElsewhere(connection: SqlConnection, swap: TableSwap): Promise<boolean> {
  const places = await Promise.all(
    [swap.live, swap.incoming, swap.outgoing].map(
      async (schema) => new Set(await listTables(connection, schema)),
    ),
  );
  const ofBoth = swap.incomingTables.filter((table) => swap.outgoingTables.includes(table));
  const isThereTwice = (table: string): boolean => places.filter((names) => names.has(table)).length > 1;
  return ofBoth.length > 0 && !ofBoth.some(isThereTwice);
}

/** The same over a session of its own. */
export const assertJournalOfServer = (context: StagingContext, journal: Journal): Promise<void> =>
  withStaging(context, {}, (connection) => assertOwnServer(context, connection, journal));
