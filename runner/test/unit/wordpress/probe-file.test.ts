import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { withProbeFile } from '../../../src/wordpress/plugin/probe-file.js';

const host = createLocalHost('staging', 'staging');
let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'understudy-probe-test-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('the probe file', () => {
  test('lies there while it is asked for, and leaves no trace', async () => {
    await mkdir(path.join(root, 'web'));
    await writeFile(path.join(root, 'web/index.php'), '');
    await writeFile(path.join(root, 'understudy-probe-old.txt'), '');
    const longAgo = new Date('2026-01-01T00:00:00Z');
    await utimes(path.join(root, 'understudy-probe-old.txt'), longAgo, longAgo);
    await utimes(root, longAgo, longAgo);
    const seen = await withProbeFile(host, root, async ({ name }) => {
      const files = await readdir(root, { recursive: true });
      return files.filter((file) => file.includes(name)).map((file) => file.replace(name, 'probe'));
    });
    expect((seen as string[]).sort()).toEqual(['probe.php', 'probe.txt', 'web/probe.php', 'web/probe.txt']);
    expect((await readdir(root, { recursive: true })).sort()).toEqual(['web', 'web/index.php']);
    expect((await stat(root)).mtime).toEqual(longAgo);
  });
  test('is gone when the asking fails', async () => {
    const failing = withProbeFile(host, root, () => Promise.reject(new Error('no answer')));
    await expect(failing).rejects.toThrow('no answer');
    expect(await readdir(root)).toEqual([]);
  });
  test('goes without being waited for, where somebody waits for that later', async () => {
    const removals: Promise<unknown>[] = [];
    const seen = await withProbeFile(
      host,
      root,
      () => readdir(root),
      (removal) => removals.push(removal),
    );
    expect([seen.length, removals.length]).toEqual([2, 1]);
    await removals[0];
    expect(await readdir(root)).toEqual([]);
  });
  test('a folder that is not there is told', async () => {
    const asked = await withProbeFile(host, path.join(root, 'none'), () => Promise.resolve(1));
    expect(asked).toBe(`${root}/none does not exist yet`);
  });
});
