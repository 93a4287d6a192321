import { readCommand, scriptWords, shellScript } from '../../commands/command.js';
import { type ReadingHost } from '../../hosts/host.js';
import { type DatabaseAccess } from '../connection/access.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import { type Grant, hasLiteralGrants, isGlobal, readGrants, readOwnGrants } from '../schema/grants.js';
import { listTables } from './objects/schema-objects.js';

/** What the decision between swap and replace, and the preflight, need to know of staging's server. */
export interface StagingSurvey {
  /** `acme@%`, as the server knows the account. */
  readonly account: string;
  readonly grants: readonly Grant[];
  /** Of these, what it has without a role. */
  readonly ownGrants: readonly Grant[];
  readonly tables: readonly string[];
  readonly liveBytes: number;
  /** Undefined: cannot be known (the server is another machine, or hides its folder). */
  readonly freeBytes: number | undefined;
  /** Grants have no wildcards (MySQL's partial_revokes), so none can cover the schemas of a swap. */
  readonly literalGrants: boolean;
  /** The server writes the names of tables in lower case. */
  readonly lowersNames: boolean;
  /** Whether the binary log keeps an account without SUPER from making triggers and functions (error 1419). */
  readonly refusesTriggers: boolean;
}

/** Reads only. */
export async function surveyStaging(
  host: ReadingHost,
  connection: SqlConnection,
  access: DatabaseAccess,
): Promise<StagingSurvey> {
  const place = connection.query('SELECT CURRENT_USER() AS account, @@datadir AS datadir');
  const free = place.then(([row]) => freeBytes(host, access, String(row?.['datadir'])));
  const [[row], literalGrants, grants, ownGrants, tables, liveBytes, freeSpace, lowersNames, isGuarded] =
    await inOneGo([
      place,
      hasLiteralGrants(connection),
      readGrants(connection),
      readOwnGrants(connection),
      listTables(connection, access.name),
      schemaBytes(connection, access.name),
      free,
      hasVariable(connection, 'lower_case_table_names', ['1']),
      binaryLogGuards(connection),
    ]);
  return {
    account: String(row?.['account']),
    grants,
    ownGrants,
    tables,
    liveBytes,
    freeBytes: freeSpace,
    literalGrants,
    lowersNames,
    refusesTriggers: isGuarded && !isSuper(grants),
  };
}

/** Bytes of data and indexes, estimated by the server. */
export async function schemaBytes(connection: SqlConnection, schema: string): Promise<number> {
  const [row] = await connection.query(
    `SELECT CAST(COALESCE(SUM(data_length + index_length), 0) AS UNSIGNED) AS bytes
     FROM information_schema.tables WHERE table_schema = ?`,
    [schema],
  );
  return Number(row?.['bytes'] ?? 0);
}

const FREE = `d=$1
until df -Pk -- "$d" >/dev/null 2>&1; do case $d in /*/*) d=\${d%/*} ;; *) exit 1 ;; esac; done
df -Pk -- "$d" | sed -n '$p' | { read -r _ _ _ free _; echo "$free"; }`;

async function freeBytes(
  host: ReadingHost,
  access: DatabaseAccess,
  folder: string,
): Promise<number | undefined> {
  const isHere = access.server.kind === 'socket' || /^(localhost|127\..*|::1)$/.test(access.server.host);
  if (!isHere && access.container === undefined) return undefined;
  const command =
    access.container === undefined
      ? shellScript('read', FREE, [folder.replace(/\/+$/, '')])
      : readCommand('docker', 'exec', access.container, ...scriptWords(FREE, folder));
  const result = await host.run(command, {
    allowedExitCodes: 'any',
    label: 'free space of the database server',
  });
  const kilobytes = Number(result.stdout.toString().trim());
  return result.code === 0 && kilobytes > 0 ? kilobytes * 1024 : undefined;
}

async function hasVariable(
  connection: SqlConnection,
  name: string,
  values: readonly string[],
): Promise<boolean> {
  const [row] = await connection.query('SHOW GLOBAL VARIABLES WHERE Variable_name = ?', [name]);
  return values.includes(String(row?.['Value']).toUpperCase());
}

async function binaryLogGuards(connection: SqlConnection): Promise<boolean> {
  const rows = await connection.query(
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_bin', 'log_bin_trust_function_creators')",
  );
  const value = (name: string) =>
    String(rows.find((row) => row['Variable_name'] === name)?.['Value']).toUpperCase();
  return value('log_bin') === 'ON' && value('log_bin_trust_function_creators') === 'OFF';
}

const isSuper = (grants: readonly Grant[]): boolean =>
  grants.some((grant) => isGlobal(grant, ['SUPER', 'BINLOG ADMIN']));
