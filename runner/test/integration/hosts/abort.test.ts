import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { generateKey } from '../../../../sandbox/servers/keys.js';
import { sshAddressOf } from '../../../../sandbox/servers/ssh-address.js';
import { startSshd, type SshServer } from '../../../../sandbox/servers/sshd.js';
import { shellScript } from '../../../src/commands/command.js';
import { type SshAddress } from '../../../src/config/site.js';
import { connectHost } from '../../../src/hosts/connect-host.js';
import { dockerHost } from '../../../src/hosts/docker-host.js';
import { type RunOptions, type WritingHost } from '../../../src/hosts/host.js';
import { sweepJobs } from '../../../src/hosts/process/remote-jobs.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { abortCases, FAMILY, newMark } from './abort-cases.js';
import { processesWith, startLink, until, writeFakeDocker, type Link } from './stand-ins.js';

let folder: string;
let link: Link;
let linked: SshAddress;
const servers: SshServer[] = [];
const hosts: Record<string, WritingHost> = {};

/** As FAMILY, and one of them does not listen to TERM: this takes until KILL is sent. */
const STUBBORN = `sleep "$1" & sh -c 'trap "" TERM; sleep "$1" & wait; sleep "$1"' x "$1" & echo started; wait; sleep "$1"`;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-abort-'));
  process.env['PATH'] = `${await writeFakeDocker(path.join(folder, 'bin'))}:${process.env['PATH'] ?? ''}`;
  const key = await generateKey(folder, 'key');
  const connect = async (name: string, shell: string): Promise<WritingHost> => {
    const server = await startSshd({
      folder: path.join(folder, name),
      home: path.join(folder, `${name}-home`),
      authorizedKeys: [key.publicKey],
      shell,
    });
    servers.push(server);
    link ??= await startLink(server.port);
    const address = sshAddressOf(server, key);
    linked ??= { ...address, port: link.port };
    return connectHost(address, { side: 'staging', name });
  };
  hosts['ssh'] = await connect('bash', '/bin/bash');
  hosts['ssh with dash'] = await connect('dash', '/bin/dash');
  hosts['container'] = dockerHost(createLocalHost('staging', 'staging'), 'web');
  // KILL comes five seconds after TERM: these wait while other tests run.
  const abort = new AbortController();
  ends['abort'] = endOf('ssh', { signal: abort.signal, onStdout: () => abort.abort() });
  ends['time-out'] = endOf('ssh with dash', { timeoutSeconds: 1 });
});
afterAll(async () => {
  for (const host of Object.values(hosts)) await host.close();
  link.close();
  for (const server of servers) await server.stop();
  await rm(folder, { recursive: true, force: true });
});
const hostCalled = (name: string): WritingHost => {
  const host = hosts[name];
  if (!host) throw new Error(`no host ${name}`);
  return host;
};

const ends: Record<string, Promise<{ readonly cause: unknown; readonly left: string[] }>> = {};

/** How a command ends whose processes ignore TERM, and which of them are left. */
async function endOf(name: string, options: RunOptions): Promise<{ cause: unknown; left: string[] }> {
  const mark = newMark();
  const running = hostCalled(name).run(shellScript('read', STUBBORN, [mark]), options);
  const cause = await running.then(
    () => undefined,
    (error: unknown) => error,
  );
  return { cause, left: await processesWith(mark) };
}

abortCases(['ssh', 'container'], { hostCalled, workFolder: () => folder });

describe('a stream into a container that has no address', () => {
  test.each(['port', 'socket'] as const)('to a %s, through a relay inside', async (kind) => {
    const echo = createServer((socket) => socket.pipe(socket));
    const file = path.join(folder, 'echo.sock');
    if (kind === 'port') echo.listen(0, '127.0.0.1');
    else echo.listen(file);
    await once(echo, 'listening');
    const address = echo.address();
    const stream = await hostCalled('container').openStream(
      typeof address === 'object' && address
        ? { kind: 'tcp', host: 'localhost', port: address.port }
        : { kind: 'socket', path: file },
    );
    const sent = Buffer.alloc(300_000, 'x');
    const received: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => received.push(chunk));
    stream.end(sent);
    await once(stream, 'end');
    expect(Buffer.concat(received).equals(sent)).toBe(true);
    echo.close();
  });
  test('to nobody', async () => {
    const nobody = hostCalled('container').openStream({ kind: 'tcp', host: 'localhost', port: 1 });
    await expect(nobody).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
  });
});

