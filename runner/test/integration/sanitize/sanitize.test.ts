import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { type SqlConnection } from '../../../src/database/connection/sql-connection.js';
import { applyPreserved, capturePreserved } from '../../../src/wordpress/sanitize/preserve-rows.js';
import { dropTransients, isShop, sanitize } from '../../../src/wordpress/sanitize/sanitize.js';
import { switchOutside } from '../../../src/wordpress/sanitize/switch-outside.js';
import { muPluginText } from '../../../src/wordpress/plugin/mu-plugin.js';
import { openSession } from '../database-rewrite/world.js';
import { preservedDocument } from '../../../src/wordpress/sanitize/preserved.js';

const LIVE = 'acme';
const COPY = 'acme_understudy_new';
const nothing = { users: false, comments: false, orders: false, columns: {}, sql: [] };

const TABLES = `
CREATE TABLE wp_options (option_id bigint unsigned AUTO_INCREMENT PRIMARY KEY, option_name varchar(191) NOT NULL UNIQUE, option_value longtext NOT NULL, autoload varchar(20) NOT NULL DEFAULT 'yes');
CREATE TABLE wp_users (ID bigint unsigned AUTO_INCREMENT PRIMARY KEY, user_login varchar(60) NOT NULL DEFAULT '', user_pass varchar(255) NOT NULL DEFAULT '', user_nicename varchar(50) NOT NULL DEFAULT '', user_email varchar(100) NOT NULL DEFAULT '', user_url varchar(100) NOT NULL DEFAULT '', user_registered datetime NOT NULL DEFAULT '0000-00-00 00:00:00', user_activation_key varchar(255) NOT NULL DEFAULT '', user_status int NOT NULL DEFAULT 0, display_name varchar(250) NOT NULL DEFAULT '');
CREATE TABLE wp_usermeta (umeta_id bigint unsigned AUTO_INCREMENT PRIMARY KEY, user_id bigint unsigned NOT NULL, meta_key varchar(255), meta_value longtext);
CREATE TABLE wp_posts (ID bigint unsigned PRIMARY KEY, post_type varchar(20), post_status varchar(20), post_excerpt text NOT NULL);
CREATE TABLE wp_postmeta (meta_id bigint unsigned AUTO_INCREMENT PRIMARY KEY, post_id bigint unsigned, meta_key varchar(255), meta_value longtext);
CREATE TABLE wp_comments (comment_ID bigint unsigned PRIMARY KEY, comment_author tinytext NOT NULL, comment_author_email varchar(100) NOT NULL, comment_author_url varchar(200) NOT NULL, comment_author_IP varchar(100) NOT NULL, comment_agent varchar(255) NOT NULL);
CREATE TABLE wp_actionscheduler_actions (action_id bigint PRIMARY KEY, status varchar(20));
CREATE TABLE wp_wc_webhooks (webhook_id bigint PRIMARY KEY, status varchar(200));
CREATE TABLE wp_wc_orders (id bigint PRIMARY KEY, billing_email varchar(320), ip_address varchar(100), user_agent text, customer_note text);
CREATE TABLE wp_leads (id int PRIMARY KEY, email varchar(100), name varchar(100), phone varchar(20));
`;
const ADMIN = 'a:1:{s:13:"administrator";b:1;}';

let server: MariaDbServer;
let session: SqlConnection;
beforeAll(async () => {
  server = await startMariaDb();
});
afterAll(() => server.stop());
beforeEach(async () => {
  for (const schema of [LIVE, COPY])
    await server.query(
      `DROP DATABASE IF EXISTS ${schema}; CREATE DATABASE ${schema} CHARACTER SET utf8mb4; USE ${schema}; SET sql_mode=''; ${TABLES}`,
    );
  session = await openSession(server, COPY);
});
afterEach(() => session.close());

const sql = (text: string) => server.query(text, COPY);
const rows = async (text: string) => (await sql(text)).trimEnd().split('\n');
const settings = { schema: COPY, prefix: 'wp_', cron: 'off', scrub: nothing } as const;

