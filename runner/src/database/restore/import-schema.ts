import { UnderstudyError } from '../../errors/index.js';
import { type SqlConnection } from '../sql-connection.js';
import { SqlError } from '../sql-error.js';
import { type BackupManifest } from '../manifest.js';
import { nearestCollation } from '../sql-collations.js';
import { prepareSchema, type PreparedSchema, type PrepareOptions } from '../sql-statements.js';

/** What prepareSchema has to know of the server that a dump goes to. */
export async function describeTarget(connection: SqlConnection): Promise<PrepareOptions['target']> {
  const names = async (sql: string) =>
    (await connection.query(sql)).map((row) => String(row['name']).toLowerCase());
  const collations = await names(
    'SELECT collation_name AS name FROM information_schema.collations WHERE collation_name IS NOT NULL',
  );
  // MariaDB 10.10 and later: `uca1400_ai_ci` is called `utf8mb4_uca1400_ai_ci` when it is used.
  const full = await names(
    'SELECT full_collation_name AS name FROM information_schema.collation_character_set_applicability',
  ).catch(() => []);
  return { collations: new Set([...collations, ...full]), isMariaDb: connection.isMariaDb };
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
    ...(rewrite === undefined ? {} : { rewrite }),
  });

/** Production's default charset and collation, or the nearest that the target has. */
export function schemaDefaultsFor(
  manifest: BackupManifest,
  target: PrepareOptions['target'],
): { readonly charset: string; readonly collation: string } {
  const collation = nearestCollation(manifest.source.collation, target.collations) ?? 'utf8mb4_general_ci';
  const charset = collation === manifest.source.collation ? manifest.source.charset : collation.split('_')[0];
  return { charset: charset ?? 'utf8mb4', collation };
}

/**
 * Makes the tables and sequences in the connection's default schema. A storage engine that the server lacks is an
 * error here, not another engine.
 * @throws IMPORT_FAILED naming the table
 */
export async function createTables(connection: SqlConnection, prepared: PreparedSchema): Promise<void> {
  await connection.execute('SET SESSION foreign_key_checks = 0');
  // Tables of plugins often have no primary key. Where the server insists (MySQL 8.0.13) and the account may not
  // change it, CREATE TABLE says so.
  await connection.execute('SET SESSION sql_require_primary_key = 0').catch(() => undefined);
  for (const statement of prepared.statements) {
    if (statement.kind !== 'table' && statement.kind !== 'sequence' && statement.kind !== 'sequence-value')
      continue;
    try {
      for (const setting of statement.settings) await connection.execute(setting);
      await connection.execute(
        "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO')",
      );
      await connection.execute(statement.sql);
    } catch (cause) {
      throw tableProblem(statement.name, cause);
    }
  }
  await connection.execute('SET NAMES utf8mb4');
}

function tableProblem(table: string, cause: unknown): unknown {
  if (!(cause instanceof SqlError)) return cause;
  return new UnderstudyError(
    'IMPORT_FAILED',
    `The table ${table} cannot be made on staging: ${cause.message} (${String(cause.errno)})`,
    { cause },
  );
}
