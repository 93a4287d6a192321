import { inOneGo } from '../../database/connection/in-one-go.js';
import { openDatabase } from '../../database/connection/open-database.js';
import { stagingAccount } from '../../database/restore/staging-account.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { type Session } from './session.js';

export interface DatabaseClaim {
  /** Takes the database's own lock. To be called with the lock held. */
  take(held: { assertHeld(): Promise<void> }): Promise<void>;
  /** The lock was not got. Never throws. */
  giveUp(): Promise<void>;
}

/** The database's own lock, held by a session that nothing but this process' end closes. */
export function startClaim(session: Session): DatabaseClaim {
  const open = async (): Promise<SqlConnection[]> => {
    const host = await session.hosts.stagingDatabase();
    const own = await session.database.staging();
    const accounts = session.site.staging.admin === undefined ? [own] : [await stagingAccount(session), own];
    // The session is silent between two signs of life; some servers end such sessions after seconds.
    return inOneGo(
      accounts.map(({ fence: _fence, ...account }) =>
        openDatabase(host, account, { database: null, endsLogin: true }),
      ),
    );
  };
  let started: Promise<SqlConnection[]> | undefined = open();
  started.catch(() => undefined);
  const openSessions = (): Promise<SqlConnection[]> => {
    const sessions = started ?? open();
    started = undefined;
    return sessions;
  };
  return {
    take: async ({ assertHeld }) => {
      const { name } = await session.database.staging();
      await session.fence.database.claim(openSessions, name, assertHeld);
    },
    giveUp: async () => {
      const sessions = await openSessions().catch(() => []);
      await Promise.all(sessions.map((each) => each.close()));
    },
  };
}
