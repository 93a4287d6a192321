import { describe, expect, test } from '@jest/globals';
import { nearestCollation } from '../../../src/database/sql/sql-collations.js';
import { tokenize } from '../../../src/database/sql/sql-lexer.js';
import {
  type SourceServer,
  type TargetServer,
  translateTable,
} from '../../../src/database/sql/table-definition.js';

const mariaDb = { isMariaDb: true, defaultCollations: { utf8mb4: 'utf8mb4_general_ci' } };
const mySql = { isMariaDb: false, defaultCollations: {} };

function translate(sql: string, source: SourceServer, target: TargetServer): string {
  const { edits } = translateTable(tokenize(sql), 't', source, target, (name) => name);
  return [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: put }) => text.slice(0, start) + put + text.slice(end), sql);
}
const table = (column: string, options = 'ENGINE=InnoDB'): string =>
  `CREATE TABLE \`t\` (${column}) ${options}`;

test('the counter of an ARCHIVE table is left to its rows; that of another stays', () => {
  const column = '`a` int NOT NULL AUTO_INCREMENT, PRIMARY KEY (`a`)';
  expect(translate(table(column, 'ENGINE=ARCHIVE AUTO_INCREMENT=2'), mySql, mySql)).toBe(
    table(column, 'ENGINE=ARCHIVE '),
  );
  const other = table(column, 'ENGINE=InnoDB AUTO_INCREMENT=2');
  expect(translate(other, mySql, mySql)).toBe(other);
});

describe('from MariaDB to MySQL', () => {
  test.each([
    ['`a` text DEFAULT NULL', undefined],
    ["`a` varchar(5) DEFAULT 'x'", undefined],
    ["`a` bit(3) DEFAULT b'101'", undefined],
    ['`a` int(11) DEFAULT -1', undefined],
    ['`a` datetime DEFAULT current_timestamp() ON UPDATE current_timestamp()', undefined],
    ["`a` text DEFAULT 'x' COMMENT 'y'", "`a` text DEFAULT ('x') COMMENT 'y'"],
    [
      "`a` varchar(5) DEFAULT concat('a',(1)) COMMENT 'y'",
      "`a` varchar(5) DEFAULT (concat('a',(1))) COMMENT 'y'",
    ],
    ['`a` int(11) DEFAULT (1 + 2)', undefined],
    ['`a` int, KEY `k` (`a`) IGNORED', '`a` int, KEY `k` (`a`) INVISIBLE'],
  ])('%s', (from, to = from) =>
    expect(translate(table(from), mariaDb, { isMariaDb: false })).toBe(table(to)),
  );

  test('options of MariaDB alone are left out', () =>
    expect(
      translate(table('`a` int', "ENGINE=InnoDB `PAGE_COMPRESSED`='1' COMMENT='x'"), mariaDb, {
        isMariaDb: false,
      }),
    ).toBe(table('`a` int', "ENGINE=InnoDB  COMMENT='x'")));
});

describe('from MySQL to MariaDB', () => {
  const target = { isMariaDb: true, version: '10.11.6-MariaDB' };
  test.each([
    ["`a` varchar(5) DEFAULT 'x' /*!80023 INVISIBLE */", "`a` varchar(5) DEFAULT 'x' INVISIBLE"],
    ['`a` int, KEY `k` (`a`) /*!80000 INVISIBLE */', '`a` int, KEY `k` (`a`) IGNORED'],
    ['`a` int, CONSTRAINT `c` CHECK ((`a` > 0)) /*!80016 NOT ENFORCED */', '`a` int'],
    ["`a` text GENERATED ALWAYS AS (concat(_utf8mb4'\\\\')) STORED", "`a` text GENERATED ALWAYS AS (concat('\\\\')) STORED"], // prettier-ignore
    ['`a` geomcollection DEFAULT NULL', '`a` geometrycollection DEFAULT NULL'],
    ['`a` point NOT NULL /*!80003 SRID 4326 */', undefined],
  ])('%s', (from, to = from) => expect(translate(table(from), mySql, target)).toBe(table(to)));

  test('a key that is ignored comes into use before MariaDB 10.6', () => {
    const old = { isMariaDb: true, version: '10.5.23-MariaDB' };
    expect(translate(table('`a` int, KEY `k` (`a`) IGNORED'), mariaDb, old)).toBe(
      table('`a` int, KEY `k` (`a`) '),
    );
  });
});

describe('what the target insists on', () => {
  test('a collation that the source leaves out is named', () =>
    expect(
      translate(table('`a` char(1) CHARACTER SET utf8mb4', 'DEFAULT CHARSET=utf8mb4'), mariaDb, {
        isMariaDb: true,
      }),
    ).toBe(
      table(
        '`a` char(1) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
        'DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_general_ci',
      ),
    ));

  test('options that InnoDB ignores', () => {
    const strict = { isMariaDb: false, strictInnoDb: true };
    const options = 'ENGINE=InnoDB ROW_FORMAT=FIXED KEY_BLOCK_SIZE=8';
    expect(translate(table('`a` int', options), mySql, strict)).toBe(table('`a` int', 'ENGINE=InnoDB  '));
    const compressed = 'ENGINE=InnoDB ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8';
    expect(translate(table('`a` int', compressed), mySql, strict)).toBe(table('`a` int', compressed));
  });

  test('a primary key, where there is none and no counter', () => {
    const insists = { isMariaDb: false, needsPrimaryKey: true };
    expect(translate(table('`a` int'), mySql, insists)).toContain('AUTO_INCREMENT INVISIBLE,\n  PRIMARY KEY');
    for (const column of ['`a` int, PRIMARY KEY (`a`)', '`a` int AUTO_INCREMENT, UNIQUE KEY `a` (`a`)'])
      expect(translate(table(column), mySql, insists)).toBe(table(column));
  });
});

describe('collations', () => {
  const maria = new Set(['utf8mb4_general_ci', 'utf8mb4_bin', 'utf8mb4_nopad_bin', 'utf8mb4_unicode_520_ci', 'utf8mb4_unicode_520_nopad_ci']); // prettier-ignore
  const newer = new Set([...maria, 'utf8mb4_uca1400_nopad_ai_ci', 'utf8mb4_uca1400_nopad_as_cs']);
  const mysql = new Set(['utf8mb4_general_ci', 'utf8mb4_bin', 'utf8mb4_unicode_520_ci', 'utf8mb4_0900_ai_ci', 'utf8mb4_0900_as_cs', 'utf8mb4_0900_bin']); // prettier-ignore
  test.each([
    ['utf8mb4_0900_ai_ci', newer, 'utf8mb4_uca1400_nopad_ai_ci'],
    ['utf8mb4_0900_as_cs', newer, 'utf8mb4_uca1400_nopad_as_cs'],
    ['utf8mb4_0900_ai_ci', maria, 'utf8mb4_unicode_520_nopad_ci'],
    ['utf8mb4_0900_as_cs', maria, 'utf8mb4_nopad_bin'],
    ['utf8mb4_0900_bin', maria, 'utf8mb4_nopad_bin'],
    ['utf8mb4_uca1400_ai_ci', mysql, 'utf8mb4_unicode_520_ci'],
    ['utf8mb4_uca1400_nopad_ai_ci', mysql, 'utf8mb4_0900_ai_ci'],
    ['utf8mb4_uca1400_nopad_as_cs', mysql, 'utf8mb4_0900_as_cs'],
  ])('%s: trailing blanks count as before', (wanted, available, found) =>
    expect(nearestCollation(wanted, available)).toBe(found),
  );
});
