import {
  type SqlBytes,
  type SqlConnection,
  type SqlParameter,
  type SqlRow,
} from '../../../src/database/connection/sql-connection.js';

type Answer = readonly SqlRow[];

/** A session whose server is far away: what is asked before any answer is back is answered together. */
export class CountedRounds {
  rounds = 0;
  readonly asked: string[] = [];
  #waiting: (() => void)[] = [];

  /** @param answer rows; those of the byte-exact calls are their values in order */
  constructor(private readonly answer: (sql: string, parameters: readonly SqlParameter[]) => Answer) {}

  readonly connection = {
    isMariaDb: true,
    serverVersion: '10.11.6-MariaDB',
    query: (sql: string, parameters: readonly SqlParameter[] = []) => this.#ask(sql, parameters),
    queryBytes: (sql: string, parameters: readonly SqlParameter[] = []) => this.#askBytes(sql, parameters),
    execute: async (sql: string, parameters: readonly SqlParameter[] = []) => {
      await this.#ask(sql, parameters);
      return { affectedRows: 1 };
    },
    stream: (sql: string) => this.#stream(sql),
  } as unknown as SqlConnection;

  async #ask(sql: string, parameters: readonly SqlParameter[]): Promise<Answer> {
    this.asked.push(sql);
    await new Promise<void>((resolve) => {
      if (this.#waiting.push(resolve) === 1) setImmediate(() => this.#answerAll());
    });
    return this.answer(sql, parameters);
  }

  async #askBytes(sql: string, parameters: readonly SqlParameter[]): Promise<SqlBytes[][]> {
    const rows = await this.#ask(sql, parameters);
    return rows.map((row) =>
      Object.values(row).map((cell) => (cell === null ? null : Buffer.from(String(cell)))),
    );
  }

  async *#stream(sql: string): AsyncGenerator<SqlBytes[]> {
    yield* await this.#askBytes(sql, []);
  }

  #answerAll(): void {
    this.rounds += 1;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
