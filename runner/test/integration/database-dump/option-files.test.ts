import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { type DatabaseAccess } from '../../../src/database/connection/access.js';
import { createBackup } from '../../../src/database/dump/create-backup.js';
import { type Finding, Secret, type UnderstudyError } from '../../../src/errors/index.js';
import { probeDumpTools } from '../../../src/database/dump/probe-tools.js';
import { openDatabase } from '../../../src/database/connection/open-database.js';
import { probeImportHost } from '../../../src/database/restore/import-data.js';
import { tryDumpProgram, tryImportClient } from '../../../src/database/connection/tool-login.js';
import { judgeCounts } from '../../../src/database/dump/witness.js';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { accessTo, backUp, loadEveryKind, orderFor, type Production, productionAt } from './support.js';

let server: MariaDbServer;
let production: Production;
let folder: string;
const environment = { ...process.env };

beforeAll(async () => {
  server = await startMariaDb();
  production = await productionAt(await loadEveryKind(server));
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-option-files-'));
});
afterEach(() => {
  process.env = { ...environment };
});
afterAll(async () => {
  await rm(production.folder, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
  await server.stop();
});

/** A dump program that takes `options` in place of `--triggers`: what an option file would do if it were read. */
async function dumpProgramWith(options: string): Promise<string> {
  const file = path.join(folder, 'dump-program');
  const script = `#!/bin/sh
for word; do
  if [ "$word" = --triggers ]; then set -- "$@" ${options}; else set -- "$@" "$word"; fi
  shift
done
exec mariadb-dump "$@"
`;
  await writeFile(file, script);
  await chmod(file, 0o755);
  return file;
}

test('option files and variables of the account decide nothing', async () => {
  const whole = (await backUp(production)).manifest;
  const lines = [
    'where="1=0"',
    'no-data',
    'skip-triggers',
    'skip-routines',
    'skip-dump-date',
    'max-allowed-packet=1024',
  ];
  const client = ['host=127.0.0.9', 'port=1', 'user=somebody', 'password=else', 'ssl-verify-server-cert'];
  const text = [
    '[client]',
    ...client,
    '[client-mariadb]',
    ...client,
    '[mysqldump]',
    ...lines,
    '[mariadb-dump]',
    ...lines,
  ];
  await writeFile(path.join(folder, '.my.cnf'), `${text.join('\n')}\n`);
  Object.assign(process.env, { HOME: folder, MYSQL_HOME: folder, MARIADB_HOME: folder, MYSQL_HOST: '127.0.0.9', MYSQL_PWD: 'x', MYSQL_TCP_PORT: '1', MYSQL_UNIX_PORT: '/nowhere' }); // prettier-ignore
  const { manifest } = await backUp(production);
  expect(manifest.tables).toEqual(whole.tables);
  expect(manifest.triggers).toEqual(whole.triggers);
  expect(
    whole.triggers.length * whole.routines.length * whole.events.length * whole.views.length,
  ).toBeGreaterThan(0);
});

describe('the dump program proves in the preflight where it logs in', () => {
  const tried = async (changes: Partial<DatabaseAccess>, wrapper?: string): Promise<string[]> => {
    const { host, access } = production;
    const connection = await openDatabase(host, access);
    const { program = '', known } = await probeDumpTools(host, production.folder, { isMariaDb: true });
    const tool = { program: wrapper ?? program, known };
    const findings = await tryDumpProgram({ host, access: { ...access, ...changes }, connection }, tool);
    await connection.close();
    return findings.map(({ code, message }) => `${code} ${message}`);
  };

  test('on the server of the settings', async () => {
    expect(await tried({})).toEqual([]);
  });

  test('with a password that the program does not get through', async () => {
    expect(await tried({ password: new Secret('wrong') })).toEqual([
      expect.stringMatching(
        /^DATABASE_TOOL_LOGIN mariadb-dump cannot log in as dump'er: .*1045.*Access denied/,
      ),
    ]);
  });

  test('on another server, where the same account and database exist', async () => {
    const other = await startMariaDb();
    await loadEveryKind(other);
    const file = path.join(folder, 'elsewhere');
    await writeFile(
      file,
      `#!/bin/sh\nfirst=$1; shift\nexec mariadb-dump "$first" --socket=${other.socket} "$@"\n`,
    );
    await chmod(file, 0o755);
    expect(await tried({}, file)).toEqual([
      expect.stringMatching(/^DATABASE_TOOL_ELSEWHERE \S+elsewhere reaches another server than .*MariaDB/),
    ]);
    await other.stop();
  });
});

describe('a server that insists on TLS', () => {
  let secure: MariaDbServer;
  let access: DatabaseAccess;
  let authority: string;
  beforeAll(async () => {
    const script = `openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost && cp cert.pem other.pem &&
      openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.pem -days 30 -subj /CN=other`;
    execFileSync('sh', ['-c', script], { cwd: folder, stdio: 'ignore' });
    const tls = [`--ssl-cert=${folder}/cert.pem`, `--ssl-key=${folder}/key.pem`];
    secure = await startMariaDb({ config: [...tls, '--require-secure-transport=ON'] });
    authority = await readFile(path.join(folder, 'cert.pem'), 'utf8');
    await secure.query("CREATE DATABASE acme; CREATE TABLE acme.t (id int PRIMARY KEY); INSERT INTO acme.t VALUES (1); CREATE USER 'acme'@'%' IDENTIFIED BY 'pw'; GRANT ALL ON acme.* TO 'acme'@'%'"); // prettier-ignore
    access = {
      ...accessTo(secure, 'acme', 'acme', 'pw'),
      server: { kind: 'tcp', host: 'localhost', port: secure.port },
    };
  });
  afterAll(() => secure.stop());

  const getsIn = async (change: Partial<DatabaseAccess>): Promise<readonly Finding[]> => {
    const { host } = production;
    const used = { ...access, ...change };
    const connection = await openDatabase(host, used);
    const { program = '', known } = await probeDumpTools(host, production.folder, { isMariaDb: true });
    const { client } = await probeImportHost(host, undefined, true);
    const login = { host, access: used, connection };
    const findings = [
      ...(await tryDumpProgram(login, { program, known })),
      ...(client === undefined ? [] : await tryImportClient(login, client)),
    ];
    await connection.close();
    return findings;
  };

  test.each([
    [
      'over its socket, without TLS',
      (): Partial<DatabaseAccess> => ({ server: { kind: 'socket', path: secure.socket } }),
    ],
    ['over loopback, unverified', (): Partial<DatabaseAccess> => ({})],
    ['with its authority, verified', (): Partial<DatabaseAccess> => ({ ca: authority })],
  ])('our connection and both programs get in %s', async (_case, change) => {
    expect(await getsIn(change())).toEqual([]);
  });

  test('another authority is refused by all', async () => {
    const ca = await readFile(path.join(folder, 'other.pem'), 'utf8');
    await expect(openDatabase(production.host, { ...access, ca })).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE', message: expect.stringMatching(/certificate/) }); // prettier-ignore
    const connection = await openDatabase(production.host, access);
    const { program = '', known } = await probeDumpTools(production.host, production.folder, {
      isMariaDb: true,
    });
    const findings = await tryDumpProgram(
      { host: production.host, access: { ...access, ca }, connection },
      { program, known },
    );
    await connection.close();
    expect(findings).toMatchObject([
      { code: 'DATABASE_TOOL_LOGIN', message: expect.stringMatching(/certificate/) },
    ]);
  });
});

test.each([
  ['max_join_size', '10', '18446744073709551615'],
  ['init_connect', "'SET sql_select_limit = 1'", "''"],
])('a limit that the server gives every session (%s) is told', async (name, limit, none) => {
  const { host, access } = production;
  const connection = await openDatabase(host, access);
  const { program = '', known } = await probeDumpTools(host, production.folder, { isMariaDb: true });
  const findings = async () => tryDumpProgram({ host, access, connection }, { program, known });
  await server.query(`SET GLOBAL ${name} = ${limit}`);
  const found = await findings().finally(() => server.query(`SET GLOBAL ${name} = ${none}`));
  expect(found.map(({ code }) => code)).toEqual(['DUMP_LIMITED']);
  expect(await findings()).toEqual([]);
  await connection.close();
});

describe('what the server counts decides whether a dump is complete', () => {
  test.each([
    ['--triggers --where=1=0', /^utf: 0 rows in the dump, 14 counted before it and 14 after it began$/m],
    ['--triggers --no-data', /^utf: 0 rows/m],
    ['--triggers "--where=1=1 LIMIT 3"', /^utf: 3 rows/m],
    ['--triggers "--ignore-table=acme shop.parted"', /^parted is not in the dump$/m],
    ['--skip-triggers', /^trigger \S+ is not in the dump$/m],
  ])('%s', async (options, expected) => {
    const order = await orderFor(production, { tools: { program: await dumpProgramWith(options) } });
    const retries: string[] = [];
    const problem: unknown = await createBackup({ ...order, onRetry: (why) => retries.push(why) }).catch(
      (error: unknown) => error,
    );
    expect(problem).toMatchObject({ code: 'DUMP_INCOMPLETE', details: expect.anything() });
    expect((problem as UnderstudyError).details.join('\n')).toMatch(expected);
    expect(retries).toHaveLength(1);
  });

  test('a table that is written to all the time does not stop the backup', async () => {
    const { name } = production.access;
    await server.query('CREATE TABLE busy (id int AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB; INSERT INTO busy VALUES (1),(2),(3)', name); // prettier-ignore
    let busy = true;
    const writing = (async () => {
      while (busy)
        await server.query(
          'INSERT INTO busy VALUES (),(),(),(),(); DELETE FROM busy WHERE id > 3 LIMIT 3',
          name,
        );
    })();
    const { manifest } = await backUp(production);
    busy = false;
    await writing;
    expect(manifest.tables.find((table) => table.name === 'busy')?.rows).toBeGreaterThanOrEqual(3);
    await server.query('DROP TABLE busy', name);
  });
});

test.each([
  ['nothing happened', { dumped: 5, before: 5 }, 'same'],
  ['the rows came before the snapshot', { dumped: 7, before: 5, after: 7 }, 'same'],
  ['some came before it, some after it', { dumped: 6, before: 5, after: 9 }, 'moved'],
  ['one came and went', { dumped: 6, before: 5, after: 5, written: true }, 'moved'],
  ['nobody wrote', { dumped: 6, before: 5, after: 5 }, 'other'],
  ['far away', { dumped: 100, before: 5, after: 9, written: true }, 'other'],
  ['emptied, says the dump alone', { dumped: 0, before: 5, after: 9, written: true }, 'other'],
  ['emptied and filled', { dumped: 0, before: 5, after: 0, written: true }, 'same'],
] as const)('judging counts: %s', (_case, counts, expected) => {
  expect(judgeCounts(counts)).toBe(expected);
});
