import { inOneGo } from '../../database/connection/in-one-go.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { changeSerializedArray } from '../../rewrite/index.js';
import { openedSchemaOf, type SchemaOfCopy, type WordPressSchema } from './wordpress-schema.js';
import { type OptionChange, type OutsideAccount } from './payment-accounts.js';
import { OUTSIDE_ACCOUNTS } from './outside-accounts.js';

export interface OutsideSettings extends SchemaOfCopy {
  readonly outside: 'disable' | 'report';
}

export interface OutsideResult {
  /** What was switched off in the copy, a phrase each. */
  readonly off: readonly string[];
  /** What still acts, a phrase each. */
  readonly acting: readonly string[];
}

/** A table of options: of each site, and of the network. */
interface OptionTable {
  readonly sql: string;
  readonly name: string;
  readonly value: string;
}

/**
 * Looks for the plugins of {@link OUTSIDE_ACCOUNTS} in a copy, and with `disable` switches off those that have a switch,
 * active or not. May be repeated.
 */
export async function switchOutside(
  connection: SqlConnection,
  settings: OutsideSettings,
): Promise<OutsideResult> {
  const schema = await openedSchemaOf(connection, settings);
  const tables: OptionTable[] = [
    ...schema
      .all('options', ['option_name', 'option_value'])
      .map(({ sql }) => ({ sql, name: 'option_name', value: 'option_value' })),
    ...schema
      .all('sitemeta', ['meta_key', 'meta_value'])
      .map(({ sql }) => ({ sql, name: 'meta_key', value: 'meta_value' })),
  ];
  const { active, options } = await readOptions(schema, tables);
  const [off, acting]: [string[], string[]] = [[], []];
  const updates: OptionUpdate[] = [];
  for (const account of OUTSIDE_ACCOUNTS) {
    const isActive = account.files.some((file) => active.includes(`"${file}"`));
    const done = settings.outside === 'disable' ? switchOff(options, account) : { updates: [], failed: [] };
    updates.push(...done.updates);
    if (done.updates.length > 0) off.push(`${account.plugin} (${account.off ?? ''})`);
    const keepsActing = account.changes === undefined || settings.outside === 'report';
    if (done.failed.length > 0)
      acting.push(`${account.plugin} ${account.acts} (could not be read: ${done.failed.join(', ')})`);
    else if (isActive && keepsActing) acting.push(`${account.plugin} ${account.acts}`);
  }
  await inOneGo(
    updates.map(({ table: { sql, name, value }, option, after }) =>
      connection.execute(`UPDATE ${sql} SET ${value} = ? WHERE ${name} = ?`, [after, option]),
    ),
  );
  return { off, acting };
}

interface OptionUpdate {
  readonly table: OptionTable;
  readonly option: string;
  readonly after: string;
}

/** The options of one table that an account knows, by name. */
interface KnownOptions {
  readonly table: OptionTable;
  readonly values: Map<string, unknown>;
}

/** The server does not tell letter cases apart in these names. */
const keyOf = (name: string): string => name.toLowerCase();

/** In one question per table: lists of active plugins, as one text, and the options that switch an account. */
async function readOptions(
  schema: WordPressSchema,
  tables: readonly OptionTable[],
): Promise<{ readonly active: string; readonly options: readonly KnownOptions[] }> {
  const lists = ['active_plugins', 'active_sitewide_plugins'];
  const names = OUTSIDE_ACCOUNTS.flatMap(({ changes = [] }) => changes.map(({ option }) => option));
  const wanted = [...new Set([...lists, ...names])];
  const options = await inOneGo(
    tables.map(async (table): Promise<KnownOptions> => {
      const rows = await schema.query(
        `SELECT ${table.name} AS name, ${table.value} AS value FROM ${table.sql} WHERE ${table.name} IN (${wanted.map(() => '?').join(', ')})`,
        wanted,
      );
      return { table, values: new Map(rows.map(({ name, value }) => [keyOf(String(name)), value])) };
    }),
  );
  const active = options.flatMap(({ values }) => lists.map((name) => String(values.get(keyOf(name)) ?? '')));
  return { active: active.join('\n'), options };
}

/** What has to be written; what is known of the options is that from here on. */
function switchOff(
  options: readonly KnownOptions[],
  { changes = [] }: OutsideAccount,
): { readonly updates: readonly OptionUpdate[]; readonly failed: readonly string[] } {
  const [updates, failed]: [OptionUpdate[], string[]] = [[], []];
  for (const change of changes)
    for (const { table, values } of options) {
      const before = values.get(keyOf(change.option));
      if (typeof before !== 'string' || before === '') continue;
      const after = changed(before, change);
      if (after === undefined) failed.push(change.option);
      else if (after !== before) {
        values.set(keyOf(change.option), after);
        updates.push({ table, option: change.option, after });
      }
    }
  return { updates, failed };
}

/** PHP counted lengths in the bytes of the site's character set: UTF-8, else one byte for each character. */
function changed(before: string, { value, set = {}, empty = [] }: OptionChange): string | undefined {
  if (value !== undefined) return value;
  const changes = [
    ...Object.entries(set).map(([key, text]) => ({ key, value: text, add: true })),
    ...empty.map((key) => ({ key, value: '', add: false })),
  ];
  for (const encoding of ['utf8', 'latin1'] as const) {
    const after = changeSerializedArray(Buffer.from(before, encoding), changes);
    if (after !== undefined) return after.toString(encoding);
  }
  return undefined;
}
