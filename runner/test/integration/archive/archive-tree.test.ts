import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { chmod, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { archiveOf } from '../../../src/config/sections.js';
import { openRoute } from '../../../src/hosts/route/open-route.js';
import { type OpenedRoute } from '../../../src/hosts/route/route.js';
import { archiveRules } from '../../../src/maintenance/archive/archive-rules.js';
import { archiveTree, planArchive, type ArchiveEnds } from '../../../src/maintenance/archive/archive-tree.js';
import { codeRules } from '../../../src/maintenance/tree/code-rules.js';
import { treeDigest } from '../../../src/maintenance/tree/tree-digest.js';
import { type ArchiveWorld, CODE, createArchiveWorld, put } from './archive-world.js';

let world: ArchiveWorld;
let route: OpenedRoute;
let ends: ArchiveEnds;

beforeAll(async () => {
  world = await createArchiveWorld();
  const { archive, archiveAddress, stagingAddress, archiveHome } = world;
  const archiveWorkDir = path.join(archiveHome, '.understudy/acme');
  route = await openRoute({
    kind: 'tunnel',
    client: archive,
    clientAddress: archiveAddress,
    clientWorkDir: archiveWorkDir,
    target: stagingAddress,
    targetHost: world.staging,
  });
  const site = await world.site({});
  ends = {
    staging: world.staging,
    stagingPath: world.stagingRoot,
    archive,
    archivePath: world.efs,
    archiveWorkDir,
    route,
    rules: archiveRules(codeRules(site), archiveOf(site) ?? { exclude: [] }),
    maxDeletePercent: 50,
    reporter: { step: () => undefined, progress: () => undefined },
    signal: new AbortController().signal,
  };
});
afterAll(async () => {
  await route.close();
  await world.stop();
});

const names = (folder: string): string[] =>
  execFileSync('find', ['.', '-type', 'f', '-printf', '%P\\n'], { cwd: folder, encoding: 'utf8' })
    .split('\n')
    .filter((name) => name !== '')
    .sort();
const inEfs = (name: string): string => path.join(world.efs, name);
const onStaging = (name: string): string => path.join(world.stagingRoot, name);
const code = (): Promise<{ digest: string }> => treeDigest(world.staging, world.stagingRoot, ends);

describe('staging → archive, pulled by the archive host over a tunnel', () => {
  test('the first archive holds exactly the code, with modes and links', async () => {
    const outcome = await archiveTree(ends);
    expect(names(world.efs)).toEqual([...CODE].sort());
    expect(outcome.tree.digest).toBe((await code()).digest);
    expect(outcome).toMatchObject({ created: CODE.length + 1, deleted: 0 });
    expect(statSync(inEfs('wp-content/plugins/jetpack/bin/run.sh')).mode & 0o111).toBe(0o111);
    expect(readlinkSync(inEfs('wp-content/plugins/jetpack/bin/start'))).toBe('run.sh');
    expect(route.bytesCarried()).toBeGreaterThan(0);
  });

  test('a second run writes nothing', async () => {
    const before = statSync(inEfs('index.php')).ino;
    expect(await archiveTree(ends)).toMatchObject({ created: 0, deleted: 0 });
    expect(statSync(inEfs('index.php')).ino).toBe(before);
    expect(await planArchive(ends)).toEqual([]);
  });

  test('what is no code of the site stays: secrets and notes that lie in the folder are neither sent nor deleted', async () => {
    await put(world.efs, 'README.md', 'notes of the agency');
    await put(world.efs, 'wp-config.php', 'kept by hand');
    await put(world.efs, 'wp-content/plugins/jetpack/.env', 'kept by hand');
    await archiveTree(ends);
    expect(readFileSync(inEfs('wp-config.php'), 'utf8')).toBe('kept by hand');
    expect(readFileSync(inEfs('wp-content/plugins/jetpack/.env'), 'utf8')).toBe('kept by hand');
    for (const name of ['README.md', 'wp-config.php', 'wp-content/plugins/jetpack/.env'])
      await rm(inEfs(name));
  });

  test('changed, deleted, renamed files, a mode, and a folder in the place of a file', async () => {
    await put(world.stagingRoot, 'wp-content/plugins/akismet/akismet.php', '<?php /* Version: 5.3.2 */\n');
    await rename(onStaging('wp-content/themes/acme'), onStaging('wp-content/themes/acme-2025'));
    await chmod(onStaging('wp-content/plugins/jetpack/bin/run.sh'), 0o644);
    await rm(onStaging('wp-admin/index.php'));
    await put(world.stagingRoot, 'wp-admin/index.php/now-a-folder.php', '<?php\n');
    const outcome = await archiveTree(ends);
    expect(outcome.tree.digest).toBe((await code()).digest);
    expect(existsSync(inEfs('wp-content/themes/acme'))).toBe(false);
    expect(lstatSync(inEfs('wp-admin/index.php')).isDirectory()).toBe(true);
    await rm(onStaging('wp-admin/index.php'), { recursive: true });
    await put(world.stagingRoot, 'wp-admin/index.php', '<?php // a file again\n');
    expect((await archiveTree(ends)).tree.digest).toBe((await code()).digest);
  });

  test('a file of the same size and time but with other content is found by the digest and sent', async () => {
    const name = 'wp-content/plugins/akismet/akismet.php';
    const { size, atime, mtime } = statSync(inEfs(name));
    await writeFile(inEfs(name), 'x'.repeat(size));
    await utimes(inEfs(name), atime, mtime);
    await archiveTree(ends);
    expect(readFileSync(inEfs(name), 'utf8')).toBe(readFileSync(onStaging(name), 'utf8'));
  });

  test('a folder that is not there is never made: the mount may be missing', async () => {
    await expect(archiveTree({ ...ends, archivePath: `${world.efs}-not-mounted` })).rejects.toMatchObject({
      code: 'ARCHIVE_FOLDER_MISSING',
    });
    expect(existsSync(`${world.efs}-not-mounted`)).toBe(false);
  });

  test('an unusual number of deletions is refused, and names what would go', async () => {
    const plugins = onStaging('wp-content/plugins');
    for (let count = 0; count < 150; count += 1)
      await put(world.efs, `wp-content/plugins/only-here/${String(count)}.php`, '<?php\n');
    await rename(plugins, `${plugins}-away`);
    await expect(archiveTree(ends)).rejects.toMatchObject({ code: 'ARCHIVE_DELETES_TOO_MUCH' });
    expect(existsSync(inEfs('wp-content/plugins/only-here/1.php'))).toBe(true);
    await rename(`${plugins}-away`, plugins);
    await archiveTree({ ...ends, maxDeletePercent: 100 });
    expect(existsSync(inEfs('wp-content/plugins/only-here'))).toBe(false);
  });

  test('a link of staging that leads out is copied as a link; nothing is written through one', async () => {
    const outside = path.join(world.folder, 'outside');
    await mkdir(outside, { recursive: true });
    await rm(inEfs('wp-content/languages'), { recursive: true });
    await symlink(outside, inEfs('wp-content/languages'));
    const outcome = await archiveTree(ends);
    expect(outcome.tree.digest).toBe((await code()).digest);
    expect(names(outside)).toEqual([]);
  });
});
