import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateKey, type GeneratedKey } from '../../../../sandbox/servers/keys.js';
import { sshAddressOf } from '../../../../sandbox/servers/ssh-address.js';
import { startSshd, type SshServer } from '../../../../sandbox/servers/sshd.js';
import { readCommand, writeCommand } from '../../../src/commands/command.js';
import { type SshAddress } from '../../../src/config/site.js';
import { connectHost, connectProduction } from '../../../src/hosts/connect-host.js';
import { type ProductionHost } from '../../../src/hosts/host.js';
import { RoutePool } from '../../../src/hosts/route/route-pool.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { openRoute, type OpenedRoute, type RouteOptions } from '../../../src/hosts/route/open-route.js';
import { checkRoute, proveRoute } from '../../../src/hosts/route/prove-route.js';
import { processesWith, startLink, until } from './stand-ins.js';

let folder: string;
let productionKey: GeneratedKey;
let stagingKey: GeneratedKey;
let production: SshServer;
let staging: SshServer;
const others: SshServer[] = [];
let client: ProductionHost;

const optionsFor = (kind: 'tunnel' | 'direct', change: Partial<RouteOptions> = {}): RouteOptions => ({
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
});
afterAll(async () => {
  await client.close();
  for (const server of others) await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function send(route: OpenedRoute, name: string): Promise<string> {
  const from = path.join(folder, `${name}-from`);
  const to = path.join(folder, `${name}-to`);
  await mkdir(from);
  await writeFile(path.join(from, 'file'), name.repeat(1000));
  const shell = route.remoteShell === undefined ? [] : ['-e', route.remoteShell];
  const address = route.remote === '' ? `${to}/` : `${route.remote}:${to}/`;
  await route.run(readCommand('rsync', '-a', ...shell, `${from}/`, address));
  return readFile(path.join(to, 'file'), 'utf8');
}

describe.each(['tunnel', 'direct'] as const)('%s', (kind) => {
  test('carries files, and the agent holds the key during a command only', async () => {
    const route = await openRoute(optionsFor(kind));
    expect(await proveRoute(route)).toEqual([]);
    expect(await send(route, kind)).toBe(kind.repeat(1000));
    expect(route.bytesCarried() > 1000).toBe(kind === 'tunnel');
    const listed = await route.run(readCommand('ssh-add', '-l'));
    expect(listed.stdout.toString()).toContain('ED25519');
    expect(listed.stdout.toString().trim().split('\n')).toHaveLength(1);
    await route.close();
  });

  test('the lent key opens nothing but its target', async () => {
    const other = await startServer(`other-${kind}`, [stagingKey]);
    const route = await openRoute(optionsFor(kind));
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
    const route = await openRoute(optionsFor(kind));
    await expect(route.run(writeCommand('touch', path.join(folder, 'touched')))).rejects.toMatchObject({
      code: 'PRODUCTION_WRITE_REFUSED',
    });
    await route.close();
  });

  test('a target with another host key than the runner saw', async () => {
    const impostor = await startServer(`impostor-${kind}`, [stagingKey]);
    const route = await openRoute(optionsFor(kind));
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

describe('a shared connection', () => {
  const sharing = { shared: true, mayShare: Promise.resolve(true) } as const;
  const socketOf = async (): Promise<string[]> =>
    (await readdir(client.workDir)).filter((name) => name.startsWith('ssh-'));

  test('carries every call after the proof, and ends with the route', async () => {
    const before = await logins('staging');
    const route = await openRoute(optionsFor('tunnel', sharing));
    expect(await proveRoute(route)).toEqual([]);
    // Looking for the key has cost a login of the runner's own.
    const proven = await logins('staging');
    expect(proven).toBe(before + 2);
    expect(await send(route, 'shared-1')).toBe('shared-1'.repeat(1000));
    expect(await send(route, 'shared-2')).toBe('shared-2'.repeat(1000));
    expect(await logins('staging')).toBe(proven);
    await route.close();
    await until(async () => (await socketOf()).length === 0);
  });

  test('that is gone is done without: the call logs in itself', async () => {
    const route = await openRoute(optionsFor('tunnel', sharing));
    expect(await proveRoute(route)).toEqual([]);
    const [socket = ''] = await socketOf();
    await rm(path.join(client.workDir, socket));
    const before = await logins('staging');
    expect(await send(route, 'shared-gone')).toBe('shared-gone'.repeat(1000));
    expect(await logins('staging')).toBe(before + 1);
    await route.close();
  });

  test('is not tried again where no socket can be made', async () => {
    const route = await openRoute(optionsFor('tunnel', sharing));
    const shellWords = route.shellWords.map((word) =>
      word.startsWith('ControlPath=') ? 'ControlPath=/nowhere/at/all' : word,
    );
    expect(await proveRoute({ ...route, shellWords, sharing: route.sharing })).toEqual([]);
    expect(route.sharing).toBeUndefined();
    expect(await send(route, 'shared-never')).toBe('shared-never'.repeat(1000));
    await route.close();
  });

  test.each([true, false])('waits at its key, with nothing on the client, until it may: %p', async (may) => {
    const fresh = await connectProduction(sshAddressOf(production, productionKey), {
      name: 'production',
      workDir: `~/.not-yet-${String(may)}/acme`,
    });
    let decide: (may: boolean) => void = () => undefined;
    const mayShare = new Promise<boolean>((resolve) => (decide = resolve));
    const way = { shared: true, mayShare, client: fresh, clientWorkDir: fresh.workDir };
    const route = await openRoute(optionsFor('tunnel', way));
    const opened = await logins('staging');
    const proof = proveRoute(route);
    // As far as the signature: greetings, keys and the question whether this key would do.
    await until(async () => Promise.resolve(route.bytesCarried() > 4000));
    await sleep(300);
    expect(existsSync(path.dirname(fresh.workDir))).toBe(false);
    expect(await logins('staging')).toBe(opened);
    decide(may);
    expect(await proof).toEqual([]);
    expect(await logins('staging')).toBe(opened + 1);
    expect(route.sharing !== undefined).toBe(may);
    expect(existsSync(fresh.workDir)).toBe(may);
    await route.close();
    await fresh.close();
  });

  test('needs a name that ssh can have, and a tunnel', async () => {
    const folders = [path.join(client.workDir, 'x'.repeat(100)), `${client.workDir}/a%b`];
    for (const clientWorkDir of folders) {
      const route = await openRoute(optionsFor('tunnel', { ...sharing, clientWorkDir }));
      expect(route.sharing).toBeUndefined();
      await route.close();
    }
    const direct = await openRoute(optionsFor('direct', sharing));
    expect(direct.sharing).toBeUndefined();
    await direct.close();
  });

  test('stays for the stage where the route was begun, and the target allows one session', async () => {
    const small = await startServer('small-target', [stagingKey], ['MaxSessions 1']);
    const kept = new RoutePool();
    kept.shareWhen(Promise.resolve(true));
    const options = optionsFor('tunnel', { shared: true, target: sshAddressOf(small, stagingKey) });
    expect(await kept.start(options)).toEqual([]);
    const route = await kept.open(options);
    const before = await logins('small-target');
    expect(await send(route, 'shared-small')).toBe('shared-small'.repeat(1000));
    expect(await logins('small-target')).toBe(before);
    await route.close();
    await kept.close();
  });
});

describe("the runner's own connection to the target", () => {
  test('proves the key: it is not tried again', async () => {
    const target = sshAddressOf(staging, stagingKey);
    const targetHost = await connectHost(target, { side: 'staging', name: 'staging' });
    const before = await logins('staging');
    const route = await openRoute(optionsFor('tunnel', { targetHost }));
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
    const route = await openRoute(optionsFor('tunnel', { targetHost }));
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
    const route = await openRoute(
      optionsFor('tunnel', { target: sshAddressOf(both, stagingKey), targetHost }),
    );
    expect(await logins('both-keys')).toBe(before + 1);
    await route.close();
    await targetHost.close();
  });
});

describe('a proven route', () => {
  test('is kept for its stage, once', async () => {
    const routes = new RoutePool();
    const before = await logins('production');
    expect(await routes.check(optionsFor('tunnel'))).toEqual([]);
    const first = await routes.open(optionsFor('tunnel'));
    expect(await logins('production')).toBe(before + 1);
    expect(await send(first, 'kept')).toContain('kept');
    const second = await routes.open(optionsFor('tunnel'));
    expect(await logins('production')).toBe(before + 2);
    await first.close();
    expect([first.isOpen(), second.isOpen()]).toEqual([false, true]);
    await second.close();
  });

  test('for other ends is not taken', async () => {
    const routes = new RoutePool();
    expect(await routes.check(optionsFor('tunnel'))).toEqual([]);
    const before = await logins('production');
    const route = await routes.open(optionsFor('direct'));
    expect([route.kind, await logins('production')]).toEqual(['direct', before + 1]);
    await route.close();
    await routes.close();
  });

  test('whose connection was lost is opened again', async () => {
    const link = await startLink(production.port);
    const options = optionsFor('tunnel', {
      clientAddress: { ...sshAddressOf(production, productionKey), host: '127.0.0.1', port: link.port },
    });
    const routes = new RoutePool();
    try {
      expect(await routes.check(options)).toEqual([]);
      link.cut();
      // Both ends notice by themselves.
      await new Promise((resolve) => setTimeout(resolve, 100));
      const route = await routes.open(options);
      expect(await send(route, 'again')).toContain('again');
      await route.close();
    } finally {
      link.close();
    }
  });

  test('with a fault is not kept', async () => {
    const routes = new RoutePool();
    const target = { ...sshAddressOf(staging, stagingKey), port: 1 };
    expect(await routes.check(optionsFor('tunnel', { target }))).toHaveLength(1);
    await expect(routes.open(optionsFor('tunnel', { target }))).rejects.toMatchObject({
      code: 'HOST_UNREACHABLE',
    });
  });
});

test('a key with a passphrase', async () => {
  const locked = await generateKey(folder, 'locked', 'open sesame');
  const server = await startServer('locked-staging', [locked]);
  process.env['ROUTE_KEY'] = locked.privateKeyFile;
  process.env['ROUTE_KEY_PASSPHRASE'] = 'open sesame';
  const target: SshAddress = { ...sshAddressOf(server, locked), key: { source: 'env', env: 'ROUTE_KEY' } };
  expect(await checkRoute(optionsFor('tunnel', { target }))).toEqual([]);
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
  const route = await openRoute(
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

test('from this machine, through a bastion', async () => {
  const local = createLocalHost('archive', 'archive');
  const target = { ...sshAddressOf(staging, stagingKey), via: sshAddressOf(production, productionKey) };
  const options = optionsFor('tunnel', {
    client: local,
    clientAddress: { kind: 'local' },
    clientWorkDir: folder,
    target,
  });
  const route = await openRoute(options);
  expect(await proveRoute(route)).toEqual([]);
  expect(await send(route, 'bastion')).toContain('bastion');
  expect(route.bytesCarried()).toBeGreaterThan(1000);
  await route.close();
});

test('both on one machine', async () => {
  const local = createLocalHost('production', 'production');
  const route = await openRoute(
    optionsFor('tunnel', { client: local, clientAddress: { kind: 'local' }, target: { kind: 'local' } }),
  );
  expect(await send(route, 'local')).toContain('local');
});

describe('findings', () => {
  const findings = async (config: string[], kind: 'tunnel' | 'direct', name: string): Promise<unknown> => {
    const server = await startServer(name, [productionKey], config);
    const strict = await connectClient(server);
    try {
      return await checkRoute(
        optionsFor(kind, {
          client: strict,
          clientAddress: sshAddressOf(server, productionKey),
          clientWorkDir: strict.workDir,
        }),
      );
    } finally {
      await strict.close();
    }
  };
  test('AllowTcpForwarding', async () => {
    expect(await findings(['AllowTcpForwarding no'], 'tunnel', 'no-tcp')).toEqual([
      expect.objectContaining({
        code: 'ROUTE_REFUSED',
        next: expect.stringContaining('AllowTcpForwarding remote'),
      }),
    ]);
  });
  test('AllowAgentForwarding', async () => {
    expect(await findings(['AllowAgentForwarding no'], 'direct', 'no-agent')).toEqual([
      expect.objectContaining({
        code: 'ROUTE_REFUSED',
        next: expect.stringContaining('AllowAgentForwarding yes'),
      }),
    ]);
  });
  test('a key that also opens a more trusted host', async () => {
    const archive = await startServer('archive', [stagingKey]);
    const moreTrusted = [{ label: 'archive', address: sshAddressOf(archive, stagingKey) }];
    expect(await checkRoute(optionsFor('tunnel', { moreTrusted }))).toEqual([
      expect.objectContaining({ code: 'KEY_TOO_POWERFUL' }),
    ]);
    const otherArchive = await startServer('other-archive', [productionKey]);
    expect(
      await checkRoute(
        optionsFor('tunnel', {
          moreTrusted: [{ label: 'archive', address: sshAddressOf(otherArchive, stagingKey) }],
        }),
      ),
    ).toEqual([]);
  });
  test('a target that does not answer', async () => {
    const target = { ...sshAddressOf(staging, stagingKey), port: 1 };
    expect(await checkRoute(optionsFor('tunnel', { target }))).toEqual([
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
