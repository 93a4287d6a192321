import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';

const folder = mkdtempSync(path.join(tmpdir(), 'understudy-words-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The lint step on one file of a folder. */
function lint(file: string, text: string): { status: number | null; stderr: string } {
  const top = mkdtempSync(path.join(folder, 'tree-'));
  mkdirSync(path.join(top, path.dirname(file)), { recursive: true });
  writeFileSync(path.join(top, file), text);
  const script = path.resolve(import.meta.dirname, '../../../../scripts/lint/words.mjs');
  return spawnSync('node', [script, top], { encoding: 'utf8' });
}

test.each([
  ['docs/page.md', 'Nothing.\nTwo things stand in the way.\n', 'docs/page.md:2: “stand in the way”'],
  ['vars/step.groovy', '/** The outlook of a build. */', 'vars/step.groovy:1: “outlook”'],
  ['runner/src/part.ts', 'export const okCodes = 1;', 'runner/src/part.ts:1: “okCodes”'],
  ['runner/src/part.ts', '// Mends the table.', 'runner/src/part.ts:1: “Mends”'],
  ['sandbox/kept-rows.sh', ':', 'sandbox/kept-rows.sh:1: “kept-rows”'],
])('a private word fails the lint step: %s', (file, text, expected) => {
  const { status, stderr } = lint(file, text);
  expect(stderr).toContain(expected);
  expect(status).toBe(1);
});

test('plain words and names of interfaces pass', () =>
  expect(lint('a.ts', "// Amended at the end: there is none left.\nfail('HYGIENE_FAILED');\n")).toMatchObject(
    {
      status: 0,
      stderr: '',
    },
  ));
