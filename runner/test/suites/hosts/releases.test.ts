import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { debianRelease, type DebianRelease } from '../../../../sandbox/debian/release.js';
import { type DatabaseServer } from '../../../../sandbox/servers/database-server.js';
import { generateKey, type GeneratedKey } from '../../../../sandbox/servers/keys.js';
import { startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { startMySql } from '../../../../sandbox/servers/mysql.js';
import { sshAddressOf } from '../../../../sandbox/servers/ssh-address.js';
import { startSshd } from '../../../../sandbox/servers/sshd.js';
import { shellScript } from '../../../src/commands/command.js';
import { quoteWords } from '../../../src/commands/quote.js';
import { type DatabaseAccess } from '../../../src/database/connection/access.js';
import { probeDumpTools } from '../../../src/database/dump/probe-tools.js';
import { openDatabase } from '../../../src/database/connection/open-database.js';
import { probeImportHost } from '../../../src/database/restore/import-data.js';
import { tryDumpProgram, tryImportClient } from '../../../src/database/connection/tool-login.js';
import { Secret } from '../../../src/errors/index.js';
import { connectHost } from '../../../src/hosts/connect-host.js';
import { type WritingHost } from '../../../src/hosts/host.js';

/**
 * Hosts of other ages, each with its own shells and database programs, against servers of both vendors, over a socket
 * and over TCP, with and without TLS: our own connection, the dump program and the import client all get in.
 */
let folder: string;
let key: GeneratedKey;
let ca: string;
const stops: (() => Promise<void>)[] = [];
const releases: Record<string, DebianRelease> = {};
const servers: Record<string, DatabaseServer> = {};

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-releases-'));
  key = await generateKey(folder, 'key');
  for (const name of ['bullseye', 'trixie', 'sid', 'bullseye-shells', 'trixie-shells'] as const)
    releases[name] = await debianRelease(name);
  const sid = releases['sid'] as DebianRelease;
  const certificate = makeCertificate(folder);
  ca = await readFile(path.join(folder, 'ca.pem'), 'utf8');
  servers['MariaDB'] = await startMariaDb();
  servers['MariaDB that insists on TLS'] = await startMariaDb({ config: [...certificate, '--require-secure-transport=ON'] }); // prettier-ignore
  servers['MySQL'] = await startMySql({ release: sid });
  servers['MySQL that insists on TLS'] = await startMySql({ release: sid, config: [...certificate, '--require-secure-transport=ON'] }); // prettier-ignore
  for (const server of Object.values(servers)) {
    stops.push(() => server.stop());
    await server.query(
      `CREATE DATABASE acme; CREATE TABLE acme.t (id int PRIMARY KEY); INSERT INTO acme.t VALUES (1);
       CREATE USER 'acme'@'%' IDENTIFIED BY 'pa"ss#1'; GRANT ALL ON acme.* TO 'acme'@'%'`,
    );
  }
}, 600_000);
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
  await rm(folder, { recursive: true, force: true });
});

/** An authority and a certificate for 127.0.0.1. @returns the server's options */
function makeCertificate(into: string): string[] {
  const script = `openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=ca &&
    openssl req -newkey rsa:2048 -nodes -keyout key.pem -out request -subj /CN=db.acme.test &&
    printf 'subjectAltName=DNS:db.acme.test,IP:127.0.0.1' >extensions &&
    openssl x509 -req -in request -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile extensions -out cert.pem`;
  execFileSync('sh', ['-c', script], { cwd: into, stdio: 'ignore' });
  return ['ca', 'cert', 'key'].map((name) => `--ssl-${name}=${path.join(into, `${name}.pem`)}`);
}

async function hostOf(name: string, shell: string): Promise<WritingHost> {
  const release = releases[name];
  const own = await mkdtemp(path.join(folder, 'host-'));
  const server = await startSshd({
    folder: path.join(own, 'sshd'),
    home: path.join(own, 'home'),
    shell,
    authorizedKeys: [key.publicKey],
    ...(release === undefined ? {} : { show: release.show }),
    ...(name === 'MySQL programs'
      ? { config: [`SetEnv PATH="${await mySqlPrograms(own)}:/usr/sbin:/usr/bin:/sbin:/bin"`] }
      : {}),
  });
  stops.push(() => server.stop());
  const host = await connectHost(sshAddressOf(server, key), { side: 'staging', name });
  stops.push(() => host.close());
  return host;
}

