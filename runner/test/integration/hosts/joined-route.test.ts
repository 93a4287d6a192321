import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { generateKey, type GeneratedKey } from '../../../../sandbox/servers/keys.js';
import { sshAddressOf } from '../../../../sandbox/servers/ssh-address.js';
import { startSshd, type SshServer } from '../../../../sandbox/servers/sshd.js';
import { shellScript } from '../../../src/commands/command.js';
import { type HostAddress } from '../../../src/config/site.js';
import { compareTrees, pullFiles, sendFiles, sendResumably } from '../../../src/commands/rsync.js';
import { planFiles } from '../../../src/content/rsync/compare-files.js';
import { connectHost, connectProduction } from '../../../src/hosts/connect-host.js';
import { type ProductionHost, type WritingHost } from '../../../src/hosts/host.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { openRoute, type RouteOptions } from '../../../src/hosts/route/open-route.js';
import { joinedRoute, type JoinedEnds } from '../../../src/hosts/route/joined-route.js';
import { nameList } from '../../../src/hosts/route/route.js';
import { processesWith, startLink, until } from './stand-ins.js';

let folder: string;
let key: GeneratedKey;
let client: ProductionHost;
let target: WritingHost;
const closing: (() => unknown)[] = [];

/** As little as sshd can allow: no forwarding of any kind, one session at a time. */
const STRICT = [
  'AllowTcpForwarding no',
  'AllowAgentForwarding no',
  'AllowStreamLocalForwarding no',
  'MaxSessions 1',
];

async function startServer(name: string, config: string[] = STRICT): Promise<SshServer> {
  const server = await startSshd({
    folder: path.join(folder, name),
    home: path.join(folder, `${name}-home`),
    authorizedKeys: [key.publicKey],
    config,
  });
  closing.push(() => server.stop());
  return server;
}
async function connectClient(server: SshServer, port = server.port): Promise<ProductionHost> {
  const address = { ...sshAddressOf(server, key), host: '127.0.0.1', port };
  const host = await connectProduction(port === server.port ? sshAddressOf(server, key) : address, {
    name: 'production',
    workDir: '~/.understudy/acme',
  });
  closing.push(() => host.close());
  return host;
}
async function connectTarget(server: SshServer, port = server.port): Promise<WritingHost> {
  const address = { ...sshAddressOf(server, key), host: '127.0.0.1', port };
  const host = await connectHost(port === server.port ? sshAddressOf(server, key) : address, {
    side: 'staging',
    name: 'staging',
  });
  closing.push(() => host.close());
  return host;
}

/** A server whose `rsync` is this script; `$REAL` is rsync itself. */
async function withRsync(name: string, script: string): Promise<SshServer> {
  const bin = path.join(folder, `${name}-bin`);
  await mkdir(bin);
  await writeFile(path.join(bin, 'rsync'), `#!/bin/sh\nREAL=/usr/bin/rsync\n${script}\n`);
  await chmod(path.join(bin, 'rsync'), 0o755);
  return startServer(name, [...STRICT, `SetEnv PATH=${bin}:/usr/bin:/bin`]);
}

interface Trees {
  readonly from: string;
  readonly to: string;
}
async function trees(name: string, files: Readonly<Record<string, string | Buffer>>): Promise<Trees> {
  const [from, to] = [path.join(folder, name, 'from'), path.join(folder, name, 'to')];
  await mkdir(from, { recursive: true });
  await mkdir(path.join(folder, name, 'unfinished'));
  await mkdir(to);
  for (const [file, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(from, file)), { recursive: true });
    await writeFile(path.join(from, file), content);
  }
  return { from, to };
}

const routeOf = (ends: Partial<JoinedEnds> = {}) =>
  joinedRoute({ client, clientWorkDir: client.workDir, target, ...ends });

