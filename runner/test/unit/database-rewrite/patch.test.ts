import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { commonReplacement, joinPieces, patch } from '../../../src/database/rewrite/value-sql.js';
import { createRewriter, deriveSitePairs } from '../../../src/rewrite/index.js';

const rewriter = createRewriter(deriveSitePairs('https://www.acme.com', 'https://staging.acme.com'));
const serialized = (text: string): string => `a:1:{s:1:"u";s:${String(Buffer.byteLength(text))}:"${text}";}`;

describe('a patch', () => {
  test('gives what the rewriter gives, for any value', () => {
    const part = fc.constantFrom(
      'https://www.acme.com/',
      '//acme.com',
      'https:\\/\\/acme.com',
      'a',
      'ü',
      '\0',
      ' ',
    );
    const plain = fc.array(part).map((parts) => parts.join(''));
    const value = fc.oneof(
      plain,
      plain.map(serialized),
      plain.map((text) => serialized(serialized(text))),
    );
    fc.assert(
      fc.property(value, (text) => {
        const before = Buffer.from(text);
        const edits = rewriter.edits(before) ?? [];
        expect(joinPieces(before, patch(before, edits))).toEqual(rewriter.rewrite(before));
      }),
    );
  });
  test('sends the replacements alone', () => {
    const filler = 'x'.repeat(4000);
    const before = Buffer.from(serialized(`${filler} https://www.acme.com/a ${filler} http://acme.com/b`));
    const pieces = patch(before, rewriter.edits(before) ?? []);
    const sent = pieces.filter((piece) => piece.kind === 'new');
    expect(sent.reduce((sum, piece) => sum + piece.bytes.length, 0)).toBeLessThan(60);
    expect(sent.length).toBeGreaterThanOrEqual(3);
  });
  test.each([
    ['nothing', [], 'abc'],
    ['the start', [{ start: 0, end: 1, text: Buffer.from('xy') }], 'xybc'],
    ['the end', [{ start: 2, end: 3, text: Buffer.alloc(0) }], 'ab'],
    ['all of it, by a number', [{ start: 0, end: 3, text: 42 }], '42'],
    [
      'places side by side',
      [
        { start: 0, end: 1, text: 1 },
        { start: 1, end: 2, text: 2 },
      ],
      '12c',
    ],
  ])('of %s', (_, edits, wanted) => {
    const before = Buffer.from('abc');
    expect(joinPieces(before, patch(before, edits)).toString()).toBe(wanted);
  });
});

describe('one replacement for a whole value', () => {
  const common = (text: string) => {
    const before = Buffer.from(text);
    const found = commonReplacement(before, patch(before, rewriter.edits(before) ?? []));
    return found && `${found.from.toString()} → ${found.to.toString()}`;
  };
  test.each([
    [
      'several places',
      'at https://www.acme.com/a and https://www.acme.com/b',
      'www.acme.com → staging.acme.com',
    ],
    ['at both ends', 'www.acme.com, www.acme.com', 'www.acme.com → staging.acme.com'],
    [
      'the text also stands in a place that stays before',
      'me@www.acme.com, https://www.acme.com/',
      undefined,
    ],
    ['… after', 'https://www.acme.com/, me@www.acme.com', undefined],
    ['… between', 'https://www.acme.com/, me@www.acme.com, https://www.acme.com/', undefined],
    ['two spellings', 'https://www.acme.com/, https://WWW.acme.com/', undefined],
    ['lengths of serialized values', serialized('https://www.acme.com/'), undefined],
    ['nothing changes', 'no address', undefined],
  ])('%s', (_, text, wanted) => {
    expect(common(text)).toBe(wanted);
  });
  test('gives the new value, for any edits', () => {
    const letter = fc.constantFrom('a', 'b');
    const text = fc.array(letter, { minLength: 1, maxLength: 12 }).map((letters) => letters.join(''));
    const from = fc.array(letter, { minLength: 1, maxLength: 2 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(text, from, fc.array(fc.boolean(), { maxLength: 12 }), (value, old, chosen) => {
        const before = Buffer.from(value);
        const edits = [];
        for (let at = 0; at + old.length <= value.length; at += 1) {
          if (!value.startsWith(old, at) || chosen[at] === false) continue;
          edits.push({ start: at, end: at + old.length, text: Buffer.from('X') });
          at += old.length - 1;
        }
        const pieces = patch(before, edits);
        const found = commonReplacement(before, pieces);
        if (found === undefined) return;
        expect(value.replaceAll(found.from.toString(), found.to.toString())).toBe(
          joinPieces(before, pieces).toString(),
        );
      }),
    );
  });
});
