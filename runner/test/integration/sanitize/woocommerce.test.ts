import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { sanitize } from '../../../src/wordpress/sanitize/sanitize.js';
import { openSession } from '../database-rewrite/world.js';

let server: MariaDbServer;
beforeAll(async () => {
  server = await startMariaDb();
  const tables = await readFile(path.join(import.meta.dirname, 'woocommerce.sql'), 'utf8');
  await server.query(`CREATE DATABASE shop CHARACTER SET utf8mb4; USE shop; ${tables}`);
  const session = await openSession(server, 'shop');
  await sanitize(session, {
    schema: 'shop',
    prefix: 'wp_',
    cron: 'off',
    scrub: { users: false, comments: false, orders: true, columns: {}, sql: [] },
  });
  await session.close();
});
afterAll(() => server.stop());

const rows = async (sql: string): Promise<string[]> =>
  (await server.query(sql, 'shop')).split('\n').filter((line) => line !== '');

test('no table of WooCommerce names the customer any more', async () => {
  const columns = await rows(
    `SELECT table_name, column_name FROM information_schema.columns
     WHERE table_schema = 'shop' AND data_type IN ('varchar', 'text', 'tinytext', 'longtext', 'char')`,
  );
  expect(columns.length).toBeGreaterThan(60);
  const left: string[] = [];
  for (const line of columns) {
    const [table = '', column = ''] = line.split('\t');
    const found = await rows(
      `SELECT COUNT(*) FROM \`${table}\` WHERE \`${column}\` REGEXP 'lovelace|^Ada$|203\\\\.0\\\\.113|St James|SW1Y|London|[+]44'`,
    );
    if (found[0] !== '0') left.push(`${table}.${column}: ${String(found[0])}`);
  }
  // The product is not the customer's.
  expect(left).toEqual(['wp_posts.post_excerpt: 1']);
});

test.each([
  [
    'amount, country and status of orders',
    'SELECT status, total_amount, payment_method FROM wp_wc_orders',
    'wc-completed\t12.50000000\tstripe',
  ],
  ['country of addresses', 'SELECT DISTINCT country FROM wp_wc_order_addresses', 'GB'],
  [
    'what a plugin notes of an order',
    "SELECT meta_value FROM wp_wc_orders_meta WHERE meta_key = '_acme_gift'",
    'yes',
  ],
  [
    'the amount of an order among the posts',
    "SELECT meta_value FROM wp_postmeta WHERE meta_key = '_order_total'",
    '12.50',
  ],
  [
    'the country of an order among the posts',
    "SELECT meta_value FROM wp_postmeta WHERE meta_key = '_billing_country'",
    'GB',
  ],
  [
    'rights',
    "SELECT meta_value FROM wp_usermeta WHERE meta_key = 'wp_capabilities'",
    'a:1:{s:8:"customer";b:1;}',
  ],
  ['reviews', "SELECT comment_content FROM wp_comments WHERE comment_type = 'review'", 'A fine prop'],
])('%s stay', async (_, sql, wanted) => {
  expect(await rows(sql)).toEqual([wanted]);
});

test.each([
  ['webhooks are off', 'SELECT DISTINCT status FROM wp_wc_webhooks', 'disabled'],
  [
    'payment tokens are gone',
    'SELECT (SELECT COUNT(*) FROM wp_woocommerce_payment_tokens) + (SELECT COUNT(*) FROM wp_woocommerce_payment_tokenmeta)',
    '0',
  ],
  ['sessions are ended', 'SELECT COUNT(*) FROM wp_woocommerce_sessions', '0'],
  [
    'order, address and look-up still belong to one person',
    "SELECT billing_email, (SELECT email FROM wp_wc_order_addresses a WHERE a.order_id = o.id AND address_type = 'billing') FROM wp_wc_orders o",
    'order-9@example.invalid\torder-9@example.invalid',
  ],
])('%s', async (_, sql, wanted) => {
  expect(await rows(sql)).toEqual([wanted]);
});
