import { afterAll, beforeAll, expect, test } from '@jest/globals';
import os from 'node:os';
import { type SqlConnection } from '../../../src/database/connection/sql-connection.js';
import { logInAhead, openDatabase } from '../../../src/database/connection/open-database.js';
import { SessionPool } from '../../../src/database/connection/session-pool.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { accessTo } from './support.js';

const host = createLocalHost('staging', 'staging');
let server: MariaDbServer;
let open: (options?: Parameters<typeof openDatabase>[2]) => Promise<SqlConnection>;

beforeAll(async () => {
  server = await startMariaDb();
  await server.query('CREATE DATABASE `dä tä` CHARACTER SET utf8mb4');
  await server.query(
    "CREATE USER 'jö'@'localhost' IDENTIFIED BY 'pässword'; GRANT ALL ON `dä tä`.* TO 'jö'@'localhost'",
  );
  open = (options) => openDatabase(host, accessTo(server, 'dä tä', 'jö', 'pässword'), options);
});
afterAll(() => server.stop());

test('text, bytes, numbers and names with odd letters come back as they were given', async () => {
  const connection = await open();
  await connection.execute(
    'CREATE TABLE `tä` (`ü` bigint PRIMARY KEY, a text, b blob, d decimal(10,2), z datetime)',
  );
  const bytes = Buffer.from([0, 255, 39, 92, 10]);
  const values = [9223372036854775807n, "hé🎉'\\", bytes, '1.50', '2026-01-02 03:04:05'];
  await connection.execute('INSERT INTO `tä` VALUES (?, ?, ?, ?, ?)', values);
  expect(await connection.query('SELECT `ü`, a AS `ö`, b, d, z FROM `tä`')).toEqual([
    { ü: '9223372036854775807', ö: "hé🎉'\\", b: bytes, d: '1.50', z: '2026-01-02 03:04:05' },
  ]);
  expect(await connection.queryBytes('SELECT a FROM `tä`')).toEqual([[Buffer.from("hé🎉'\\")]]);
  await connection.close();
});

test('results in the character set that PHP speaks, and written back in it', async () => {
  const connection = await open({ charset: 'latin1' });
  await connection.execute('CREATE TABLE l (id int PRIMARY KEY, a text)');
  await connection.execute("INSERT INTO l VALUES (1, 'é')");
  expect(await connection.queryBytes('SELECT a FROM l')).toEqual([[Buffer.from([0xe9])]]);
  await connection.execute("UPDATE l SET a = _latin1 X'C3A9' WHERE id = 1");
  expect(await connection.queryBytes('SELECT a, HEX(a) FROM l')).toEqual([
    [Buffer.from([0xc3, 0xa9]), Buffer.from('C383C2A9')],
  ]);
  await connection.close();
});

test('questions that go out with the settings are answered, and say what was wrong with those', async () => {
  const connection = await open({ asksAtOnce: true });
  expect(await connection.query('SELECT DATABASE() AS name')).toEqual([{ name: 'dä tä' }]);
  const rows: unknown[] = [];
  for await (const row of connection.stream('SELECT 1')) rows.push(row);
  expect(rows).toEqual([[Buffer.from('1')]]);
  await connection.close();
  const elsewhere = await open({ asksAtOnce: true, database: 'missing' });
  await expect(elsewhere.query('SELECT 1 AS one')).rejects.toMatchObject({
    code: 'DATABASE_UNREACHABLE',
    message: expect.stringContaining('may not use the database'),
  });
  await elsewhere.close();
});

