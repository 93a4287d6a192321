import {
  type SanitizeNote,
  openedSchemaOf,
  type SchemaOfCopy,
  type WordPressSchema,
} from './wordpress-schema.js';
import { createHash } from 'node:crypto';
import { inChunks } from '../../basics/chunks.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { readAhead } from '../../database/connection/read-ahead.js';
import { type SqlBytes, type SqlConnection } from '../../database/connection/sql-connection.js';
import { type ScrubMap } from '../../config/site.js';
import { scrub } from './scrub.js';

export interface SanitizeSettings extends SchemaOfCopy {
  readonly cron: 'off' | 'keep';
  readonly scrub: ScrubMap;
}

/** What a WordPress without any planned work has in its `cron` option. */
const EMPTY_CRON = 'a:1:{s:7:"version";i:2;}';

/**
 * Sanitizes the copy before it serves its first request: nothing planned runs, nobody's session is open, search
 * engines stay away, personal data is gone where the site file says so. Kept options and users come after this.
 * @throws UnderstudyError HYGIENE_FAILED when the scrub map names a column that does not exist
 */
export async function sanitize(
  connection: SqlConnection,
  settings: SanitizeSettings,
): Promise<SanitizeNote[]> {
  const schema = await openedSchemaOf(connection, settings);
  const notes = await inOneGo([
    hideFromSearchEngines(schema),
    settings.cron === 'off' ? stopPlannedWork(schema) : Promise.resolve([]),
    endSessions(schema),
    disconnectShop(schema),
    forgetGeneratedStyles(schema),
  ]);
  return [...notes.flat(), ...(await scrub(schema, settings.scrub))];
}

/**
 * Transients are caches; what they hold is production's. Dropped before the rewriting, which then has less to do.
 * @returns rows deleted
 */
export async function dropTransients(
  connection: SqlConnection,
  settings: SchemaOfCopy,
): Promise<SanitizeNote> {
  const schema = await openedSchemaOf(connection, settings);
  const transient = (column: string) =>
    ['|_transient|_%', '|_site|_transient|_%']
      .map((like) => `${column} LIKE '${like}' ESCAPE '|'`)
      .join(' OR ');
  const [options, network] = await inOneGo([
    schema.remove('options', ['option_name'], transient('option_name')),
    schema.remove('sitemeta', ['meta_key'], transient('meta_key')),
  ]);
  return { what: 'transients dropped', rows: options + network };
}

async function hideFromSearchEngines(schema: WordPressSchema): Promise<SanitizeNote[]> {
  const [options] = await inOneGo([
    schema.update(
      'options',
      ['option_name', 'option_value'],
      "option_value = '0' WHERE option_name = 'blog_public'",
    ),
    schema.update('blogs', ['blog_id', 'public'], 'public = 0'),
  ]);
  return [{ what: 'sites hidden from search engines', rows: options }];
}

async function stopPlannedWork(schema: WordPressSchema): Promise<SanitizeNote[]> {
  const [cron, actions, posts, mailings] = await inOneGo([
    schema.update('options', ['option_name', 'option_value'], "option_value = ? WHERE option_name = 'cron'", [
      EMPTY_CRON,
    ]),
    schema.update(
      'actionscheduler_actions',
      ['status'],
      "status = 'canceled' WHERE status IN ('pending', 'in-progress')",
    ),
    // Before its version 3, Action Scheduler kept its actions among the posts.
    schema.update(
      'posts',
      ['post_type', 'post_status'],
      `post_status = 'trash'
       WHERE post_type = 'scheduled-action' AND post_status IN ('pending', 'in-progress')`,
    ),
    // MailPoet sends by a queue of its own, which every visit moves on.
    schema.update(
      'mailpoet_scheduled_tasks',
      ['status'],
      "status = 'paused' WHERE status IS NULL OR status IN ('scheduled', 'running')",
    ),
  ]);
  return [
    { what: 'lists of planned tasks emptied', rows: cron },
    { what: 'queued actions cancelled', rows: actions + posts },
    ...(mailings === 0 ? [] : [{ what: 'mailings paused', rows: mailings }]),
  ];
}

async function endSessions(schema: WordPressSchema): Promise<SanitizeNote[]> {
  const [users, customers] = await inOneGo([
    schema.remove('usermeta', ['meta_key'], "meta_key = 'session_tokens'"),
    schema.remove('woocommerce_sessions'),
  ]);
  return [{ what: 'sessions ended', rows: users + customers }];
}

