import { several } from '../../errors/index.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { withSiteSession } from '../../database/restore/staging-account.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { type StagingContext } from '../../run/site-context.js';

const LOOK_MS = 100;
/** Nobody at work for so long, whenever it was looked: a request that passed the page just before it was on has connected by then. */
const QUIET_MS = 1000;
/** A session that asked nothing for so long belongs to no page that is being made. */
const IDLE_SECONDS = 10;
const LONGEST_SECONDS = 20;

/**
 * Waits, with the maintenance page on, until the requests that began before are answered, at most {@link
 * LONGEST_SECONDS}: else one that has read half of the former code would go on with the new one. WordPress looks for
 * the page before it connects to the database, so anyone still at work has a session there.
 * @param own sessions of this process
 * @param covered when the page is on
 */
export async function drainRequests(
  context: StagingContext,
  own: readonly number[],
  covered: Promise<void>,
): Promise<void> {
  // The site's own account: without the PROCESS privilege an account sees its own sessions alone, and PHP's are these.
  await withSiteSession(context, {}, async (connection) => {
    await covered;
    context.reporter.step('Waiting for running requests');
    const deadline = Date.now() + LONGEST_SECONDS * 1000;
    for (let quietSince = Infinity; ;) {
      const looked = Date.now();
      const busy = await sessionsAtWork(connection, own);
      quietSince = busy === 0 ? Math.min(quietSince, looked) : Infinity;
      if (looked - quietSince >= QUIET_MS) return;
      // The last look is not later than it has to be, however far the server is.
      await sleep(Math.min(LOOK_MS, Math.max(1, quietSince + QUIET_MS - Date.now())));
      if (Date.now() < deadline) continue;
      if (busy > 0)
        context.reporter.warn({
          severity: 'warning',
          code: 'REQUESTS_STILL_RUNNING',
          message: `${several(busy, 'request to staging was', 'requests to staging were')} still being answered after ${String(LONGEST_SECONDS)} seconds; the pages may mix the former copy and the new one.`,
        });
      return;
    }
  });
}

async function sessionsAtWork(connection: SqlConnection, own: readonly number[]): Promise<number> {
  const [[here], rows] = await inOneGo([
    connection.query('SELECT DATABASE() AS name, CONNECTION_ID() AS id'),
    connection.query('SHOW PROCESSLIST'),
  ]);
  const isOurs = new Set([Number(here?.['id']), ...own]);
  return rows.filter(
    (row) =>
      row['db'] === here?.['name'] &&
      !isOurs.has(Number(row['Id'])) &&
      !(row['Command'] === 'Sleep' && Number(row['Time']) >= IDLE_SECONDS) &&
      row['Command'] !== 'Killed',
  ).length;
}
