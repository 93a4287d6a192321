// Throughput of both routes on loopback, and the runner's own memory while they carry.
// node --import tsx runner/bench/route.ts [megabytes]
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { generateKey } from '../../sandbox/servers/keys.js';
import { sshAddressOf } from '../../sandbox/servers/ssh-address.js';
import { startSshd, type SshServer } from '../../sandbox/servers/sshd.js';
import { readCommand } from '../src/commands/command.js';
import { type SshAddress } from '../src/config/site.js';
import { connectHost, connectProduction } from '../src/hosts/connect-host.js';
import { farRsync } from '../src/commands/joined-rsync.js';
import { openRoute } from '../src/hosts/route/open-route.js';

const megabytes = Number(process.argv[2] ?? 1024);
const folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-bench-route-'));
const servers: SshServer[] = [];

async function writeFileOf(file: string, size: number): Promise<void> {
  const handle = await open(file, 'w');
  const block = randomBytes(1024 * 1024);
  for (let written = 0; written < size; written += 1) await handle.write(block);
  await handle.close();
}

async function main(): Promise<void> {
  const key = await generateKey(folder, 'key');
  const addresses: SshAddress[] = [];
  for (const name of ['production', 'staging']) {
    const server = await startSshd({
      folder: path.join(folder, name),
      home: path.join(folder, `${name}-home`),
      authorizedKeys: [key.publicKey],
    });
    servers.push(server);
    addresses.push(sshAddressOf(server, key));
  }
  const [production, staging] = addresses;
  if (!production || !staging) throw new Error('no servers');
  const started = performance.now();
  const host = await connectHost(production, { side: 'production', name: 'production' });
  await host.run(readCommand('true'));
  console.log(`first remote command after ${((performance.now() - started) / 1000).toFixed(3)} s`);
  await host.close();

  await mkdir(path.join(folder, 'from'));
  await writeFileOf(path.join(folder, 'from/file'), megabytes);
  const client = await connectProduction(production, {
    name: 'production',
    workDir: path.join(folder, 'work'),
  });
  const target = await connectHost(staging, { side: 'staging', name: 'staging' });
  for (const kind of ['direct', 'tunnel'] as const) {
    const route = await openRoute({
      kind,
      client,
      clientAddress: production,
      clientWorkDir: client.workDir,
      target: staging,
      targetHost: target,
    });
    let memory = 0;
    const cpu = process.cpuUsage();
    const timer = setInterval(() => (memory = Math.max(memory, process.memoryUsage.rss())), 50);
    const started = performance.now();
    const words = ['-a', '-s', '--whole-file', '-e', route.remoteShell ?? 'ssh'];
    const paths = [`${folder}/from/`, `${route.remote}:${folder}/${kind}/`];
    const command = { ...readCommand('rsync', ...words, ...paths), far: farRsync('receives') };
    await route.run(command, { timeoutSeconds: 0 });
    const seconds = (performance.now() - started) / 1000;
    clearInterval(timer);
    const used = process.cpuUsage(cpu);
    const busy = ((used.user + used.system) / 1e6).toFixed(1);
    const carried = (route.bytesCarried() / 1024 ** 2).toFixed(0);
    console.log(
      `${kind}: ${(megabytes / seconds).toFixed(0)} MB/s (${String(megabytes)} MB in ${seconds.toFixed(1)} s), ` +
        `${carried} MB through the runner (${busy} s of CPU), memory at most ${(memory / 1024 ** 2).toFixed(0)} MB`,
    );
    await route.close();
    await rm(path.join(folder, kind), { recursive: true });
  }
  await client.close();
}

try {
  await main();
} finally {
  for (const server of servers) await server.stop();
  await rm(folder, { recursive: true, force: true });
}
