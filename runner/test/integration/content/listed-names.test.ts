import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LINES_IN } from '../../../src/commands/scripts/content/script.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'listed-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Also what some awk takes for numbers or orders by a locale. */
const NAMES = [
  ...['9', '10', '010', '1e1', '+1', '-1', ' 1', '0x10', 'nan', 'inf', 'A', 'a', 'B', 'é', 'z\\#012'],
];
const sorted = (names: readonly string[]): string =>
  names
    .map((name) => Buffer.from(`${name}\n`))
    .toSorted((a, b) => Buffer.compare(a, b))
    .join('');

test.each([
  ['awk', 'C'],
  ['awk', 'C.UTF-8'],
  ['busybox', 'C.UTF-8'],
])('names in two sorted lists are told apart byte by byte: %s in %s', (program, locale) => {
  if (program === 'busybox') symlinkSync('/bin/busybox', path.join(folder, 'awk'));
  const list = NAMES.filter((_, index) => index % 2 === 0);
  writeFileSync(path.join(folder, 'list'), sorted(list));
  writeFileSync(path.join(folder, 'names'), sorted(NAMES));
  const run = (call: string): string =>
    execFileSync('sh', ['-c', `${LINES_IN}${call} < names`], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, LC_ALL: locale },
    });
  expect(run('also_in list')).toBe(sorted(list));
  expect(run('not_in list')).toBe(sorted(NAMES.filter((name) => !list.includes(name))));
  expect(run('also_in /dev/null')).toBe('');
  expect(run('not_in /dev/null')).toBe(readFileSync(path.join(folder, 'names'), 'utf8'));
});

test('names are not kept in memory', () => {
  const names = Array.from(
    { length: 300_000 },
    (_, index) => `wp-content/${String(index).padStart(8, '0')}\n`,
  );
  writeFileSync(path.join(folder, 'names'), names.join(''));
  const limited = `ulimit -v 30000; ${LINES_IN}also_in names < names | wc -l`;
  const counted = execFileSync('sh', ['-c', limited], { cwd: folder, encoding: 'utf8' });
  expect(Number(counted)).toBe(300_000);
});
