import { afterAll, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureWorkspace } from '../../../src/run/workspace.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'understudy-workspace-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a workspace is made where there is none', () => {
  ensureWorkspace(path.join(folder, 'a/b'));
  expect(existsSync(path.join(folder, 'a/b'))).toBe(true);
});

test.each(['file', 'file/below'])('%s is no folder: a usage error that names it', (name) => {
  writeFileSync(path.join(folder, 'file'), '');
  const workspace = path.join(folder, name);
  expect(() => {
    ensureWorkspace(workspace);
  }).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      message: `The workspace ${workspace} cannot be used: it is no folder.`,
    }),
  );
});
