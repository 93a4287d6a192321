import { expect, test } from '@jest/globals';
import { planImport, shardQueue } from '../../../src/database/restore/plan-import.js';

const MB = 1024 * 1024;
const file = (name: string, rawBytes: number, ...tables: string[]) => ({
  name,
  kind: 'data' as const,
  bytes: 1,
  rawBytes,
  sha256: '',
  tables,
});
const table = (name: string, rawBytes: number, rows = 0) => ({ name, rows, rawBytes, engine: 'InnoDB' });
const keysOf = (name: string, count: number) => ({
  table: name,
  keys: Array.from({ length: count }, (_, index) => `KEY \`k${String(index)}\` (\`a\`)`),
  definition: '',
});
const capabilities = (loadable: string[], oneAtATime: string[] = []) => ({
  loadable: new Set(loadable),
  oneAtATime: new Set(oneAtATime),
});

const site = {
  files: [
    { ...file('schema', 1), kind: 'schema' as const },
    file('1', MB, 'options', 'terms'),
    file('2', 20 * MB, 'log'),
    file('3', 10 * MB, 'posts'),
    file('4', 12 * MB, 'posts'),
    file('5', 18 * MB, 'meta'),
  ],
  tables: [
    table('options', MB / 2),
    table('terms', MB / 2),
    table('log', 20 * MB, 100),
    table('posts', 22 * MB, 100),
    table('meta', 18 * MB, 200_000),
  ],
};
const names = (plan: readonly { readonly file: { readonly name: string } }[]) =>
  plan.map((shard) => shard.file.name);

test('tables with the most work come first, keys included, and their biggest shards', () =>
  expect(names(planImport(site, [keysOf('meta', 2)], capabilities([]), 2))).toEqual([
    '5',
    '4',
    '3',
    '2',
    '1',
  ]));

test('a shard of one table is loaded, a counter’s table one shard at a time', () =>
  expect(
    planImport(site, [], capabilities(['options', 'terms', 'log', 'posts'], ['posts']), 2).map(
      ({ file: { name }, way, otherwise, alone }) => [name, way, otherwise, alone],
    ),
  ).toEqual([
    ['4', { load: 'posts' }, {}, 'posts'],
    ['3', { load: 'posts' }, {}, 'posts'],
    ['2', { load: 'log' }, {}, undefined],
    ['5', {}, undefined, undefined],
    ['1', {}, undefined, undefined],
  ]));

test('without transactions a table is loaded only where it has one shard', () => {
  const engine = 'MyISAM';
  const flat = { ...site, tables: site.tables.map((each) => ({ ...each, engine })) };
  const plan = planImport(flat, [], capabilities(['log', 'posts']), 2);
  expect(plan.map(({ way, otherwise }) => [way, otherwise])).toEqual([
    [{}, undefined],
    [{}, undefined],
    [{ load: 'log' }, { empty: 'log' }],
    [{}, undefined],
    [{}, undefined],
  ]);
});

test.each([
  [2, 'posts'],
  [8, undefined],
])('on %s cores a table with a third of the work is loaded: %s', (cores, load) =>
  expect(planImport(site, [], capabilities(['posts'], ['posts']), cores)[0]?.way.load).toBe(load),
);

test('two workers never hold the same counted table, and nothing is left out', () => {
  const queue = shardQueue(planImport(site, [], capabilities(['posts', 'log'], ['posts']), 2));
  const first = queue.take();
  const second = queue.take();
  expect([first, second].map((shard) => shard?.way.load)).toEqual(['posts', 'log']);
  expect([queue.take(), queue.take()].map((shard) => shard?.file.name)).toEqual(['5', '1']);
  expect(queue.take()).toBeUndefined();
  if (first) queue.done(first);
  expect(queue.take()?.file.name).toBe('3');
  expect(queue.take()).toBeUndefined();
});