describe('processes that ignore TERM', () => {
  test.each([
    ['an abort', 'abort', 'INTERRUPTED'],
    ['a time-out', 'time-out', 'COMMAND_TIMED_OUT'],
  ])('are killed after %s', async (_, how, code) => {
    expect(await ends[how]).toMatchObject({ cause: { code }, left: [] });
  });
});

describe('a link that breaks', () => {
  test('is reported at once, and the next command connects again', async () => {
    const host = await connectHost(linked, { side: 'staging', name: 'linked' });
    const mark = newMark();
    const running = host.run(shellScript('read', FAMILY, [mark]), {
      timeoutSeconds: 3,
      onStdout: () => {
        link.cut();
      },
    });
    await expect(running).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect((await host.run(shellScript('read', 'echo back'))).stdout.toString()).toBe('back\n');
    // The host itself ends what the lost connection left, after its time limit.
    await until(async () => (await processesWith(mark)).length === 0);
    await host.close();
  });

  test('silently: an abort takes another connection', async () => {
    const host = await connectHost(linked, { side: 'staging', name: 'linked' });
    const mark = newMark();
    const abort = new AbortController();
    const running = host.run(shellScript('read', FAMILY, [mark]), {
      timeoutSeconds: 0,
      signal: abort.signal,
      onStdout: () => {
        link.freeze();
        abort.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(await processesWith(mark)).toEqual([]);
    await host.close();
  });
});

describe('sweeping', () => {
  test('ends what is left, leaves a process id alone that belongs to another process now', async () => {
    const mark = newMark();
    const work = await mkdtemp(path.join(folder, 'sweep-'));
    const jobs = path.join(work, 'jobs');
    await mkdir(jobs);
    const left = spawn('sh', ['-c', 'sleep "$1"; true', 'x', mark], { detached: true, stdio: 'ignore' });
    const stranger = spawn('sleep', [newMark()], { detached: true, stdio: 'ignore' });
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const startOf = async (pid: number | undefined): Promise<string> =>
      (await readFile(`/proc/${String(pid)}/stat`, 'utf8')).split(') ')[1]?.split(' ')[19] ?? '';
    await writeFile(
      path.join(jobs, 'left over.pid'),
      `${String(left.pid)} ${await startOf(left.pid)} ${boot}\n`,
    );
    await writeFile(path.join(jobs, 'reused.pid'), `${String(stranger.pid)} 12 ${boot}\n`);
    const otherBoot = `${String(stranger.pid)} ${await startOf(stranger.pid)} 00000000-0000-0000-0000-000000000000\n`;
    await writeFile(path.join(jobs, 'rebooted.pid'), otherBoot);
    await writeFile(path.join(jobs, 'broken.pid'), 'rm -rf /');
    const swept = await sweepJobs(hostCalled('ssh'), work);
    expect(swept).toEqual([
      { state: 'stale', pid: 0, name: 'broken' },
      { state: 'ended', pid: left.pid, name: 'left over' },
      { state: 'stale', pid: stranger.pid, name: 'rebooted' },
      { state: 'stale', pid: stranger.pid, name: 'reused' },
    ]);
    expect(await processesWith(mark)).toEqual([]);
    expect(stranger.exitCode).toBeNull();
    stranger.kill();
    expect(await readdir(jobs)).toEqual([]);
  });

  test('the folders of runs in the work folder too', async () => {
    const work = await mkdtemp(path.join(folder, 'sweep-'));
    for (const each of ['jobs', 'runs/1/jobs']) {
      await mkdir(path.join(work, each), { recursive: true });
      await writeFile(path.join(work, each, `${each.replaceAll('/', '-')}.pid`), '');
    }
    const names = (await sweepJobs(hostCalled('ssh'), work)).map(({ name }) => name);
    expect(names).toEqual(['jobs', 'runs-1-jobs']);
  });

  test('a folder without jobs', async () => {
    expect(await sweepJobs(hostCalled('ssh'), path.join(folder, 'nothing'))).toEqual([]);
  });
});
