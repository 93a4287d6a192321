import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeEscapes } from '../../src/rewrite/encoding/escape-dialect.js';
import {
  createDumpRewriter,
  createRewriter,
  deriveSitePairs,
  type ReplacementPair,
  type Rewriter,
} from '../../src/rewrite/index.js';
import { sqlDialect } from '../../src/rewrite/dump/sql-literal.js';

const SETS = [
  deriveSitePairs('https://www.acme.com', 'https://staging.example.org'),
  deriveSitePairs('http://acme.com', 'https://staging.acme.com'),
  [...deriveSitePairs('https://acme.com/blog', 'https://staging.acme.com')],
  [
    ...deriveSitePairs('https://acme.com', 'https://example.org'),
    { kind: 'path' as const, from: '/srv/acme', to: '/srv/copy' },
  ],
];

/** Hosts, and what may stand next to them, as they are written between two single quotes in SQL. */
const host = fc.constantFrom(
  'acme.com',
  'www.acme.com',
  'ACME.com',
  'shop.acme.com',
  'acme.com.au',
  'staging.acme.com',
);
const before = fc.constantFrom(
  ...[
    '',
    'http://',
    'https://',
    '//',
    'x',
    '@',
    '.',
    'me@',
    '\\n',
    '\\"',
    "\\'",
    "''",
    '\\\\',
    '\\\\n',
    '\\0',
    '\\%',
    '\\w',
  ],
  ...[
    'https:\\\\/\\\\/',
    'https:\\\\u002F\\\\u002F',
    'http%3a%2F%2F',
    'http%253A%252F%252f',
    '&#64;',
    'é',
    '語',
    '/srv/',
  ],
  ...[
    `//${'\\\\'.repeat(70)}/`,
    `%${'25'.repeat(60)}2F`,
    `http:${'\\\\'.repeat(200)}/${'\\\\'.repeat(70)}/`,
    'a'.repeat(120),
  ],
);
const after = fc.constantFrom(
  ...[
    '',
    '/',
    '/path',
    ' ',
    ':8443/',
    ':80',
    ':secret@x',
    '+me@x',
    '@x',
    '.',
    '.x',
    '-x',
    '\\n',
    '\\"',
    "''",
    '\\\\',
    '\\\\/',
    '\\_',
  ],
  ...[
    '%2Fpath',
    '%3A80',
    '%252f',
    '%40x',
    '\\\\u002fx',
    '\\\\u003A8443',
    'é',
    '語',
    '/blog',
    '/blog/x',
    '\\\\/blog\\\\/',
  ],
  ...[
    `${'\\\\'.repeat(70)}/`,
    `%${'25'.repeat(60)}2F`,
    `:${'x'.repeat(100)}@x`,
    `+${'x'.repeat(100)}@x`,
    `%${'25'.repeat(60)}40x`,
    '//acme.com',
    `${'\\\\'.repeat(100)}u0040x`,
  ],
);
const filling = fc.constantFrom(
  ...[
    '',
    ' ',
    ' '.repeat(60),
    ' '.repeat(130),
    'a:1',
    ' a:1:{',
    'a\\:1:{',
    '\\a:1',
    'a:\\1:{i:0;',
    'a:1\\:',
    ' s:8:\\"',
    'radius:5px ',
    '\\"',
    'ac\\me.com',
    '\\acme.com',
    '\\%',
    'YWNtZS5jb20',
    'text\\n',
  ],
  's:16:\\"https://acme.com\\";',
);
const literal = fc
  .array(fc.tuple(filling, before, host, after), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.flat().join(''));

const dialect = sqlDialect(0x27, true);
const unescaped = (raw: string): Buffer => decodeEscapes(Buffer.from(raw), dialect);

/** The text of the only literal after the dump was rewritten. */
function rewriteInDump(rewriter: Rewriter, raw: string): string {
  const dump = createDumpRewriter(rewriter);
  const parts = [...dump.push(Buffer.from(`INSERT INTO t VALUES ('${raw}');\n`))].map((part) =>
    part.toString(),
  );
  parts.push(...[...dump.end()].map((part) => part.toString()));
  return parts.join('').slice("INSERT INTO t VALUES ('".length, -"');\n".length);
}

function hostsIn(rewriter: Rewriter, text: Buffer): number {
  const places: number[] = [];
  rewriter.needlesIn(text, places);
  return places.length;
}

/** The literal becomes, and counts, what its decoded text does. */
function expectSame(raw: string, pairs: readonly ReplacementPair[]): void {
  const whole = createRewriter(pairs);
  const streamed = createRewriter(pairs);
  const expected = whole.rewrite(unescaped(raw));
  expect(unescaped(rewriteInDump(streamed, raw)).toString('latin1')).toBe(expected.toString('latin1'));
  expect(streamed.counts).toEqual(whole.counts);
  expect(streamed.left).toEqual(whole.left);
}

describe('a literal of a dump', () => {
  test('becomes what its decoded text becomes, and counts the same', () => {
    const rewriters = new Map(SETS.map((pairs) => [pairs, createRewriter(pairs)]));
    fc.assert(
      fc.property(literal, fc.constantFrom(...SETS), (raw, pairs) => {
        // A host that is hidden by needless escapes is not looked for in a dump.
        const rewriter = rewriters.get(pairs) as Rewriter;
        fc.pre(hostsIn(rewriter, Buffer.from(raw)) === hostsIn(rewriter, unescaped(raw)));
        expectSame(raw, pairs);
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    ['a long escape behind the host', `http://acme.com%${'25'.repeat(60)}40x`],
    ['a long password behind the host', `http://acme.com:${'x'.repeat(100)}@x`],
    ['a host right behind another', 'acme.com//acme.com'],
    ['a letter far in front of the host', `${'x'.repeat(200)}acme.com`],
    ['many backslashes in front of the host', `//${'\\\\'.repeat(70)}/acme.com`],
    ['a host whose first letter belongs to an escape', `acme.com \\acme.com`],
    ['a host at the end of the literal', `${' '.repeat(200)}acme.co`],
  ])('%s', (_case, raw) => {
    for (const pairs of SETS) expectSame(`${raw} http://acme.com/`, pairs);
    for (const pairs of SETS) expectSame(`http://acme.com/ ${raw}`, pairs);
  });

  test('keeps the way in which everything else is written', () => {
    const raw =
      String.raw`\a\"\n''\%\\ <a href=\"http://www.acme.com/\">\'''</a>` +
      ' '.repeat(200) +
      String.raw`\Z//acme.com\n`;
    const rewriter = createRewriter(SETS[0] ?? []);
    expect(rewriteInDump(rewriter, raw)).toBe(
      raw
        .replace('http://www.acme.com', 'https://staging.example.org')
        .replace('acme.com', 'staging.example.org'),
    );
  });
});
