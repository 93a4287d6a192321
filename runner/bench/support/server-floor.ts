import { quoteIdentifier } from '../../src/commands/quote.js';
import { type MariaDbServer } from '../../../sandbox/servers/mariadb.js';

/** What the server alone cannot do without: a statement per table, run by two connections. */
export interface ServerFloor {
  readonly name: string;
  run(server: MariaDbServer, schema: string): Promise<void>;
}

/**
 * The least that replacing one host by another can cost: every text read once, byte by byte, and the rows that hold the
 * host written by the server itself. The second gives wrong values (serialized lengths) and proves nothing.
 */
export function serverFloors(from: string, to: string): readonly ServerFloor[] {
  const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
  const holds = (columns: readonly string[]) =>
    columns.map((column) => `${column} LIKE BINARY ${text(`%${from}%`)}`).join(' OR ');
  const replaced = (column: string) => `${column} = REPLACE(${column}, ${text(from)}, ${text(to)})`;
  return [
    {
      name: 'the server alone: every text read once',
      run: (server, schema) =>
        perTable(server, schema, (table, columns) => `SELECT COUNT(*) FROM ${table} WHERE ${holds(columns)}`),
    },
    {
      name: 'the server alone: UPDATE with REPLACE, no proof',
      run: (server, schema) =>
        perTable(
          server,
          schema,
          (table, columns) =>
            `UPDATE IGNORE ${table} SET ${columns.map(replaced).join(', ')} WHERE ${holds(columns)}`,
        ),
    },
  ];
}

async function perTable(
  server: MariaDbServer,
  schema: string,
  statement: (table: string, columns: readonly string[]) => string,
): Promise<void> {
  const listed = await server.query(
    `SELECT c.table_name, c.column_name FROM information_schema.columns c
     JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = '${schema}' AND t.table_type = 'BASE TABLE' AND c.character_set_name IS NOT NULL
       AND COALESCE(c.generation_expression, '') = '' ORDER BY t.data_length DESC`,
  );
  const tables = new Map<string, string[]>();
  for (const line of listed.trim().split('\n')) {
    const [table = '', column = ''] = line.split('\t');
    tables.set(table, [...(tables.get(table) ?? []), quoteIdentifier(column)]);
  }
  const waiting = [...tables].map(([table, columns]) => statement(quoteIdentifier(table), columns));
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      await server.query(next, schema);
  };
  await Promise.all([lane(), lane()]);
}
