import { documentValidator } from '../config/document-validator.js';
import { quoteIdentifier } from '../commands/quote.js';
import { type SqlConnection } from '../database/sql-connection.js';
import { matchesPattern } from '../database/rewrite/rules.js';
import { type HygieneNote } from './hygiene.js';
import { HygieneSchema, type SiteTable } from './hygiene-schema.js';

export interface KeptSettings {
  readonly schema: string;
  readonly prefix: string;
  readonly keepOptions: readonly string[];
  readonly keepUsers: 'administrators' | readonly string[];
}

/** Rows of the former staging that outlive a sync. Texts as base64 of their UTF-8 bytes would hold: plain JSON. */
export interface KeptStaging {
  readonly version: 1;
  /** False for a staging that had no WordPress yet: then nothing is removed from the copy either. */
  readonly existed: boolean;
  readonly options: readonly {
    readonly table: string;
    readonly name: string;
    readonly value: string;
    readonly autoload: string;
  }[];
  readonly users: readonly {
    readonly row: Readonly<Record<string, string | null>>;
    readonly meta: readonly { readonly key: string; readonly value: string | null }[];
  }[];
  /** Logins of the network's super administrators. */
  readonly superAdmins: readonly string[];
}

const text = { type: 'string' } as const;
const textOrNull = { type: ['string', 'null'] } as const;
const closed = (properties: object) =>
  ({ type: 'object', required: Object.keys(properties), additionalProperties: false, properties }) as const;

/** The shape of what is stored between two stages. */
export const keptDocument = documentValidator<KeptStaging>(
  closed({
    version: { const: 1 },
    existed: { type: 'boolean' },
    options: {
      type: 'array',
      items: closed({ table: text, name: text, value: text, autoload: text }),
    },
    users: {
      type: 'array',
      items: closed({
        row: { type: 'object', additionalProperties: textOrNull },
        meta: { type: 'array', items: closed({ key: text, value: textOrNull }) },
      }),
    },
    superAdmins: { type: 'array', items: text },
  }),
);

/**
 * Reads what is to be kept from staging's present database. In swap mode stage 6 calls it on the live schema; in
 * replace mode it must be called before anything is dropped.
 */
export async function captureKept(connection: SqlConnection, settings: KeptSettings): Promise<KeptStaging> {
  const schema = await HygieneSchema.open(connection, settings.schema, settings.prefix);
  const existed = schema.main('options') !== undefined && schema.main('users') !== undefined;
  if (!existed) return { version: 1, existed, options: [], users: [], superAdmins: [] };
  const superAdmins = await readSuperAdmins(schema);
  return {
    version: 1,
    existed,
    options: await readOptions(schema, settings.keepOptions),
    users: await readUsers(schema, settings.keepUsers, superAdmins),
    superAdmins,
  };
}

async function readOptions(
  schema: HygieneSchema,
  patterns: readonly string[],
): Promise<KeptStaging['options']> {
  if (patterns.length === 0) return [];
  const kept: KeptStaging['options'][number][] = [];
  for (const table of schema.all('options', ['option_name', 'option_value', 'autoload'])) {
    const names = await keptNames(schema, table, patterns);
    if (names.length === 0) continue;
    const rows = await schema.query(
      `SELECT option_name AS name, option_value AS value, autoload AS autoload FROM ${table.sql}
       WHERE option_name IN (${names.map(() => '?').join(', ')})`,
      names,
    );
    for (const row of rows)
      kept.push({
        table: table.name,
        name: String(row['name']),
        value: String(row['value']),
        autoload: String(row['autoload']),
      });
  }
  return kept;
}

async function keptNames(
  schema: HygieneSchema,
  table: SiteTable,
  patterns: readonly string[],
): Promise<string[]> {
  const rows = await schema.query(`SELECT option_name AS name FROM ${table.sql}`);
  return rows
    .map((row) => String(row['name']))
    .filter((name) => patterns.some((pattern) => matchesPattern(pattern, name)));
}

async function readSuperAdmins(schema: HygieneSchema): Promise<string[]> {
  const table = schema.main('sitemeta');
  if (table === undefined) return [];
  const [row] = await schema.query(
    `SELECT meta_value AS value FROM ${table.sql} WHERE meta_key = 'site_admins' LIMIT 1`,
  );
  return [...String(row?.['value'] ?? '').matchAll(/s:\d+:"([^"]*)";/g)].map((match) => match[1] ?? '');
}

async function readUsers(
  schema: HygieneSchema,
  wanted: KeptSettings['keepUsers'],
  superAdmins: readonly string[],
): Promise<KeptStaging['users']> {
  const [users, meta] = [schema.main('users'), schema.main('usermeta')];
  if (users === undefined || meta === undefined) return [];
  const logins =
    wanted === 'administrators' ? [...(await administrators(schema, users, meta)), ...superAdmins] : wanted;
  const kept: KeptStaging['users'][number][] = [];
  for (const login of new Set(logins)) {
    const [row] = await schema.query(`SELECT * FROM ${users.sql} WHERE user_login = ? LIMIT 1`, [login]);
    if (row === undefined) continue;
    const rows = await schema.query(
      `SELECT meta_key AS name, meta_value AS value FROM ${meta.sql}
       WHERE user_id = ? AND meta_key IS NOT NULL AND meta_key <> 'session_tokens'`,
      [String(row['ID'])],
    );
    kept.push({
      row: Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
      ),
      meta: rows.map((one) => ({
        key: String(one['name']),
        value: one['value'] === null ? null : String(one['value']),
      })),
    });
  }
  return kept;
}

