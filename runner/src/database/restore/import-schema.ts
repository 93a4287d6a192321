import { IMPORT_VARIABLES, STRICT_MODE } from '../../commands/sql-session.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import { isRefusal, refusedAs } from '../connection/sql-error.js';
import { type BackupManifest } from '../manifest.js';
import { nearestCollation } from '../sql/sql-collations.js';
import { prepareSchema, type PreparedSchema, type PrepareOptions } from '../sql/sql-statements.js';
import { quoteIdentifier } from '../../commands/quote.js';
import { isIncomingSchema } from './schema-names.js';
import { type StagingDatabase, withStaging } from './staging-account.js';

/** Names of variables. */
export interface ImportSettings {
  /** Those that a new session has otherwise. */
  readonly changed: readonly string[];
  /** Those of them that the account may not set. */
  readonly refused: ReadonlySet<string>;
}

/**
 * Gives a session what it needs to make tables and fill them ({@link IMPORT_VARIABLES}). What the server does not know
 * or keeps from the account stays as it is.
 * @param known of another session of the account, which is spared the question
 */
export async function prepareImportSession(
  connection: SqlConnection,
  known?: ImportSettings,
): Promise<ImportSettings> {
  const changed = known?.changed ?? (await changedVariables(connection));
  const refused = new Set<string>();
  await inOneGo(
    changed.map((name) =>
      connection
        .execute(`SET SESSION ${name} = ${IMPORT_VARIABLES[name] ?? 'DEFAULT'}`)
        .catch((cause: unknown) => {
          if (!isRefusal(cause)) throw cause;
          refused.add(name);
        }),
    ),
  );
  return { changed, refused };
}

async function changedVariables(connection: SqlConnection): Promise<string[]> {
  const names = Object.keys(IMPORT_VARIABLES);
  const rows = await connection.query(
    `SHOW SESSION VARIABLES WHERE Variable_name IN (${names.map(() => '?').join(', ')})`,
    names,
  );
  return rows
    .map((row): [string, unknown] => [String(row['Variable_name']).toLowerCase(), row['Value']])
    .filter(([name, value]) => name in IMPORT_VARIABLES && IMPORT_VARIABLES[name] !== value)
    .map(([name]) => name);
}

/** MySQL may refuse a table without a primary key, or make a hidden one. Either way we add it ourselves. */
export const wantsPrimaryKey = ({ refused }: ImportSettings): boolean =>
  refused.has('sql_require_primary_key') || refused.has('sql_generate_invisible_primary_key');

/** Names of the server's collations. */
export async function readCollations(connection: SqlConnection): Promise<ReadonlySet<string>> {
  const names = async (sql: string) =>
    (await connection.query(sql)).map((row) => String(row['name']).toLowerCase());
  const [collations, full] = await inOneGo([
    names(
      'SELECT collation_name AS name FROM information_schema.collations WHERE collation_name IS NOT NULL',
    ),
    // MariaDB 10.10 and later: `uca1400_ai_ci` is called `utf8mb4_uca1400_ai_ci` when it is used.
    names(
      'SELECT full_collation_name AS name FROM information_schema.collation_character_set_applicability',
    ).catch(() => []),
  ]);
  return new Set([...collations, ...full]);
}

/** What prepareSchema has to know of the server that a dump goes to. */
export const targetOf = (
  connection: SqlConnection,
  collations: ReadonlySet<string>,
  settings: ImportSettings,
): PrepareOptions['target'] => ({
  collations,
  isMariaDb: connection.isMariaDb,
  version: connection.serverVersion,
  strictInnoDb: settings.refused.has('innodb_strict_mode'),
  needsPrimaryKey: wantsPrimaryKey(settings),
});

/** Statements of a schema dump, for the schema `toSchema`. */
export const prepareFor = (
  dump: Buffer,
  manifest: BackupManifest,
  toSchema: string,
  target: PrepareOptions['target'],
  { events = 'disable', rewrite }: Pick<Partial<PrepareOptions>, 'events' | 'rewrite'> = {},
): PreparedSchema =>
  prepareSchema(dump, {
    fromSchema: manifest.source.schema,
    toSchema,
    target,
    events,
    source: {
      isMariaDb: /mariadb/i.test(manifest.source.serverVersion),
      defaultCollations: manifest.source.defaultCollations ?? {},
    },
    rewrite,
  });

/** Production's default charset and collation, or the nearest that the target has. */
function schemaDefaultsFor(
  manifest: BackupManifest,
  collations: ReadonlySet<string>,
): { readonly charset: string; readonly collation: string } {
  const collation = nearestCollation(manifest.source.collation, collations) ?? 'utf8mb4_general_ci';
  const charset = collation === manifest.source.collation ? manifest.source.charset : collation.split('_')[0];
  return { charset: charset ?? 'utf8mb4', collation };
}