describe('the copy', () => {
  test('is hidden, plans nothing, has no sessions and no webhooks', async () => {
    await sql(`INSERT INTO wp_options (option_name, option_value) VALUES ('blog_public', '1'), ('cron', 'a:9:{}'), ('active_plugins', 'a:1:{i:0;s:27:"woocommerce/woocommerce.php";}');
      INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (1, 'session_tokens', 'x');
      INSERT INTO wp_actionscheduler_actions VALUES (1, 'pending'), (2, 'complete'), (3, 'in-progress');
      INSERT INTO wp_posts VALUES (1, 'scheduled-action', 'pending', ''), (2, 'post', 'pending', '');
      INSERT INTO wp_wc_webhooks VALUES (1, 'active')`);
    await sanitize(session, settings);
    expect(await rows(`SELECT option_value FROM wp_options WHERE option_name <> 'active_plugins'`)).toEqual([
      '0',
      'a:1:{s:7:"version";i:2;}',
    ]);
    expect(await rows('SELECT status FROM wp_actionscheduler_actions')).toEqual([
      'canceled',
      'complete',
      'canceled',
    ]);
    expect(await rows('SELECT post_status FROM wp_posts')).toEqual(['trash', 'pending']);
    expect(await rows('SELECT COUNT(*) FROM wp_usermeta')).toEqual(['0']);
    expect(await rows('SELECT status FROM wp_wc_webhooks')).toEqual(['disabled']);
    expect(await isShop(session, settings)).toBe(true);
  });
  test('keeps its planned work when the site file says so', async () => {
    await sql(
      `INSERT INTO wp_options (option_name, option_value) VALUES ('cron', 'a:9:{}'); INSERT INTO wp_actionscheduler_actions VALUES (1, 'pending')`,
    );
    await sanitize(session, { ...settings, cron: 'keep' });
    expect(
      await rows('SELECT option_value FROM wp_options UNION SELECT status FROM wp_actionscheduler_actions'),
    ).toEqual(['a:9:{}', 'pending']);
  });
  test('loses its transients, and nothing that is only called like them', async () => {
    await sql(
      `INSERT INTO wp_options (option_name, option_value) VALUES ('_transient_a', ''), ('_site_transient_timeout_b', ''), ('xtransientxa', ''), ('my_transient_', '')`,
    );
    expect(await dropTransients(session, settings)).toMatchObject({ rows: 2 });
    expect(await rows('SELECT option_name FROM wp_options ORDER BY 1')).toEqual([
      'my_transient_',
      'xtransientxa',
    ]);
  });
});

describe('personal data', () => {
  test('users, comments, orders and declared columns', async () => {
    await sql(`INSERT INTO wp_users (ID, user_login, user_email, user_pass, display_name) VALUES (7, 'jo@doe.org', 'jo@doe.org', 'hash', 'Jo Doe');
      INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (7, 'first_name', 'Jo'), (7, 'billing_phone', '123'), (7, 'wp_capabilities', 'x');
      INSERT INTO wp_comments VALUES (3, 'Jo', 'jo@doe.org', 'http://doe.org', '10.0.0.1', 'Firefox');
      INSERT INTO wp_posts VALUES (9, 'shop_order', 'wc-completed', 'ring twice'), (10, 'page', 'publish', 'stays');
      INSERT INTO wp_postmeta (post_id, meta_key, meta_value) VALUES (9, '_billing_email', 'jo@doe.org'), (9, '_billing_phone', '123'), (9, '_order_total', '9.50'), (10, '_billing_phone', 'stays');
      INSERT INTO wp_wc_orders VALUES (9, 'jo@doe.org', '10.0.0.1', 'Firefox', 'ring twice');
      INSERT INTO wp_leads VALUES (1, 'jo@doe.org', 'Jo Doe', '123')`);
    const columns = { 'leads.email': 'email', 'leads.name': 'name', 'leads.phone': 'null' } as const;
    await sanitize(session, {
      ...settings,
      scrub: { users: true, comments: true, orders: true, columns, sql: [] },
    });
    for (const table of ['wp_users', 'wp_usermeta', 'wp_comments', 'wp_wc_orders', 'wp_leads'])
      expect(await sql(`SELECT * FROM ${table}`)).not.toMatch(/doe|\bJo\b|123|10\.0\.0\.1|Firefox|twice/i);
    expect(await rows('SELECT meta_value FROM wp_postmeta')).toEqual([
      'order-9@example.invalid',
      '',
      '9.50',
      'stays',
    ]);
    expect(await rows('SELECT post_excerpt FROM wp_posts')).toEqual(['', 'stays']);
    expect(await rows('SELECT email FROM wp_leads')).toEqual([
      expect.stringMatching(/^[0-9a-f]{12}@example\.invalid$/),
    ]);
    expect(await rows(`SELECT meta_value FROM wp_usermeta WHERE meta_key = 'wp_capabilities'`)).toEqual([
      'x',
    ]);
  });
  test('a declared column that does not exist stops the run', async () => {
    const scrub = { ...nothing, columns: { 'lead.email': 'email' } } as const;
    await expect(sanitize(session, { ...settings, scrub })).rejects.toMatchObject({
      code: 'HYGIENE_FAILED',
    });
  });
});

