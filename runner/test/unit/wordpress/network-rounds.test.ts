import { expect, test } from '@jest/globals';
import { type Site } from '../../../src/config/site.js';
import { type SqlConnection, type SqlRow } from '../../../src/database/connection/sql-connection.js';
import { applyPreserved, capturePreserved } from '../../../src/wordpress/sanitize/preserve-rows.js';
import { repairDigests } from '../../../src/wordpress/sanitize/sanitize.js';
import { switchOutside } from '../../../src/wordpress/sanitize/switch-outside.js';
import { rewriteNetwork } from '../../../src/wordpress/settings/multisite.js';
import { CountedRounds } from '../database/counted-rounds.js';

const copy = { schema: 'acme', prefix: 'wp_' };
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  options: ['option_id', 'option_name', 'option_value', 'autoload'],
  yoast_indexable: ['id', 'permalink', 'permalink_hash'],
};
const NETWORK: Readonly<Record<string, readonly string[]>> = {
  wp_blogs: ['blog_id', 'domain', 'path'],
  wp_users: ['ID', 'user_login'],
  wp_options: COLUMNS['options'] ?? [],
};

/** A network on a server far away, every site of which has all that is to be changed. */
function network(sites: number): CountedRounds {
  const tables = Object.entries(NETWORK);
  for (let site = 2; site < sites + 2; site += 1)
    for (const [base, columns] of Object.entries(COLUMNS))
      tables.push([`wp_${String(site)}_${base}`, columns]);
  const answers: readonly (readonly [RegExp, () => SqlRow[]])[] = [
    [
      /information_schema\.TABLES/i,
      () => tables.map(([tableName]) => ({ tableName, tableType: 'BASE TABLE' })),
    ],
    [
      /information_schema\.COLUMNS/i,
      () =>
        tables.flatMap(([tableName, columns]) =>
          columns.map((columnName) => ({ tableName, columnName, extra: 'auto_increment' })),
        ),
    ],
    [/option_value AS value, autoload/, () => [{ name: 'licence_key', value: 'x', autoload: 'no' }]],
    [/option_name AS name, option_value AS value/, () => [{ name: 'cloudflare_api_key', value: 'x' }]],
    [/SELECT option_name AS name FROM/, () => [{ name: 'licence_key' }]],
    [/SELECT id, permalink/, () => [{ id: 1, permalink: 'https://staging.acme.com/', hash: 'another' }]],
    [
      /blog_id AS id/,
      () =>
        Array.from({ length: sites }, (_, id) => ({ id, domain: 'www.acme.com', path: `/${String(id)}/` })),
    ],
  ];
  return new CountedRounds((sql) => answers.find(([pattern]) => pattern.test(sql))?.[1]() ?? []);
}

const site = {
  production: { url: 'https://www.acme.com' },
  staging: { url: 'https://staging.acme.com' },
  rewrite: { network: {} },
} as unknown as Site;
const keeping = { ...copy, keepOptions: ['licence_*'], keepUsers: [] };

test.each<[string, (connection: SqlConnection) => Promise<unknown>]>([
  ["staging's own options are read", (connection) => capturePreserved(connection, keeping)],
  [
    'kept options are put back',
    (connection) =>
      applyPreserved(
        connection,
        { ...keeping, run: 'r' },
        { version: 2, existed: true, options: [], users: [], superAdmins: [] },
      ),
  ],
  ['digests are renewed', (connection) => repairDigests(connection, copy)],
  ['accounts are switched off', (connection) => switchOutside(connection, { ...copy, outside: 'disable' })],
  ['addresses of sites are set', (connection) => rewriteNetwork(connection, site, copy)],
])('%s without one round trip for each site of a network', async (_, work) => {
  const [few, many] = [network(3), network(100)];
  await work(few.connection);
  await work(many.connection);
  // It was about the sites at all.
  expect(many.asked.length).toBeGreaterThan(few.asked.length + 96);
  expect(many.rounds).toBe(few.rounds);
});
