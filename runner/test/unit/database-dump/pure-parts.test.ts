import { describe, expect, test } from '@jest/globals';
import { chooseCompressor } from '../../../src/commands/compress.js';
import { clientOptionFile, dumpArguments, PROBED_OPTIONS } from '../../../src/commands/mysqldump.js';
import { DUMP_PRIVILEGES, missingPrivileges, parseGrants } from '../../../src/database/schema/grants.js';
import { shardBytes } from '../../../src/database/dump/create-backup.js';
import { parseDumpOutput, progressIn } from '../../../src/database/dump/dump-output.js';
import { type BackupManifest, readManifest } from '../../../src/database/manifest.js';

describe('the dump command', () => {
  const base = { program: 'mysqldump', schema: '-x', structureOnly: ['a', 'b'], textAs: 'utf8' as const };
  const always = '--single-transaction --quick --hex-blob --routines --triggers --events --opt --comments --default-character-set=utf8mb4 --max-allowed-packet=1G --net-buffer-length=1046528'; // prettier-ignore
  test('with a program that knows nothing special', () => {
    expect(dumpArguments({ ...base, known: new Set() }).join(' ')).toBe(`mysqldump ${always} -- -x`);
  });
  test('as bytes: nothing is converted, and no text becomes digits', () => {
    const words = dumpArguments({ ...base, textAs: 'bytes', known: new Set() });
    expect(words).toContain('--default-character-set=binary');
    expect(words).not.toContain('--hex-blob');
  });
  test('with one that knows all', () => {
    expect(dumpArguments({ ...base, known: new Set(PROBED_OPTIONS) }).join(' ')).toBe(
      `mysqldump --no-login-paths --init-command=SET SESSION sql_select_limit=18446744073709551615, sql_big_selects=1 /*!50704 , max_execution_time=0 */ /*M!100101 , max_statement_time=0 */ ${always} --no-tablespaces --set-gtid-purged=OFF --column-statistics=0 --ignore-table-data=-x.a --ignore-table-data=-x.b -- -x`,
    );
  });
});

test('the option file quotes what it is given', () => {
  const server = { kind: 'tcp', host: '10.0.0.1', port: 3307 } as const;
  expect(clientOptionFile({ server, user: "o'b", password: 'a"b\\c\n[client]\nd#;' }, new Set())).toBe(
    '[client]\nuser="o\'b"\npassword="a\\"b\\\\c\\n[client]\\nd#;"\nhost="10.0.0.1"\nport=3307\nprotocol=tcp\n',
  );
});

test.each([
  [['zstd', 'gzip', 'pigz'], 'zstd -1 -q -c'],
  [['gzip', 'pigz'], 'pigz -1 -c'],
  [['gzip'], 'gzip -1 -c'],
  [[], undefined],
])('of %p the compressor is %s', (programs, text) => {
  expect(chooseCompressor(new Set(programs))?.text).toBe(text);
});

test.each([
  [0, 4],
  [200, 12],
  [210, 12],
  [10_000, 32],
])('%d MB of SQL: shards of %d MB', (raw, shard) => {
  expect(shardBytes(raw * 1024 * 1024)).toBe(shard * 1024 * 1024);
});

describe('rights from SHOW GRANTS', () => {
  const all = ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT'];
  test.each([
    [['GRANT USAGE ON *.* TO `u`@`h`'], all],
    [['GRANT ALL PRIVILEGES ON `acme`.* TO `u`@`h`'], []],
    [["GRANT ALL PRIVILEGES ON *.* TO `u`@`h` IDENTIFIED BY PASSWORD '*A' WITH GRANT OPTION"], []],
    [['GRANT SELECT, SHOW VIEW ON `acme`.* TO `u`@`h`', 'GRANT EVENT ON *.* TO `u`@`h`'], ['TRIGGER']],
    [['GRANT ALL PRIVILEGES ON `ac%`.* TO `u`@`h`'], []],
    [['GRANT ALL PRIVILEGES ON `ac_e`.* TO `u`@`h`'], []],
    [['GRANT ALL PRIVILEGES ON `ac\\_e`.* TO `u`@`h`'], all],
    [['GRANT ALL PRIVILEGES ON `acmeX`.* TO `u`@`h`'], all],
    [['GRANT SELECT (`a`), INSERT ON `acme`.`t` TO `u`@`h`'], all],
  ])('%p lacks %p', (lines, missing) => {
    expect(missingPrivileges(parseGrants(lines), 'acme', DUMP_PRIVILEGES)).toEqual(missing);
  });
  test('mean what they say under partial_revokes: no wildcards, no escapes, and what was taken away is gone', () => {
    const lacking = (...lines: string[]) =>
      missingPrivileges(parseGrants(lines, true), 'ac_me', DUMP_PRIVILEGES);
    expect(lacking('GRANT ALL PRIVILEGES ON `ac_me`.* TO `u`@`h`')).toEqual([]);
    expect(lacking('GRANT ALL PRIVILEGES ON `ac%`.* TO `u`@`h`')).toEqual(all);
    expect(lacking('GRANT ALL PRIVILEGES ON `ac\\_me`.* TO `u`@`h`')).toEqual(all);
    expect(
      lacking(
        'GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON *.* TO `u`@`h`',
        'REVOKE TRIGGER ON `ac_me`.* FROM `u`@`h`',
      ),
    ).toEqual(['TRIGGER']);
  });
});

