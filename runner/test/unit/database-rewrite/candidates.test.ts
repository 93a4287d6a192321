import { searchForms } from '../../../src/rewrite/index.js';
import { describe, expect, test } from '@jest/globals';
import { candidateSearch, withoutContained } from '../../../src/database/rewrite/candidates.js';
import { columnBytes, effectiveCharset, searchedBytes } from '../../../src/database/rewrite/column-bytes.js';
import { type Column } from '../../../src/database/rewrite/tables.js';

const column = (overrides: Partial<Column> = {}): Column => ({
  name: 'c',
  kind: 'text',
  dataType: 'longtext',
  columnType: 'longtext',
  charset: 'utf8mb4',
  maxBytes: undefined,
  generated: false,
  changesOnUpdate: false,
  ...overrides,
});
const text = columnBytes(column(), 'utf8mb4');
const hexOf = (bytes: string) => Buffer.from(bytes, 'latin1').toString('hex');

describe('the candidate search', () => {
  test.each([
    [['acme.com'], [String.raw`(?i)\x2e(?<=acme\x2e)com`]],
    [['acme.com', 'www.acme.com'], [String.raw`(?i)\x2e(?<=acme\x2e)com`]],
    [['acme.com', 'shop.io'], [String.raw`(?i)\x2e(?:(?<=acme\x2e)com|(?<=shop\x2e)io)`]],
    [['m\xc3\xbcller.de'], [String.raw`(?i)\x2e(?<=m\xc3\xbcller\x2e)de`]],
    [['zebra'], ['(?i)z(?<=z)ebra']],
    [
      ['acme.com', 'www2'],
      [String.raw`(?i)\x2e(?<=acme\x2e)com`, '(?i)2(?<=www2)'],
    ],
  ])('on MariaDB, from the rarest byte on: %p', (needles, patterns) => {
    const search = candidateSearch({ needles, isMariaDb: true, hiddenHosts: [] });
    const tests = patterns.map((pattern) => `CONVERT(\`c\` USING binary) REGEXP X'${hexOf(pattern)}'`);
    expect(search.condition(text)).toBe(
      `(LENGTH(\`c\`) >= ${String(search.shortest)} AND (${tests.join(' OR ')}))`,
    );
  });
  test.each<[string, Partial<Column>, boolean]>([
    ['text', {}, true],
    ['bytes', { kind: 'binary', dataType: 'blob', charset: undefined }, true],
    ['JSON, which is not stored as text', { kind: 'json', dataType: 'json', charset: undefined }, false],
  ])('values shorter than any needle are not searched: %s', (_, overrides, asked) => {
    const search = candidateSearch({ needles: ['acme.com'], isMariaDb: true, hiddenHosts: ['acme.com'] });
    const condition = search.condition(columnBytes(column(overrides), 'utf8mb4'));
    expect(condition.startsWith('(LENGTH(`c`) >= 8 AND (')).toBe(asked);
  });
  test.each([
    ['acme.com', 'see HTTP://ACME.Com/', true],
    ['acme.com', 'acme.org, xcme.com', false],
    ['under_score.de', 'in UNDER_SCORE.DE', true],
    ['xn--bcher-kva.example', 'xn--bcher-kva.exampl', false],
    ['a-a.b-b', 'a-a-a.b-b', true],
    ['zebra', 'a ZEBRA', true],
  ])('the pattern of %p over %p: %p', (needle, value, found) => {
    const condition = candidateSearch({ needles: [needle], isMariaDb: true, hiddenHosts: [] }).condition(
      text,
    );
    const pattern = Buffer.from(/X'([0-9a-f]+)'/.exec(condition)?.[1] ?? '', 'hex').toString('latin1');
    expect(new RegExp(pattern.replace('(?i)', ''), 'i').test(value)).toBe(found);
  });
  test('on MySQL: no regular expression over bytes, both sides folded by the same function', () => {
    const search = candidateSearch({ needles: ['acme.com'], isMariaDb: false, hiddenHosts: [] });
    expect(search.condition(text)).toBe(
      "(LENGTH(`c`) >= 8 AND (LOCATE(CAST(LOWER(CONVERT(_binary X'61636d652e636f6d' USING latin1)) AS BINARY), " +
        'CAST(LOWER(CONVERT(CONVERT(`c` USING binary) USING latin1)) AS BINARY)) > 0))',
    );
  });
  test.each([true, false])('is never only a case-sensitive search (MariaDB %p)', (isMariaDb) => {
    expect(
      candidateSearch({ needles: ['acme.com'], isMariaDb, hiddenHosts: [] }).condition(text),
    ).not.toMatch(/LIKE BINARY/i);
  });
  test('base64 adds the three ways in which the host can lie in it', () => {
    const search = candidateSearch({ needles: ['acme.com'], isMariaDb: false, hiddenHosts: ['acme.com'] });
    for (const needle of searchForms('acme.com').exact)
      expect(search.condition(text)).toContain(Buffer.from(needle).toString('hex'));
  });
  test('no needle is a bug in Understudy', () => {
    expect(() => candidateSearch({ needles: [], isMariaDb: true, hiddenHosts: [] })).toThrow(TypeError);
  });
  test('contained needles add nothing', () => {
    expect(withoutContained(['www.acme.com', 'acme.com', 'acme.com', 'b.io'])).toEqual(['acme.com', 'b.io']);
  });
});

