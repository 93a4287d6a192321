import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateKey, type GeneratedKey } from '../../../../sandbox/servers/keys.js';
import { sshAddressOf } from '../../../../sandbox/servers/ssh-address.js';
import { startSshd, type SshServer } from '../../../../sandbox/servers/sshd.js';
import { readCommand, writeCommand } from '../../../src/commands/command.js';
import { rsyncShell } from '../../../src/commands/remote-shell.js';
import { sendResumably } from '../../../src/commands/rsync.js';
import { type SshAddress } from '../../../src/config/site.js';
import { connectHost, connectProduction } from '../../../src/hosts/connect-host.js';
import { type ProductionHost, type WritingHost } from '../../../src/hosts/host.js';
import { RoutePool, checkRoute } from '../../../src/hosts/route/route-pool.js';
import { type RouteOptions } from '../../../src/hosts/route/open-route.js';
import { proveRoute } from '../../../src/hosts/route/prove-route.js';
import { nameList, type OpenedRoute } from '../../../src/hosts/route/route.js';
import { openSshRoute, type SshRoute, type SshRouteOptions } from '../../../src/hosts/route/ssh-route.js';
import { processesWith, startLink, until } from './stand-ins.js';

let folder: string;
let productionKey: GeneratedKey;
let stagingKey: GeneratedKey;
let production: SshServer;
let staging: SshServer;
const others: SshServer[] = [];
let client: ProductionHost;
let target: WritingHost;

const optionsFor = (kind: 'tunnel' | 'direct', change: Partial<SshRouteOptions> = {}): SshRouteOptions => ({
  kind,
  client,
  clientAddress: sshAddressOf(production, productionKey),
  clientWorkDir: client.workDir,
  target: sshAddressOf(staging, stagingKey),
  targetSide: 'staging',
  ...change,
});
const startServer = async (name: string, keys: GeneratedKey[], config: string[] = []): Promise<SshServer> => {
  const server = await startSshd({
    folder: path.join(folder, name),
    home: path.join(folder, `${name}-home`),
    authorizedKeys: keys.map((key) => key.publicKey),
    config,
  });
  others.push(server);
  return server;
};
const connectClient = (server: SshServer): Promise<ProductionHost> =>
  connectProduction(sshAddressOf(server, productionKey), {
    name: 'production',
    workDir: '~/.understudy/acme',
  });
