import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ensureBundle, runUnderstudy, type RunnerCall } from '../../../../sandbox/runner.js';
import { busyboxTools, type BusyboxTools } from '../../../../sandbox/servers/busybox.js';
import { pageTitle } from '../../../../sandbox/world/browser.js';
import { createWorld, type World } from '../../../../sandbox/world.js';
import { processesOfHosts } from '../../integration/sandbox/host-processes.js';
import { runAndSignal } from '../../integration/sandbox/kill-at.js';

describe.each([
  ['whose shell and tools are busybox', 'all'],
  ['that have nothing but busybox and what a sync needs', 'installed'],
] as const)('hosts %s', (_name, others) => {
  let tools: BusyboxTools;
  let world: World;
  let call: RunnerCall;
  beforeAll(async () => {
    await ensureBundle();
    tools = await busyboxTools(others);
    const lines = [tools.setPath];
    world = await createWorld({
      sshd: { 'production-app': lines, 'production-db': lines, staging: lines },
    });
    call = { sites: world.sites, workspace: world.workspace };
  }, 180_000);
  afterAll(async () => {
    await world.stop();
    await rm(tools.folder, { recursive: true, force: true });
  });

  const understudy = async (...words: string[]): Promise<void> => {
    const { code, stdout, stderr } = await runUnderstudy(call, ...words);
    expect({ words, code, said: code === 0 ? '' : stdout + stderr }).toEqual({ words, code: 0, said: '' });
  };
  const title = async (): Promise<string> => pageTitle(await world.get(world.staging, '/'));

  test('are what the test says they are', async () => {
    const expected = others === 'all' ? ['busybox'] : ['busybox', 'none'];
    const { address, port, user } = world.hosts.staging;
    const { stdout } = await promisify(execFile)('ssh', [
      ...['-i', world.keyFile, '-p', String(port), '-o', 'StrictHostKeyChecking=no'],
      ...['-o', 'UserKnownHostsFile=/dev/null', `${user}@${address}`],
      `for tool in sh awk sed find xargs sha256sum ${others === 'all' ? '' : 'perl zstd lsattr'}
      do readlink "$(command -v $tool)" || echo none; done`,
    ]);
    expect(
      new Set(
        stdout
          .trim()
          .split('\n')
          .map((file) => path.basename(file)),
      ),
    ).toEqual(new Set(expected));
  }, 30_000);

  test('are left as they were by a sync that is stopped: nothing runs on, the lock is free', async () => {
    const before = await title();
    const importing = (event: Readonly<Record<string, unknown>>): boolean =>
      event['stage'] === 'import-database' && event['type'] === 'progress';
    const { code } = await runAndSignal('SIGTERM', call, importing, 'sync', 'acme');
    expect(code).toBe(130);
    expect(await processesOfHosts(world)).toEqual([]);
    expect(await title()).toBe(before);
    expect(existsSync(path.join(world.hosts.staging.home, '.understudy/acme/lock'))).toBe(false);
  }, 300_000);

  test('are synced in six stages, rolled back and searched', async () => {
    const before = await title();
    await understudy('doctor', 'acme');
    await understudy('sync', 'acme');
    expect(await title()).toContain('Acme Theatre – ');
    expect(await title()).not.toBe(before);
    await understudy('leaks', 'acme');
    await understudy('rollback', 'acme');
    expect(await title()).toBe(before);
    await understudy('sync', 'shop-php');
    expect((await world.get(world.shop.staging, '/')).body).toContain('new product 60');
  }, 300_000);
});
