import { isLoopback } from '../../config/addresses.js';
import { type DatabaseAccess } from '../access.js';
import { type SqlConnection } from '../sql-connection.js';
import { type BackupManifest } from '../manifest.js';

/** What the import of a table's rows depends on. */
export interface TableTraits {
  /** Tables with generated columns. */
  readonly generated: ReadonlySet<string>;
  /** Tables whose text columns are all UTF-8, on a server that takes bytes for text. */
  readonly utf8: ReadonlySet<string>;
  /** Tables whose rows LOAD DATA takes as mysqldump writes them. */
  readonly loadable: ReadonlySet<string>;
  /** Tables into which LOAD DATA goes one at a time: it holds the lock of their counter (AUTO_INCREMENT) to its end. */
  readonly counted: ReadonlySet<string>;
}

/**
 * Types whose values a dump writes as a number, NULL or a string in quotes, and which read the same from text. Not
 * among them: binary ones and bits (`_binary '…'`), and types that take 16 bytes for something else (uuid, inet6).
 */
const LOADABLE_TYPES = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'float', 'double',
  'char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set',
  'date', 'datetime', 'timestamp', 'time', 'year']; // prettier-ignore

/** Engines that have been tried with LOAD DATA. */
const ENGINES = ['innodb', 'myisam', 'aria'];

/** Looks at the empty tables of a schema. */
export async function tableTraits(
  connection: SqlConnection,
  schema: string,
  account: Pick<DatabaseAccess, 'server' | 'container'>,
  manifest: Pick<BackupManifest, 'textAs' | 'tables'>,
): Promise<TableTraits> {
  const rows = await connection.query(
    `SELECT table_name AS name,
       MAX(COALESCE(generation_expression, '') <> '') AS has_generated,
       MIN(COALESCE(character_set_name, 'utf8mb4') IN ('utf8mb4', 'utf8mb3', 'utf8')) AS is_utf8,
       MIN(data_type IN (${LOADABLE_TYPES.map((type) => `'${type}'`).join(', ')})
         AND extra NOT LIKE '%INVISIBLE%' AND COALESCE(generation_expression, '') = '') AS is_plain,
       MAX(extra LIKE '%auto_increment%') AS is_counted
     FROM information_schema.columns WHERE table_schema = ? GROUP BY table_name`,
    [schema],
  );
  const named = (trait: string) =>
    new Set(rows.filter((row) => Number(row[trait]) === 1).map((row) => String(row['name'])));
  const none = new Set<string>();
  if (!connection.isMariaDb)
    return { generated: named('has_generated'), utf8: none, loadable: none, counted: none };
  const variables = await connection.query(
    "SHOW VARIABLES WHERE Variable_name IN ('local_infile', 'innodb_autoinc_lock_mode', 'wsrep_on')",
  );
  const server = new Map(variables.map((row) => [row['Variable_name'], String(row['Value'])]));
  const takesFiles =
    server.get('local_infile') === 'ON' &&
    // A cluster may commit in the middle of a LOAD DATA.
    server.get('wsrep_on') !== 'ON' &&
    manifest.textAs === 'bytes' &&
    isNear(account);
  // The text before a row must have no parenthesis.
  const plain = named('is_plain');
  const loadable = manifest.tables.filter(
    ({ name, engine }) => plain.has(name) && ENGINES.includes(engine.toLowerCase()) && !name.includes('('),
  );
  return {
    generated: named('has_generated'),
    utf8: named('is_utf8'),
    loadable: takesFiles ? new Set(loadable.map(({ name }) => name)) : none,
    counted: server.get('innodb_autoinc_lock_mode') === '2' ? none : named('is_counted'),
  };
}

/** Only a server on the client's own host, reached without a container, may ask the client for a file. */
const isNear = ({ server, container }: Pick<DatabaseAccess, 'server' | 'container'>): boolean =>
  container === undefined && (server.kind === 'socket' || isLoopback(server.host));
