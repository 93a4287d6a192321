import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(path.join(os.tmpdir(), 'understudy-release-'));
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', top, copy]);
  git('switch', '--quiet', '--force-create', 'main');
  git('config', 'user.name', 'Releaser');
  git('config', 'user.email', 'releaser@example.com');
  // Where it is already there as a link, git must not see it.
  symlinkSync(path.join(top, 'node_modules'), path.join(copy, 'node_modules'));
  writeFileSync(path.join(copy, '.git/info/exclude'), 'node_modules\n');
});
afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

const git = (...words: string[]): string =>
  execFileSync('git', words, { cwd: copy, encoding: 'utf8' }).trim();
const release = (...words: string[]): SpawnSyncReturns<string> =>
  spawnSync('node', ['scripts/release.mjs', ...words], { cwd: copy, encoding: 'utf8' });

test.each([
  ['no version', [], /name the version/],
  ['a word', ['next'], /name the version/],
  ['an older version', ['0.9.0'], /older than/],
])('refuses %s, and changes nothing', (_, words, said) => {
  const before = git('rev-parse', 'HEAD');
  const { status, stderr } = release(...words);
  expect([status, stderr]).toEqual([1, expect.stringMatching(said)]);
  expect([git('status', '--porcelain'), git('rev-parse', 'HEAD')]).toEqual(['', before]);
});

test('refuses with changes that are not committed', () => {
  writeFileSync(path.join(copy, 'note'), '');
  expect(release('9.1.0', '--tested').stderr).toMatch(/not committed/);
  rmSync(path.join(copy, 'note'));
});

test('makes commit, tags, archive, runner, bill of materials and checksums', () => {
  const { status, stdout, stderr } = release('9.1.0', '--tested');
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('git push origin HEAD:main v9.1.0');
  expect(git('tag', '--points-at', 'HEAD').split('\n')).toEqual(['v9', 'v9.1.0']);
  expect(git('status', '--porcelain')).toBe('');
  const changelog = readFileSync(path.join(copy, 'CHANGELOG.md'), 'utf8');
  expect(changelog).toMatch(/^## \[Unreleased\]\n\n## \[9\.1\.0\] - \d{4}-\d\d-\d\d\n/m);
  const folder = path.join(copy, 'build/release');
  const names = readdirSync(folder);
  expect(names).toEqual([
    'SHA256SUMS',
    'understudy-9.1.0.cdx.json',
    'understudy-9.1.0.cjs',
    'understudy-9.1.0.tar.gz',
  ]);
  execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: folder });
  const runner = path.join(folder, 'understudy-9.1.0.cjs');
  expect(execFileSync(runner, ['--version'], { encoding: 'utf8' })).toBe('9.1.0\n');
  const inside = execFileSync('tar', ['-tzf', 'understudy-9.1.0.tar.gz'], { cwd: folder, encoding: 'utf8' });
  for (const name of ['vars/syncProductionToStaging.groovy', 'THIRD-PARTY-LICENSES', 'LICENSE'])
    expect(inside.split('\n')).toContain(`understudy-9.1.0/${name}`);
});

test('the bill names the libraries, and not from where this machine had them', () => {
  const text = readFileSync(path.join(copy, 'build/release/understudy-9.1.0.cdx.json'), 'utf8');
  const bill = JSON.parse(text) as { metadata: { component: object }; components: { purl: string }[] };
  expect(bill.metadata.component).toMatchObject({ name: 'understudy', version: '9.1.0' });
  expect(bill.components.map(({ purl }) => purl)).toContain('pkg:npm/ssh2@1.17.0');
  expect(text).not.toContain('"distribution"');
});

test('the runner carries the licences of its libraries', () => {
  const licences = readFileSync(path.join(copy, 'THIRD-PARTY-LICENSES'), 'utf8');
  const runner = readFileSync(path.join(copy, 'resources/understudy/runner.cjs'), 'utf8');
  for (const name of ['ssh2 1.17.0 (MIT)', 'tweetnacl', 'Apache License'])
    for (const text of [licences, runner]) expect(text).toContain(name);
});
