import { describe, expect, test } from '@jest/globals';
import {
  generationOf,
  incomingSchema,
  isIncomingSchema,
  oldSchema,
  ownSchemasPattern,
} from '../../../src/database/restore/schema-names.js';
import { patternCovers } from '../../../src/database/schema/grants.js';

const RUN = '20261121T201500Z-3f9a1c';
const long = 'a'.repeat(64);
const longToo = `${'a'.repeat(63)}b`;

describe('schema names', () => {
  test('incoming', () => expect(incomingSchema('acme', RUN)).toBe('acme_understudy_in_3f9a1c'));
  test('old', () => expect(oldSchema('acme', 12)).toBe('acme_understudy_old_12'));
  test('43 characters still fit', () =>
    expect(oldSchema('b'.repeat(43), 99999)).toBe(`${'b'.repeat(43)}_understudy_old_99999`));
  test('64 characters are shortened with a hash', () => {
    expect(incomingSchema(long, RUN)).toMatch(/^a{34}_[0-9a-f]{8}_understudy_in_3f9a1c$/);
    expect(oldSchema(long, 99999)).toHaveLength(64);
    expect(incomingSchema(long, RUN)).not.toBe(incomingSchema(longToo, RUN));
  });
  test.each([
    ['acme_understudy_old_3', 3],
    ['acme_understudy_old_0', undefined],
    ['acme_understudy_old_03', undefined],
    ['acme_understudy_old_', undefined],
    ['acme_understudy_old_3x', undefined],
    ['other_understudy_old_3', undefined],
  ])('generation of %s is %s', (schema, generation) => expect(generationOf('acme', schema)).toBe(generation));
  test.each([
    ['acme_understudy_in_3f9a1c', true],
    ['acme_understudy_new', true],
    ['acme_understudy_in_3f9a1', false],
    ['acme_understudy_old_1', false],
    ['acme', false],
    ['other_understudy_in_3f9a1c', false],
  ])('%s is an incoming schema: %s', (schema, is) => expect(isIncomingSchema('acme', schema)).toBe(is));
  test('the pattern escapes what GRANT takes for a wildcard', () =>
    expect(ownSchemasPattern('ac_me%')).toBe('ac\\_me\\%\\_understudy\\_%'));
  test.each(['acme', 'ac_me', 'a%b', long])('the pattern of %s covers its own schemas only', (live) => {
    expect(patternCovers(ownSchemasPattern(live), incomingSchema(live, RUN))).toBe(true);
    expect(patternCovers(ownSchemasPattern(live), oldSchema(live, 7))).toBe(true);
    expect(patternCovers(ownSchemasPattern(live), live)).toBe(false);
    expect(patternCovers(ownSchemasPattern(live), incomingSchema('acXme', RUN))).toBe(false);
  });
});
