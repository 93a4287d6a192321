import { afterAll, describe, expect, test } from '@jest/globals';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChangeList, KEPT_NAMES } from '../../../src/content/rsync/change-list.js';

const folder = mkdtempSync(join(tmpdir(), 'change-list-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function listOf(lines: readonly string[]): Promise<ChangeList> {
  const search = openSync(join(folder, 'search'), 'w');
  const list = new ChangeList({ search }).resume();
  list.end(lines.map((line) => `${line}\n`).join(''));
  await list.toArray();
  closeSync(search);
  return list;
}

describe('names of changed files', () => {
  test('are kept by kind, without folders and what is equal', async () => {
    const { named } = await listOf([
      'cd+++++++++ 4096 e/',
      '<f+++++++++ 3 e/new',
      '>f.st...... 7 d/\\#303\\#274',
      '.f...p..... 4 modes',
      '.f          9 same',
    ]);
    expect(named).toEqual({
      created: [{ name: 'e/new', bytes: 3 }],
      updated: [
        { name: 'd/ü', bytes: 7 },
        { name: 'modes', bytes: 0 },
      ],
    });
  });
  test('end at a limit, while the count goes on', async () => {
    const lines = Array.from({ length: KEPT_NAMES + 50 }, (_, index) => `<f+++++++++ 1 f${String(index)}`);
    const { counts, named } = await listOf(lines);
    expect([counts.created, named.created.length]).toEqual([KEPT_NAMES + 50, KEPT_NAMES]);
  });
  test('are without what stays on production as its settings', async () => {
    const list = await listOf(['<f+++++++++ 3 a/.env', '<f+++++++++ 3 a/b']);
    list.leaveOut([
      { path: Buffer.from('a/.env'), change: 'n', size: 3, reason: 'the password of the database' },
    ]);
    expect(list.named.created).toEqual([{ name: 'a/b', bytes: 3 }]);
    expect(list.counts.created).toBe(1);
  });
});
