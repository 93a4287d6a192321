import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { joinPieces, patch } from '../../../src/database/rewrite/patch.js';
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
