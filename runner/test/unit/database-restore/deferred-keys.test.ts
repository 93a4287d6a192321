import { expect, test } from '@jest/globals';
import { removableKeys, restoreKeys } from '../../../src/database/restore/deferred-keys.js';
import { type SqlConnection } from '../../../src/database/connection/sql-connection.js';

const table = (...lines: string[]): string =>
  ['CREATE TABLE `t` (', ...lines.map((line) => `  ${line}`), ') ENGINE=InnoDB AUTO_INCREMENT=7'].join('\n');

test.each<[string, string, readonly string[]]>([
  [
    'all but primary and unique keys',
    table(
      '`id` bigint(20) NOT NULL AUTO_INCREMENT,',
      '`a` text,',
      'PRIMARY KEY (`id`),',
      'UNIQUE KEY `u` (`b`),',
      'KEY `a` (`a`(191)),',
      'KEY `x``y` (`id`,`a`)',
    ),
    ['KEY `a` (`a`(191))'],
  ],
  [
    'not the key that the counter needs',
    table('`n` int(11) NOT NULL AUTO_INCREMENT,', 'KEY `n` (`n`),', 'KEY `a` (`a`)'),
    ['KEY `a` (`a`)'],
  ],
  ['a name with a backquote', table('`a` int(11),', 'KEY `x``y` (`a`)'), ['KEY `x``y` (`a`)']],
  [
    'none beside a foreign key',
    table('KEY `a` (`a`),', 'CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`id`)'),
    [],
  ],
  ['none beside a full-text key', table('KEY `a` (`a`),', 'FULLTEXT KEY `t` (`t`)'), []],
  ['none beside a spatial key', table('KEY `a` (`a`),', 'SPATIAL KEY `g` (`g`)'), []],
])('keys that may be made after the rows: %s', (_, definition, keys) =>
  expect(removableKeys(definition)).toEqual(keys),
);

/** A connection that only keeps what it was told; each ALTER waits to be let go. */
function recorder(failing?: string) {
  const reported: string[] = [];
  const connection = {
    execute: (sql: string) => {
      reported.push(sql);
      return failing !== undefined && sql.includes(failing)
        ? Promise.reject(new Error(`${failing} is full`))
        : Promise.resolve();
    },
    query: () => Promise.resolve([{ 'Create Table': table('KEY `a` (`a`)') }]),
  };
  return { reported, connection: connection as unknown as SqlConnection };
}
const deferred = (name: string) => ({
  table: name,
  keys: ['KEY `a` (`a`)'],
  definition: table('KEY `a` (`a`)'),
});

test('keys are made in the order in which tables become ready, the others at the end', async () => {
  const { reported, connection } = recorder();
  const work = restoreKeys([connection], 's', ['one', 'two', 'three'].map(deferred));
  work.ready('three');
  work.ready('no such table');
  work.ready('one');
  await work.finish();
  expect(reported.map((sql) => /`s`\.`(\w+)`/.exec(sql)?.[1])).toEqual(['three', 'one', 'two']);
});

test('a key that cannot be made is reported at the end, and nothing more is begun', async () => {
  const { reported, connection } = recorder('one');
  const work = restoreKeys([connection], 's', ['one', 'two'].map(deferred));
  work.ready('one');
  work.ready('two');
  await expect(work.finish()).rejects.toThrow('one is full');
  expect(reported).toHaveLength(1);
});

test('after a failed import only what runs is waited for', async () => {
  const { reported, connection } = recorder();
  const work = restoreKeys([connection], 's', ['one', 'two', 'three'].map(deferred));
  work.ready('one');
  work.ready('two');
  await work.abandon();
  expect(reported).toHaveLength(1);
});
