import { expect, test } from '@jest/globals';
import { type SqlConnection } from '../../../src/database/connection/sql-connection.js';
import { SqlError } from '../../../src/database/connection/sql-error.js';
import { readUploadOptions } from '../../../src/wordpress/site/upload-folders.js';

type Rows = Record<string, string>;
/** A network of that many sites, each with an option of its own; tables of others are beside them. */
function network(sites: number): { readonly connection: SqlConnection; readonly asked: string[] } {
  const asked: string[] = [];
  const names = Array.from({ length: sites }, (_, site) =>
    site === 0 ? 'wp_options' : `wp_${String(site + 1)}_options`,
  );
  const query = (sql: string): Promise<Rows[]> => {
    asked.push(sql);
    if (sql.includes('information_schema'))
      return Promise.resolve(
        [...names, 'wp_posts', 'wp_shop_options', 'other_options', 'wp_2_posts'].map((name) => ({ name })),
      );
    const tables = [...sql.matchAll(/`acme`\.`(wp_(?:(\d+)_)?options)`/g)];
    return Promise.resolve(
      tables.map(([, , site = '1'], index) => ({
        site: String(index),
        name: 'upload_path',
        value: ` files/${site} `,
      })),
    );
  };
  return { connection: { query } as unknown as SqlConnection, asked };
}

test('every site of a network is asked, in as few questions as may be', async () => {
  const { connection, asked } = network(450);
  const found = await readUploadOptions(connection, { name: 'acme', prefix: 'wp_' });
  expect(found).toHaveLength(450);
  expect(new Set(found.map(({ path }) => path)).size).toBe(450);
  expect(found).toContainEqual({ path: 'files/450', url: '' });
  expect(asked).toHaveLength(4);
  expect(asked.join()).not.toMatch(/shop_options|other_options/);
});

test('a table that may not be read is told by another check', async () => {
  const query = (): Promise<never> => Promise.reject(new SqlError(1142, 'denied'));
  await expect(
    readUploadOptions({ query } as unknown as SqlConnection, { name: 'acme', prefix: 'wp_' }),
  ).resolves.toEqual([]);
});
