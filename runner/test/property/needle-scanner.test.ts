import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  BLOCK_BYTES,
  fastestSearch,
  searchByByte,
  searchByVector,
} from '../../src/rewrite/match/fingerprint-search.js';
import { type Needle } from '../../src/rewrite/match/fingerprints.js';
import { NeedleScanner } from '../../src/rewrite/match/needle-scanner.js';

const found = (scanner: NeedleScanner, bytes: Buffer): [number, number][] => {
  const [starts, needles]: [number[], number[]] = [[], []];
  const count = scanner.collect(bytes, starts, needles);
  return starts.slice(0, count).map((start, i) => [start, needles[i] as number]);
};

/** What the scanner has to find, as plainly as it can be said. */
function expected(all: readonly Needle[], bytes: Buffer): [number, number][] {
  const exact = bytes.toString('latin1');
  const folded = exact.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return [...exact].flatMap((_, start) => {
    const here = all
      .map(({ bytes: needle, isExact = false }, index) => ({
        text: needle.toString('latin1'),
        isExact,
        index,
      }))
      .filter(({ text, isExact }) => (isExact ? exact : folded).startsWith(text, start))
      .sort((a, b) => b.text.length - a.text.length)[0];
    return here === undefined ? [] : [[start, here.index]];
  });
}

const SEARCHES = { 'by vector': searchByVector(), 'by byte': searchByByte() };

describe.each(Object.entries(SEARCHES))('needles, %s', (_, search) => {
  test('all are found and nothing else, whatever they are', () => {
    // Few letters, so that needles meet, overlap and begin alike.
    const bytes = (minLength: number, maxLength: number) =>
      fc
        .array(fc.constantFrom(...'abAB=\\\n%6'), { minLength, maxLength })
        .map((letters) => Buffer.from(letters.join('')));
    const needle = fc.oneof(
      bytes(2, 9).map((text) => ({ bytes: text, isExact: true })),
      bytes(2, 9).map((text) => ({ bytes: Buffer.from(text.toString().toLowerCase()) })),
    );
    const distinct = fc.uniqueArray(needle, {
      minLength: 1,
      maxLength: 60,
      selector: ({ bytes: text }) => text.toString().toLowerCase(),
    });
    fc.assert(
      fc.property(distinct, bytes(0, 200), (needles, text) => {
        expect(found(new NeedleScanner(needles, search), text)).toEqual(expected(needles, text));
      }),
      { numRuns: 2000 },
    );
  });

  test('a needle across the border of two blocks, and at the very end', () => {
    const scanner = new NeedleScanner([{ bytes: Buffer.from('acme.com') }], search);
    for (let before = 0; before < 12; before++) {
      const text = Buffer.alloc(2 * BLOCK_BYTES + 50 - before, 'x');
      const places = [BLOCK_BYTES - before, 2 * BLOCK_BYTES - before - 3, text.length - 8];
      for (const place of places) text.write('Acme.COM', place);
      expect(found(scanner, text)).toEqual(places.map((place) => [place, 0]));
    }
  });

  test('what an earlier text left is not found', () => {
    const scanner = new NeedleScanner([{ bytes: Buffer.from('acme.com') }], search);
    found(scanner, Buffer.from('www.acme.com'));
    expect(found(scanner, Buffer.from('www.ac'))).toEqual([]);
  });

  test('a text with control bytes is told, wherever they stand', () => {
    const scanner = new NeedleScanner([{ bytes: Buffer.from('acme.com') }], search);
    for (let control = 0; control < 0x20; control++)
      for (let place = 0; place < 40; place++) {
        const text = Buffer.alloc(40, 'x');
        text[place] = control;
        found(scanner, text);
        if (![8, 9, 10, 11, 12, 13, 27].includes(control)) expect(scanner.hasControls).toBe(true);
      }
  });
});

test('this machine searches by vector, and sees that a text has no control bytes', () => {
  const scanner = new NeedleScanner([{ bytes: Buffer.from('acme.com') }]);
  found(scanner, Buffer.alloc(64, 'x'));
  expect(scanner.hasControls).toBe(false);
  expect(fastestSearch().places.buffer.byteLength).toBeGreaterThan(BLOCK_BYTES * 4);
});
