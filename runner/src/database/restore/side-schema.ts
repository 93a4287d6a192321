import { quoteIdentifier } from '../../commands/quote.js';
import { type BackupManifest } from '../manifest.js';
import { describeTarget, schemaDefaultsFor } from './import-schema.js';
import { newSchema } from './schema-names.js';
import { type StagingDatabase, withStaging } from './staging-account.js';

/**
 * Makes the empty schema that a swap imports into, with production's charset and collation. What an earlier attempt
 * left in it goes; what staging serves is not touched.
 * @returns its name
 */
export async function makeSideSchema(
  context: StagingDatabase,
  live: string,
  manifest: BackupManifest,
): Promise<string> {
  const schema = newSchema(live);
  await withStaging(context, { database: null }, async (connection) => {
    const { charset, collation } = schemaDefaultsFor(manifest, await describeTarget(connection));
    await connection.execute(`DROP DATABASE IF EXISTS ${quoteIdentifier(schema)}`);
    await connection.execute(
      `CREATE DATABASE ${quoteIdentifier(schema)} CHARACTER SET ${quoteIdentifier(charset)} COLLATE ${quoteIdentifier(collation)}`,
    );
  });
  return schema;
}

/** For `understudy clean`: what a failed import left. Nothing that is served is ever in it. */
export async function dropSideSchema(context: StagingDatabase, live: string): Promise<void> {
  await withStaging(context, { database: null }, (connection) =>
    connection.execute(`DROP DATABASE IF EXISTS ${quoteIdentifier(newSchema(live))}`),
  );
}
