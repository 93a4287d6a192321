import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytesOfName, fileNameOf, isPlainName, namesIn, nulList } from '../../../src/commands/file-names.js';

describe('names of files in any bytes', () => {
  test('come back as they were, also through JSON', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const name = fileNameOf(Buffer.from(bytes));
        expect(bytesOfName(name)).toEqual(Buffer.from(bytes));
        expect(JSON.parse(JSON.stringify(name))).toBe(name);
      }),
    );
  });
  test('are themselves where they are text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fileNameOf(Buffer.from(text))).toBe(text);
        expect(bytesOfName(text)).toEqual(Buffer.from(text));
      }),
    );
  });
  test.each([
    ['latin1', Buffer.from('caf\xe9.php', 'latin1'), 'caf\udce9.php', false],
    ['a cut character', Buffer.from([0x61, 0xf0, 0x9f]), 'a\udcf0\udc9f', false],
    ['an encoded surrogate', Buffer.from([0xed, 0xa0, 0x80]), '\udced\udca0\udc80', false],
    ['a real U+FFFD', Buffer.from('a\ufffdb'), 'a\ufffdb', true],
    ['a character of four bytes', Buffer.from('🎭'), '🎭', true],
  ])('%s', (_, bytes, name, plain) => {
    expect([fileNameOf(bytes), isPlainName(name)]).toEqual([name, plain]);
    expect(bytesOfName(name)).toEqual(bytes);
  });
  test('are kept apart in a list', () => {
    expect(namesIn(nulList(['a', 'caf\udce9', 'x\ny']))).toEqual(['a', 'caf\udce9', 'x\ny']);
  });
});