test('facts of a dump are put together', () => {
  const sha = 'a'.repeat(64);
  const output = `P 100\nS data/0001.sql.zst odd name\nS data/0001.sql.zst ü\nF data 30 data/0001.sql.zst\nF schema 20 schema.sql.zst\nT 3 30 InnoDB odd name\nT 0 0 - ü\nend 150\nH 7 ${sha} schema.sql.zst\nH 8 ${sha} data/0001.sql.zst\n`;
  expect(parseDumpOutput(Buffer.from(output))).toEqual({
    rawBytes: 150,
    tables: [
      { name: 'odd name', engine: 'InnoDB', rows: 3, rawBytes: 30 },
      { name: 'ü', engine: '', rows: 0, rawBytes: 0 },
    ],
    files: [
      {
        name: 'data/0001.sql.zst',
        kind: 'data',
        tables: ['odd name', 'ü'],
        bytes: 8,
        rawBytes: 30,
        sha256: sha,
      },
      { name: 'schema.sql.zst', kind: 'schema', bytes: 7, rawBytes: 20, sha256: sha },
    ],
  });
  expect(progressIn(Buffer.from('P 1\nP 22\nS x y\n'))).toBe(22);
  expect(progressIn(Buffer.from('S x y\n'))).toBeUndefined();
});

describe('a manifest that is read back', () => {
  const sha256 = 'b'.repeat(64);
  const good: BackupManifest = {
    version: 1,
    run: '20261121T201500Z-3f9a1c',
    site: 'acme',
    createdAt: '2026-11-21T20:15:00.000Z',
    source: {
      schema: 'acme',
      serverVersion: '10.11',
      dumpTool: 'x',
      charset: 'utf8mb4',
      collation: 'utf8mb4_bin',
    },
    compression: 'zstd',
    files: [
      { name: 'schema.sql.zst', kind: 'schema', bytes: 1, rawBytes: 1, sha256 },
      { name: 'objects.sql.zst', kind: 'objects', bytes: 1, rawBytes: 1, sha256 },
      { name: 'data/0001.sql.zst', kind: 'data', tables: ['t'], bytes: 1, rawBytes: 1, sha256 },
    ],
    tables: [{ name: 't', engine: 'InnoDB', rows: 1, rawBytes: 1 }],
    views: [],
    triggers: [],
    routines: [],
    events: [],
    warnings: [],
  };
  const [schema, objects, data] = good.files;
  const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value));

  test('is itself', () => {
    expect(readManifest(bytesOf(good))).toEqual(good);
  });
  test.each<[string, unknown]>([
    ['not JSON', Buffer.from('{')],
    ['another version', { ...good, version: 2 }],
    ['a field more', { ...good, command: 'rm' }],
    [
      'a path that leads out',
      { ...good, files: [schema, objects, { ...data, name: '../../etc/x.sql.zst' }] },
    ],
    ['an absolute path', { ...good, files: [schema, objects, { ...data, name: '/data/0001.sql.zst' }] }],
    [
      'a name with a newline',
      { ...good, files: [schema, objects, { ...data, name: 'data/0001.sql.zst\nx' }] },
    ],
    ['a run that is no run id', { ...good, run: '../x' }],
    ['a negative size', { ...good, tables: [{ name: 't', engine: 'InnoDB', rows: -1, rawBytes: 1 }] }],
    ['a checksum that is invalid', { ...good, files: [schema, objects, { ...data, sha256: 'x' }] }],
    ['a file twice', { ...good, files: [schema, objects, data, data] }],
    ['a table twice', { ...good, tables: [...good.tables, ...good.tables] }],
    ['no schema', { ...good, files: [objects, data] }],
    [
      'a shard of a table that is not listed',
      { ...good, files: [schema, objects, { ...data, tables: ['u', 't'] }] },
    ],
    ['rows that no file holds', { ...good, files: [schema, objects] }],
    ['another compression', { ...good, compression: 'gzip' }],
    ['a data file called schema', { ...good, files: [{ ...schema, kind: 'data' }, schema, objects, data] }],
  ])('is refused with %s', (_name, value) => {
    const bytes = Buffer.isBuffer(value) ? value : bytesOf(value);
    expect(() => readManifest(bytes)).toThrow('The manifest of the backup cannot be used');
  });
});
