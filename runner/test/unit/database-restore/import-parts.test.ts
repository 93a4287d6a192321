import { describe, expect, test } from '@jest/globals';
import { importArguments, importShard, lenientFor, parseProbe } from '../../../src/commands/mysql.js';
import { type BackupManifest } from '../../../src/database/manifest.js';
import { importProblem } from '../../../src/database/restore/import-data.js';
import { differences } from '../../../src/database/restore/prove-import.js';
import { parseScrub } from '../../../src/database/restore/scrub.js';

test('the importing client runs no commands, prints no rows and takes no password', () => {
  const client = { program: 'mariadb', known: new Set(['--print-query-on-error', '--sandbox']) };
  expect(importArguments(client, 'acme_understudy_new')).toEqual([
    'mariadb',
    '--binary-mode',
    '--batch',
    '--skip-reconnect',
    '--local-infile=0',
    '--default-character-set=binary',
    '--max-allowed-packet=1G',
    '--sandbox',
    '--skip-print-query-on-error',
    '--database=acme_understudy_new',
  ]);
});

test('a client that loads rows sends no other file than its input, and commits nothing that warned', () => {
  const client = { program: 'mariadb', known: new Set<string>() };
  const { argv } = importShard({
    compression: 'zstd',
    shard: '/x',
    generated: [],
    isMariaDb: true,
    load: 'a`b',
    client,
    schema: 's',
  });
  expect(argv.slice(-9, -1)).toEqual([
    'mariadb',
    '--batch',
    '--skip-column-names',
    '--skip-reconnect',
    '--local-infile=1',
    '--default-character-set=binary',
    '--max-allowed-packet=1G',
    '--database=s',
  ]);
  const statements = (argv.at(-1) ?? '').slice('--execute='.length).split('; ');
  expect(statements.slice(-4)).toEqual([
    "LOAD DATA LOCAL INFILE '/dev/stdin' INTO TABLE `a``b` CHARACTER SET binary " +
      String.raw`FIELDS TERMINATED BY ',' ENCLOSED BY '\'' ESCAPED BY '\\' LINES STARTING BY '(' TERMINATED BY ')'`,
    'SELECT @@warning_count INTO @understudy_warnings',
    'SHOW WARNINGS LIMIT 1',
    "EXECUTE IMMEDIATE IF(@understudy_warnings = 0, 'COMMIT', 'ROLLBACK')",
  ]);
});

test('what the host has', () =>
  expect(parseProbe('program mysql\noption --print-defaults\nhas zstd\nhas sha256sum\ncores 4\n')).toEqual({
    client: { program: 'mysql', known: new Set() },
    tools: new Set(['zstd', 'sha256sum']),
    cores: 4,
  }));

test('nothing there', () => expect(parseProbe('')).toEqual({ tools: new Set(), cores: 1 }));

test.each([
  [[], ''],
  [['a.b`c'], '/^INSERT INTO `a\\.b``c`/b lenient'],
])('sed program for %j', (tables, first) => expect(lenientFor(tables).split('\n')[0]).toBe(first));

const manifest = {
  tables: [
    { name: 'wp_posts', engine: 'InnoDB', rows: 5000, rawBytes: 1 },
    { name: 'wp_log', engine: 'MyISAM', rows: 1, rawBytes: 1 },
  ],
} as unknown as BackupManifest;
const counted = (tables: Record<string, [string, number]>) => ({
  engines: new Map(Object.entries(tables).map(([name, [engine]]) => [name, engine])),
  rows: new Map(Object.entries(tables).map(([name, [, rows]]) => [name, rows])),
});

describe('the import proof', () => {
  test.each<[string, Record<string, [string, number]>, string[]]>([
    ['complete', { wp_posts: ['InnoDB', 5000], wp_log: ['MyISAM', 1] }, []],
    [
      'a row',
      { wp_posts: ['InnoDB', 4999], wp_log: ['MyISAM', 1] },
      ['wp_posts has 4,999 rows, the backup 5,000 rows'],
    ],
    [
      'a row too many',
      { wp_posts: ['InnoDB', 5000], wp_log: ['MyISAM', 2] },
      ['wp_log has 2 rows, the backup 1 row'],
    ],
    ['a table', { wp_posts: ['InnoDB', 5000] }, ['wp_log is missing']],
    [
      'an engine',
      { wp_posts: ['InnoDB', 5000], wp_log: ['InnoDB', 1] },
      ['wp_log uses the engine InnoDB, production MyISAM'],
    ],
    [
      'a table too many',
      { wp_posts: ['InnoDB', 5000], wp_log: ['MyISAM', 1], x: ['InnoDB', 0] },
      ['x is not in the backup'],
    ],
  ])('%s', (_name, tables, lines) => expect(differences(manifest, counted(tables))).toEqual(lines));
});

describe('a shard that fails', () => {
  const shard = { name: 'data/0001.sql.zst', tables: ['wp_users'] };
  const host = { label: 'staging' };
  test('no value of a row is told', () =>
    expect(
      importProblem(
        host,
        shard,
        11,
        "ERROR 1062 (23000) at line 7: Duplicate entry 'ann@example.com' for key 'mail'\n",
      ).message,
    ).toBe(
      "data/0001.sql.zst (rows of wp_users) cannot be imported: ERROR 1062 (23000) at line 7: Duplicate entry … for key 'mail'.",
    ));
  test('a full disk has its own advice', () =>
    expect(
      importProblem(host, shard, 11, "ERROR 1114 (HY000) at line 3: The table 'wp_users' is full").next,
    ).toMatch(/^The disk of the staging database is full/));
});

describe('scrub SQL', () => {
  test.each([
    ["UPDATE users SET mail = 'x';", 1],
    ['UPDATE u JOIN m ON m.id = u.id SET u.a = m.b; DELETE FROM m;', 2],
    ['-- nothing\n', 0],
  ])('%s', (sql, count) => expect(parseScrub(Buffer.from(sql), 's.sql')).toHaveLength(count));
  test.each([
    'USE other;',
    'DROP DATABASE acme;',
    'GRANT ALL ON *.* TO x;',
    'UPDATE acme.users SET a = 1;',
    'INSERT INTO `shop`.`t` VALUES (1);',
    "SELECT * FROM t INTO OUTFILE '/tmp/x';",
    'SET GLOBAL read_only = 0;',
  ])('%s is refused', (sql) =>
    expect(() => parseScrub(Buffer.from(sql), 's.sql')).toThrow('The scrub file s.sql cannot be run.'),
  );
});
