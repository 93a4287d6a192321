import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { type Site } from '../../../src/config/site.js';
import { type DatabaseAccess } from '../../../src/database/connection/access.js';
import { openDatabase } from '../../../src/database/connection/open-database.js';
import { type SqlConnection } from '../../../src/database/connection/sql-connection.js';
import { assertDifferentDatabase } from '../../../src/database/schema/same-database.js';
import { Secret } from '../../../src/errors/index.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';

let one: MariaDbServer;
let other: MariaDbServer;
const host = createLocalHost('staging', 'staging');

beforeAll(async () => {
  [one, other] = await Promise.all([startMariaDb(), startMariaDb()]);
  for (const server of [one, other])
    await server.query(
      `CREATE DATABASE acme; CREATE DATABASE acme_staging;
       CREATE USER reader@'%' IDENTIFIED BY 'reader-1'; GRANT SELECT ON acme.* TO reader@'%';
       CREATE USER writer@'%' IDENTIFIED BY 'writer-1'; GRANT ALL ON acme.* TO writer@'%'; GRANT ALL ON acme_staging.* TO writer@'%';`,
    );
}, 120_000);
afterAll(() => Promise.all([one.stop(), other.stop()]));

type Address = (server: MariaDbServer) => DatabaseAccess['server'];
const socket: Address = (server) => ({ kind: 'socket', path: server.socket });
const loopback: Address = (server) => ({ kind: 'tcp', host: '127.0.0.1', port: server.port });
const name: Address = (server) => ({ kind: 'tcp', host: 'localhost', port: server.port });

const open = (user: 'reader' | 'writer', server: DatabaseAccess['server'], schema: string) =>
  openDatabase(host, {
    server,
    name: schema,
    user,
    password: new Secret(`${user}-1`),
    charset: 'utf8mb4',
    prefix: '',
    multisite: false,
  });

async function guard(
  production: Promise<SqlConnection>,
  staging: Promise<SqlConnection>,
  sharesServer = false,
): Promise<string> {
  const [a, b] = await Promise.all([production, staging]);
  const site = { name: 'acme', staging: { sharesServer } } as Site;
  try {
    return await assertDifferentDatabase(a, b, site).then(
      () => 'passed',
      (cause: unknown) => (cause instanceof Error ? cause.message : 'failed'),
    );
  } finally {
    await Promise.all([a.close(), b.close()]);
  }
}

describe('the same-target check of the databases', () => {
  test('two servers pass, also with one schema name', async () => {
    expect(await guard(open('reader', socket(one), 'acme'), open('writer', socket(other), 'acme'))).toBe(
      'passed',
    );
  });

  test.each<[string, Address, Address]>([
    ['one address', socket, socket],
    ['a socket and a port', socket, loopback],
    ['a number and a name', loopback, name],
  ])('staging that names production’s schema is refused: %s, two accounts', async (_case, ours, theirs) => {
    const run = (sharesServer: boolean) =>
      guard(open('reader', ours(one), 'acme'), open('writer', theirs(one), 'acme'), sharesServer);
    const refusal = 'acme: staging and production use the same schema acme on the same server.';
    expect(await run(false)).toBe(refusal);
    expect(await run(true)).toBe(refusal);
  });

  test('another schema of one server needs staging.sharesServer', async () => {
    const run = (sharesServer: boolean) =>
      guard(open('reader', socket(one), 'acme'), open('writer', loopback(one), 'acme_staging'), sharesServer);
    expect(await run(false)).toBe(
      "acme: staging's schema acme_staging and production's acme are on the same server.",
    );
    expect(await run(true)).toBe('passed');
  });

  test('a check that cannot be completed fails', async () => {
    const staging = await open('writer', socket(other), 'acme');
    const broken: SqlConnection = {
      ...staging,
      query: async (sql, parameters) => {
        if (sql.includes('IS_USED_LOCK')) throw new Error('IS_USED_LOCK is not supported by this proxy');
        return staging.query(sql, parameters);
      },
      close: async () => undefined,
    };
    expect(await guard(Promise.resolve(broken), Promise.resolve(staging), true)).toBe(
      'Could not determine whether staging and production are the same database server: IS_USED_LOCK is not supported by this proxy.',
    );
  });

  test('the lock is gone afterwards', async () => {
    const staging = await open('writer', socket(one), 'acme_staging');
    const production = await open('reader', socket(one), 'acme');
    const names: string[] = [];
    const spy: SqlConnection = {
      ...staging,
      query: async (sql, parameters) => {
        if (sql.includes('GET_LOCK')) names.push(String(parameters?.[0]));
        return staging.query(sql, parameters);
      },
    };
    await assertDifferentDatabase(production, spy, { name: 'acme', staging: { sharesServer: true } } as Site);
    // Nobody waits for the release; it has been done when the next answer of its session is there.
    await staging.query('SELECT 1');
    const [row] = await production.query('SELECT IS_USED_LOCK(?) AS holder', [names[0] ?? '']);
    expect([names.length, row?.['holder']]).toEqual([1, null]);
    await Promise.all([production.close(), staging.close()]);
  });
});
