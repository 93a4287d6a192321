import { expect, test } from '@jest/globals';
import { escapePattern, matchesPattern } from '../../../src/basics/patterns.js';

const SIGNS = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 32 + index));

test.each(['', 'u', 'i', 's'])('an escaped text matches itself alone, with the flags %j', (flags) => {
  expect(new RegExp(`^${escapePattern(SIGNS)}$`, flags).test(SIGNS)).toBe(true);
  expect(new RegExp(`^${escapePattern('a.c*')}$`, flags).test('abcc')).toBe(false);
});

test('a pattern is a shell’s, over the whole text', () => {
  expect(matchesPattern('*.acme.net', 'APP.acme.net')).toBe(true);
  expect(matchesPattern('app?.net', 'app1.net')).toBe(true);
  expect(matchesPattern('app?.net', 'app12.net')).toBe(false);
  expect(matchesPattern('a+b(*)', 'a+b(c)')).toBe(true);
  expect(matchesPattern('a.b', 'axb')).toBe(false);
  expect(matchesPattern('a\\*', 'a\\b')).toBe(true);
});
