import { type Duplex } from 'node:stream';
import { type BareConnection } from './sql-connection.js';

export interface ServerWatch {
  /** Without an answer for so long, a second connection asks whether the server still works on it. */
  readonly silenceSeconds: number;
  /**
   * Whether the session is known to the server; false also where no login is answered in time. It must end by itself.
   */
  isAlive(threadId: number): Promise<boolean>;
}

/** A statement may take hours, but a server that works on it lists it. Otherwise what is in flight fails. */
export function watchServer<Connection extends BareConnection>(
  connection: Connection,
  stream: Duplex,
  watch: ServerWatch,
): Connection {
  let running = 0;
  let heard = performance.now();
  let isAsking = false;
  stream.on('data', () => (heard = performance.now()));
  const ask = async (): Promise<void> => {
    const isSilent = performance.now() - heard > watch.silenceSeconds * 1000;
    if (running === 0 || !isSilent || isAsking) return;
    isAsking = true;
    const before = heard;
    const alive = await watch.isAlive(connection.threadId).catch(() => false);
    isAsking = false;
    if (alive || heard !== before) heard = performance.now();
    else stream.destroy(new Error(`the server has not answered for ${String(watch.silenceSeconds)} seconds`));
  };
  const timer = setInterval(() => void ask(), Math.min(watch.silenceSeconds * 500, 10_000));
  timer.unref();
  stream.once('close', () => {
    clearInterval(timer);
  });
  const counted = <Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>) => {
    return async (...args: Args): Promise<Result> => {
      if (running === 0) heard = performance.now();
      running += 1;
      try {
        return await work(...args);
      } finally {
        running -= 1;
      }
    };
  };
  return {
    ...connection,
    query: counted(connection.query) as BareConnection['query'],
    queryBytes: counted(connection.queryBytes),
    execute: counted(connection.execute),
    executeAll: counted(connection.executeAll),
    stream: (sql, parameters) => countedRows(connection.stream(sql, parameters), counted),
  };
}

/** Only the wait for the next row counts: a reader that takes its time is no silence of the server. */
async function* countedRows<Row>(
  rows: AsyncIterable<Row>,
  counted: <Result>(work: () => Promise<Result>) => () => Promise<Result>,
): AsyncGenerator<Row> {
  const iterator = rows[Symbol.asyncIterator]();
  const next = counted(() => iterator.next());
  try {
    for (let step = await next(); step.done !== true; step = await next()) yield step.value;
  } finally {
    await iterator.return?.();
  }
}
