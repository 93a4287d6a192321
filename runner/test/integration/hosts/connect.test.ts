import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { generateKey, type GeneratedKey } from '../../../../sandbox/servers/keys.js';
import { sshAddressOf } from '../../../../sandbox/servers/ssh-address.js';
import { startSshd, type SshServer } from '../../../../sandbox/servers/sshd.js';
import { readCommand, shellScript, writeCommand, type ReadCommand } from '../../../src/commands/command.js';
import { type SshAddress } from '../../../src/config/site.js';
import { connectHost, connectProduction } from '../../../src/hosts/connect-host.js';
import { type WritingHost } from '../../../src/hosts/host.js';
import { transportOf } from '../../../src/hosts/process/transport.js';

let folder: string;
let key: GeneratedKey;
let locked: GeneratedKey;
let server: SshServer;
let host: WritingHost;

const addressOf = (sshd: SshServer, change: Partial<SshAddress> = {}): SshAddress => ({
  ...sshAddressOf(sshd, key),
  ...change,
});
const connect = (address: SshAddress): Promise<WritingHost> =>
  connectHost(address, { side: 'staging', name: 'staging' });

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-hosts-'));
  key = await generateKey(folder, 'key');
  locked = await generateKey(folder, 'locked', 'open sesame');
  server = await startSshd({
    folder: path.join(folder, 'sshd'),
    home: path.join(folder, 'home'),
    authorizedKeys: [key.publicKey, locked.publicKey],
  });
  host = await connect(addressOf(server));
});
afterAll(async () => {
  await host.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('host keys', () => {
  const problem = (change: Partial<SshAddress>): Promise<unknown> =>
    connect(addressOf(server, change)).then(
      async (opened) => {
        await opened.close();
        return 'connected';
      },
      (error: unknown) => error,
    );

  test('a pinned whole key is accepted', async () => {
    expect(await problem({ hostKeys: [server.hostKey] })).toBe('connected');
  });
  test('another pinned key is HOST_KEY_CHANGED', async () => {
    expect(await problem({ hostKeys: ['SHA256:AAAA'] })).toMatchObject({ code: 'HOST_KEY_CHANGED' });
  });
  test('an unknown key prints its fingerprint and the lines to add', async () => {
    const error = await problem({ hostKeys: [], knownHosts: path.join(folder, 'nobody') });
    expect(error).toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      details: [
        expect.stringContaining(`hostKey: ${server.fingerprint}`),
        expect.stringContaining('ssh: user@host'),
        expect.stringContaining(`[${server.address}]:${String(server.port)} ${server.hostKey}`),
      ],
    });
  });
  test('the printed known_hosts line is what makes it known', async () => {
    const file = path.join(folder, 'known');
    await writeFile(file, `[${server.address}]:${String(server.port)} ${server.hostKey}\n`);
    expect(await problem({ hostKeys: [], knownHosts: file })).toBe('connected');
    await writeFile(file, `@revoked * ${server.hostKey}\n`);
    expect(await problem({ hostKeys: [], knownHosts: file })).toMatchObject({ code: 'HOST_KEY_CHANGED' });
  });
});

describe('logging in', () => {
  test('a key with a passphrase from the environment', async () => {
    process.env['TEST_KEY'] = locked.privateKeyFile;
    process.env['TEST_KEY_PASSPHRASE'] = 'open sesame';
    const opened = await connect(addressOf(server, { key: { source: 'env', env: 'TEST_KEY' } }));
    await opened.close();
  });
  test('a wrong passphrase is reported before anything is sent', async () => {
    process.env['TEST_KEY_PASSPHRASE'] = 'wrong';
    await expect(
      connect(addressOf(server, { key: { source: 'env', env: 'TEST_KEY' } })),
    ).rejects.toMatchObject({
      code: 'SSH_KEY_UNUSABLE',
    });
  });
  test('a key that the host does not accept', async () => {
    const stranger = await generateKey(folder, 'stranger');
    const address = addressOf(server, { key: { source: 'file', path: stranger.privateKeyFile } });
    await expect(connect(address)).rejects.toMatchObject({ code: 'HOST_AUTH_FAILED' });
  });
  test('nobody listens', async () => {
    await expect(connect(addressOf(server, { port: 1 }))).rejects.toMatchObject({
      code: 'HOST_UNREACHABLE',
      message: expect.stringContaining('connection refused'),
    });
  });
  test('through two bastions', async () => {
    const address = addressOf(server, { via: addressOf(server, { via: addressOf(server) }) });
    const opened = await connect(address);
    expect((await opened.run(readCommand('echo', 'there'))).stdout.toString()).toBe('there\n');
    await opened.close();
  });
});

