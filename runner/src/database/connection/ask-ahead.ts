import { type UnderstudyError } from '../../errors/index.js';
import { type WrappedConnection } from './wrap-connection.js';

/** A session whose statements are sent before its settings are answered: their answers wait for that. */
export function askAhead(
  session: WrappedConnection,
  starting: Promise<unknown>,
  problem: (cause: unknown) => UnderstudyError,
): WrappedConnection {
  const settled = starting.catch((cause: unknown) => {
    throw problem(cause);
  });
  settled.catch(() => undefined);
  const behind =
    <Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      // One that failed because the settings did says why they did.
      const answer = work(...args);
      answer.catch(() => undefined);
      await settled;
      return answer;
    };
  return {
    ...session,
    query: behind(session.query) as WrappedConnection['query'],
    queryBytes: behind(session.queryBytes),
    execute: behind(session.execute),
    executeAll: behind(session.executeAll),
    async *stream(sql, parameters) {
      await settled;
      yield* session.stream(sql, parameters);
    },
  };
}
