import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { patch, type PatchPiece } from '../../../src/database/rewrite/patch.js';

const apply = (before: Buffer, pieces: readonly PatchPiece[]): Buffer =>
  Buffer.concat(
    pieces.map((piece) =>
      piece.kind === 'new' ? piece.bytes : before.subarray(piece.start, piece.start + piece.length),
    ),
  );
const newBytes = (pieces: readonly PatchPiece[]): number =>
  pieces.reduce((sum, piece) => sum + (piece.kind === 'new' ? piece.bytes.length : 0), 0);

describe('a patch', () => {
  test('gives the new value for any two values', () => {
    const value = fc.array(fc.constantFrom('acme.com', 'staging.acme.com', 'a', 'b', '\0', 'x'.repeat(70)));
    fc.assert(
      fc.property(value, value, (left, right) => {
        const [before, after] = [Buffer.from(left.join('')), Buffer.from(right.join(''))];
        expect(apply(before, patch(before, after))).toEqual(after);
      }),
    );
  });
  test('of a replacement sends little more than the replacements', () => {
    const filler = (seed: number) =>
      Array.from({ length: 500 }, (_, index) => ((index * 7919 + seed * 31) % 997).toString(36)).join(' ');
    const text = (host: string) =>
      `${filler(1)} https://${host}/a ${filler(2)} http://${host}/b ${filler(3)}`;
    const [before, after] = [Buffer.from(text('www.acme.com')), Buffer.from(text('staging.acme.com'))];
    const pieces = patch(before, after);
    expect(apply(before, pieces)).toEqual(after);
    expect(newBytes(pieces)).toBeLessThan(60);
  });
  test('of equal values is the old one', () => {
    expect(patch(Buffer.from('same'), Buffer.from('same'))).toEqual([{ kind: 'old', start: 0, length: 4 }]);
  });
  test('grows and shrinks at the ends', () => {
    for (const [before, after] of [
      ['abc', ''],
      ['', 'abc'],
      ['abc', 'abcdef'],
      ['abcdef', 'abc'],
    ] as const)
      expect(apply(Buffer.from(before), patch(Buffer.from(before), Buffer.from(after))).toString()).toBe(
        after,
      );
  });
});
