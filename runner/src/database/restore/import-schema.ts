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

/** Sets {@link IMPORT_VARIABLES} as far as server and account allow. @returns those that are not as they should be */
export async function prepareImportSession(connection: SqlConnection): Promise<ReadonlySet<string>> {
  const names = Object.keys(IMPORT_VARIABLES);
  const rows = await connection.query(
    `SHOW SESSION VARIABLES WHERE Variable_name IN (${names.map(() => '?').join(', ')})`,
    names,
  );
  const refused = new Set<string>();
  await inOneGo(
    rows.map(async (row) => {
      const name = String(row['Variable_name']).toLowerCase();
      const wanted = IMPORT_VARIABLES[name];
      if (wanted === undefined || row['Value'] === wanted) return;
      await connection.execute(`SET SESSION ${name} = ${wanted}`).catch((cause: unknown) => {
        if (!isRefusal(cause)) throw cause;
        refused.add(name);
      });
    }),
  );
  return refused;
}

/** MySQL may refuse a table without a primary key, or make a hidden one. Either way we add it ourselves. */
export const wantsPrimaryKey = (refused: ReadonlySet<string>): boolean =>
  refused.has('sql_require_primary_key') || refused.has('sql_generate_invisible_primary_key');

/** What prepareSchema has to know of the server that a dump goes to. Prepares the session for the import, too. */
export async function describeTarget(connection: SqlConnection): Promise<PrepareOptions['target']> {
  const names = async (sql: string) =>
    (await connection.query(sql)).map((row) => String(row['name']).toLowerCase());
  const [collations, full, kept] = await inOneGo([
    names(
      'SELECT collation_name AS name FROM information_schema.collations WHERE collation_name IS NOT NULL',
    ),
    // MariaDB 10.10 and later: `uca1400_ai_ci` is called `utf8mb4_uca1400_ai_ci` when it is used.
    names(
      'SELECT full_collation_name AS name FROM information_schema.collation_character_set_applicability',
    ).catch(() => []),
    prepareImportSession(connection),
  ]);
  return {
    collations: new Set([...collations, ...full]),
    isMariaDb: connection.isMariaDb,
    version: connection.serverVersion,
    strictInnoDb: kept.has('innodb_strict_mode'),
    needsPrimaryKey: wantsPrimaryKey(kept),
  };
}

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
  target: PrepareOptions['target'],
): { readonly charset: string; readonly collation: string } {
  const collation = nearestCollation(manifest.source.collation, target.collations) ?? 'utf8mb4_general_ci';
  const charset = collation === manifest.source.collation ? manifest.source.charset : collation.split('_')[0];
  return { charset: charset ?? 'utf8mb4', collation };
}

/** Makes tables and sequences. An engine that the server lacks is an error, no other engine. @throws IMPORT_FAILED */
export async function createTables(connection: SqlConnection, prepared: PreparedSchema): Promise<void> {
  const tables = prepared.statements.filter(
    ({ kind }) => kind === 'table' || kind === 'sequence' || kind === 'sequence-value',
  );
  let settings = '';
  for (let at = 0; at < tables.length; at += MADE_TOGETHER) {
    const making = tables.slice(at, at + MADE_TOGETHER).map(async (table) => {
      // Most tables of a dump have the settings of the one before.
      const same = settings === table.settings.join(';');
      settings = table.settings.join(';');
      await inOneGo([
        ...(same ? [] : [...table.settings, `SET SESSION sql_mode = '${STRICT_MODE}'`]).map((setting) =>
          connection.execute(setting),
        ),
        connection.execute(table.sql),
      ]).catch(refusedAs('IMPORT_FAILED', `The table ${table.name} cannot be created on staging`));
    });
    await inOneGo(making);
  }
  await connection.resetSettings();
}

/** Tables that are asked for before the first one's answer is awaited: where one is refused, the others are made in vain. */
const MADE_TOGETHER = 100;

/** Makes the empty schema that a swap imports into, with production's charset; what an earlier attempt left goes. */
export async function makeIncomingSchema(
  context: StagingDatabase,
  schema: string,
  manifest: BackupManifest,
): Promise<void> {
  await withStaging(context, { database: null }, async (connection) => {
    const { charset, collation } = schemaDefaultsFor(manifest, await describeTarget(connection));
    await inOneGo([
      connection.execute(`DROP DATABASE IF EXISTS ${quoteIdentifier(schema)}`),
      connection.execute(
        `CREATE DATABASE ${quoteIdentifier(schema)} CHARACTER SET ${quoteIdentifier(charset)} COLLATE ${quoteIdentifier(collation)}`,
      ),
    ]);
  });
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