test.each([0, 1, 2, 3, 4, 5])('base64 needles are found after %i bytes', (before) => {
  const encoded = Buffer.from(`${'x'.repeat(before)}https://acme.com/y`).toString('base64');
  expect(searchForms('acme.com').exact.some((needle) => encoded.includes(needle))).toBe(true);
});

describe('the bytes of a column', () => {
  test.each([
    ['', 'utf8mb4'],
    ['utf8', 'utf8mb4'],
    ['UTF8MB3', 'utf8mb4'],
    ['latin1', 'latin1'],
  ])('DB_CHARSET %p is spoken as %p', (configured, spoken) => {
    expect(effectiveCharset(configured)).toBe(spoken);
  });
  test.each<[string, Partial<Column>, string, string]>([
    ['the same character set', {}, 'utf8mb4', 'CONVERT(`c` USING binary)'],
    ['utf8mb3 is a part of utf8mb4', { charset: 'utf8mb3' }, 'utf8mb4', 'CONVERT(`c` USING binary)'],
    [
      'utf8 over latin1',
      { charset: 'latin1' },
      'utf8mb4',
      'CONVERT(CONVERT(`c` USING utf8mb4) USING binary)',
    ],
    ['latin1 over latin1', { charset: 'latin1' }, 'latin1', 'CONVERT(`c` USING binary)'],
    [
      'latin1 over utf8mb4, which may lose characters',
      {},
      'latin1',
      'IF(CONVERT(CONVERT(CONVERT(`c` USING latin1) USING utf8mb4) USING binary) <=> CONVERT(`c` USING binary), ' +
        'CONVERT(CONVERT(`c` USING latin1) USING binary), CONVERT(`c` USING binary))',
    ],
    [
      'binary',
      { kind: 'binary', dataType: 'blob', charset: undefined },
      'utf8mb4',
      'CONVERT(`c` USING binary)',
    ],
    [
      "MySQL's JSON",
      { kind: 'json', dataType: 'json', charset: undefined },
      'latin1',
      'CAST(CAST(`c` AS CHAR CHARACTER SET utf8mb4) AS BINARY)',
    ],
  ])('%s', (_, overrides, site, read) => {
    expect(columnBytes(column(overrides), site).read).toBe(read);
  });
  test('wide character sets are searched after the conversion', () => {
    const wide = columnBytes(column({ charset: 'utf16' }), 'utf8mb4');
    expect(searchedBytes(wide, true)).toBe('CONVERT(CONVERT(`c` USING utf8mb4) USING binary)');
  });
});