/** A folder for the PATH in which every database program is one of MySQL's. */
async function mySqlPrograms(own: string): Promise<string> {
  const programs = path.join(own, 'programs');
  await mkdir(programs, { recursive: true });
  for (const [name, program] of [
    ['mariadb', '/usr/bin/mysql'],
    ['mysql', '/usr/bin/mysql'],
    ['mariadb-dump', '/usr/bin/mysqldump'],
    ['mysqldump', '/usr/bin/mysqldump'],
  ] as const) {
    const words = (releases['sid'] as DebianRelease).command([program]);
    await writeFile(path.join(programs, name), `#!/bin/sh\nexec ${quoteWords(words)} "$@"\n`, {
      mode: 0o755,
    });
  }
  return programs;
}

async function getsIn(host: WritingHost, access: DatabaseAccess): Promise<readonly unknown[]> {
  const connection = await openDatabase(host, access);
  const { isMariaDb } = connection;
  const tools = await probeDumpTools(host, '/tmp', { isMariaDb });
  const { client } = await probeImportHost(host, undefined, isMariaDb);
  if (tools.program === undefined || client === undefined) throw new Error('no database programs');
  const login = { host, access, connection };
  const findings = [
    ...(await tryDumpProgram(login, { program: tools.program, known: tools.known })),
    ...(await tryImportClient(login, client)),
  ];
  await connection.close();
  return findings;
}

async function runsOurCommands(host: WritingHost): Promise<void> {
  const odd = [
    "it's",
    'two\\\\bs',
    'line\nbreak\n',
    '!',
    '',
    '$HOME `id`',
    '*?{a,b}',
    '~',
    'é',
    '"',
    '-n',
    '\\',
  ];
  const { stdout, stderr } = await host.run(shellScript('read', 'printf "[%s]" "$@"', odd));
  expect([stdout.toString(), stderr]).toEqual([odd.map((word) => `[${word}]`).join(''), '']);
  await expect(host.run(shellScript('read', 'echo oops >&2; exit 7'))).rejects.toMatchObject({
    stderr: 'oops',
  });
}

describe.each(['bullseye-shells', 'trixie-shells'])('%s', (name) => {
  test.each(['/usr/bin/zsh', '/usr/bin/fish', '/usr/bin/tcsh'])(
    'runs our commands with %s',
    async (shell) => {
      await runsOurCommands(await hostOf(name, shell));
    },
  );
});

describe.each([
  ['this machine', '/bin/dash'],
  ['bullseye', '/bin/bash'],
  ['bullseye', '/bin/dash'],
  ['trixie', '/bin/bash'],
  ['trixie', '/bin/dash'],
  ['MySQL programs', '/bin/dash'],
] as const)('%s with %s', (name, shell) => {
  let host: WritingHost;
  beforeAll(async () => {
    host = await hostOf(name, shell);
  });

  test('runs our commands', () => runsOurCommands(host));

  const ways = ['MariaDB', 'MariaDB that insists on TLS', 'MySQL', 'MySQL that insists on TLS'].flatMap(
    (server) =>
      ['socket', 'tcp', ...(server.endsWith('TLS') ? ['tcp with our authority'] : [])].map(
        (way) => [server, way] as const,
      ),
  );
  test.each(ways)('gets into %s over %s, with a cold cache', async (which, way) => {
    const server = servers[which];
    if (server === undefined) throw new Error(which);
    const access: DatabaseAccess = {
      server:
        way === 'socket'
          ? { kind: 'socket', path: server.socket }
          : { kind: 'tcp', host: '127.0.0.1', port: server.port },
      name: 'acme',
      user: 'acme',
      password: new Secret('pa"ss#1'),
      charset: 'utf8mb4',
      prefix: '',
      multisite: false,
      ...(way === 'tcp with our authority' ? { ca } : {}),
    };
    // What caching_sha2_password remembers is gone: the first one has to send the password itself.
    await server.query('FLUSH PRIVILEGES');
    expect(await getsIn(host, access)).toEqual([]);
  });
});