/**
 * Makes tables and sequences. An engine that the server lacks is an error, no other engine.
 * @param more gives further sessions: where the server's data is on a disk, each of many tables waits for its file
 * @param ask what is asked about them, in the same round trip as the last ones
 * @throws IMPORT_FAILED
 */
export async function createTables<Answer>(
  first: SqlConnection,
  more: () => Promise<readonly SqlConnection[]>,
  prepared: PreparedSchema,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const all = prepared.statements.filter(
    ({ kind }) => kind === 'table' || kind === 'sequence' || kind === 'sequence-value',
  );
  // A default may come from a sequence, and two tables of one foreign key would wait for each other's lock.
  const apart = all.every(({ kind }) => kind === 'table')
    ? all.filter(({ sql }) => !/\breferences\b/i.test(sql.toString('latin1')))
    : [];
  if (apart.length <= MADE_BY_ONE) return makeTables(first, all, ask);
  const sessions = [first, ...(await more())];
  const share = (index: number): SchemaStatement[] => apart.filter((_, at) => at % sessions.length === index);
  await inOneGo(
    sessions.map((session, index) => makeTables(session, share(index), async () => Promise.resolve())),
  );
  const made = new Set(apart);
  return makeTables(
    first,
    all.filter((table) => !made.has(table)),
    ask,
  );
}

type SchemaStatement = PreparedSchema['statements'][number];

async function makeTables<Answer>(
  connection: SqlConnection,
  tables: readonly SchemaStatement[],
  ask: () => Promise<Answer>,
): Promise<Answer> {
  let settings = '';
  const make = (table: SchemaStatement): Promise<unknown> => {
    // Most tables of a dump have the settings of the one before.
    const same = settings === table.settings.join(';');
    settings = table.settings.join(';');
    return inOneGo([
      ...(same ? [] : [...table.settings, `SET SESSION sql_mode = '${STRICT_MODE}'`]).map((setting) =>
        connection.execute(setting),
      ),
      connection.execute(table.sql),
    ]).catch(refusedAs('IMPORT_FAILED', `The table ${table.name} cannot be created on staging`));
  };
  let at = 0;
  for (; at + MADE_TOGETHER < tables.length; at += MADE_TOGETHER)
    await inOneGo(tables.slice(at, at + MADE_TOGETHER).map(make));
  const [, , answer] = await inOneGo([
    inOneGo(tables.slice(at).map(make)),
    connection.resetSettings(),
    ask(),
  ]);
  return answer;
}

/** Tables that are asked for before the first one's answer is awaited: where one is refused, the others are made in vain. */
const MADE_TOGETHER = 400;

/** Up to as many tables, the first session makes all of them while the others open. */
const MADE_BY_ONE = 100;

/** Schemas that this process made, and nobody has filled since. */
const stillEmpty = new WeakMap<StagingDatabase['database'], string>();

/**
 * Makes the empty schema that a swap imports into, with production's charset; what an earlier attempt left goes.
 * @param manifest may still be on its way
 */
export async function makeIncomingSchema(
  context: StagingDatabase,
  schema: string,
  manifest: BackupManifest | Promise<BackupManifest>,
): Promise<void> {
  await withStaging(context, { database: null }, async (connection) => {
    const [collations, read] = await inOneGo([readCollations(connection), Promise.resolve(manifest)]);
    const { charset, collation } = schemaDefaultsFor(read, collations);
    await inOneGo([
      connection.execute(`DROP DATABASE IF EXISTS ${quoteIdentifier(schema)}`),
      connection.execute(
        `CREATE DATABASE ${quoteIdentifier(schema)} CHARACTER SET ${quoteIdentifier(charset)} COLLATE ${quoteIdentifier(collation)}`,
      ),
    ]);
  });
  stillEmpty.set(context.database, schema);
}

/** The same for who fills it now: one that stage 4 of this very process has made, under the same lock, is empty. */
export async function emptyIncomingSchema(
  context: StagingDatabase,
  schema: string,
  manifest: BackupManifest | Promise<BackupManifest>,
): Promise<void> {
  if (stillEmpty.get(context.database) !== schema) await makeIncomingSchema(context, schema, manifest);
  stillEmpty.delete(context.database);
}

/** Drops the incoming schemas that runs left behind. Nothing that is served is ever in one. */
export async function dropIncomingSchemas(context: StagingDatabase, live: string): Promise<void> {
  return withStaging(context, { database: null }, async (connection) => {
    const rows = await connection.query('SELECT schema_name AS name FROM information_schema.schemata');
    const left = rows.map((row) => String(row['name'])).filter((schema) => isIncomingSchema(live, schema));
    await inOneGo(
      left.map((schema) => connection.execute(`DROP DATABASE IF EXISTS ${quoteIdentifier(schema)}`)),
    );
  });
}
