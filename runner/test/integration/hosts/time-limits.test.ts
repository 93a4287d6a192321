import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { readCommand } from '../../../src/commands/command.js';
import { openDatabase } from '../../../src/database/connection/open-database.js';
import { Secret } from '../../../src/errors/index.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { runCommand } from '../../../src/hosts/process/run-command.js';
import { createHttpClient } from '../../../src/http/site-client.js';

const within = async <Result>(seconds: number, work: () => Promise<Result>): Promise<Result> => {
  const started = performance.now();
  try {
    return await work();
  } finally {
    expect((performance.now() - started) / 1000).toBeLessThan(seconds);
  }
};

/** Stops a process. The signal is sent before the last thread stands still, so that a thread could still answer. */
async function stopAll(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  const tasks = `/proc/${String(pid)}/task`;
  const stands = (task: string) =>
    / T /.test(readFileSync(`${tasks}/${task}/stat`, 'utf8').split(')').at(-1) ?? '');
  while (!readdirSync(tasks).every(stands)) await sleep(5);
}

describe('a database server', () => {
  let server: MariaDbServer;
  let pid: number;
  const host = createLocalHost('staging', 'staging');
  const open = () =>
    openDatabase(
      host,
      {
        server: { kind: 'socket', path: server.socket },
        name: 'acme',
        user: 'limits',
        password: new Secret('limits-password-1'),
        charset: 'utf8mb4',
        prefix: '',
        multisite: false,
      },
      { silenceSeconds: 1, connectSeconds: 3 },
    );
  beforeAll(async () => {
    server = await startMariaDb();
    await server.query(`CREATE DATABASE acme; CREATE USER limits@localhost IDENTIFIED BY 'limits-password-1';
      GRANT ALL ON acme.* TO limits@localhost`);
    pid = Number(readFileSync((await server.query('SELECT @@pid_file')).trim(), 'utf8'));
  });
  afterAll(() => server.stop());

  test('a statement may take longer than the silence that is asked about', async () => {
    const connection = await open();
    expect(await connection.query('SELECT SLEEP(4) AS slept')).toEqual([{ slept: 0 }]);
    await connection.close();
  });
  test('one that stalls fails the statement, the login and the goodbye, in time', async () => {
    const connection = await open();
    await stopAll(pid);
    try {
      await within(40, () => expect(connection.query('SELECT 1')).rejects.toThrow());
      await within(15, () => connection.close());
      await within(30, () => expect(open()).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' }));
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await within(30, async () => (await open()).close());
  });
  test('one that dies in the middle of a statement fails it at once, and the next too', async () => {
    const connection = await open();
    const statement = connection.execute('DO SLEEP(60)').catch((error: unknown) => error);
    const stream = connection.stream('SELECT SLEEP(60)');
    process.kill(pid, 'SIGKILL');
    await within(20, async () => expect(await statement).toBeInstanceOf(Error));
    await within(20, () => expect(stream[Symbol.asyncIterator]().next()).rejects.toThrow());
    await within(20, () => expect(connection.query('SELECT 1')).rejects.toThrow());
    await within(20, () => connection.close());
  });
});

describe('a page', () => {
  let server: Server;
  let url: string;
  let seen: string[] = [];
  const bomb = gzipSync(gzipSync(Buffer.alloc(300 * 1024 * 1024)));
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(
        `${request.headers.host ?? ''} ${request.headers['x-secret'] === undefined ? 'without' : 'with'}`,
      );
      if (request.url === '/bomb') {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        const once = gzipSync(Buffer.alloc(64 * 1024 * 1024));
        // 64 members of 64 MB each: 4 GB.
        for (let member = 0; member < 64; member += 1) response.write(once);
        response.end();
      } else if (request.url === '/double') {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end(bomb);
      } else if (request.url === '/drip') {
        response.writeHead(200);
        const timer = setInterval(() => response.write('x'), 100);
        response.on('close', () => {
          clearInterval(timer);
        });
      } else if (request.url === '/broken') {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end('no gzip');
      } else if (request.url === '/silent') {
        response.writeHead(200);
        response.flushHeaders();
      } else response.end('hello');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const client = (site = url) => createHttpClient(site, { headers: { 'x-secret': 'a-secret-header-1' } });

  test('that decodes to gigabytes is cut at 8 MB', async () => {
    const before = process.memoryUsage().rss;
    const answer = await within(20, async () => (await client())(`${url}/bomb`));
    expect(answer.body.length).toBe(8 * 1024 * 1024);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
    expect((await (await client())(`${url}/double`)).body.length).toBeLessThan(9 * 1024 * 1024);
  });
  test.each(['/drip', '/silent'])('that never ends is left: %s', async (path) => {
    await within(20, async () => {
      await expect((await client())(`${url}${path}`, { timeoutSeconds: 1 })).rejects.toThrow(
        'no answer within 1 s',
      );
    });
  });
  test('that is no gzip is an error', async () => {
    await expect((await client())(`${url}/broken`)).rejects.toThrow();
  });
  test('gets the secret header at its own scheme, host and port alone', async () => {
    seen = [];
    const port = new URL(url).port;
    await (
      await client()
    )(`${url}/`);
    await (
      await client()
    )(`http://localhost:${port}/`);
    await (
      await client(`https://127.0.0.1:${port}`)
    )(`${url}/`);
    await (
      await client('http://127.0.0.1')
    )(`${url}/`);
    expect(seen).toEqual([
      `127.0.0.1:${port} with`,
      `localhost:${port} without`,
      `127.0.0.1:${port} without`,
      `127.0.0.1:${port} without`,
    ]);
  });
});

describe('a session on a host', () => {
  test('that never opens is given up', async () => {
    const never = { label: 'staging', start: () => new Promise<never>(() => undefined) };
    const stop = new AbortController();
    setTimeout(() => {
      stop.abort();
    }, 300);
    await within(20, () =>
      expect(runCommand(never, readCommand('true'), { signal: stop.signal })).rejects.toMatchObject({
        code: 'INTERRUPTED',
      }),
    );
  });
  test('that never opens is given up by itself', async () => {
    jest.useFakeTimers({ doNotFake: ['performance', 'nextTick', 'setImmediate'] });
    try {
      const never = { label: 'staging', start: () => new Promise<never>(() => undefined) };
      const running = runCommand(never, readCommand('true'), { timeoutSeconds: 5 }).catch(
        (error: unknown) => error,
      );
      await jest.advanceTimersByTimeAsync(121_000);
      expect(await running).toMatchObject({ code: 'COMMAND_TIMED_OUT' });
    } finally {
      jest.useRealTimers();
    }
  });
});
