import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql, { type Connection, type ResultSetHeader } from 'mysql2';
import { sendAhead } from '../../../src/database/connection/wrap-connection.js';
import { FakeServer } from './fake-server.js';

async function connect(): Promise<{ server: FakeServer; connection: Connection }> {
  const server = new FakeServer();
  const connection = mysql.createConnection({ stream: server.stream, user: 'u', password: 'p' });
  connection.on('error', () => undefined);
  await once(connection, 'connect');
  return { server, connection };
}

/** What becomes of a statement: rows that it changed, or the message of its error. */
const ask = (connection: Connection, sql: string): Promise<number | string> =>
  new Promise((resolve) => {
    connection.query(sql, (error, result) => {
      resolve(error ? error.message : (result as ResultSetHeader).affectedRows);
    });
  });

const texts = (server: FakeServer): string[] => server.asked.map(({ sql }) => sql);

test('statements go out before the first answer, and each gets its own', async () => {
  const { server, connection } = await connect();
  expect(sendAhead(connection)).toBe(true);
  const answers = ['A', 'B', 'C'].map((sql) => ask(connection, sql));
  await sleep(1);
  expect(server.asked).toEqual(['A', 'B', 'C'].map((sql) => ({ sql, sequence: 0 })));
  for (const rows of [1, 2, 3]) server.answer(rows);
  expect(await Promise.all(answers)).toEqual([1, 2, 3]);
  // Afterwards it is an ordinary connection.
  const next = ask(connection, 'D');
  await sleep(1);
  server.answer(4);
  expect(await next).toBe(4);
});

test('one that is asked for while answers come in is sent at once too', async () => {
  const { server, connection } = await connect();
  sendAhead(connection);
  const [first, second] = [ask(connection, 'A'), ask(connection, 'B')];
  await sleep(1);
  server.answer(1);
  expect(await first).toBe(1);
  const third = ask(connection, 'C');
  await sleep(1);
  expect(texts(server)).toEqual(['B', 'C']);
  server.answer(2);
  server.answer(3);
  expect(await Promise.all([second, third])).toEqual([2, 3]);
});

test('one that the server refuses takes none of the others with it', async () => {
  const { server, connection } = await connect();
  sendAhead(connection);
  const answers = ['A', 'B', 'C'].map((sql) => ask(connection, sql));
  await sleep(1);
  server.answer(1);
  server.refuse(1062, 'Duplicate entry');
  server.answer(3);
  expect(await Promise.all(answers)).toEqual([1, 'Duplicate entry', 3]);
});

test('a connection that breaks fails all that were sent', async () => {
  const { server, connection } = await connect();
  sendAhead(connection);
  const answers = ['A', 'B', 'C'].map((sql) => ask(connection, sql));
  await sleep(1);
  server.answer(1);
  await answers[0];
  server.stream.destroy(new Error('the line is cut'));
  expect(await Promise.all(answers)).toEqual([1, 'the line is cut', 'the line is cut']);
});

test('the goodbye waits for nobody and comes last', async () => {
  const { server, connection } = await connect();
  sendAhead(connection);
  const answer = ask(connection, 'A');
  connection.end();
  await sleep(1);
  expect(texts(server)).toEqual(['A', '']);
  server.answer(1);
  expect(await answer).toBe(1);
});

test('a driver that is made otherwise is left as it is', () => {
  const addCommand = (): void => undefined;
  const usual = { _command: null, sequenceId: 0, addCommand };
  expect(sendAhead({ ...usual } as never)).toBe(true);
  const others: object[] = [
    { sequenceId: 0, addCommand },
    { ...usual, _command: 'at work' },
    { ...usual, sequenceId: '0' },
    { ...usual, addCommand: undefined },
  ];
  for (const other of others) {
    const before = { ...other };
    expect(sendAhead(other as never)).toBe(false);
    expect(other).toEqual(before);
  }
});

test('without sending ahead, each statement waits for the answer to the former one', async () => {
  const { server, connection } = await connect();
  const answers = ['A', 'B'].map((sql) => ask(connection, sql));
  await sleep(1);
  expect(texts(server)).toEqual(['A']);
  server.answer(1);
  await answers[0];
  await sleep(1);
  expect(texts(server)).toEqual(['B']);
  server.answer(2);
  expect(await Promise.all(answers)).toEqual([1, 2]);
});

test('a driver whose commands write nothing when they start is not used on', async () => {
  const { connection } = await connect();
  sendAhead(connection);
  const driver = connection as unknown as { addCommand(command: object): unknown };
  void ask(connection, 'A');
  expect(() => driver.addCommand({ start: () => undefined })).toThrow('mysql2 does not write');
});
