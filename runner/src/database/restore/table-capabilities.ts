import { isLoopback } from '../../config/addresses.js';
import { type DatabaseAccess } from '../connection/access.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection, type SqlRow } from '../connection/sql-connection.js';
import { type BackupManifest } from '../manifest.js';
import { PARSED_TYPES } from './row-tables.js';

/** How the rows of each table can go in: sets of tables. */
export interface TableCapabilities {
  /** Of the server. */
  readonly isMariaDb: boolean;
  readonly generated: ReadonlySet<string>;
  /** Tables whose rows go into a table beside them first; see {@link RowTable}. */
  readonly indirect: ReadonlySet<string>;
  readonly enums: ReadonlyMap<string, EnumTable>;
  /** Tables whose text the server takes as the bytes of the dump, without a conversion. */
  readonly asBytes: ReadonlySet<string>;
  /** Tables whose rows LOAD DATA takes as mysqldump writes them. */
  readonly loadable: ReadonlySet<string>;
  /** Tables into which LOAD DATA goes one at a time: it holds the lock of their counter (AUTO_INCREMENT) to its end. */
  readonly oneAtATime: ReadonlySet<string>;
}

interface EnumTable {
  readonly enums: readonly string[];
  readonly others: readonly string[];
}

/** What the columns say: sets of tables. */
export interface ColumnCapabilities {
  /** A column is generated. */
  readonly generated: ReadonlySet<string>;
  /** All text columns are UTF-8. */
  readonly utf8: ReadonlySet<string>;
  /** All columns are visible, not generated, and of one of `LOADABLE_TYPES`. */
  readonly plain: ReadonlySet<string>;
  /** A column counts (AUTO_INCREMENT). */
  readonly counted: ReadonlySet<string>;
  /** A column is read from text by the server: UUID and its kin. */
  readonly parsed: ReadonlySet<string>;
  readonly enums: ReadonlyMap<string, EnumTable>;
}

export interface ServerCapabilities {
  readonly isMariaDb: boolean;
  /** Text may come as bytes, its JSON columns included. */
  readonly takesBytes: boolean;
  /** LOAD DATA may read a client's file, and nothing of it stays when it fails. */
  readonly takesFiles: boolean;
  /** LOAD DATA holds the lock of a table's counter to its end. */
  readonly holdsCounters: boolean;
}

/** Types that read the same from text; not binary ones, bits (`_binary '…'`), or those of 16 bytes (uuid, inet6). */
const LOADABLE_TYPES = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'float', 'double',
  'char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set',
  'date', 'datetime', 'timestamp', 'time', 'year']; // prettier-ignore

/** Engines that have been tried with LOAD DATA. */
const ENGINES = ['innodb', 'myisam', 'aria'];

type ManifestCapabilities = Pick<BackupManifest, 'textAs' | 'tables'> & {
  readonly source: Pick<BackupManifest['source'], 'dumpTool'>;
};

export async function tableCapabilities(
  connection: SqlConnection,
  schema: string,
  account: Pick<DatabaseAccess, 'server' | 'container'>,
  manifest: ManifestCapabilities,
): Promise<TableCapabilities> {
  const [columns, server] = await inOneGo([
    columnCapabilities(connection, schema),
    serverCapabilities(connection),
  ]);
  return combineCapabilities(columns, server, account, manifest);
}

