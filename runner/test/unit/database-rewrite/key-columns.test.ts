import { expect, test } from '@jest/globals';
import { keyColumns } from '../../../src/database/rewrite/key-columns.js';
import { CountedRounds } from '../database/counted-rounds.js';

/** A network of which every site has a table with an address as its key, and another one that refers to it. */
function network(sites: number): CountedRounds {
  const numbers = Array.from({ length: sites }, (_, index) => String(index + 2));
  return new CountedRounds((sql, parameters) => {
    if (/information_schema\.TABLES/.test(sql))
      return numbers.flatMap((number) =>
        ['links', 'clicks'].map((base) => ({ tableName: `wp_${number}_${base}` })),
      );
    if (/information_schema\.COLUMNS/.test(sql))
      return numbers.flatMap((number) => [
        { tableName: `wp_${number}_links`, columnName: 'address', keyKind: 'PRI' },
        { tableName: `wp_${number}_clicks`, columnName: 'address', keyKind: '' },
      ]);
    if (/^SELECT EXISTS/.test(sql))
      return [Object.fromEntries([...sql.matchAll(/EXISTS/g)].map((_, at) => [at, 1]))];
    const site = /`wp_(\d+)_(?:clicks|links)`/.exec(sql)?.[1] ?? '';
    if (/LIMIT 1$/.test(sql)) return [{ value: `https://www.acme.com/${site}/` }];
    if (/ IN \(\?/.test(sql))
      return parameters
        .map(String)
        .filter((value) => value.endsWith(`/${site}/`))
        .map((value) => ({ value }));
    // Of all mentions, those that are keys.
    if (/COUNT\(\*\)/.test(sql)) {
      const child = /`wp_(\d+)_clicks`/.exec(sql)?.[1] ?? '';
      return [{ mentions: 4, keys: sql.includes(`wp_${child}_links`) ? 4 : 0 }];
    }
    return [];
  });
}

const askedOf = async (sites: number): Promise<{ asked: number; rounds: number; found: number }> => {
  const session = network(sites);
  const found = await keyColumns(session.connection, 'acme', ['www.acme.com']);
  expect(found.get('wp_2_clicks')?.get('address')).toBe('refers to the key wp_2_links.address');
  return { asked: session.asked.length, rounds: session.rounds, found: found.size };
};

test('every site of a network may have keys that name production: questions grow with them, not with their square', async () => {
  const [few, many] = [await askedOf(20), await askedOf(80)];
  expect([few.found, many.found]).toEqual([40, 160]);
  expect(many.asked).toBeLessThan(4 * few.asked);
  expect(many.rounds).toBe(few.rounds);
});