describe('running commands', () => {
  test('words arrive as they are, and stdin, stdout and stderr are bytes', async () => {
    const odd = ["it's", 'a  b', '', '$HOME', '~', '*', '\n', 'ü'];
    const result = await host.run(shellScript('read', `printf '%s|' "$@"; cat; echo note >&2`, odd), {
      stdin: Buffer.from([0, 255, 10]),
    });
    expect(result.stdout).toEqual(
      Buffer.concat([Buffer.from(odd.join('|') + '|'), Buffer.from([0, 255, 10])]),
    );
    expect(result.stderr).toBe('note\n');
  });
  test('environment', async () => {
    const command: ReadCommand = {
      effect: 'read',
      argv: ['sh', '-c', 'echo "$GREETING"'],
      environment: { GREETING: 'a b' },
    };
    expect((await host.run(command)).stdout.toString()).toBe('a b\n');
  });
  test('an exit code that is no failure', async () => {
    expect(await host.run(shellScript('read', 'exit 24'), { allowedExitCodes: [0, 24] })).toMatchObject({
      code: 24,
    });
  });
  test('a failure carries host, command and stderr', async () => {
    await expect(host.run(shellScript('read', 'echo why >&2; exit 3'))).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      host: host.label,
      stderr: 'why',
    });
  });
  test('a missing program', async () => {
    await expect(host.run(readCommand('no-such-program'))).rejects.toThrow('was not found (exit code 127)');
  });
  test('a command that a signal ended', async () => {
    expect(await host.run(shellScript('read', 'kill -KILL $$'), { allowedExitCodes: 'any' })).toMatchObject({
      code: 137,
    });
  });
  test('a large stream in and out, with a slow reader', async () => {
    const chunk = Buffer.alloc(64 * 1024, 7);
    let sent = 0;
    const source = new Readable({
      read() {
        this.push(sent++ < 512 ? chunk : null);
      },
    });
    let received = 0;
    const target = new PassThrough();
    target.on('data', (data: Buffer) => (received += data.length));
    await host.run(readCommand('cat'), { stdin: source, stdout: target });
    expect(received).toBe(512 * chunk.length);
  });
  test('more commands at once than sessions', async () => {
    const all = Array.from({ length: 30 }, (_, i) => host.run(readCommand('echo', String(i))));
    expect((await Promise.all(all)).map((result) => result.stdout.toString().trim())).toEqual(
      Array.from({ length: 30 }, (_, i) => String(i)),
    );
  });
  test('a session whose output nobody reads to its end is free again', async () => {
    const transport = transportOf(host);
    // More than the streams hold, and more sessions than there are.
    for (let session = 0; session < 12; session++) {
      const process = await transport.start(['head', '-c', '3000000', '/dev/zero']);
      await once(process.stdout, 'readable');
      process.stdout.destroy();
      await process.ended;
    }
  });
  test('a command that does not read its input', async () => {
    const endless = Readable.from(
      (function* () {
        for (let i = 0; i < 2000; i++) yield Buffer.alloc(65536);
      })(),
    );
    expect(await host.run(readCommand('true'), { stdin: endless })).toMatchObject({ code: 0 });
  });
  test('identity', async () => {
    expect(await host.identity()).toMatchObject({
      home: path.join(folder, 'home'),
      user: os.userInfo().username,
      bootId: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
    });
  });
});

describe('streams', () => {
  let echo: Server;
  beforeAll(async () => {
    echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(echo, 'listening');
  });
  afterAll(() => {
    echo.close();
  });

  test('to a port', async () => {
    const stream = await host.openStream({
      kind: 'tcp',
      host: '127.0.0.1',
      port: (echo.address() as { port: number }).port,
    });
    stream.write('hello');
    expect(String((await once(stream, 'data'))[0])).toBe('hello');
    stream.destroy();
  });
  test('to a socket', async () => {
    const file = path.join(folder, 'echo.sock');
    const socketServer = createServer((socket) => socket.pipe(socket)).listen(file);
    await once(socketServer, 'listening');
    const stream = await host.openStream({ kind: 'socket', path: file });
    stream.write('hello');
    expect(String((await once(stream, 'data'))[0])).toBe('hello');
    stream.destroy();
    socketServer.close();
  });
  test('to nobody', async () => {
    await expect(host.openStream({ kind: 'tcp', host: '127.0.0.1', port: 1 })).rejects.toMatchObject({
      code: 'HOST_UNREACHABLE',
    });
  });
});

describe('production', () => {
  test('refuses what writes, also through a cast', async () => {
    const production = await connectProduction(addressOf(server), {
      name: 'production',
      workDir: '~/.understudy/acme',
    });
    const workDir = path.join(folder, 'home/.understudy/acme');
    expect(production.workDir).toBe(workDir);
    const refused = (command: unknown): Promise<unknown> =>
      production.run(command as ReadCommand).then(
        () => 'ran',
        (error: unknown) => (error as { code: string }).code,
      );
    const outside = path.join(folder, 'outside');
    await mkdir(outside);
    expect(await refused(writeCommand('touch', 'x'))).toBe('PRODUCTION_WRITE_REFUSED');
    expect(await refused(shellScript('create-backup', 'true', []))).toBe('PRODUCTION_WRITE_REFUSED');
    for (const target of [outside, `${workDir}/../x`, `${workDir}x`, '/', 'relative'])
      expect(await refused(shellScript('create-backup', 'true', [], target))).toBe(
        'PRODUCTION_WRITE_REFUSED',
      );
    expect(
      await refused(
        shellScript('create-backup', 'mkdir -p "$1"', [`${workDir}/run/backup`], `${workDir}/run/backup`),
      ),
    ).toBe('ran');
    const own = await production.run(
      shellScript('create-backup', 'echo said; umask; exit 41', [], `${workDir}/run/other`),
      { allowedExitCodes: [41] },
    );
    // The command's own exit code is no refusal, and it runs once, under the account's own umask.
    expect(own.stdout.toString()).toMatch(/^said\n0022\n$/);
    await symlink(outside, path.join(workDir, 'trick'));
    expect(
      await refused(shellScript('create-backup', `touch '${outside}/x'`, [], `${workDir}/trick/x`)),
    ).toBe('PRODUCTION_WRITE_REFUSED');
    expect(await readdir(outside)).toEqual([]);
    expect(await refused(shellScript('create-backup', 'true', [], `${workDir}/trick/deeper`))).toBe(
      'PRODUCTION_WRITE_REFUSED',
    );
    await symlink('/nowhere', path.join(workDir, 'dangling'));
    expect(await refused(shellScript('create-backup', 'true', [], `${workDir}/dangling`))).toBe(
      'PRODUCTION_WRITE_REFUSED',
    );
    await production.close();
  });
});
