import { quoteIdentifier } from '../../commands/quote.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type BackupManifest } from '../manifest.js';
import { describeTarget, schemaDefaultsFor } from './import-schema.js';
import { isIncomingSchema } from './schema-names.js';
import { type StagingDatabase, withStaging } from './staging-account.js';

/**
 * Makes the empty schema that a swap imports into, with production's charset and collation. What an earlier attempt
 * left in it goes; what staging serves is not touched.
 */
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