async function columnCapabilities(connection: SqlConnection, schema: string): Promise<ColumnCapabilities> {
  const [rows, enums] = await inOneGo([
    connection.query(
      `SELECT table_name AS name,
       MAX(COALESCE(generation_expression, '') <> '') AS has_generated,
       MIN(COALESCE(character_set_name, 'utf8mb4') IN ('utf8mb4', 'utf8mb3', 'utf8')) AS is_utf8,
       MIN(data_type IN (${LOADABLE_TYPES.map((type) => `'${type}'`).join(', ')})
         AND extra NOT LIKE '%INVISIBLE%' AND COALESCE(generation_expression, '') = '') AS is_plain,
       MAX(extra LIKE '%auto_increment%') AS is_counted,
       MAX(data_type IN (${PARSED_TYPES.map((type) => `'${type}'`).join(', ')})) AS is_parsed
     FROM information_schema.columns WHERE table_schema = ? GROUP BY table_name`,
      [schema],
    ),
    connection.query(
      `SELECT table_name AS name, column_name AS col, data_type = 'enum' AS is_enum FROM information_schema.columns
     WHERE table_schema = ? AND table_name IN
       (SELECT table_name FROM information_schema.columns WHERE table_schema = ? AND data_type = 'enum')`,
      [schema, schema],
    ),
  ]);
  const named = (capability: string) =>
    new Set(rows.filter((row) => Number(row[capability]) === 1).map((row) => String(row['name'])));
  return {
    parsed: named('is_parsed'),
    enums: enumTables(enums),
    generated: named('has_generated'),
    utf8: named('is_utf8'),
    plain: named('is_plain'),
    counted: named('is_counted'),
  };
}

function enumTables(rows: readonly SqlRow[]): ReadonlyMap<string, EnumTable> {
  const tables = new Map<string, { readonly enums: string[]; readonly others: string[] }>();
  for (const { name, col, is_enum: isEnum } of rows) {
    const table = tables.get(String(name)) ?? { enums: [], others: [] };
    tables.set(String(name), table);
    (Number(isEnum) === 1 ? table.enums : table.others).push(String(col));
  }
  return tables;
}

/** A MySQL gets plain INSERTs: its JSON columns take no bytes, and its LOAD DATA has not been tried. */
async function serverCapabilities(connection: SqlConnection): Promise<ServerCapabilities> {
  if (!connection.isMariaDb)
    return { isMariaDb: false, takesBytes: false, takesFiles: false, holdsCounters: false };
  const rows = await connection.query(
    "SHOW VARIABLES WHERE Variable_name IN ('local_infile', 'innodb_autoinc_lock_mode', 'wsrep_on')",
  );
  const variables = new Map(rows.map((row) => [row['Variable_name'], String(row['Value'])]));
  return {
    isMariaDb: true,
    takesBytes: true,
    // A cluster may commit in the middle of a LOAD DATA.
    takesFiles: variables.get('local_infile') === 'ON' && variables.get('wsrep_on') !== 'ON',
    holdsCounters: variables.get('innodb_autoinc_lock_mode') !== '2',
  };
}

/** What the columns, the server, the way to it and the backup allow together. Pure. */
export function combineCapabilities(
  columns: ColumnCapabilities,
  server: ServerCapabilities,
  account: Pick<DatabaseAccess, 'server' | 'container'>,
  manifest: ManifestCapabilities,
): TableCapabilities {
  const none = new Set<string>();
  // mariadb-dump writes the values of generated columns, mysqldump names the others.
  const refused = !server.isMariaDb && /mariadb/i.test(manifest.source.dumpTool) ? columns.generated : none;
  const mayLoad = server.takesFiles && manifest.textAs === 'bytes' && isNear(account);
  const loadable = manifest.tables.filter(
    ({ name, engine }) =>
      columns.plain.has(name) &&
      ENGINES.includes(engine.toLowerCase()) &&
      // The text before a row must have no parenthesis.
      !name.includes('('),
  );
  return {
    isMariaDb: server.isMariaDb,
    generated: columns.generated,
    indirect: manifest.textAs === 'bytes' ? new Set([...refused, ...columns.parsed]) : refused,
    enums: columns.enums,
    asBytes: server.takesBytes ? columns.utf8 : none,
    loadable: mayLoad ? new Set(loadable.map(({ name }) => name)) : none,
    oneAtATime: server.holdsCounters ? columns.counted : none,
  };
}

/** Only a server on the client's own host, reached without a container, may ask the client for a file. */
const isNear = ({ server, container }: Pick<DatabaseAccess, 'server' | 'container'>): boolean =>
  container === undefined && (server.kind === 'socket' || isLoopback(server.host));
