import { createHash } from 'node:crypto';
import { type EngineServer } from './engines.js';

/**
 * What a schema holds, table by table, read with the vendor's own client and hashed here. It shares nothing with the
 * runner: no connection, no lexer, no list of types.
 */
export type TableHashes = ReadonlyMap<string, { readonly rows: number; readonly hash: string }>;

const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** Tables whose rows are `SELECT` results of others, or none at all. */
const WITHOUT_ROWS = ['BLACKHOLE'];

/**
 * Reads a schema in two calls of the client, because each start of one costs as much as many rows.
 * @param asJson `table.column` of the columns that are JSON on one of the sides: compared by meaning, not by spelling
 */
export async function hashTables(
  server: EngineServer,
  schema: string,
  asJson: ReadonlySet<string>,
): Promise<TableHashes> {
  const tables = [...(await describeTables(server, schema))];
  const text = await server.query(
    [
      "SET time_zone = '+00:00', sql_mode = '';",
      ...tables.map(([table, columns]) => selectRows(schema, table, columns)),
    ].join('\n'),
  );
  const blocks = text.split(`${MARK}\n`).slice(1);
  return new Map(
    tables.map(([table, columns], index) => {
      const rows = lines(blocks[index] ?? '').map((line) => readableRow(line, table, columns, asJson));
      const hash = createHash('sha256').update(rows.sort().join('\n')).digest('hex');
      return [table, { rows: rows.length, hash }];
    }),
  );
}

interface Column {
  readonly name: string;
  readonly type: string;
}

async function describeTables(
  server: EngineServer,
  schema: string,
): Promise<ReadonlyMap<string, readonly Column[]>> {
  const text = await server.query(
    `SELECT HEX(c.table_name), HEX(c.column_name), c.data_type
     FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = ${literal(schema)} AND t.table_schema = ${literal(schema)}
       AND t.table_type NOT IN ('VIEW', 'SEQUENCE')
       AND COALESCE(t.engine, '') NOT IN (${WITHOUT_ROWS.map(literal).join(', ')})
     ORDER BY c.table_name, c.ordinal_position`,
  );
  const tables = new Map<string, Column[]>();
  for (const line of lines(text)) {
    const [table, name, type = ''] = line.split('\t');
    const columns = tables.get(fromHex(table)) ?? [];
    columns.push({ name: fromHex(name), type });
    tables.set(fromHex(table), columns);
  }
  return tables;
}

/** Stands between the tables; a row holds hexadecimal digits and NULL alone. */
const MARK = '-- next table';

const selectRows = (schema: string, table: string, columns: readonly Column[]): string =>
  `SELECT '${MARK}';
   SELECT ${columns.map(({ name, type }) => `COALESCE(${asHex(quote(name), type)}, 'NULL')`).join(', ')}
   FROM ${quote(schema)}.${quote(table)};`;

const readableRow = (
  line: string,
  table: string,
  columns: readonly Column[],
  asJson: ReadonlySet<string>,
): string =>
  line
    .split('\t')
    .map((cell, index) =>
      asJson.has(`${table}.${columns[index]?.name ?? ''}`) && cell !== 'NULL'
        ? canonical(fromHex(cell))
        : cell,
    )
    .join('\t');

/** `table.column` of the columns that are JSON, by the server's own word. */
export async function jsonColumns(server: EngineServer, schema: string): Promise<string[]> {
  const text = await server.query(
    `SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns
     WHERE table_schema = ${literal(schema)} AND data_type = 'json'`,
  );
  return lines(text);
}

/** Numbers and times as text, bits as a number, everything else as its bytes. */
function asHex(column: string, type: string): string {
  if (type === 'bit') return `HEX(${column} + 0)`;
  if (/char|text|blob|binary|enum|set|geom|point|line|poly|collection|vector/.test(type))
    return `HEX(${column})`;
  return `HEX(CAST(${column} AS CHAR))`;
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
const fromHex = (hex: string | undefined): string => Buffer.from(hex ?? '', 'hex').toString('utf8');

/** JSON with sorted keys; what is no JSON stays as it is. */
function canonical(text: string): string {
  const sorted = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(sorted)
      : value !== null && typeof value === 'object'
        ? Object.fromEntries(
            Object.entries(value)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([key, each]) => [key, sorted(each)]),
          )
        : value;
  return JSON.stringify(sorted(JSON.parse(text)));
}

/** One line for each table that is not the same in both. */
export function differences(wanted: TableHashes, found: TableHashes): string[] {
  const names = [...new Set([...wanted.keys(), ...found.keys()])];
  return names.flatMap((name) => {
    const [a, b] = [wanted.get(name), found.get(name)];
    if (a === undefined) return [`${name}: not on production`];
    if (b === undefined) return [`${name}: missing`];
    if (a.hash === b.hash) return [];
    return [`${name}: ${String(a.rows)} rows on production, ${String(b.rows)} on staging, not the same`];
  });
}
