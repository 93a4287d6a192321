import { quoteIdentifier } from '../../commands/quote.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type BackupManifest } from '../manifest.js';
import { readCollations, schemaDefaultsFor } from './import-schema.js';
import { isIncomingSchema } from './schema-names.js';
import { type StagingDatabase, withStaging } from './staging-account.js';

/** Schemas that this process made, and nobody has filled since. */
const stillEmpty = new WeakMap<StagingDatabase['database'], string>();

/**
 * Makes the empty schema that a swap imports into, with production's charset and collation. What an earlier attempt
 * left in it goes; what staging serves is not touched.
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
  manifest: BackupManifest,
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
