import { quoteIdentifier } from '../../commands/quote.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { listTables } from '../../database/restore/objects/schema-objects.js';
import { UnderstudyError } from '../../errors/index.js';
import { type SchemaDefaults } from '../journal/journal-schema.js';

export const createSchema = async (connection: SqlConnection, schema: string, defaults: SchemaDefaults) =>
  connection.execute(`CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(schema)} ${clause(defaults)}`);

export async function setDefaults(
  connection: SqlConnection,
  schema: string,
  defaults: SchemaDefaults,
): Promise<void> {
  const present = await schemaDefaults(connection, schema);
  if (present.charset === defaults.charset && present.collation === defaults.collation) return;
  await connection.execute(`ALTER DATABASE ${quoteIdentifier(schema)} ${clause(defaults)}`);
}

const clause = ({ charset, collation }: SchemaDefaults): string =>
  `CHARACTER SET ${quoteIdentifier(charset)} COLLATE ${quoteIdentifier(collation)}`;

/** A schema that still has tables is data; it is never dropped here. */
export async function dropSchemaWithoutTables(connection: SqlConnection, schema: string): Promise<void> {
  if ((await listTables(connection, schema)).length > 0)
    throw new UnderstudyError(
      'CUTOVER_FAILED',
      `The schema ${schema} should be empty after the change, but it has tables.`,
    );
  await connection.execute(`DROP DATABASE IF EXISTS ${quoteIdentifier(schema)}`);
}

/** Default charset and collation of a schema. @throws CUTOVER_FAILED when it does not exist */
export async function schemaDefaults(connection: SqlConnection, schema: string): Promise<SchemaDefaults> {
  const [row] = await connection.query(
    `SELECT default_character_set_name AS charset, default_collation_name AS collation
     FROM information_schema.schemata WHERE schema_name = ?`,
    [schema],
  );
  if (row === undefined)
    throw new UnderstudyError('CUTOVER_FAILED', `The schema ${schema} does not exist on the staging server.`);
  return { charset: String(row['charset']), collation: String(row['collation']) };
}