const send = (
  { from, to }: Trees,
  names: readonly string[],
  ends: Partial<JoinedEnds> = {},
  options: { signal?: AbortSignal; stdout?: Writable } = {},
) => {
  const route = routeOf(ends);
  const unfinished = path.join(path.dirname(to), 'unfinished');
  return route.run(sendFiles({ route, source: from, target: to, unfinished }), {
    allowedExitCodes: 'any',
    names: nameList(names.map((name) => `${name}\0`).join('')),
    ...options,
  });
};

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-joined-'));
  key = await generateKey(folder, 'key');
  client = await connectClient(await startServer('production'));
  target = await connectTarget(await startServer('staging'));
});
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(folder, { recursive: true, force: true });
});

/** Collects what it is given, slowly where that is asked for. */
class Collected extends Writable {
  text = '';
  constructor(private readonly pause = 0) {
    super();
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString('latin1');
    if (this.pause === 0) done();
    else setTimeout(done, this.pause);
  }
}

describe('files go', () => {
  test('to the target, by names of any kind, between hosts that allow no forwarding and one session', async () => {
    const names = ['plain.php', 'with\nnewline', ' \'quoted\' "$x"', 'deep/er/ü', '-e'];
    const ends = await trees('send', Object.fromEntries(names.map((name) => [name, name.repeat(500)])));
    const route = routeOf();
    const unfinished = path.join(folder, 'send/unfinished');
    const result = await route.run(
      sendFiles({ route, source: ends.from, target: ends.to, unfinished, basis: [folder] }),
      { names: nameList([...names, 'deep', 'vanished'].map((name) => `${name}\0`).join('')) },
    );
    expect([result.code, result.stderr]).toEqual([0, '']);
    for (const name of names) expect(await readFile(path.join(ends.to, name), 'utf8')).toBe(name.repeat(500));
    expect(route.bytesCarried()).toBeGreaterThan(5000);
    // Nothing is left in the work folder but the folder of jobs.
    expect((await readdir(client.workDir)).filter((name) => name !== 'jobs')).toEqual([]);
  });

  test('from the target, which is trusted less', async () => {
    const ends = await trees('pull', { 'a/b': 'tested', c: Buffer.alloc(60_000_000, 'x') });
    await mkdir(path.join(folder, 'puller'));
    const route = routeOf({
      client: createLocalHost('archive', 'archive'),
      clientWorkDir: path.join(folder, 'puller'),
    });
    await route.run(pullFiles({ route, source: ends.from, target: ends.to }), {
      names: nameList('a\0a/b\0c\0'),
    });
    expect(await readFile(path.join(ends.to, 'a/b'), 'utf8')).toBe('tested');
    expect((await readFile(path.join(ends.to, 'c'))).equals(Buffer.alloc(60_000_000, 'x'))).toBe(true);
    expect(existsSync(path.join(folder, 'puller/names'))).toBe(false);
  });

  test('resumably, and a comparison names what differs and writes nothing', async () => {
    const ends = await trees('compare', { same: '1', other: 'new', 'sub/file': 'x' });
    await writeFile(path.join(ends.to, 'gone'), 'only here');
    const route = routeOf();
    const output = new Collected();
    const comparing = compareTrees({ route, source: ends.from, target: ends.to, filters: [], all: true });
    await route.run(comparing, { stdout: output });
    const lines = output.text.split('\n').map((line) => line.trim());
    expect(lines).toEqual(expect.arrayContaining(['<f+++++++++ 1 same', '*deleting   0 gone']));
    expect(lines.some((line) => line.startsWith('Number of files:'))).toBe(true);
    expect(await readdir(ends.to)).toEqual(['gone']);
    await route.run(sendResumably({ route, source: ends.from, target: ends.to }), {
      names: nameList('same\nsub/file\n'),
    });
    expect(await readFile(path.join(ends.to, 'sub/file'), 'utf8')).toBe('x');
  });

  test('with a list of names and an output that are larger than any buffer, and a slow reader', async () => {
    const files = Array.from(
      { length: 3000 },
      (_, at) => `${'long-folder-name/'.repeat(3)}${String(at)}-${'n'.repeat(150)}`,
    );
    const ends = await trees('many', { [files[0] ?? '']: 'first', [files.at(-1) ?? '']: 'last' });
    // Most of them have vanished: each is passed over.
    expect((await send(ends, files)).code).toBe(0);
    expect(await readFile(path.join(ends.to, files.at(-1) ?? ''), 'utf8')).toBe('last');
    const wide = await trees('wide', Object.fromEntries(files.map((name) => [name, ''])));
    const route = routeOf();
    const output = new Collected(5);
    const comparing = compareTrees({ route, source: wide.from, target: wide.to, filters: [], all: true });
    await route.run(comparing, { stdout: output });
    expect(output.text.split('\n').filter((line) => line.startsWith('<f'))).toHaveLength(3000);
  }, 60_000);

  test('without lying about in this process', async () => {
    const ends = await trees('large', { a: Buffer.alloc(200_000_000, 'l') });
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers - before)), 5);
    expect((await send(ends, ['a'])).code).toBe(0);
    clearInterval(timer);
    expect(most).toBeLessThan(60_000_000);
  }, 60_000);

  test('from and to this machine, where the target is the runner itself', async () => {
    const ends = await trees('here', { a: 'here' });
    const here = createLocalHost('staging', 'staging');
    expect((await send(ends, ['a'], { target: here })).code).toBe(0);
    expect(await readFile(path.join(ends.to, 'a'), 'utf8')).toBe('here');
  });

  test('past a login shell that talks', async () => {
    const server = await startServer('talking');
    await writeFile(path.join(folder, 'talking-home/.bashrc'), 'echo Welcome; echo to staging >&2\n');
    const ends = await trees('talk', { a: 'quiet' });
    expect((await send(ends, ['a'], { target: await connectTarget(server) })).code).toBe(0);
    expect(await readFile(path.join(ends.to, 'a'), 'utf8')).toBe('quiet');
  });
});

