import { type SqlBytes, type SqlConnection } from './sql-connection.js';

/** A question whose rows are read in order with those of others. */
export interface RowQuestion<Item> {
  readonly item: Item;
  readonly sql: string;
  /** Of what the server reads for it, about. */
  readonly bytes: number;
  /** Nothing else is asked before its rows are read and dealt with. */
  readonly alone?: boolean;
}

type Rows = AsyncIterable<SqlBytes[]>;

/** Asked before the rows of the first one are read: many small tables cost no round trip each, and large ones stay for others. */
const MOST_AHEAD = 128;
const MOST_BYTES_AHEAD = 4 * 1024 * 1024;

/** Rows of one question after the other over one session; the next ones are asked while those of the first are read. */
export async function* readAhead<Item>(
  connection: SqlConnection,
  next: () => RowQuestion<Item> | undefined,
): AsyncGenerator<readonly [Item, Rows]> {
  const asked: { readonly question: RowQuestion<Item>; readonly rows: BegunRows }[] = [];
  let waiting = next();
  const mayAsk = ({ alone }: RowQuestion<Item>): boolean => {
    if (asked.length === 0) return true;
    const bytes = asked.reduce((sum, { question }) => sum + question.bytes + question.sql.length, 0);
    return (
      alone !== true &&
      asked[0]?.question.alone !== true &&
      asked.length < MOST_AHEAD &&
      bytes < MOST_BYTES_AHEAD
    );
  };
  try {
    for (;;) {
      for (; waiting !== undefined && mayAsk(waiting); waiting = next())
        asked.push({ question: waiting, rows: new BegunRows(connection.stream(waiting.sql)) });
      const first = asked[0];
      if (first === undefined) return;
      yield [first.question.item, first.rows];
      await first.rows.end();
      asked.shift();
    }
  } finally {
    await Promise.all(asked.map(({ rows }) => rows.end()));
  }
}

/** Rows that are asked for although nobody reads them yet. */
class BegunRows implements Rows {
  readonly #iterator: AsyncIterator<SqlBytes[]>;
  #first: Promise<IteratorResult<SqlBytes[]>> | undefined;

  constructor(rows: Rows) {
    this.#iterator = rows[Symbol.asyncIterator]();
    this.#first = this.#iterator.next();
    // Told to anyone who reads them.
    this.#first.catch(() => undefined);
  }

  [Symbol.asyncIterator](): AsyncIterator<SqlBytes[]> {
    return {
      next: () => {
        const step = this.#first ?? this.#iterator.next();
        this.#first = undefined;
        return step;
      },
      return: async () => {
        await this.end();
        return { done: true, value: undefined };
      },
    };
  }

  /** What is left is thrown away. Never throws. */
  async end(): Promise<void> {
    await this.#iterator.return?.().catch(() => undefined);
  }
}
