import { type SqlConnection } from './sql-connection.js';

/** Opens sessions for workers and keeps them: `close` ends all that were opened. */
export function keepSessions(openOne: () => Promise<SqlConnection>): {
  readonly open: () => Promise<SqlConnection>;
  readonly close: () => Promise<void>;
} {
  const sessions: SqlConnection[] = [];
  return {
    open: async () => {
      const session = await openOne();
      sessions.push(session);
      return session;
    },
    close: async () => {
      await Promise.all(sessions.map((session) => session.close()));
    },
  };
}