describe('a comparison, whose list is recorded while rsync works', () => {
  const compare = async ({ from, to }: Trees, search: string) =>
    planFiles(
      {
        route: routeOf(),
        productionPath: from,
        productionLabel: 'production',
        staging: target,
        folders: { live: to, workDir: path.dirname(to), runId: 'plan' },
        filters: [],
        sameMachine: false,
        signal: new AbortController().signal,
        timeoutSeconds: 60,
      },
      { step: () => undefined, progress: () => undefined, warn: () => undefined },
      search,
      false,
    );

  test('ends where sshd allows one session', async () => {
    const ends = await trees('recorded', { 'a.php': 'a', 'b/c.php': 'c' });
    const { changes } = await compare(ends, path.join(folder, 'search'));
    expect(changes.counts.created).toBe(2);
  }, 30_000);

  test('tells that the disk of the runner is full', async () => {
    const ends = await trees('full', { 'a.php': 'a', 'wp-config.php': 'c' });
    await expect(compare(ends, '/dev/full')).rejects.toMatchObject({ code: 'RUNNER_DISK_FULL' });
  }, 30_000);
});

test('a command that lasts keeps no other one waiting for ever', async () => {
  const lasting = target.run(shellScript('read', 'sleep 20', []), { timeoutSeconds: 60 });
  const began = performance.now();
  await target.run(shellScript('read', 'true', []));
  expect(performance.now() - began).toBeLessThan(19_000);
  await lasting;
}, 60_000);

