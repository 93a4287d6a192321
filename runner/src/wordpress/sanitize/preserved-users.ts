import { quoteIdentifier } from '../../commands/quote.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { type BroughtUsers, readBroughtUsers, wasBrought, writeBroughtUsers } from './brought-users.js';
import { type PreserveSettings, type PreservedRows } from './preserved.js';
import { type WordPressSchema, type SiteTable } from './wordpress-schema.js';

/** Logins of the network's super administrators. */
export async function readSuperAdmins(schema: WordPressSchema): Promise<string[]> {
  const table = schema.main('sitemeta');
  if (table === undefined) return [];
  const [row] = await schema.query(
    `SELECT meta_value AS value FROM ${table.sql} WHERE meta_key = 'site_admins' LIMIT 1`,
  );
  return [...String(row?.['value'] ?? '').matchAll(/s:\d+:"([^"]*)";/g)].map((match) => match[1] ?? '');
}

/** The users of a staging that outlive a sync: those that the site file names, or its administrators that no sync brought. */
export async function readUsers(
  schema: WordPressSchema,
  wanted: PreserveSettings['keepUsers'],
  superAdmins: readonly string[],
): Promise<PreservedRows['users']> {
  const [users, meta] = [schema.main('users'), schema.main('usermeta')];
  if (users === undefined || meta === undefined) return [];
  const [found, brought] =
    wanted === 'administrators'
      ? await inOneGo([administrators(schema, users, meta), readBroughtUsers(schema)])
      : [[], undefined];
  const logins = wanted === 'administrators' ? [...found, ...superAdmins] : wanted;
  const kept: PreservedRows['users'][number][] = [];
  const answers = await inOneGo(
    [...new Set(logins)].map((login) =>
      inOneGo([
        schema.query(`SELECT * FROM ${users.sql} WHERE user_login = ? LIMIT 1`, [login]),
        schema.query(
          `SELECT user_id AS id, meta_key AS name, meta_value AS value FROM ${meta.sql}
           WHERE user_id IN (SELECT ID FROM ${users.sql} WHERE user_login = ?)
           AND meta_key IS NOT NULL AND meta_key <> 'session_tokens'`,
          [login],
        ),
      ]),
    ),
  );
  for (const [[row], metas] of answers) {
    if (row === undefined) continue;
    if (brought !== undefined && wasBrought(brought, String(row['ID']), String(row['user_login']))) continue;
    kept.push({
      isOwn: wanted !== 'administrators' || brought !== undefined,
      row: Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
      ),
      meta: metas
        .filter((one) => String(one['id']) === String(row['ID']))
        .map((one) => ({
          key: String(one['name']),
          value: one['value'] === null ? null : String(one['value']),
        })),
    });
  }
  return kept;
}

async function administrators(schema: WordPressSchema, users: SiteTable, meta: SiteTable): Promise<string[]> {
  const rows = await schema.query(
    `SELECT DISTINCT u.user_login AS login FROM ${users.sql} u JOIN ${meta.sql} m ON m.user_id = u.ID
     WHERE m.meta_key LIKE ? ESCAPE '|' AND m.meta_value LIKE '%"administrator";b:1%'`,
    [`${schema.prefix.replace(/[|%_]/g, '|$&')}%capabilities`],
  );
  return rows.map((row) => String(row['login']));
}

/** Where nobody recorded who came from where, who exists on production is production's. */
export async function applyUsers(
  schema: WordPressSchema,
  kept: PreservedRows['users'],
  brought: BroughtUsers,
): Promise<[own: string[], replaced: string[]]> {
  const loginOf = (user: (typeof kept)[number]) => user.row['user_login'] ?? '';
  // Each login once, so none of them waits for what becomes of another.
  const isReplaced = await inOneGo(
    kept.map(async (user) => {
      const id = user.isOwn ? undefined : await userId(schema, loginOf(user));
      return id !== undefined && wasBrought(brought, id, loginOf(user));
    }),
  );
  const stay = kept.filter((_, index) => isReplaced[index] === false);
  const own = stay.map(loginOf);
  await inOneGo([
    ...stay.map((user) => applyUser(schema, user)),
    writeBroughtUsers(schema, { ...brought, own }),
  ]);
  return [own, kept.filter((_, index) => isReplaced[index] === true).map(loginOf)];
}

async function userId(schema: WordPressSchema, login: string): Promise<string | undefined> {
  const users = schema.main('users');
  if (users === undefined) return undefined;
  const [row] = await schema.query(`SELECT ID AS id FROM ${users.sql} WHERE user_login = ? LIMIT 1`, [login]);
  return row === undefined ? undefined : String(row['id']);
}

/** By login: who exists on production keeps that id; who does not gets a new one, whatever the old one was. */
async function applyUser(
  schema: WordPressSchema,
  { row, meta }: PreservedRows['users'][number],
): Promise<void> {
  const [users, metaTable] = [schema.main('users'), schema.main('usermeta')];
  const login = row['user_login'];
  if (users === undefined || metaTable === undefined || login === undefined || login === null) return;
  // Nobody can log in as number 0, and what has that number belongs to everybody who has it.
  const [, known] = await inOneGo([
    schema.connection.execute(`DELETE FROM ${users.sql} WHERE user_login = ? AND ID = 0`, [login]),
    userId(schema, login),
  ]);
  const own = Object.entries(row).filter(([name]) => name !== 'ID' && users.columns.has(name));
  const [, id = ''] = await inOneGo([
    known === undefined
      ? schema.insert(users, Object.fromEntries(own))
      : schema.connection.execute(
          `UPDATE ${users.sql} SET ${own.map(([name]) => `${quoteIdentifier(name)} = ?`).join(', ')}
           WHERE ID = ? AND user_login = ?`,
          [...own.map(([, value]) => value), known, login],
        ),
    userId(schema, login),
  ]);
  // Someone new brings all of it; someone known keeps production's preferences, but staging's rights and name.
  const rights = (key: string) =>
    /(?:capabilities|user_level)$/.test(key) || /^(?:first_name|last_name|nickname)$/.test(key);
  const brought = known === undefined ? meta : meta.filter((one) => rights(one.key));
  const keys = [...new Set(brought.map((one) => one.key))];
  if (keys.length === 0) return;
  await inOneGo([
    schema.connection.execute(
      `DELETE FROM ${metaTable.sql} WHERE user_id = ? AND meta_key IN (${keys.map(() => '?').join(', ')})`,
      [id, ...keys],
    ),
    ...brought.map((one) =>
      schema.insert(metaTable, { user_id: id, meta_key: one.key, meta_value: one.value }),
    ),
  ]);
}

/** Kept users who were super administrators of the network still are. */
export async function applySuperAdmins(
  schema: WordPressSchema,
  kept: PreservedRows,
  own: readonly string[],
): Promise<void> {
  const table = schema.main('sitemeta');
  const missing = kept.superAdmins.filter((login) => own.includes(login));
  if (table === undefined || missing.length === 0) return;
  const all = [...new Set([...(await readSuperAdmins(schema)), ...missing])];
  const items = all.map(
    (login, index) => `i:${String(index)};s:${String(Buffer.byteLength(login))}:"${login}";`,
  );
  await schema.connection.execute(`UPDATE ${table.sql} SET meta_value = ? WHERE meta_key = 'site_admins'`, [
    `a:${String(all.length)}:{${items.join('')}}`,
  ]);
}