/** Webhooks tell other systems of orders; those systems must not hear of staging's. */
async function disconnectShop(schema: WordPressSchema): Promise<SanitizeNote[]> {
  const webhooks = await schema.update(
    'wc_webhooks',
    ['status'],
    "status = 'disabled' WHERE status <> 'disabled'",
  );
  return webhooks === 0 ? [] : [{ what: 'webhooks disabled', rows: webhooks }];
}

/** Elementor writes style sheets with addresses into files and remembers that it did; forgotten, it writes them again. */
async function forgetGeneratedStyles(schema: WordPressSchema): Promise<SanitizeNote[]> {
  const [files, global] = await inOneGo([
    schema.remove('postmeta', ['meta_key'], "meta_key = '_elementor_css'"),
    schema.remove('options', ['option_name'], "option_name = '_elementor_global_css'"),
  ]);
  const rows = files + global;
  return rows === 0 ? [] : [{ what: 'generated style sheets forgotten', rows }];
}

/** Whether WooCommerce is active on any site of the schema. */
export async function isShop(connection: SqlConnection, settings: SchemaOfCopy): Promise<boolean> {
  const schema = await openedSchemaOf(connection, settings);
  const isActive = (base: string, nameColumn: string, name: string, valueColumn: string) =>
    schema
      .all(base, [nameColumn, valueColumn])
      .map((table) =>
        schema.query(
          `SELECT 1 AS found FROM ${table.sql} WHERE ${nameColumn} = '${name}' AND ${valueColumn} LIKE ?`,
          ['%"woocommerce/woocommerce.php"%'],
        ),
      );
  const found = await inOneGo([
    ...isActive('options', 'option_name', 'active_plugins', 'option_value'),
    ...isActive('sitemeta', 'meta_key', 'active_sitewide_plugins', 'meta_value'),
  ]);
  return found.some((rows) => rows.length > 0);
}

/** Writes an option of Understudy's own, not loaded with every page. */
export async function writeOption(schema: WordPressSchema, name: string, value: string): Promise<void> {
  const table = schema.main('options');
  if (table === undefined) return;
  await inOneGo([
    schema.connection.execute(`DELETE FROM ${table.sql} WHERE option_name = ?`, [name]),
    schema.insert(table, { option_name: name, option_value: value, autoload: 'no' }),
  ]);
}

/**
 * Yoast finds its rows by a digest of the address, which rewriting made wrong. A row without a digest would be
 * looked up in vain and written a second time. The digest is made here: MySQL 9.7 has no MD5() any more.
 */
export async function repairDigests(
  connection: SqlConnection,
  settings: SchemaOfCopy,
): Promise<SanitizeNote[]> {
  const schema = await openedSchemaOf(connection, settings);
  const tables = schema.all('yoast_indexable', ['id', 'permalink', 'permalink_hash']);
  const queue = tables.map(({ sql }) => sql);
  const next = () => {
    const item = queue.shift();
    return item === undefined ? undefined : { item, sql: digestQuery(item), bytes: 0 };
  };
  const updates: [sql: string, parameters: string[]][] = [];
  let rows = 0;
  for await (const [table, found] of readAhead(connection, next)) {
    const wrong = await wrongDigests(found);
    updates.push(...updatesOf(table, wrong));
    rows += wrong.length;
  }
  await inOneGo(updates.map((update) => connection.execute(...update)));
  return rows === 0 ? [] : [{ what: "digests of Yoast's addresses renewed", rows }];
}

/** Rows of one UPDATE. */
const BATCH = 500;

interface Digest {
  readonly id: string;
  readonly digest: string;
}

const digestQuery = (table: string): string =>
  `SELECT id, permalink, permalink_hash FROM ${table} WHERE permalink IS NOT NULL AND permalink_hash IS NOT NULL`;

async function wrongDigests(found: AsyncIterable<SqlBytes[]>): Promise<readonly Digest[]> {
  const wrong: Digest[] = [];
  for await (const [id, address, hash] of found) {
    if (!id || !address || !hash) continue;
    const digest = `${String(address.length)}:${createHash('md5').update(address).digest('hex')}`;
    if (hash.toString() !== digest) wrong.push({ id: id.toString(), digest });
  }
  return wrong;
}

function updatesOf(table: string, wrong: readonly Digest[]): [sql: string, parameters: string[]][] {
  return inChunks(wrong, BATCH).map((rows) => [
    `UPDATE ${table} SET permalink_hash = CASE id ${rows.map(() => 'WHEN ? THEN ?').join(' ')} END WHERE id IN (${rows.map(() => '?').join(', ')})`,
    [...rows.flatMap(({ id, digest }) => [id, digest]), ...rows.map(({ id }) => id)],
  ]);
}
