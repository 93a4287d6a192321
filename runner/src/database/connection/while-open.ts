import { type SqlConnection } from './sql-connection.js';
import { SqlError } from './sql-error.js';

/** The login may be another session's by then: nothing of this one must reach that. */
export function whileOpen<Session extends Omit<SqlConnection, 'close'>>(
  session: Session,
  isClosed: () => boolean,
): Session {
  const guarded =
    <Args extends unknown[], Result>(work: (...args: Args) => Result) =>
    (...args: Args): Result => {
      if (isClosed()) throw new SqlError(0, 'The session is closed.');
      return work(...args);
    };
  return {
    ...session,
    query: guarded(session.query) as SqlConnection['query'],
    queryBytes: guarded(session.queryBytes),
    stream: guarded(session.stream),
    execute: guarded(session.execute),
    executeAll: guarded(session.executeAll),
    resetSettings: guarded(session.resetSettings),
  };
}
