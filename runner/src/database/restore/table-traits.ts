import { type SqlConnection } from '../connection.js';

/** What the import of a table's rows depends on. */
export interface TableTraits {
  /** Tables with generated columns. */
  readonly generated: ReadonlySet<string>;
  /** Tables whose text columns are all UTF-8, on a server that takes bytes for text. */
  readonly utf8: ReadonlySet<string>;
}

/** Looks at the empty tables of a schema. */
export async function tableTraits(connection: SqlConnection, schema: string): Promise<TableTraits> {
  const rows = await connection.query(
    `SELECT table_name AS name,
       MAX(COALESCE(generation_expression, '') <> '') AS has_generated,
       MIN(COALESCE(character_set_name, 'utf8mb4') IN ('utf8mb4', 'utf8mb3', 'utf8')) AS is_utf8
     FROM information_schema.columns WHERE table_schema = ? GROUP BY table_name`,
    [schema],
  );
  const named = (trait: string) =>
    new Set(rows.filter((row) => Number(row[trait]) === 1).map((row) => String(row['name'])));
  return { generated: named('has_generated'), utf8: connection.isMariaDb ? named('is_utf8') : new Set() };
}
