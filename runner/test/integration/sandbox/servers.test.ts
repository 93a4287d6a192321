import { describe, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { namespacesWork } from '../../../../sandbox/servers/host-view.js';
import { temporaryFolder } from '../../../../sandbox/servers/server-process.js';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');

/** A process that starts one server of each kind, leaves work running on them, and says where they are. */
const program = `
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import { spawnSync } from 'node:child_process';
import { generateKey } from '${top}/sandbox/servers/keys.ts';
import { startMariaDb } from '${top}/sandbox/servers/mariadb.ts';
import { startPhp } from '${top}/sandbox/servers/php.ts';
import { startSshd } from '${top}/sandbox/servers/sshd.ts';
import { startServer, temporaryFolder } from '${top}/sandbox/servers/server-process.ts';
import { keepServers } from '${top}/sandbox/servers/kept-servers.ts';
const folder = await temporaryFolder('servers-test');
startServer({ argv: ['sleep', 'infinity'], logFile: '/dev/null', remove: folder });
const key = await generateKey(folder, 'key');
const ssh = await startSshd({ folder: folder + '/sshd', authorizedKeys: [key.publicKey], home: folder + '/home' });
const database = await startMariaDb();
await startPhp({ root: folder });
// A job that left its session's process group must not stay either.
spawnSync('ssh', ['-F', 'none', '-i', key.privateKeyFile, '-p', String(ssh.port), '-o', 'StrictHostKeyChecking=no',
  '-o', 'UserKnownHostsFile=/dev/null', ssh.address,
  '(setsid tail -f ' + folder + '/key >/dev/null 2>&1 &)'], { stdio: 'ignore' });
process.stdout.write(JSON.stringify({ folder, database: database.folder }) + '\\n');
if (process.argv[2] === 'keeps') keepServers();
if (process.argv[2] === 'exits' || process.argv[2] === 'keeps') process.exit(0);
if (process.argv[2] === 'throws') throw new Error('on purpose');
setInterval(() => undefined, 1000);
`;

/**
 * In a copy of the machine's /etc: starts a host, lets the machine replace its files as packages do, and prints what
 * the host says of its home folder and machine id then.
 */
const replaced = `
import { execFileSync } from 'node:child_process';
import { copyFileSync, renameSync } from 'node:fs';
import { generateKey } from '${top}/sandbox/servers/keys.ts';
import { startSshd } from '${top}/sandbox/servers/sshd.ts';
const folder = process.argv[2];
const key = await generateKey(folder, 'key');
const ssh = await startSshd({ folder: folder + '/sshd', authorizedKeys: [key.publicKey], home: folder + '/home', machineId: '7'.repeat(32) });
for (const file of ['passwd', 'shadow', 'group', 'machine-id']) {
  copyFileSync('/etc/passwd', '/etc/' + file + '+');
  renameSync('/etc/' + file + '+', '/etc/' + file);
}
process.stdout.write(execFileSync('ssh', ['-F', 'none', '-i', key.privateKeyFile, '-p', String(ssh.port),
  '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', ssh.address, 'echo ~ && cat /etc/machine-id'],
  { stdio: ['ignore', 'pipe', 'inherit'] }));
process.exit(0);
`;

interface Places {
  readonly folder: string;
  readonly database: string;
}

describe('servers of the sandbox', () => {
  test.each([
    ['is killed', 'stays'],
    ['exits without stopping them', 'exits'],
    ['dies of an error', 'throws'],
  ])('are gone with everything they started when the process that wanted them %s', async (_, how) => {
    const { child, ended, places } = await start(how);
    if (how === 'stays') {
      expect((await processesWith(places)).length).toBeGreaterThanOrEqual(4);
      child.kill('SIGKILL');
    }
    await ended;
    await until(async () => (await processesWith(places)).length === 0);
    await until(async () => !existsSync(places.folder) && !existsSync(places.database));
  });

  test('outlive the process that wanted them when it keeps them, until they are stopped', async () => {
    const own = await temporaryFolder('kept');
    const { ended, places } = await start('keeps', own);
    await ended;
    expect((await processesWith(places)).length).toBeGreaterThanOrEqual(4);
    const stop = `import { stopKeptServers } from '${top}/sandbox/servers/kept-servers.ts';
      console.log(await stopKeptServers(), await stopKeptServers());`;
    const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-'], {
      cwd: top,
      input: stop,
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: own },
    });
    expect(stdout).toBe('1 0\n');
    await until(async () => (await processesWith(places)).length === 0);
    await rm(own, { recursive: true, force: true });
  });

  (namespacesWork() ? test : test.skip)(
    'keep their accounts when the machine replaces its files',
    async () => {
      const folder = await temporaryFolder('servers-test');
      const script =
        'mkdir "$1/etc" && cp -a /etc/. "$1/etc" && mount --bind "$1/etc" /etc && shift && exec "$@"';
      const inside = ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', folder];
      const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-', folder];
      const { stdout, stderr } = spawnSync('unshare', [...inside, ...node], {
        cwd: top,
        input: replaced,
        encoding: 'utf8',
      });
      await rm(folder, { recursive: true, force: true });
      expect(stdout === '' ? stderr : stdout).toBe(`${folder}/home\n${'7'.repeat(32)}\n`);
    },
  );
});

/** Runs `program`; `folder` is where it makes its temporary files. */
async function start(how: string, folder?: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-', how], {
    cwd: top,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, ...(folder === undefined ? {} : { TMPDIR: folder }) },
  });
  child.stdin.end(program);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return { child, ended, places: await firstLine(child.stdout) };
}

function firstLine(stream: NodeJS.ReadableStream): Promise<Places> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(JSON.parse(text) as Places);
    });
    stream.once('end', () => reject(new Error(`ended before it said where: ${text}`)));
  });
}

/** Command lines of the processes that speak of one of the folders. */
async function processesWith(places: Places): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(places.folder) || line.includes(places.database))
      found.push(line.replaceAll('\0', ' '));
  }
  return found;
}

/** The test's own time limit ends it. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}
