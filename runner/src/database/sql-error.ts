import { maskSecrets } from '../errors/index.js';

/** The server refused a statement. Never carries the statement: it may hold rows. */
export class SqlError extends Error {
  constructor(
    /** The server's number: 1045, 1146, …; 0 when the connection broke. */
    readonly errno: number,
    readonly sqlState: string,
    message: string,
  ) {
    super(maskSecrets(message));
    this.name = 'SqlError';
  }
}

/** What the driver told, as ours; a broken connection has no number. */
export const asSqlError = (cause: unknown): SqlError => {
  const error = cause as { errno?: number; sqlState?: string; sqlMessage?: string; message?: string };
  const text = error.sqlMessage === undefined ? error.message : error.sqlMessage;
  return new SqlError(
    error.sqlMessage === undefined ? 0 : (error.errno ?? 0),
    error.sqlState ?? '',
    text ?? 'The connection broke.',
  );
};