describe('both ends are one account', () => {
  const opened = async (clientAddress: HostAddress, to: HostAddress, ends: Partial<RouteOptions> = {}) =>
    openRoute({
      kind: 'tunnel',
      client: createLocalHost('production', 'production') as ProductionHost,
      clientAddress,
      clientWorkDir: folder,
      target: to,
      targetHost: createLocalHost('staging', 'staging'),
      ...ends,
    });
  const group: HostAddress = {
    kind: 'ssh',
    host: '',
    port: 22,
    user: 'deploy',
    hostKeys: [],
    discover: { kind: 'auto-scaling-group', group: 'a', region: 'r' },
  };
  const named: HostAddress = { kind: 'ssh', host: 'inner', port: 22, user: 'deploy', hostKeys: [] };
  const behind = (port: number): HostAddress => ({ ...named, via: { ...named, host: 'bastion', port } });

  test('only where the site file and the machines say so', async () => {
    const local = createLocalHost('staging', 'staging');
    const other = { ...local, identity: async () => ({ ...(await local.identity()), bootId: 'another' }) };
    const kinds = await Promise.all([
      opened({ kind: 'local' }, { kind: 'local' }),
      opened(named, named),
      opened(behind(22), behind(22)),
      opened(named, named, { targetHost: other }),
      opened(group, group),
      opened(behind(22), behind(2222)),
      opened(named, behind(22)),
    ]);
    expect(kinds.map(({ kind }) => kind)).toEqual([
      ...['local', 'local', 'local'],
      ...['tunnel', 'tunnel', 'tunnel', 'tunnel'],
    ]);
  });

  test('and what writes there has the lock', async () => {
    const ends = await trees('fence', { 'a.php': 'a' });
    const refusing = {
      ...createLocalHost('staging', 'staging'),
      underFence: () => ['sh', '-c', 'exit 96'] as const,
    };
    const route = await opened({ kind: 'local' }, { kind: 'local' }, { targetHost: refusing });
    const command = sendFiles({ route, source: ends.from, target: ends.to, unfinished: folder });
    await expect(route.run(command, { names: nameList('a.php\0') })).rejects.toMatchObject({
      code: 'LOCK_LOST',
    });
    expect(await readdir(ends.to)).toEqual([]);
  });
});

