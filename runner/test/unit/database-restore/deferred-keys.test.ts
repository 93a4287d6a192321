import { expect, test } from '@jest/globals';
import { removableKeys } from '../../../src/database/restore/deferred-keys.js';

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
