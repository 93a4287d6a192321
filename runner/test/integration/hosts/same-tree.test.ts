import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type ReadingHost } from '../../../src/hosts/host.js';
import { assertNotSameTree } from '../../../src/hosts/guard/same-tree.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';

let folder: string;
let production: string;
let staging: string;
const mounts: string[] = [];
const one = createLocalHost('production', 'production');
const other = createLocalHost('staging', 'staging');

/** Bind mounts need root and a namespace that allows them. */
function bind(from: string, to: string): boolean {
  try {
    execFileSync('mount', ['--bind', from, to], { stdio: 'ignore' });
  } catch {
    return false;
  }
  mounts.push(to);
  return true;
}
const inFolder = async (name: string): Promise<string> => {
  const made = path.join(folder, name);
  await mkdir(made, { recursive: true });
  return made;
};
const guard = async (theirs: string, mine: string, host: ReadingHost = other): Promise<string[]> =>
  (await assertNotSameTree(one, theirs, host, mine)).map(
    (finding) => `${finding.severity} ${finding.message}`,
  );

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-guard-'));
  production = await inFolder('production/site');
  staging = await inFolder('staging/site');
  await mkdir(path.join(production, 'uploads'));
});
afterAll(async () => {
  for (const mount of mounts.reverse()) execFileSync('umount', [mount]);
  await rm(folder, { recursive: true, force: true });
});

test('two trees on one machine', async () => {
  expect(await guard(production, staging)).toEqual([]);
});

describe('refused', () => {
  test('the same path', async () => {
    expect(await guard(production, production)).toEqual([
      `error Staging ${production} is production ${production}.`,
    ]);
  });
  test('nested, both ways', async () => {
    expect(await guard(production, path.join(production, 'uploads'))).toEqual([
      expect.stringContaining('lies in'),
    ]);
    expect(await guard(production, path.dirname(production))).toEqual([expect.stringContaining('holds')]);
  });
  test('a symbolic link that is production', async () => {
    const link = path.join(folder, 'link');
    await symlink(production, link);
    expect(await guard(production, link)).toEqual([
      `error Staging ${link} (${production}) is production ${production}.`,
    ]);
  });
  test('a symbolic link inside that leads to production, to a folder or a file of it', async () => {
    const tree = await inFolder('linked');
    await symlink(path.join(production, 'uploads'), path.join(tree, 'media'));
    await writeFile(path.join(production, 'file'), '');
    await symlink(path.join(production, 'file'), path.join(tree, 'index.php'));
    expect((await guard(production, tree)).sort()).toEqual([
      `error ${production}, to which ${tree}/index.php of staging leads, is production ${production}.`,
      `error ${path.join(production, 'uploads')}, to which ${tree}/media of staging leads, lies in production ${production}.`,
    ]);
  });
  test('a bind mount that is production, or lies in staging', async () => {
    const whole = await inFolder('bound');
    const inside = await inFolder('partly/uploads and more');
    if (!bind(production, whole) || !bind(path.join(production, 'uploads'), inside)) return;
    expect(await guard(production, whole)).toEqual([`error Staging ${whole} is production ${production}.`]);
    expect(await guard(production, path.dirname(inside))).toEqual([
      `error The mount ${inside} of staging lies in production ${production}.`,
    ]);
  });
  test('a folder that is not there, or cannot be looked at', async () => {
    expect(await guard(production, path.join(folder, 'missing'))).toEqual([
      expect.stringContaining('is not a folder'),
    ]);
    const silent: ReadingHost = {
      ...other,
      identity: async () => ({ ...(await other.identity()), bootId: '', machineId: '' }),
    };
    expect(await guard(production, staging, silent)).toEqual([
      expect.stringContaining('Could not determine'),
    ]);
  });
});

test('links inside the tree and to the system are nobody else’s business; a shared folder is a warning', async () => {
  const [a, b, shared] = [await inFolder('a'), await inFolder('b'), await inFolder('shared')];
  await writeFile(path.join(folder, 'note'), 'next to both trees');
  for (const tree of [a, b]) {
    await mkdir(path.join(tree, 'real'));
    await symlink('real', path.join(tree, 'alias'));
    await symlink('/nowhere', path.join(tree, 'dangling'));
    await symlink('/usr/share', path.join(tree, 'share'));
    await symlink(path.join(folder, 'note'), path.join(tree, 'note'));
  }
  await rm(path.join(a, 'note'));
  expect(await guard(a, b)).toEqual([]);
  await symlink(shared, path.join(a, 'cache'));
  await symlink(shared, path.join(b, 'cache'));
  expect(await guard(a, b)).toEqual([expect.stringMatching(/^warning .*shared/)]);
});
