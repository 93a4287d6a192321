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

/** @param asJson `table.column` of the columns that are JSON on one of the sides: compared by meaning, not by spelling */
export async function hashTables(
  server: EngineServer,
  schema: string,
  asJson: ReadonlySet<string>,
): Promise<TableHashes> {
  const hashes = new Map<string, { rows: number; hash: string }>();
  for (const table of await listTables(server, schema)) {
    const rows = await readRows(server, schema, table, asJson);
    const hash = createHash('sha256').update(rows.sort().join('\n')).digest('hex');
    hashes.set(table, { rows: rows.length, hash });
  }
  return hashes;
}

async function listTables(server: EngineServer, schema: string): Promise<string[]> {
  const text = await server.query(
    `SELECT HEX(table_name), engine FROM information_schema.tables
     WHERE table_schema = ${literal(schema)} AND table_type NOT IN ('VIEW', 'SEQUENCE') ORDER BY 1`,
  );
  return lines(text)
    .map((line) => line.split('\t'))
    .filter(([, engine]) => !WITHOUT_ROWS.includes(engine ?? ''))
    .map(([name]) => fromHex(name));
}

/** `table.column` of the columns that are JSON, by the server's own word. */
export async function jsonColumns(server: EngineServer, schema: string): Promise<string[]> {
  const text = await server.query(
    `SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns
     WHERE table_schema = ${literal(schema)} AND data_type = 'json'`,
  );
  return lines(text);
}

async function readRows(
  server: EngineServer,
  schema: string,
  table: string,
  asJson: ReadonlySet<string>,
): Promise<string[]> {
  const described = await server.query(
    `SELECT HEX(column_name), data_type FROM information_schema.columns
     WHERE table_schema = ${literal(schema)} AND table_name = ${literal(table)} ORDER BY ordinal_position`,
  );
  const columns = lines(described).map((line) => {
    const [name = '', type = ''] = line.split('\t');
    return { name: fromHex(name), type };
  });
  const cells = columns.map(({ name, type }) => `COALESCE(${asHex(quote(name), type)}, 'NULL')`);
  const text = await server.query(
    `SET time_zone = '+00:00', sql_mode = '';
     SELECT ${cells.join(', ')} FROM ${quote(schema)}.${quote(table)}`,
  );
  return lines(text).map((line) =>
    line
      .split('\t')
      .map((cell, index) => {
        const name = columns[index]?.name ?? '';
        return asJson.has(`${table}.${name}`) && cell !== 'NULL' ? canonical(fromHex(cell)) : cell;
      })
      .join('\t'),
  );
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
