import { maskSecrets, UnderstudyError, type ErrorCode } from '../../errors/index.js';

/** The server refused a statement. Never carries the statement: it may hold rows. */
export class SqlError extends Error {
  constructor(
    /** The server's number: 1045, 1146, …; 0 when the connection broke. */
    readonly errno: number,
    message: string,
  ) {
    super(maskSecrets(message));
    this.name = 'SqlError';
  }
}

/** What the driver told, as ours; a broken connection has no number. */
export const asSqlError = (cause: unknown): SqlError => {
  const error = cause as { errno?: number; sqlMessage?: string; message?: string };
  const text = error.sqlMessage === undefined ? error.message : error.sqlMessage;
  return new SqlError(
    error.sqlMessage === undefined ? 0 : (error.errno ?? 0),
    text ?? 'The connection was lost.',
  );
};

/** The server is shutting down (1053), ended the session (1927), or the connection broke. */
const LOST = new Set([0, 1053, 1927, 2006, 2013]);

export const isConnectionLoss = (error: unknown): boolean =>
  error instanceof SqlError && LOST.has(error.errno);

/** The server answered, and refused the statement: it is about the statement, not about the connection. */
export const isRefusal = (error: unknown): error is SqlError =>
  error instanceof SqlError && !LOST.has(error.errno);

/** An answer of a database that nobody expected is no bug in Understudy: what it said, as an error that a person can act on. */
export function asDatabaseError(error: unknown): unknown {
  if (!(error instanceof SqlError)) return error;
  const sentence = isConnectionLoss(error)
    ? `The connection to the database was lost: ${error.message}`
    : `The database refused a statement: ${error.message} (${String(error.errno)})`;
  return new UnderstudyError('DATABASE_FAILED', sentence, { cause: error });
}

/** For `catch`: the server's refusal as an error that says what cannot be done; everything else is thrown as it is. */
export const refusedAs =
  (code: ErrorCode, sentence: string, next?: string) =>
  (cause: unknown): never => {
    if (!isRefusal(cause)) throw cause;
    const text = `${sentence}: ${cause.message} (${String(cause.errno)})`;
    throw new UnderstudyError(code, text, { next, cause });
  };
