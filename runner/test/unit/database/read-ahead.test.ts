import { expect, test } from '@jest/globals';
import { readAhead, type RowQuestion } from '../../../src/database/connection/read-ahead.js';
import { type SqlBytes, type SqlConnection } from '../../../src/database/connection/sql-connection.js';

/** A session that notes what it is asked and which answers were read to their end, or left. */
class FakeSession {
  readonly asked: string[] = [];
  readonly ended: string[] = [];
  constructor(private readonly failing: ReadonlySet<string> = new Set()) {}

  readonly connection = {
    stream: (sql: string) => this.#rows(sql),
  } as unknown as SqlConnection;

  async *#rows(sql: string): AsyncGenerator<SqlBytes[]> {
    this.asked.push(sql);
    try {
      await Promise.resolve();
      yield [Buffer.from(`${sql} 1`)];
      if (this.failing.has(sql)) throw new Error(`${sql} broke`);
      yield [Buffer.from(`${sql} 2`)];
    } finally {
      this.ended.push(sql);
    }
  }
}

type Question = RowQuestion<string>;
const question = (item: string, more: Partial<Question> = {}): Question => ({
  item,
  sql: item,
  bytes: 1,
  ...more,
});

const from = (questions: readonly Question[]): (() => Question | undefined) => {
  const left = [...questions];
  return () => left.shift();
};

async function readAll(session: FakeSession, questions: readonly Question[]): Promise<string[]> {
  const seen: string[] = [];
  for await (const [item, rows] of readAhead(session.connection, from(questions)))
    for await (const [cell] of rows) seen.push(`${item}: ${String(cell)}`);
  return seen;
}

test('answers come in the order of their questions, which are asked ahead', async () => {
  const session = new FakeSession();
  const reading = readAhead(session.connection, from(['a', 'b', 'c'].map((name) => question(name))));
  const first = await reading.next();
  expect(session.asked).toEqual(['a', 'b', 'c']);
  expect(first.done === true ? undefined : first.value[0]).toBe('a');
  await reading.return(undefined);
  const again = new FakeSession();
  expect(
    await readAll(
      again,
      ['a', 'b'].map((name) => question(name)),
    ),
  ).toEqual(['a: a 1', 'a: a 2', 'b: b 1', 'b: b 2']);
});

test('no more than 128 are asked ahead, and no more than 4 MB', async () => {
  const many = new FakeSession();
  const names = Array.from({ length: 140 }, (_, index) => String(index));
  const reading = readAhead(many.connection, from(names.map((name) => question(name))));
  await reading.next();
  expect(many.asked).toHaveLength(128);
  await reading.next();
  expect(many.asked).toHaveLength(129);
  await reading.return(undefined);
  const large = new FakeSession();
  const sizes = [3, 3, 3].map((megabytes, index) =>
    question(String(index), { bytes: megabytes * 1024 * 1024 }),
  );
  const slow = readAhead(large.connection, from(sizes));
  await slow.next();
  expect(large.asked).toEqual(['0', '1']);
  await slow.return(undefined);
});

test('one that is to be alone is neither asked ahead nor has others asked before its end', async () => {
  const session = new FakeSession();
  const questions = [question('a'), question('b', { alone: true }), question('c')];
  const reading = readAhead(session.connection, from(questions));
  await reading.next();
  expect(session.asked).toEqual(['a']);
  await reading.next();
  expect(session.asked).toEqual(['a', 'b']);
  await reading.next();
  expect(session.asked).toEqual(['a', 'b', 'c']);
  await reading.return(undefined);
});

test('an answer that breaks off is told where it is read, and ends those behind it', async () => {
  const session = new FakeSession(new Set(['b']));
  const questions = ['a', 'b', 'c'].map((name) => question(name));
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    for await (const [item, rows] of readAhead(session.connection, from(questions)))
      for await (const [cell] of rows) seen.push(`${item}: ${String(cell)}`);
  };
  await expect(read()).rejects.toThrow('b broke');
  expect(seen).toEqual(['a: a 1', 'a: a 2', 'b: b 1']);
  expect(session.ended.toSorted()).toEqual(['a', 'b', 'c']);
});

test('one that nobody reads is thrown away before the next one, without its error', async () => {
  const session = new FakeSession(new Set(['a']));
  const items: string[] = [];
  for await (const [item] of readAhead(session.connection, from([question('a'), question('b')])))
    items.push(item);
  expect(items).toEqual(['a', 'b']);
  expect(session.ended).toEqual(['a', 'b']);
});

test('who stops reading leaves no answer behind', async () => {
  const session = new FakeSession();
  for await (const [, rows] of readAhead(session.connection, from([question('a'), question('b')]))) {
    for await (const _ of rows) break;
    break;
  }
  expect(session.ended.toSorted()).toEqual(['a', 'b']);
});

test('a question that cannot be put ends those that were', async () => {
  const session = new FakeSession();
  let count = 0;
  const next = (): Question => {
    count += 1;
    if (count > 2) throw new Error('no third question');
    return question(String(count));
  };
  const read = async (): Promise<void> => {
    for await (const _ of readAhead(session.connection, next)) void _;
  };
  await expect(read()).rejects.toThrow('no third question');
  expect(session.ended.toSorted()).toEqual(['1', '2']);
});