describe('production’s accounts elsewhere', () => {
  const STRIPE =
    'a:4:{s:7:"enabled";s:3:"yes";s:8:"testmode";s:2:"no";s:10:"secret_key";s:12:"sk_live_äx1";s:5:"other";a:1:{s:8:"testmode";s:2:"no";}}';
  const S3 = 'a:3:{s:10:"copy-to-s3";s:1:"1";s:17:"secret-access-key";s:3:"KEY";s:6:"bucket";s:4:"acme";}';
  const plant = (): Promise<string> =>
    sql(`INSERT INTO wp_options (option_name, option_value) VALUES ('woocommerce_stripe_settings', '${STRIPE}'), ('tantan_wordpress_s3', '${S3}'),
      ('mollie-payments-for-woocommerce_live_api_key', 'live_x'), ('mc4wp', 'broken'), ('active_plugins', 'a:1:{i:0;s:19:"jetpack/jetpack.php";}')`);
  const place = { schema: COPY, prefix: 'wp_' };

  test('are switched off where the plugin has a switch, and reported else', async () => {
    await plant();
    const { off, acting } = await switchOutside(session, { ...place, outside: 'disable' });
    expect(off.map((what) => what.replace(/ \(.*/, ''))).toEqual([
      'WooCommerce Stripe Gateway',
      'Mollie Payments for WooCommerce',
      'WP Offload Media',
    ]);
    expect(acting).toEqual([
      'MC4WP: Mailchimp for WordPress subscribes people to the mailing list (could not be read: mc4wp)',
      "Jetpack is connected to production's account at WordPress.com",
    ]);
    const [stripe, s3, mollie] = await rows(
      "SELECT option_value FROM wp_options WHERE option_name IN ('woocommerce_stripe_settings', 'tantan_wordpress_s3', 'mollie-payments-for-woocommerce_live_api_key') ORDER BY option_name DESC",
    );
    expect(stripe).toBe(
      'a:4:{s:7:"enabled";s:3:"yes";s:8:"testmode";s:3:"yes";s:10:"secret_key";s:0:"";s:5:"other";a:1:{s:8:"testmode";s:2:"no";}}',
    );
    expect(s3).toBe(
      'a:5:{s:10:"copy-to-s3";s:1:"0";s:17:"secret-access-key";s:0:"";s:6:"bucket";s:4:"acme";s:17:"remove-local-file";s:1:"0";s:16:"use-server-roles";s:1:"0";}',
    );
    expect(mollie ?? '').toBe('');
    expect((await switchOutside(session, { ...place, outside: 'disable' })).off).toEqual([]);
  });
  test('stay as they are when the site file wants a report alone', async () => {
    await plant();
    const { off, acting } = await switchOutside(session, { ...place, outside: 'report' });
    expect([off, acting]).toEqual([[], ["Jetpack is connected to production's account at WordPress.com"]]);
    expect(await sql('SELECT option_value FROM wp_options')).toContain('sk_live_äx1');
  });
});

describe('what is staging’s own', () => {
  const kept = {
    prefix: 'wp_',
    keepOptions: ['licence_*', 'gateway'],
    keepUsers: 'administrators',
    run: 'run-1',
  } as const;
  test('options and administrators outlive the sync, ids do not matter', async () => {
    await server.query(
      `INSERT INTO wp_options (option_name, option_value, autoload) VALUES ('gateway', 'test "ü', 'no'), ('blogname', 'Old', 'yes');
       INSERT INTO wp_users (ID, user_login, user_pass, user_email) VALUES (1, 'boss', 'staging-hash', 'b@s'), (2, 'tester', 'tester-hash', 't@s'), (3, 'reader', 'r', 'r@s');
       INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (1, 'wp_capabilities', '${ADMIN}'), (2, 'wp_capabilities', '${ADMIN}'), (2, 'color', 'red'), (3, 'wp_capabilities', 'a:0:{}')`,
      LIVE,
    );
    await sql(`INSERT INTO wp_options (option_name, option_value) VALUES ('gateway', 'live'), ('licence_x', 'production'), ('blogname', 'New');
       INSERT INTO wp_users (ID, user_login, user_pass) VALUES (2, 'customer', 'c'), (5, 'boss', 'production-hash');
       INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (5, 'wp_capabilities', 'a:0:{}'), (5, 'color', 'blue')`);
    const captured = await capturePreserved(session, { ...kept, schema: LIVE });
    const stored: unknown = JSON.parse(JSON.stringify(captured));
    expect(preservedDocument(stored)).toBe(true);
    for (let time = 0; time < 2; time += 1)
      await applyPreserved(session, { ...kept, schema: COPY }, captured);
    expect(
      await rows(
        "SELECT option_name, option_value, autoload FROM wp_options WHERE option_name <> 'understudy_users' ORDER BY 1",
      ),
    ).toEqual(['blogname\tNew\tyes', 'gateway\ttest "ü\tno']);
    expect(await rows('SELECT ID, user_login, user_pass FROM wp_users ORDER BY user_login')).toEqual([
      '5\tboss\tproduction-hash',
      '2\tcustomer\tc',
      '6\ttester\ttester-hash',
    ]);
    expect(await rows('SELECT user_id, meta_key, meta_value FROM wp_usermeta ORDER BY 1, 2')).toEqual([
      '5\tcolor\tblue',
      '5\twp_capabilities\ta:0:{}',
      '6\tcolor\tred',
      `6\twp_capabilities\t${ADMIN}`,
    ]);
  });
  /** One user as an administrator of a schema, or as somebody without rights. */
  const user = (id: number, login: string, hash: string, isAdministrator = true): string =>
    `INSERT INTO wp_users (ID, user_login, user_pass) VALUES (${String(id)}, '${login}', '${hash}');
     INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (${String(id)}, 'wp_capabilities', '${isAdministrator ? ADMIN : 'a:0:{}'}');`;

  /** Production's users become a copy, which is cleaned and then served as staging. @returns its users */
  async function syncUsers(run: string, production: string): Promise<string[]> {
    await sql(`DELETE FROM wp_users; DELETE FROM wp_usermeta; DELETE FROM wp_options; ${production}`);
    const captured = await capturePreserved(session, { ...kept, schema: LIVE });
    await applyPreserved(session, { ...kept, schema: COPY, run }, captured);
    for (const table of ['wp_users', 'wp_usermeta', 'wp_options'])
      await server.query(
        `DELETE FROM ${LIVE}.${table}; INSERT INTO ${LIVE}.${table} SELECT * FROM ${COPY}.${table}`,
      );
    return rows('SELECT user_login, user_pass FROM wp_users ORDER BY 1');
  }

  test('administrators that a sync brought are as production has them, and gone when production drops them', async () => {
    await server.query(user(1, 'boss', 'staging-hash') + user(2, 'tester', 'tester-hash'), LIVE);
    const first = user(1, 'boss', 'old') + user(2, 'leaver', 'leaver-hash') + user(9, 'customer', 'c', false);
    expect(await syncUsers('run-1', first)).toEqual([
      'boss\told',
      'customer\tc',
      'leaver\tleaver-hash',
      'tester\ttester-hash',
    ]);
    // Staging changes its copies of production's users, gives one of them rights, and gets somebody of its own.
    await server.query(
      `UPDATE wp_users SET user_pass = 'changed-on-staging'; UPDATE wp_usermeta SET meta_value = '${ADMIN}';
       ${user(50, 'newcomer', 'newcomer-hash')}`,
      LIVE,
    );
    const second = user(1, 'boss', 'new') + user(12, 'tester', 'production-tester');
    const expected = ['boss\tnew', 'newcomer\tnewcomer-hash', 'tester\tchanged-on-staging'];
    expect(await syncUsers('run-2', second)).toEqual(expected);
    expect(await syncUsers('run-3', second)).toEqual(expected);
  });
  test('who is named in the site file is kept, no matter who brought them', async () => {
    await server.query(user(1, 'boss', 'staging-hash') + user(2, 'other', 'o'), LIVE);
    await sql(user(7, 'boss', 'production-hash'));
    const named = { ...kept, keepUsers: ['boss'] };
    const captured = await capturePreserved(session, { ...named, schema: LIVE });
    await applyPreserved(session, { ...named, schema: COPY }, captured);
    expect(await rows('SELECT ID, user_login, user_pass FROM wp_users')).toEqual(['7\tboss\tstaging-hash']);
  });
  // A restore that was cut off before its last part, or a tool that knows no keys.
  test.each([
    ['lost AUTO_INCREMENT', 'bigint unsigned NOT NULL'],
    ['lost AUTO_INCREMENT and got a default', 'bigint unsigned NOT NULL DEFAULT 0'],
    ['lost AUTO_INCREMENT and the primary key', 'bigint unsigned NOT NULL', 'DROP PRIMARY KEY'],
  ])('tables that %s get their rows all the same', async (_what, type, ...drop) => {
    await server.query(user(1, 'boss', 'staging-hash') + user(2, 'tester', 'tester-hash'), LIVE);
    await server.query("INSERT INTO wp_options (option_name, option_value) VALUES ('gateway', 'test')", LIVE);
    const counters = { wp_users: 'ID', wp_usermeta: 'umeta_id', wp_options: 'option_id' };
    const nobody = "INSERT INTO wp_users (ID, user_login, user_pass) VALUES (0, 'tester', 'x');";
    await sql(
      Object.entries(counters)
        .map(([table, column]) => `ALTER TABLE ${table} ${[`MODIFY ${column} ${type}`, ...drop].join(', ')};`)
        .join('\n') +
        `INSERT INTO wp_users (ID, user_login, user_pass) VALUES (7, 'boss', 'production-hash'); ${nobody}
         INSERT INTO wp_usermeta VALUES (3, 7, 'color', 'blue');
         INSERT INTO wp_options VALUES (4, 'gateway', 'live', 'yes');` +
        (drop.length === 0 ? '' : nobody.replace('tester', 'another')),
    );
    const named = { ...kept, keepUsers: ['boss', 'tester'] };
    await applyPreserved(
      session,
      { ...named, schema: COPY },
      await capturePreserved(session, { ...named, schema: LIVE }),
    );
    expect(await rows('SELECT ID, user_login, user_pass FROM wp_users ORDER BY ID')).toEqual([
      ...(drop.length === 0 ? [] : ['0\tanother\tx']),
      '7\tboss\tstaging-hash',
      '8\ttester\ttester-hash',
    ]);
    expect(await rows('SELECT * FROM wp_usermeta ORDER BY 1')).toEqual([
      '3\t7\tcolor\tblue',
      `4\t7\twp_capabilities\t${ADMIN}`,
      `5\t8\twp_capabilities\t${ADMIN}`,
    ]);
    expect(await rows("SELECT option_value FROM wp_options WHERE option_name = 'gateway'")).toEqual(['test']);
    expect(
      await rows('SELECT COUNT(DISTINCT option_id) = COUNT(*), MIN(option_id) > 0 FROM wp_options'),
    ).toEqual(['1\t1']);
  });
  test('a staging that was empty removes nothing', async () => {
    await server.query('DROP TABLE wp_options', LIVE);
    await sql(`INSERT INTO wp_options (option_name, option_value) VALUES ('gateway', 'live')`);
    await applyPreserved(
      session,
      { ...kept, schema: COPY },
      await capturePreserved(session, { ...kept, schema: LIVE }),
    );
    expect(await rows("SELECT option_value FROM wp_options WHERE option_name = 'gateway'")).toEqual(['live']);
  });
});

test('the must-use plugin is PHP, whatever its options say', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-mu-'));
  try {
    const file = path.join(folder, 'understudy.php');
    const allowHttp = ["'; exit; //", '\\', '$(id) ?> <?php', '*.example.com'];
    await writeFile(
      file,
      muPluginText({
        run: 'r',
        cron: 'off',
        blockHttp: 'all',
        allowHttp,
        ownHosts: ['staging.acme.com', 'localhost'],
      }),
    );
    const harness = `define('ABSPATH', '/'); class WP_Error { function __construct(public $c, public $m) {} }
      $GLOBALS['f'] = []; function add_filter($n, $c) { $GLOBALS['f'][$n] = $c; } function add_action($n, $c) {} function do_action($n) {}
      function wp_using_ext_object_cache() { return false; }
      class W { public $base_prefix = 'wp_'; function suppress_errors($x) { return false; } function get_var($q) { return null; } }
      $GLOBALS['wpdb'] = new W; require '${file}';
      foreach (['https://api.stripe.com/', 'https://staging.acme.com/', 'https://x.example.com/', 'https://evilexample.com/', 'https://api.wordpress.org/'] as $u)
        echo $GLOBALS['f']['pre_http_request'](false, [], $u) === false ? 'open ' : 'blocked ';
      echo DISABLE_WP_CRON ? 'cron-off ' : '', wp_mail('a', 'b', 'c') ? 'mail-swallowed' : '';`;
    const { stdout } = await promisify(execFile)('php', ['-r', harness]);
    expect(stdout).toBe('blocked open open blocked open cron-off mail-swallowed');
  } finally {
    await rm(folder, { recursive: true });
  }
});
