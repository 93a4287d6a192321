import { type Connection } from 'mysql2';
import { clearAfter } from '../../hosts/route/clear-buffers.js';

type Cells = (Buffer | null)[];

/** Rows and bytes that wait for their reader before the server is made to wait. */
const WAITING_ROWS = 64;
const WAITING_BYTES = 1024 * 1024;

/** Unlike the driver's own stream, this one counts bytes too: 64 rows may be a few kilobytes or a gigabyte. */
export async function* streamRows(
  connection: Connection,
  sql: string,
  asError: (cause: unknown) => Error,
): AsyncGenerator<Cells> {
  let [rows, bytes, ended, left] = [[] as Cells[], 0, false, false];
  let failure: Error | undefined;
  let wake: () => void = () => undefined;
  const end = (): void => {
    ended = true;
    wake();
  };
  const fail = (cause: unknown): void => {
    failure ??= asError(cause);
    end();
  };
  // A connection that breaks, or is broken already, tells this to statements that have a callback, and a stream has none.
  connection.on('error', fail);
  const query = connection.query({ sql, rowsAsArray: true, typeCast: false });
  query.on('result', (row: unknown) => {
    if (left) return;
    rows.push(row as Cells);
    let size = 0;
    for (const cell of row as Cells) size += cell?.length ?? 0;
    bytes += size;
    clearAfter(size);
    if (rows.length >= WAITING_ROWS || bytes >= WAITING_BYTES) connection.pause();
    wake();
  });
  query.on('end', end);
  query.on('error', fail);
  try {
    for (;;) {
      const isDone = ended;
      const waiting = rows;
      [rows, bytes] = [[], 0];
      yield* waiting;
      if (failure !== undefined) throw failure;
      if (isDone && rows.length === 0) return;
      connection.resume();
      if (rows.length === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    // What is left is read and thrown away, so that the session can be used again.
    left = true;
    connection.removeListener('error', fail);
    connection.resume();
  }
}
