import { type PreserveSettings, type PreservedRows } from './preserved.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { matchesPattern } from '../../basics/patterns.js';
import { type BroughtUsers, recordBroughtUsers } from './brought-users.js';
import {
  type SanitizeNote,
  openedSchemaOf,
  type SchemaOfCopy,
  type SiteTable,
  type WordPressSchema,
} from './wordpress-schema.js';
import { applySuperAdmins, applyUsers, readSuperAdmins, readUsers } from './preserved-users.js';

/**
 * Reads what is to be kept from staging's present database. In swap mode stage 6 calls it on the live schema; in
 * replace mode it must be called before anything is dropped.
 */
export async function capturePreserved(
  connection: SqlConnection,
  settings: PreserveSettings,
): Promise<PreservedRows> {
  const schema = await openedSchemaOf(connection, settings);
  const existed = schema.main('options') !== undefined && schema.main('users') !== undefined;
  if (!existed) return { version: 2, existed, options: [], users: [], superAdmins: [] };
  const superAdmins = readSuperAdmins(schema);
  const [options, users, logins] = await inOneGo([
    readOptions(schema, settings.keepOptions),
    superAdmins.then((admins) => readUsers(schema, settings.keepUsers, admins)),
    superAdmins,
  ]);
  return { version: 2, existed, options, users, superAdmins: logins };
}

async function readOptions(
  schema: WordPressSchema,
  patterns: readonly string[],
): Promise<PreservedRows['options']> {
  if (patterns.length === 0) return [];
  const kept = await inOneGo(
    optionTables(schema).map(async (table) => {
      const names = await preservedNames(schema, table, patterns);
      if (names.length === 0) return [];
      const rows = await schema.query(
        `SELECT option_name AS name, option_value AS value, autoload AS autoload FROM ${table.sql}
         WHERE option_name IN (${names.map(() => '?').join(', ')})`,
        names,
      );
      return rows.map((row) => ({
        table: table.name,
        name: String(row['name']),
        value: String(row['value']),
        autoload: String(row['autoload']),
      }));
    }),
  );
  return kept.flat();
}

/** Of every site of a network. */
const optionTables = (schema: WordPressSchema): readonly SiteTable[] =>
  schema.all('options', ['option_name', 'option_value', 'autoload']);

async function preservedNames(
  schema: WordPressSchema,
  table: SiteTable,
  patterns: readonly string[],
): Promise<string[]> {
  const rows = await schema.query(`SELECT option_name AS name FROM ${table.sql}`);
  return rows
    .map((row) => String(row['name']))
    .filter((name) => patterns.some((pattern) => matchesPattern(pattern, name)));
}

/**
 * Puts kept options and users into the copy, and records which users came from production. May be repeated.
 * @param settings.run the run that made the copy
 * @param settings.brought that record, where it was begun before
 */
export async function applyPreserved(
  connection: SqlConnection,
  settings: PreserveSettings &
    SchemaOfCopy & { readonly run: string; readonly brought?: Promise<BroughtUsers> },
  kept: PreservedRows,
): Promise<SanitizeNote[]> {
  const schema = await openedSchemaOf(connection, settings);
  const brought = await (settings.brought ?? recordBroughtUsers(schema, settings.run));
  if (!kept.existed) return [];
  const options = await applyOptions(schema, settings.keepOptions, kept);
  const [own, replaced] = await applyUsers(schema, kept.users, brought);
  await applySuperAdmins(schema, kept, own);
  return [
    { what: "staging's own options kept", rows: options },
    { what: `staging's own users kept${listed(own)}`, rows: own.length },
    ...(replaced.length === 0
      ? []
      : [
          {
            what: `administrators that production has too, now as production has them${listed(replaced)}`,
            rows: replaced.length,
          },
        ]),
  ];
}

const listed = (logins: readonly string[]): string =>
  logins.length === 0 ? '' : ` (${logins.slice(0, 20).join(', ')}${logins.length > 20 ? ', …' : ''})`;

/** What staging did not have is not there afterwards either: no production licence key slips in by being new. */
async function applyOptions(
  schema: WordPressSchema,
  patterns: readonly string[],
  kept: PreservedRows,
): Promise<number> {
  if (patterns.length === 0) return 0;
  const rows = await inOneGo(
    optionTables(schema).map(async (table) => {
      const there = await preservedNames(schema, table, patterns);
      // A kept document lay on staging: it brings nothing but what the site file keeps.
      const wanted = kept.options.filter(
        (one) => one.table === table.name && patterns.some((pattern) => matchesPattern(pattern, one.name)),
      );
      await inOneGo([
        ...there.map((name) =>
          schema.connection.execute(`DELETE FROM ${table.sql} WHERE option_name = ?`, [name]),
        ),
        ...wanted.map((option) =>
          schema.insert(table, {
            option_name: option.name,
            option_value: option.value,
            autoload: option.autoload,
          }),
        ),
      ]);
      return wanted.length;
    }),
  );
  return rows.reduce((sum, each) => sum + each, 0);
}
