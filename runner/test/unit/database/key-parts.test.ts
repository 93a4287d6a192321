import { describe, expect, test } from '@jest/globals';
import { cutByKey } from '../../../src/database/schema/key-parts.js';

const MB = 1024 * 1024;
/** Whether a part has the row with this key. */
const holds = (rows: string, key: bigint): boolean =>
  [...rows.matchAll(/`ID` (>=|<) (-?\d+)/g)].every(([, sign, number = '']) =>
    sign === '<' ? key < BigInt(number) : key >= BigInt(number),
  );

describe('cutting a table by its key', () => {
  test.each<[string, number, readonly [bigint, bigint], number]>([
    ['a small table', 3 * MB, [1n, 500n], 1],
    ['a table without rows', 0, [0n, 0n], 1],
    ['what the server knows of', 100 * MB, [1n, 50_000n], 5],
    ['few rows, and large ones', 600 * MB, [7n, 8n], 2],
    ['never more than 256 parts', 100_000 * MB, [1n, 900_000_000n], 256],
    ['full, and empty for the statistics', 16_384, [1n, 24_000n], 4],
    ['the same, and very large', 0, [1n, 5_000_000n], 16],
    ['numbers of 64 bits with nothing between', 3 * MB, [-9223372036854775808n, 9223372036854775807n], 16],
    ['numbers without a sign', 90 * MB, [18446744073709551000n, 18446744073709551615n], 4],
  ])('%s', (_, bytes, ends, count) => {
    const parts = cutByKey('ID', bytes, ends);
    expect(parts).toHaveLength(count);
    const inside = parts.flatMap(({ rows }) => [...rows.matchAll(/-?\d+/g)].map(([key]) => BigInt(key)));
    const keys = [...ends, ...inside].flatMap((key) => [key - 1n, key, key + 1n]);
    // Each row is in one part, also one that came before the first or behind the last.
    const found = keys.map((key) => parts.filter(({ rows }) => holds(rows, key)).length);
    expect(new Set(found)).toEqual(new Set([1]));
    expect(parts.every(({ rows }) => rows.startsWith('FORCE INDEX (`PRIMARY`) WHERE `ID`'))).toBe(count > 1);
  });
});