test('logins begun ahead serve their sessions, and give way where the account may have no more', async () => {
  await server.query(
    "CREATE USER few@'localhost' IDENTIFIED BY 'few' WITH MAX_USER_CONNECTIONS 2; GRANT ALL ON `dä tä`.* TO few@'localhost'",
  );
  const access = { ...accessTo(server, 'dä tä', 'few', 'few'), pool: new SessionPool() };
  const logins = async (): Promise<number> =>
    Number(await server.query("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'few'"));
  logInAhead(host, access, 2);
  const first = await openDatabase(host, access);
  expect(await logins()).toBe(2);
  // Of another kind than the one that waits, whose place it needs.
  const second = await openDatabase(host, access, { multipleStatements: true });
  expect(await first.query('SELECT DATABASE() AS name')).toEqual([{ name: 'dä tä' }]);
  expect(await second.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await expect(openDatabase(host, access)).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
  await first.close();
  await second.close();
  await access.pool.close();
  expect(await logins()).toBe(0);
});

test('a stream that is left early leaves the connection usable', async () => {
  const connection = await open();
  let rows = 0;
  for await (const row of connection.stream('SELECT seq FROM seq_1_to_50000')) {
    expect(row).toHaveLength(1);
    rows += 1;
    if (rows === 3) break;
  }
  expect(await connection.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await connection.close();
});

test('a slow reader of a stream gets every row, and only a few wait for it, however large', async () => {
  const connection = await open();
  let [next, largest] = [1, 0];
  for await (const [number, text] of connection.stream(
    "SELECT seq, REPEAT('x', 1000000) FROM seq_1_to_150",
  )) {
    expect(number?.toString()).toBe(String(next++));
    expect(text).toHaveLength(1_000_000);
    if (next % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    largest = Math.max(largest, process.memoryUsage().arrayBuffers);
  }
  expect(next).toBe(151);
  expect(largest).toBeLessThan(100_000_000);
  await connection.close();
});

test.each([
  ['before the first row', 'SELECT seq FROM missing'],
  ['between rows', 'SELECT IF(seq < 5000, seq, (SELECT 1 UNION SELECT 2)) FROM seq_1_to_9000'],
])('a stream that fails %s says so', async (_, sql) => {
  const connection = await open();
  const read = async () => {
    for await (const row of connection.stream(sql)) expect(row).toHaveLength(1);
  };
  await expect(read()).rejects.toMatchObject({ name: 'SqlError' });
  expect(await connection.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await connection.close();
});

test('rows that were read do not lie about: Buffers stay few whatever a stream brings', async () => {
  const connection = await open();
  const before = process.memoryUsage().arrayBuffers;
  let [most, bytes] = [0, 0];
  for await (const [cell] of connection.stream("SELECT REPEAT('x', 60000) FROM seq_1_to_2000")) {
    bytes += cell?.length ?? 0;
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  await connection.close();
  expect(bytes).toBe(120_000_000);
  expect(most).toBeLessThan(20 * 1024 * 1024);
});

test('a session that is killed ends its stream with an error', async () => {
  const connection = await open();
  const read = async () => {
    for await (const row of connection.stream("SELECT seq, REPEAT('x', 1000) FROM seq_1_to_900000"))
      if (row[0]?.toString() === '1') await server.query(`KILL ${String(connection.threadId)}`);
  };
  await expect(read()).rejects.toMatchObject({ name: 'SqlError' });
  await connection.close();
});

test('an error has the number of the server and not the statement', async () => {
  const connection = await open();
  const failure = connection.query("SELECT 'private row' FROM missing");
  await expect(failure).rejects.toMatchObject({ name: 'SqlError', errno: 1146 });
  await expect(failure).rejects.not.toThrow('private row');
  expect(JSON.stringify(await failure.catch((error: unknown) => error))).not.toContain('private row');
  await connection.close();
});

test('an abort ends what is running', async () => {
  const abort = new AbortController();
  const connection = await open({ signal: abort.signal });
  setTimeout(() => {
    abort.abort();
  }, 200);
  await expect(connection.query('SELECT SLEEP(600)')).rejects.toMatchObject({ errno: 0 });
  await connection.close();
});

test.each([
  ['a wrong password', { password: 'wrong' }, /refused user/, /user and password/],
  ['a schema that is not there', { name: 'nope' }, /may not use the database nope/, /Grant/],
  ['a socket that is not there', { path: '/nope' }, /does not answer/, /socket/],
])(
  '%s is told with what to do',
  async (_name, { name, password, path }: Record<string, string>, sentence, next) => {
    const access = accessTo(server, name ?? 'dä tä', 'jö', password ?? 'pässword');
    const place = path === undefined ? access : { ...access, server: { kind: 'socket' as const, path } };
    const failure = await openDatabase(host, place).catch((error: unknown) => error as { next: string });
    expect(failure).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    expect(String(failure)).toMatch(sentence);
    expect((failure as { next: string }).next).toMatch(next);
  },
);

test('root by the socket, without a password', async () => {
  const connection = await openDatabase(host, accessTo(server, 'mysql', os.userInfo().username, ''), {
    database: null,
  });
  expect(connection).toMatchObject({ isMariaDb: true, serverVersion: expect.stringContaining('MariaDB') });
  expect(await connection.query('SELECT CONNECTION_ID() AS id')).toEqual([{ id: connection.threadId }]);
  await connection.close();
});
