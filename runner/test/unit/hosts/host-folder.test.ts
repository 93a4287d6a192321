import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type CommandResult, type ReadingHost } from '../../../src/hosts/host.js';
import { type FolderFile, readHostFolder } from '../../../src/hosts/host-files.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'understudy-folder-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
const here = (): ReadingHost => createLocalHost('staging', 'staging');
const shown = (files: readonly FolderFile[]): unknown =>
  files.map((file) => [file.name, 'refused' in file ? file.refused : file.bytes.toString('latin1')]);

test('every file of a folder comes in one go, byte for byte', async () => {
  const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));
  writeFileSync(path.join(folder, '1.json'), '{}\n');
  writeFileSync(path.join(folder, '2.json'), '');
  writeFileSync(path.join(folder, '10.json'), bytes);
  writeFileSync(path.join(folder, 'other.txt'), 'no');
  writeFileSync(path.join(folder, 'odd\nname.json'), 'no');
  writeFileSync(path.join(folder, '.hidden.json'), 'no');
  expect(shown(await readHostFolder(here(), folder, '.json'))).toEqual([
    ['1.json', '{}\n'],
    ['10.json', bytes.toString('latin1')],
    ['2.json', ''],
  ]);
});

test('what is no plain file, or too large, is refused by itself, and waits for nobody', async () => {
  writeFileSync(path.join(folder, 'a.json'), 'good');
  execFileSync('mkfifo', [path.join(folder, 'fifo.json')]);
  symlinkSync('/etc/hostname', path.join(folder, 'link.json'));
  mkdirSync(path.join(folder, 'folder.json'));
  writeFileSync(path.join(folder, 'sparse.json'), '');
  truncateSync(path.join(folder, 'sparse.json'), 2 ** 33);
  expect(shown(await readHostFolder(here(), folder, '.json', 1000))).toEqual([
    ['a.json', 'good'],
    ['fifo.json', 'it is not a regular file'],
    ['folder.json', 'it is not a regular file'],
    ['link.json', 'it is a symbolic link'],
    ['sparse.json', 'it has 8589934592 bytes, at most 1000 are allowed'],
  ]);
});

test('a folder that is not there has no files', async () => {
  expect(await readHostFolder(here(), path.join(folder, 'none'), '.json')).toEqual([]);
  expect(await readHostFolder(here(), folder, '.json')).toEqual([]);
});

test('an answer that is cut short is no list', async () => {
  writeFileSync(path.join(folder, '1.json'), 'content');
  writeFileSync(path.join(folder, '2.json'), 'content');
  const host = here();
  for (const missing of [3, 12]) {
    const cut: ReadingHost = {
      ...host,
      run: async (command, options): Promise<CommandResult> => {
        const result = await host.run(command, options);
        return { ...result, stdout: result.stdout.subarray(0, -missing) };
      },
    };
    await expect(readHostFolder(cut, folder, '.json')).rejects.toMatchObject({ code: 'HOST_FILE_REFUSED' });
  }
});