async function administrators(schema: HygieneSchema, users: SiteTable, meta: SiteTable): Promise<string[]> {
  const rows = await schema.query(
    `SELECT DISTINCT u.user_login AS login FROM ${users.sql} u JOIN ${meta.sql} m ON m.user_id = u.ID
     WHERE m.meta_key LIKE ? ESCAPE '|' AND m.meta_value LIKE '%"administrator";b:1%'`,
    [`${schema.prefix.replace(/[|%_]/g, '|$&')}%capabilities`],
  );
  return rows.map((row) => String(row['login']));
}

/** Puts kept options and users into the copy. May be repeated. */
export async function applyKept(
  connection: SqlConnection,
  settings: KeptSettings,
  kept: KeptStaging,
): Promise<HygieneNote[]> {
  if (!kept.existed) return [];
  const schema = await HygieneSchema.open(connection, settings.schema, settings.prefix);
  const options = await applyOptions(schema, settings.keepOptions, kept);
  for (const user of kept.users) await applyUser(schema, user);
  await applySuperAdmins(schema, kept);
  return [
    { what: "staging's own options kept", rows: options },
    { what: "staging's own users kept", rows: kept.users.length },
  ];
}

/** What staging did not have is not there afterwards either: no production licence key slips in by being new. */
async function applyOptions(
  schema: HygieneSchema,
  patterns: readonly string[],
  kept: KeptStaging,
): Promise<number> {
  if (patterns.length === 0) return 0;
  let rows = 0;
  for (const table of schema.all('options', ['option_name', 'option_value', 'autoload'])) {
    for (const name of await keptNames(schema, table, patterns))
      await schema.connection.execute(`DELETE FROM ${table.sql} WHERE option_name = ?`, [name]);
    // A kept document lay on staging: it brings nothing but what the site file keeps.
    const wanted = kept.options.filter(
      (one) => one.table === table.name && patterns.some((pattern) => matchesPattern(pattern, one.name)),
    );
    for (const option of wanted) {
      await schema.connection.execute(
        `INSERT INTO ${table.sql} (option_name, option_value, autoload) VALUES (?, ?, ?)`,
        [option.name, option.value, option.autoload],
      );
      rows += 1;
    }
  }
  return rows;
}

/** By login: who exists on production keeps that id; who does not gets a new one, whatever the old one was. */
async function applyUser(schema: HygieneSchema, { row, meta }: KeptStaging['users'][number]): Promise<void> {
  const [users, metaTable] = [schema.main('users'), schema.main('usermeta')];
  const login = row['user_login'];
  if (users === undefined || metaTable === undefined || login === undefined || login === null) return;
  const columns = Object.keys(row).filter((name) => name !== 'ID' && users.columns.has(name));
  const values = columns.map((name) => row[name] ?? null);
  const find = async () =>
    (await schema.query(`SELECT ID AS id FROM ${users.sql} WHERE user_login = ? LIMIT 1`, [login]))[0]?.[
      'id'
    ];
  const known = await find();
  const names = columns.map(quoteIdentifier);
  if (known === undefined)
    await schema.connection.execute(
      `INSERT INTO ${users.sql} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      values,
    );
  else
    await schema.connection.execute(
      `UPDATE ${users.sql} SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE ID = ?`,
      [...values, String(known)],
    );
  const id = String(known ?? (await find()));
  // Someone new brings all of it; someone known keeps production's preferences, but staging's rights and name.
  const rights = (key: string) =>
    /(?:capabilities|user_level)$/.test(key) || /^(?:first_name|last_name|nickname)$/.test(key);
  const brought = known === undefined ? meta : meta.filter((one) => rights(one.key));
  for (const key of new Set(brought.map((one) => one.key)))
    await schema.connection.execute(`DELETE FROM ${metaTable.sql} WHERE user_id = ? AND meta_key = ?`, [
      id,
      key,
    ]);
  for (const one of brought)
    await schema.connection.execute(
      `INSERT INTO ${metaTable.sql} (user_id, meta_key, meta_value) VALUES (?, ?, ?)`,
      [id, one.key, one.value],
    );
}

/** Kept users who were super administrators of the network still are. */
async function applySuperAdmins(schema: HygieneSchema, kept: KeptStaging): Promise<void> {
  const table = schema.main('sitemeta');
  const logins = new Set(kept.users.map((user) => user.row['user_login']));
  const missing = kept.superAdmins.filter((login) => logins.has(login));
  if (table === undefined || missing.length === 0) return;
  const all = [...new Set([...(await readSuperAdmins(schema)), ...missing])];
  const items = all.map(
    (login, index) => `i:${String(index)};s:${String(Buffer.byteLength(login))}:"${login}";`,
  );
  await schema.connection.execute(`UPDATE ${table.sql} SET meta_value = ? WHERE meta_key = 'site_admins'`, [
    `a:${String(all.length)}:{${items.join('')}}`,
  ]);
}