describe('what goes wrong is told', () => {
  test('with exit code and complaints of the client, and of the far end', async () => {
    const ends = await trees('missing', { a: '1' });
    const gone = { ...ends, from: `${ends.from}/nowhere` };
    const client = await send(gone, ['a']);
    expect([client.code, client.stderr]).toEqual([3, expect.stringContaining('nowhere')]);
    await rm(path.dirname(ends.to), { recursive: true });
    const far = await send(ends, ['a']);
    expect(far.code).toBe(3);
    expect(far.stderr).toMatch(/mkdir|temp-dir|chdir|change_dir|No such file/);
  });

  test('no rsync at the far end, or on the client', async () => {
    const ends = await trees('none', { a: '1' });
    const without = await withRsync('none-far', 'echo "rsync: not found" >&2; exit 127');
    const far = await send(ends, ['a'], { target: await connectTarget(without) });
    expect([far.code, far.stderr]).toEqual([127, expect.stringContaining('not found')]);
    const near = await connectClient(await withRsync('none-near', 'echo "rsync: not found" >&2; exit 127'));
    const result = await send(ends, ['a'], { client: near, clientWorkDir: near.workDir });
    expect([result.code, result.stderr]).toEqual([127, expect.stringContaining('not found')]);
  });

  test('an rsync that is killed on either side', async () => {
    const ends = await trees('killed', { a: Buffer.alloc(20_000_000, 'k') });
    const dies = 'head -c 300000 | $REAL "$@" & sleep 1; kill -9 $$';
    const far = await send(ends, ['a'], { target: await connectTarget(await withRsync('killed-far', dies)) });
    expect(far.code).toBe(137);
    const near = await connectClient(await withRsync('killed-near', '$REAL "$@" & sleep 0.1; kill -9 $$'));
    expect((await send(ends, ['a'], { client: near, clientWorkDir: near.workDir })).code).toBe(137);
  });

  test('a far end that speaks first adds no name', async () => {
    const ends = await trees('hostile', { wanted: 'w', 'wp-config.php': 'secret' });
    const hostile = await startServer('hostile-far');
    await writeFile(path.join(folder, 'hostile-far-home/.profile-rsync'), '');
    const talks: WritingHost = {
      ...(await connectTarget(hostile)),
      run: async (_command, { stdout, stdin } = {}) => {
        (stdin as Readable).resume();
        stdout?.write('wp-config.php\0'.repeat(1000));
        await new Promise((resolve) => setTimeout(resolve, 1500));
        stdout?.end();
        return { code: 0, stdout: Buffer.alloc(0), stderr: '' };
      },
    };
    const sent: string[] = [];
    const spied: WritingHost = {
      ...(client as unknown as WritingHost),
      run: async (command, options = {}) => {
        const [stdin, chunks] = [options.stdin as Readable, [] as Buffer[]];
        stdin.on('data', (chunk: Buffer) => chunks.push(chunk));
        await new Promise((resolve) => stdin.once('end', resolve));
        sent.push(Buffer.concat(chunks).toString());
        expect(command.argv).toContain('7');
        return { code: 12, stdout: Buffer.alloc(0), stderr: '' };
      },
    };
    await send(ends, ['wanted'], { client: spied, target: talks });
    expect(sent[0]?.startsWith('wanted\0')).toBe(true);
  });

  test('flags that are no flags start nothing', async () => {
    const ends = await trees('flags', { a: '1' });
    const proof = path.join(folder, 'flags-proof');
    const lies = `printf '%s\\n' 'x; touch ${proof}' >&4; sleep 1; exit 0`;
    const near = await connectClient(await withRsync('lying-near', lies));
    const result = await send(ends, ['a'], { client: near, clientWorkDir: near.workDir });
    expect(result.code).toBe(12);
    expect(existsSync(proof)).toBe(false);
  });

  test('a cut connection: of the far end as a broken link, of the client as a lost connection', async () => {
    const ends = await trees('cut', { a: Buffer.alloc(50_000_000, 'c') });
    const [near, far] = await Promise.all([startServer('cut-near'), startServer('cut-far')]);
    for (const side of ['far', 'near'] as const) {
      const link = await startLink(side === 'far' ? far.port : near.port);
      closing.push(() => link.close());
      const ownClient = await connectClient(near, side === 'near' ? link.port : near.port);
      const ownTarget = await connectTarget(far, side === 'far' ? link.port : far.port);
      const route = routeOf({
        client: ownClient,
        clientWorkDir: ownClient.workDir,
        target: ownTarget,
        megabitsPerSecond: 40,
      });
      const unfinished = path.join(folder, 'cut/unfinished');
      const running = route.run(sendFiles({ route, source: ends.from, target: ends.to, unfinished }), {
        allowedExitCodes: 'any',
        names: nameList('a\0'),
      });
      await until(async () => Promise.resolve(route.bytesCarried() > 1_000_000));
      link.cut();
      if (side === 'far') {
        const { code, stderr } = await running;
        expect([code, stderr]).toEqual([255, expect.stringContaining('was lost')]);
      } else await expect(running).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
      await until(async () => (await processesWith(unfinished)).length === 0);
    }
  }, 60_000);

  test('an abort ends both sides', async () => {
    const ends = await trees('abort', { a: Buffer.alloc(50_000_000, 'c') });
    const abort = new AbortController();
    const running = send(ends, ['a'], { megabitsPerSecond: 8 }, { signal: abort.signal });
    const unfinished = path.join(folder, 'abort/unfinished');
    await until(async () => (await processesWith(unfinished)).length > 0);
    abort.abort();
    await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await until(async () => (await processesWith(unfinished)).length === 0);
    // The server's words are not on its command line: it is known by the folder it works in.
    await until(async () => (await processesWith('rsync --server')).length === 0);
  });

  test('names that break off, and a work folder that takes no file', async () => {
    const ends = await trees('names', { a: '1' });
    const route = routeOf();
    const unfinished = path.join(folder, 'names/unfinished');
    const command = sendFiles({ route, source: ends.from, target: ends.to, unfinished });
    const broken = {
      bytes: 100,
      open: () =>
        Readable.from(
          (async function* () {
            yield Buffer.from('a\0');
            throw new Error('the spool is gone');
          })(),
        ),
    };
    await expect(route.run(command, { names: broken, allowedExitCodes: 'any' })).rejects.toThrow(
      'the spool is gone',
    );
    const short = { bytes: 100, open: () => Readable.from([Buffer.from('a\0')]) };
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 1500);
    await expect(
      route.run(command, { names: short, allowedExitCodes: 'any', signal: abort.signal }),
    ).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(await readdir(ends.to)).toEqual([]);
  });
});
