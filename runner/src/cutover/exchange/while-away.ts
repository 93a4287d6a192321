import { setTimeout as sleep } from 'node:timers/promises';
import { isConnectionLoss } from '../../database/connection/sql-error.js';
import { withStaging } from '../../database/restore/staging-account.js';
import { UnderstudyError } from '../../errors/index.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { type StagingContext } from '../../run/site-context.js';

/** A server that is restarted, or a host that reboots, is waited for this long. */
const WAIT_SECONDS = 90;
const PAUSE_MS = 1000;

const AWAY = new Set(['DATABASE_UNREACHABLE', 'CONNECTION_LOST', 'HOST_UNREACHABLE']);

/** A server that is there and lets the account not in: unknown schema, login, host, no TLS. Waiting changes nothing. */
const REFUSALS: ReadonlySet<unknown> = new Set([1044, 1045, 1049, 1130, 1698, 3159]);

const isRefusal = (cause: unknown): boolean =>
  typeof cause === 'object' && cause !== null && 'errno' in cause && REFUSALS.has(cause.errno);

/** Whether the server or the host went away, which is no answer to what was asked of it. */
export const isAway = (error: unknown): boolean =>
  isConnectionLoss(error) ||
  (error instanceof UnderstudyError && AWAY.has(error.code) && !isRefusal(error.cause));

/** Repeats work from its beginning while the database server or the host is away. @throws the last error */
export async function whileAway<Result>(
  context: Pick<StagingContext, 'reporter'>,
  work: () => Promise<Result>,
): Promise<Result> {
  const deadline = Date.now() + WAIT_SECONDS * 1000;
  let reported = false;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error) || Date.now() > deadline) throw error;
      if (!reported) context.reporter.step('The connection was lost; trying again for a minute and a half');
      reported = true;
      await sleep(PAUSE_MS);
    }
  }
}

/** The same with a session of its own for each attempt. */
export const withReturningSession = <Result>(
  context: StagingContext,
  work: (connection: SqlConnection) => Promise<Result>,
): Promise<Result> => whileAway(context, () => withStaging(context, {}, work));
