import { expect, test } from '@jest/globals';
import { type UpdateItem } from '../../../src/maintenance/maintenance-record.js';
import { planCommits } from '../../../src/maintenance/publish/plan-commits.js';
import { type GitTree } from '../../../src/maintenance/publish/git-objects.js';
import { compose, conflicts, isRelated } from '../../../src/maintenance/publish/history.js';
import { gitHubRepository, parseRepository } from '../../../src/maintenance/publish/repository-address.js';

const tree = (files: Record<string, string>): GitTree =>
  new Map(Object.entries(files).map(([path, object]) => [path, { mode: '100644', object }]));
const text = (entries: GitTree): Record<string, string> =>
  Object.fromEntries([...entries].map(([path, { object }]) => [path, object]));
const isCode = (path: string): boolean => path.startsWith('code/');

test('code is replaced, the rest stays, what would collide goes', () => {
  const remote = tree({ 'README.md': '1', 'code/old': '1', 'code/same': '1', 'other/file/x': '1' });
  expect(
    text(compose(remote, tree({ 'code/new': '2', 'code/same': '1', 'other/file': '2' }), isCode)),
  ).toEqual({
    'code/new': '2',
    'code/same': '1',
    'other/file': '2',
    'README.md': '1',
  });
});

test.each([
  ['nobody changed anything', { 'code/a': '1' }, { 'code/a': '2' }, []],
  ['changed there, other here', { 'code/a': '9' }, { 'code/a': '2' }, ['code/a']],
  ['changed there, left here', { 'code/a': '9' }, { 'code/a': '1' }, ['code/a']],
  ['the same change on both', { 'code/a': '2' }, { 'code/a': '2' }, []],
  ['added there', { 'code/a': '1', 'code/b': '1' }, { 'code/a': '1' }, ['code/b']],
  ['no code', { 'code/a': '1', 'README.md': '2' }, { 'code/a': '1' }, []],
])('conflicts: %s', (_, remote, ours, expected) => {
  expect(conflicts(tree({ 'code/a': '1' }), tree(remote), tree(ours), isCode)).toEqual(expected);
});

test.each([
  [{}, true],
  [{ 'README.md': '1', LICENSE: '1', '.github/workflows/ci.yml': '1' }, true],
  [{ 'code/a': 'other content' }, true],
  [{ 'src/main.rs': '1', 'Cargo.toml': '1' }, false],
])('related %#', (remote, expected) => {
  expect(isRelated(tree(remote), tree({ 'code/a': '1' }))).toBe(expected);
});

const item = (kind: UpdateItem['kind'], slug: string): UpdateItem => ({
  kind,
  slug,
  title: slug,
  from: '1',
  offered: '2',
  to: '2',
  state: 'updated',
  evidence: [],
  seconds: 0,
});

test('one commit per item takes each path once, and the last tree is the whole', () => {
  const from = tree({
    'wp-content/plugins/a/a.php': '1',
    'wp-content/plugins/a-b/x.php': '1',
    'wp-login.php': '1',
  });
  const final = tree({
    'wp-content/plugins/a/new.php': '2',
    'wp-content/plugins/a-b/x.php': '2',
    'wp-content/plugins/hello.php': '2',
    'wp-content/languages/plugins/a-de.po': '2',
    'wp-login.php': '2',
    'wp-content/mu-plugins/ours.php': '2',
  });
  const items = [
    item('core', 'wordpress'),
    item('plugin', 'a'),
    item('plugin', 'hello'),
    item('plugin', 'unchanged'),
    item('translations', 'translations'),
  ];
  const plan = planCommits(from, final, items, 'per-item');
  expect(plan.map((commit) => commit.items.map(({ slug }) => slug))).toEqual([
    ['wordpress'],
    ['a'],
    ['hello'],
    ['translations'],
    [],
  ]);
  expect(text(plan[1]?.tree ?? new Map())).toEqual({
    'wp-content/plugins/a/new.php': '2',
    'wp-content/plugins/a-b/x.php': '1',
    'wp-login.php': '2',
  });
  expect(text(plan.at(-1)?.tree ?? new Map())).toEqual(text(final));
  expect(planCommits(final, final, items, 'per-item')).toEqual([]);
});

test.each([
  ['git@github.com:acme/website.git', 'https://api.github.com'],
  ['https://github.com/acme/website', 'https://api.github.com'],
  ['ssh://git@github.acme.com:2222/acme/website.git', 'https://github.acme.com/api/v3'],
])('the API of %s', (address, api) => {
  expect(gitHubRepository(parseRepository(address))).toEqual({ api, owner: 'acme', name: 'website' });
});
