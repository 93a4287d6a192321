import { expect, jest, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { Secret } from '../../../src/errors/index.js';
import { type DatabaseAccess } from '../../../src/database/connection/access.js';
import { type PooledLogin, SessionPool } from '../../../src/database/connection/session-pool.js';
import { type ReadingHost } from '../../../src/hosts/host.js';

class FakeLogin implements PooledLogin {
  readonly stream = new PassThrough();
  readonly session = {} as PooledLogin['session'];
  open = true;
  resets = 0;
  closes = 0;
  resetting: Promise<void> = Promise.resolve();
  isOpen = (): boolean => this.open;
  reset = async (): Promise<void> => {
    this.resets += 1;
    await this.resetting;
  };
  close = async (): Promise<void> => {
    this.open = false;
    this.closes += 1;
    return Promise.resolve();
  };
}

const pool = (): SessionPool => new SessionPool();
const taken = async (logins: SessionPool, key: string): Promise<PooledLogin | undefined> =>
  (await logins.take(key))?.login;

test('a login that was given back is reset, and taken again', async () => {
  const [logins, one] = [pool(), new FakeLogin()];
  expect(await taken(logins, 'a')).toBeUndefined();
  await logins.give('a', one);
  expect(one.resets).toBe(1);
  expect(await taken(logins, 'b')).toBeUndefined();
  expect(await taken(logins, 'a')).toBe(one);
  expect(await taken(logins, 'a')).toBeUndefined();
});

test('one that the server has ended meanwhile is passed over', async () => {
  const [logins, one, two] = [pool(), new FakeLogin(), new FakeLogin()];
  await logins.give('a', one);
  await logins.give('a', two);
  two.open = false;
  expect(await taken(logins, 'a')).toBe(one);
});

test('one that cannot be reset is closed, not kept', async () => {
  const [logins, one] = [pool(), new FakeLogin()];
  one.resetting = Promise.reject(new Error('gone'));
  await logins.give('a', one);
  expect([one.closes, await taken(logins, 'a')]).toEqual([1, undefined]);
});

test('one that is being reset is taken at once, and is ready when that is done', async () => {
  const [logins, one, two] = [pool(), new FakeLogin(), new FakeLogin()];
  let end = (): void => undefined;
  one.resetting = new Promise((resolve) => (end = resolve));
  void logins.give('a', one);
  const next = await logins.take('a');
  expect(next?.login).toBe(one);
  end();
  expect(await next?.isReady).toBe(true);
  two.resetting = Promise.reject(new Error('gone'));
  const giving = logins.give('a', two);
  const late = await logins.take('a');
  expect([await late?.isReady, two.closes]).toEqual([false, 0]);
  await giving;
  expect(await taken(logins, 'a')).toBeUndefined();
});

test('more than six of a kind are not kept', async () => {
  const logins = pool();
  const all = Array.from({ length: 8 }, () => new FakeLogin());
  for (const login of all) await logins.give('a', login);
  expect(all.map(({ closes }) => closes)).toEqual([0, 0, 0, 0, 0, 0, 1, 1]);
});

test('closing waits for those that are being given back, and keeps none of them', async () => {
  const [logins, kept, late] = [pool(), new FakeLogin(), new FakeLogin()];
  await logins.give('a', kept);
  let end = (): void => undefined;
  late.resetting = new Promise((resolve) => (end = resolve));
  const giving = logins.give('a', late);
  const closing = logins.close();
  end();
  await Promise.all([giving, closing]);
  expect([kept.closes, late.closes]).toEqual([1, 1]);
  const after = new FakeLogin();
  await logins.give('a', after);
  expect(after.closes).toBe(1);
});

test('a login that was begun ahead is waited for, and counts with those that wait', async () => {
  const [logins, idle, coming] = [pool(), new FakeLogin(), new FakeLogin()];
  await logins.give('a', idle);
  let arrive = (_login: FakeLogin): void => undefined;
  let begun = 0;
  logins.logInAhead('a', 2, () => {
    begun += 1;
    return new Promise((resolve) => (arrive = resolve));
  });
  expect(begun).toBe(1);
  expect(await taken(logins, 'a')).toBe(idle);
  const later = taken(logins, 'a');
  arrive(coming);
  expect(await later).toBe(coming);
  expect(coming.resets).toBe(0);
  expect(await taken(logins, 'a')).toBeUndefined();
});

test('one that was begun ahead in vain, or was ended before it was used, is as if it had not been', async () => {
  const [logins, ended] = [pool(), new FakeLogin()];
  ended.open = false;
  const answers = [() => Promise.reject(new Error('refused')), () => Promise.resolve(ended)];
  logins.logInAhead('a', 2, () => answers.shift()?.() ?? Promise.reject(new Error('too many')));
  expect(await taken(logins, 'a')).toBeUndefined();
  expect(answers).toEqual([]);
});

test('making room closes what waits and what comes; what is in use stays', async () => {
  const [logins, idle, used, coming] = [pool(), new FakeLogin(), new FakeLogin(), new FakeLogin()];
  await logins.give('a', used);
  expect(await taken(logins, 'a')).toBe(used);
  await logins.give('a', idle);
  logins.logInAhead('b', 1, () => Promise.resolve(coming));
  await logins.freeSession();
  expect([idle.closes, coming.closes, used.closes]).toEqual([1, 1, 0]);
  expect(await taken(logins, 'b')).toBeUndefined();
});

test('closing while logins come closes them when they are there, and begins no more', async () => {
  const [logins, coming] = [pool(), new FakeLogin()];
  let arrive = (_login: FakeLogin): void => undefined;
  logins.logInAhead('a', 1, () => new Promise((resolve) => (arrive = resolve)));
  const closing = logins.close();
  arrive(coming);
  await closing;
  expect(coming.closes).toBe(1);
  logins.logInAhead('a', 1, () => Promise.reject(new Error('not to be called')));
  expect(await taken(logins, 'a')).toBeUndefined();
});

test('logins stand for one another where host, server, account and kind are the same', () => {
  const logins = pool();
  const [here, there] = [{} as ReadingHost, {} as ReadingHost];
  const access = {
    server: { kind: 'tcp', host: '127.0.0.1', port: 3306 } as const,
    user: 'acme',
    password: new Secret('one'),
  };
  const key = logins.key(here, access, 'plain');
  const elsewhere: Pick<DatabaseAccess, 'name'> & typeof access = { ...access, name: 'another schema' };
  expect(logins.key(here, elsewhere, 'plain')).toBe(key);
  const others = [
    logins.key(there, access, 'plain'),
    logins.key(here, { ...access, user: 'root' }, 'plain'),
    logins.key(here, { ...access, password: new Secret('two') }, 'plain'),
    logins.key(here, { ...access, container: 'db' }, 'plain'),
    logins.key(here, access, 'several'),
  ];
  expect(new Set([key, ...others]).size).toBe(6);
  expect(key).not.toContain('one');
});

test('a stream that was opened ahead is used once, by who reaches that server through that host, and ended at the end', async () => {
  const opened: PassThrough[] = [];
  const host = {
    label: 'staging',
    openStream: () => {
      const stream = new PassThrough();
      opened.push(stream);
      return Promise.resolve(stream);
    },
  } as unknown as ReadingHost;
  const server = { kind: 'tcp', host: '127.0.0.1', port: 3306 } as const;
  const logins = pool();
  logins.openStreams(host, server, 2);
  expect(await logins.takeStream(host, { ...server, port: 3307 })).toBeUndefined();
  expect(await logins.takeStream({ ...host, label: 'production' }, server)).toBeUndefined();
  expect(await logins.takeStream(host, server)).toBe(opened[0]);
  await logins.close();
  expect(opened.map(({ destroyed }) => destroyed)).toEqual([false, true]);
});

test("a stream whose server may have lost its patience is ended, not used; one that cannot be opened is nobody's concern", async () => {
  const stream = new PassThrough();
  const host = { label: 'staging', openStream: () => Promise.resolve(stream) } as unknown as ReadingHost;
  const refused = {
    label: 'refused',
    openStream: () => Promise.reject(new Error('refused')),
  } as unknown as ReadingHost;
  const server = { kind: 'socket', path: '/run/mysqld.sock' } as const;
  const logins = pool();
  const now = jest.spyOn(performance, 'now').mockReturnValue(0);
  for (const each of [host, refused]) logins.openStreams(each, server, 1);
  now.mockReturnValue(6000);
  expect(await logins.takeStream(host, server)).toBeUndefined();
  expect(stream.destroyed).toBe(true);
  expect(await logins.takeStream(refused, server)).toBeUndefined();
  now.mockRestore();
});
