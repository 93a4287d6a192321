import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  createDumpRewriter,
  createRewriter,
  deriveSitePairs,
  findHosts,
  isLeak,
  isValidSerialized,
} from '../../src/rewrite/index.js';

const rewriter = createRewriter(deriveSitePairs('https://acme.com', 'https://staging.example.org'));
const string = (text: string): string => `s:${String(Buffer.byteLength(text))}:"${text}";`;

/** Pieces from which nearly serialized, nearly JSON texts are made. */
const piece = fc.constantFrom(
  'https://acme.com/',
  '//acme.com',
  'acme.com',
  'ACME.com',
  'www.acme.com',
  String.raw`https:\/\/acme.com`,
  'https%3A%2F%2Facme.com',
  'a:1:{',
  'i:0;',
  '}',
  string('https://acme.com'),
  's:5:"',
  's:99:"',
  '";',
  '"',
  '\\"',
  '\\\\',
  '\\',
  '{"a":"',
  '"}',
  "'",
  "''",
  'O:3:"Foo":1:{',
  'C:3:"Foo":8:{acme.com}',
  'é',
  '\n',
  ' ',
  '@',
  ':80',
  ':',
  '.',
  '/',
  '-',
  'N;',
  'xacme.com',
  String.raw`\u002F`,
  string(string('//acme.com')),
  'S:3:"\\61bc";',
);
const text = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(''));
const value: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text.map(string),
    fc.integer().map((number) => `i:${String(number)};`),
    fc
      .array(tie('value'), { maxLength: 4 })
      .map((list) => `a:${String(list.length)}:{${list.map((one, i) => `i:${String(i)};${one}`).join('')}}`),
    tie('value').map(string),
    tie('value').map((inner) => string(JSON.stringify({ inner }))),
  ),
})).value;

describe('rewriting', () => {
  test('what was valid stays valid, and the second run changes nothing', () => {
    fc.assert(
      fc.property(value, (before) => {
        const once = rewriter.rewrite(Buffer.from(before));
        expect(isValidSerialized(once)).toBe(true);
        expect(rewriter.rewrite(once)).toBe(once);
      }),
      { numRuns: 3000 },
    );
  });

  test('any text: no error, second run changes nothing, same Buffer without a hit', () => {
    fc.assert(
      fc.property(text, (before) => {
        const bytes = Buffer.from(before);
        const once = rewriter.rewrite(bytes);
        expect(rewriter.rewrite(once).equals(once)).toBe(true);
        const places: number[] = [];
        rewriter.needlesIn(bytes, places);
        if (places.length === 0) expect(once).toBe(bytes);
      }),
      { numRuns: 5000 },
    );
  });

  test('nothing that the leak search finds is left in clean values', () => {
    const surroundings = fc.constantFrom(' ', '"', '(', '\n', '>', ',', '=', "'", '\\"', '%20', '&quot;');
    const host = fc.constantFrom('acme.com', 'Acme.COM', 'www.acme.com');
    const start = fc.constantFrom(
      '',
      '//',
      'https://',
      'HTTP://',
      String.raw`https:\/\/`,
      String.raw`https:\\/\\/`,
      'https%3a%2F%2f',
      String.raw`https:\u002F\u002f`,
    );
    fc.assert(
      fc.property(surroundings, start, host, surroundings, (before, scheme, name, after) => {
        const bytes = Buffer.from(`x${before}${scheme}${name}${after}y`);
        expect(findHosts(bytes, ['acme.com', 'www.acme.com']).some(isLeak)).toBe(true);
        expect(findHosts(rewriter.rewrite(bytes), ['acme.com', 'www.acme.com']).filter(isLeak)).toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });

  test('a dump stream does what the value rewriter does, whatever the chunks', () => {
    const quote = (raw: string): string =>
      raw.replace(/[\\'"\n]/g, (letter) => (letter === '\n' ? '\\n' : `\\${letter}`));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(text, value), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 90 }),
        (values, chunk) => {
          const sql = (list: readonly string[]): string =>
            `INSERT INTO t VALUES (${list.map((one) => `'${quote(one)}'`).join(',')});\n`;
          const expected = sql(values.map((one) => rewriter.rewrite(Buffer.from(one)).toString()));
          const dump = createDumpRewriter(rewriter);
          const bytes = Buffer.from(sql(values));
          const out: Buffer[] = [];
          for (let at = 0; at < bytes.length; at += chunk)
            for (const part of dump.push(bytes.subarray(at, at + chunk))) out.push(Buffer.from(part));
          for (const part of dump.end()) out.push(Buffer.from(part));
          expect(Buffer.concat(out).toString()).toBe(expected);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