const agents = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('understudy-agent-'));

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-route-'));
  process.env['TMPDIR'] = folder;
  productionKey = await generateKey(folder, 'production-key');
  stagingKey = await generateKey(folder, 'staging-key');
  production = await startServer('production', [productionKey]);
  staging = await startServer('staging', [stagingKey]);
  client = await connectClient(production);
  target = await connectHost(sshAddressOf(staging, stagingKey), { side: 'staging', name: 'staging' });
});
afterAll(async () => {
  await Promise.all([client.close(), target.close()]);
  for (const server of others) await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A direct way as a sync opens it. */
const directOptions = (change: Partial<RouteOptions> = {}): RouteOptions => ({
  ...optionsFor('direct'),
  targetHost: target,
  ...change,
});

async function send(route: Pick<SshRoute, 'run' | 'remote' | 'shellWords'>, name: string): Promise<string> {
  const from = path.join(folder, `${name}-from`);
  const to = path.join(folder, `${name}-to`);
  await mkdir(from);
  await writeFile(path.join(from, 'file'), name.repeat(1000));
  const shell = rsyncShell(route.shellWords);
  await route.run(readCommand('rsync', '-a', '-e', shell, `${from}/`, `${route.remote}:${to}/`));
  return readFile(path.join(to, 'file'), 'utf8');
}

describe.each(['tunnel', 'direct'] as const)('%s', (kind) => {
  test('carries files, and the agent holds the key during a command only', async () => {
    const route = await openSshRoute(optionsFor(kind));
    expect(await proveRoute(route)).toEqual([]);
    expect(await send(route, kind)).toBe(kind.repeat(1000));
    const listed = await route.run(readCommand('ssh-add', '-l'));
    expect(listed.stdout.toString()).toContain('ED25519');
    expect(listed.stdout.toString().trim().split('\n')).toHaveLength(1);
    await route.close();
  });

  test('the lent key opens nothing but its target', async () => {
    const other = await startServer(`other-${kind}`, [stagingKey]);
    const route = await openSshRoute(optionsFor(kind));
    const ssh = [
      'ssh',
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'BatchMode=yes',
    ] as const;
    const result = await route.run(
      readCommand(...ssh, '-p', String(other.port), `${other.user}@${other.address}`, 'true'),
      { allowedExitCodes: 'any' },
    );
    expect(result.code).toBe(255);
    expect(result.stderr).toContain('Permission denied');
    await route.close();
  });

  test('production stays protected on its route', async () => {
    const route = await openSshRoute(optionsFor(kind));
    await expect(route.run(writeCommand('touch', path.join(folder, 'touched')))).rejects.toMatchObject({
      code: 'PRODUCTION_WRITE_REFUSED',
    });
    await route.close();
  });

  test('a target with another host key than the runner saw', async () => {
    const impostor = await startServer(`impostor-${kind}`, [stagingKey]);
    const route = await openSshRoute(optionsFor(kind));
    const words = route.shellWords.map((word) =>
      word.startsWith('KnownHostsCommand=')
        ? word.replace(/\S+$/, impostor.hostKey.split(' ')[1] ?? '')
        : word,
    );
    expect(await proveRoute({ ...route, shellWords: words })).toEqual([
      expect.objectContaining({
        code: 'ROUTE_REFUSED',
        message: expect.stringContaining('another host key'),
      }),
    ]);
    await route.close();
  });
});

/** How often the server let somebody in. */
const logins = async (name: string): Promise<number> =>
  (await readFile(path.join(folder, name, 'sshd.log'), 'utf8')).split('Accepted publickey').length - 1;

describe("the runner's own connection to the target", () => {
  test('proves the key: it is not tried again', async () => {
    const target = sshAddressOf(staging, stagingKey);
    const targetHost = await connectHost(target, { side: 'staging', name: 'staging' });
    const before = await logins('staging');
    const route = await openSshRoute(optionsFor('tunnel', { targetHost }));
    expect(await logins('staging')).toBe(before);
    expect(await proveRoute(route)).toEqual([]);
    expect(await logins('staging')).toBe(before + 1);
    await route.close();
    await targetHost.close();
  });

  test('to another address proves nothing', async () => {
    const other = await startServer('other-target', [stagingKey]);
    const targetHost = await connectHost(sshAddressOf(other, stagingKey), {
      side: 'staging',
      name: 'staging',
    });
    const before = await logins('staging');
    const route = await openSshRoute(optionsFor('tunnel', { targetHost }));
    expect(await logins('staging')).toBe(before + 1);
    expect(await proveRoute(route)).toEqual([]);
    await route.close();
    await targetHost.close();
  });

  test('with another key proves nothing', async () => {
    const both = await startServer('both-keys', [stagingKey, productionKey]);
    const targetHost = await connectHost(sshAddressOf(both, productionKey), {
      side: 'staging',
      name: 'staging',
    });
    const before = await logins('both-keys');
    const route = await openSshRoute(
      optionsFor('tunnel', { target: sshAddressOf(both, stagingKey), targetHost }),
    );
    expect(await logins('both-keys')).toBe(before + 1);
    await route.close();
    await targetHost.close();
  });
});

/** The same as rsync of a stage sends it. */
async function sendBy(route: OpenedRoute, name: string): Promise<string> {
  const [from, to] = [path.join(folder, `${name}-from`), path.join(folder, `${name}-to`)];
  await Promise.all([from, to].map((each) => mkdir(each)));
  await writeFile(path.join(from, 'file'), name);
  await route.run(sendResumably({ route, source: from, target: to }), { names: nameList('file\n') });
  return readFile(path.join(to, 'file'), 'utf8');
}

describe('a proven route', () => {
  test('is kept for its stage, once', async () => {
    const routes = new RoutePool();
    const before = await logins('production');
    expect(await routes.check(directOptions())).toEqual([]);
    const first = await routes.open(directOptions());
    expect(await logins('production')).toBe(before + 1);
    expect(await sendBy(first, 'kept')).toBe('kept');
    const second = await routes.open(directOptions());
    expect(await logins('production')).toBe(before + 2);
    await first.close();
    expect([first.isOpen(), second.isOpen()]).toEqual([false, true]);
    await second.close();
  });

  test('for other ends is not taken; through the runner nothing is opened', async () => {
    const routes = new RoutePool();
    expect(await routes.check(directOptions())).toEqual([]);
    const before = await logins('production');
    const route = await routes.open(directOptions({ kind: 'tunnel' }));
    expect([route.kind, await logins('production')]).toEqual(['tunnel', before]);
    expect(await sendBy(route, 'joined')).toBe('joined');
    await route.close();
    await routes.close();
  });

  test('whose connection was lost is opened again', async () => {
    const link = await startLink(production.port);
    const options = directOptions({
      clientAddress: { ...sshAddressOf(production, productionKey), host: '127.0.0.1', port: link.port },
    });
    const routes = new RoutePool();
    try {
      expect(await routes.check(options)).toEqual([]);
      link.cut();
      // Both ends notice by themselves.
      await sleep(100);
      const route = await routes.open(options);
      expect(await sendBy(route, 'again')).toBe('again');
      await route.close();
    } finally {
      link.close();
    }
  });

  test('with a fault is not kept', async () => {
    const routes = new RoutePool();
    const nowhere = { ...sshAddressOf(staging, stagingKey), port: 1 };
    expect(await routes.check(directOptions({ target: nowhere }))).toHaveLength(1);
    await expect(routes.open(directOptions({ target: nowhere }))).rejects.toMatchObject({
      code: 'HOST_UNREACHABLE',
    });
  });

  test('needs an ssh at its end: this machine given as local has none', async () => {
    const [finding] = await checkRoute(directOptions({ target: { kind: 'local' } }));
    expect([finding?.code, finding?.next]).toEqual(['ROUTE_REFUSED', expect.stringContaining('tunnel')]);
  });
});

test('a key with a passphrase', async () => {
  const locked = await generateKey(folder, 'locked', 'open sesame');
  const server = await startServer('locked-staging', [locked]);
  process.env['ROUTE_KEY'] = locked.privateKeyFile;
  process.env['ROUTE_KEY_PASSPHRASE'] = 'open sesame';
  const target: SshAddress = { ...sshAddressOf(server, locked), key: { source: 'env', env: 'ROUTE_KEY' } };
  const route = await openSshRoute(optionsFor('tunnel', { target }));
  expect(await proveRoute(route)).toEqual([]);
  await route.close();
});

test('an OpenSSH client without KnownHostsCommand gets a file, which is removed', async () => {
  const old = path.join(folder, 'old-bin');
  await mkdir(old);
  await writeFile(
    path.join(old, 'ssh'),
    '#!/bin/sh\n[ "$1" = -V ] && { echo OpenSSH_8.4p1 >&2; exit; }\nexec /usr/bin/ssh "$@"\n',
    { mode: 0o755 },
  );
  const server = await startServer('old-production', [productionKey], [`SetEnv PATH=${old}:/usr/bin:/bin`]);
  const oldClient = await connectClient(server);
  await mkdir(oldClient.workDir, { recursive: true });
  await writeFile(path.join(oldClient.workDir, 'known_hosts.left'), 'from a killed run');
  const route = await openSshRoute(
    optionsFor('tunnel', {
      client: oldClient,
      clientAddress: sshAddressOf(server, productionKey),
      clientWorkDir: oldClient.workDir,
    }),
  );
  expect(route.keyIsConstrained).toBe(false);
  expect(await readdir(oldClient.workDir)).toEqual([expect.stringMatching(/^known_hosts\.[0-9a-f]{8}$/)]);
  expect((await proveRoute(route)).map((finding) => finding.severity)).toEqual(['info']);
  await route.close();
  expect(await readdir(oldClient.workDir)).toEqual([]);
  await oldClient.close();
});

describe('findings', () => {
  const findings = async (config: string[], name: string): Promise<unknown> => {
    const server = await startServer(name, [productionKey], config);
    const strict = await connectClient(server);
    try {
      const clientAddress = sshAddressOf(server, productionKey);
      return await checkRoute(
        directOptions({ client: strict, clientAddress, clientWorkDir: strict.workDir }),
      );
    } finally {
      await strict.close();
    }
  };
  test('AllowTcpForwarding', async () => {
    const server = await startServer('no-tcp', [productionKey], ['AllowTcpForwarding no']);
    const clientAddress = sshAddressOf(server, productionKey);
    await expect(openSshRoute(optionsFor('tunnel', { clientAddress }))).rejects.toMatchObject({
      code: 'ROUTE_REFUSED',
      next: expect.stringContaining('AllowTcpForwarding remote'),
    });
  });
  test('AllowAgentForwarding', async () => {
    expect(await findings(['AllowAgentForwarding no'], 'no-agent')).toEqual([
      expect.objectContaining({
        code: 'ROUTE_REFUSED',
        next: expect.stringContaining('AllowAgentForwarding yes'),
      }),
    ]);
  });
  test('a target that does not answer', async () => {
    const nowhere = { ...sshAddressOf(staging, stagingKey), port: 1 };
    expect(await checkRoute(directOptions({ target: nowhere }))).toEqual([
      expect.objectContaining({ code: 'HOST_UNREACHABLE' }),
    ]);
  });
});

test('the agent ends with a runner that was killed', async () => {
  const holder = path.join(import.meta.dirname, 'agent-holder.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', holder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [socket] = (await once(child.stdout, 'data')).map((chunk) => String(chunk).trim());
  const agentFolder = path.dirname(socket ?? '');
  expect(await readdir(agentFolder)).toContain('agent');
  expect((await processesWith(agentFolder)).length).toBeGreaterThan(0);
  child.kill('SIGKILL');
  await until(async () => (await processesWith(agentFolder)).length === 0);
  await until(async () => (await agents()).length === 0);
  expect(await agents()).toEqual([]);
});

test('no agent and no key is left', async () => {
  expect(await agents()).toEqual([]);
});
