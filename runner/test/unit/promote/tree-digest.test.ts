import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { compareTrees, describeDifference, treeOf } from '../../../src/maintenance/tree/site-tree.js';
import { treeDigest } from '../../../src/maintenance/tree/tree-digest.js';

let folder: string;
const host = createLocalHost('staging', 'here');
const rules = { roots: ['code', 'index.php', 'not-there'], filters: ['- .git', '- /code/own.php'] };
const digest = async (root = folder) => treeDigest(host, root, { rules });

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-tree-'));
  await mkdir(path.join(folder, 'code/a b/.git'), { recursive: true });
  await mkdir(path.join(folder, 'elsewhere'));
  await writeFile(path.join(folder, 'index.php'), '<?php');
  await writeFile(path.join(folder, 'elsewhere/x'), 'x');
  await writeFile(path.join(folder, 'code/own.php'), 'own');
  await writeFile(path.join(folder, 'code/a b/.git/HEAD'), 'ref');
  await writeFile(path.join(folder, 'code/a b/ümlaut "\'\\ $x.php'), 'odd');
  await writeFile(path.join(folder, 'code/a b/new\nline.php'), 'odd');
  await writeFile(path.join(folder, 'code/-n'), '');
  await writeFile(path.join(folder, 'code/run.sh'), '#!/bin/sh', { mode: 0o755 });
  await symlink('a b', path.join(folder, 'code/link'));
  await symlink('to\nnowhere\n', path.join(folder, 'code/bro ken'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

describe('treeDigest', () => {
  test('names every file and link of the code, whatever its name, and nothing else', async () => {
    const { entries, files, bytes } = await digest();
    expect(entries.map(({ path: name }) => name)).toEqual([
      'code/-n',
      'code/a b/new\nline.php',
      'code/a b/ümlaut "\'\\ $x.php',
      'code/bro ken',
      'code/link',
      'code/run.sh',
      'index.php',
    ]);
    expect([files, bytes]).toEqual([7, 20]);
    const link = entries.find(({ path: name }) => name === 'code/bro ken');
    expect(link?.sha256).toBe(createHash('sha256').update('to\nnowhere\n').digest('hex'));
  });

  test.each([
    ['plain', 'x y$(z)*.php'],
    ['a backslash and an n', 'a\\nb.php'],
    ['a carriage return', 'a\rb.php'],
    ['a line break', 'a\nb.php'],
  ])('is the same with openssl and without, also of a name with: %s', async (_, name) => {
    const own = await mkdtemp(path.join(folder, 'own-'));
    await mkdir(path.join(own, 'code'));
    await writeFile(path.join(own, 'code', name), 'text');
    await writeFile(path.join(own, 'openssl'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const sha256 = createHash('sha256').update('text').digest('hex');
    const wanted = [{ path: `code/${name}`, type: 'file', executable: false, sha256, bytes: 4 }];
    expect((await digest(own)).entries).toEqual(wanted);
    const { PATH = '' } = process.env;
    process.env['PATH'] = `${own}:${PATH}`;
    try {
      expect((await digest(own)).entries).toEqual(wanted);
    } finally {
      process.env['PATH'] = PATH;
    }
  });

  test('does not depend on times, folders or the mode bits that do not matter', async () => {
    const before = await digest();
    await utimes(path.join(folder, 'index.php'), 1, 1);
    await chmod(path.join(folder, 'index.php'), 0o600);
    await mkdir(path.join(folder, 'code/empty'));
    expect((await digest()).digest).toBe(before.digest);
  });

  test.each([
    ['content', async (file: string) => writeFile(file, '#!/bin/ash')],
    ['the executable bit', async (file: string) => chmod(file, 0o644)],
    [
      'the type',
      async (file: string) => {
        await rm(file);
        await symlink('#!/bin/sh', file);
      },
    ],
  ])('changes with %s, and the file is named', async (_, change) => {
    const file = path.join(folder, 'code/run.sh');
    const before = await digest();
    await change(file);
    const after = await digest();
    expect(after.digest).not.toBe(before.digest);
    expect(compareTrees(before, after)).toEqual({ added: [], changed: ['code/run.sh'], removed: [] });
    await rm(file);
    await writeFile(file, '#!/bin/sh', { mode: 0o755 });
    expect((await digest()).digest).toBe(before.digest);
  });

  test('has no digest for half a tree', async () => {
    await expect(digest(path.join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'TREE_UNREADABLE' });
  });

  test('tells names apart that are no text', async () => {
    const odd = (byte: number): Buffer =>
      Buffer.concat([Buffer.from(`${folder}/code/`), Buffer.from([byte])]);
    await writeFile(odd(0xff), '');
    const one = await digest();
    expect(one.entries.map(({ path: name }) => name)).toContain('code/\udcff');
    await rename(odd(0xff), odd(0xfe));
    expect((await digest()).digest).not.toBe(one.digest);
    await rm(odd(0xfe));
  });

  test('is an empty tree where nothing of it exists', async () => {
    expect(await treeDigest(host, folder, { rules: { roots: ['no'], filters: [] } })).toMatchObject({
      files: 0,
    });
  });
});

describe('describeDifference', () => {
  const file = (name: string, sha256: string) =>
    ({ path: name, type: 'file', executable: false, sha256, bytes: 1 }) as const;
  test('says what leads from one tree to the other, and how much more', () => {
    const from = treeOf([file('b', '1'), file('a', '1')]);
    const to = treeOf([file('b', '2'), file('c', '1')]);
    expect(describeDifference(compareTrees(from, to))).toEqual(['~ b', '+ c', '- a']);
    expect(describeDifference(compareTrees(from, to), 1)).toEqual(['~ b', '… and 2 more']);
  });
});
