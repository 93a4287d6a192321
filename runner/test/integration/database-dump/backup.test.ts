import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { backUp, loadEveryKind, type Production, productionAt } from './support.js';

let server: MariaDbServer;
let production: Production;

beforeAll(async () => {
  server = await startMariaDb();
  production = await productionAt(await loadEveryKind(server));
});
afterAll(async () => {
  await rm(production.folder, { recursive: true, force: true });
  await server.stop();
});

const rowsOf = (manifest: { tables: readonly { name: string; rows: number }[] }) =>
  Object.fromEntries(manifest.tables.map(({ name, rows }) => [name, rows]));

describe('a backup of one of everything', () => {
  test('counts the rows of every table exactly', async () => {
    const { manifest } = await backUp(production);
    const expected: Record<string, number> = {};
    for (const { name } of manifest.tables)
      expected[name] = Number(
        await server.query(`SELECT COUNT(*) FROM \`${name.replaceAll('`', '``')}\``, 'acme shop'),
      );
    expect(rowsOf(manifest)).toEqual(expected);
    expect(Object.keys(expected)).toContain('odd name`s "x" \'y\' ü 日本 --');
    expect(expected['utf']).toBe(14);
  });

  test('names what it holds', async () => {
    const { manifest } = await backUp(production);
    expect(manifest).toMatchObject({
      views: ['a_first', 'like_schema', 'z_last', 'calls'].sort(),
      triggers: ['child_before', 'utf_log'],
      routines: ['add one', 'count them', 'note'],
      events: ['nightly', 'sleeping'],
      warnings: ['Table myisam (MyISAM) is not part of the snapshot.'],
      source: { schema: 'acme shop', charset: 'utf8mb4' },
    });
  });
});
