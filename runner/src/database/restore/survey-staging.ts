import { readCommand, scriptWords, shellScript } from '../../commands/command.js';
import { type ReadingHost } from '../../hosts/host.js';
import { type DatabaseAccess } from '../connection/access.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import {
  type Grant,
  HISTORY_PRIVILEGE,
  hasLiteralGrants,
  isGlobal,
  readGrants,
  readOwnGrants,
  missingPrivileges,
  SCHEMA_PRIVILEGES,
} from '../schema/grants.js';
import { listTables } from './objects/schema-objects.js';
import { type DatabaseOptions } from '../../config/site.js';
import { incomingSchema, oldSchema, ownSchemasPattern } from './schema-names.js';

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

export interface ModeDecision {
  readonly mode: 'swap' | 'replace';
  /** One sentence for the plan. */
  readonly reason: string;
  /** What an administrator runs once so that the next sync can swap; only where swap was not possible. */
  readonly grant?: string | undefined;
  /** Privileges that the chosen mode needs and the account lacks: `` TRIGGER on `acme` ``. Empty: it can work. */
  readonly missing: readonly string[];
}

/**
 * Swap or replace, from what the account may do. Pure.
 * @param wanted `database.mode` of the site file
 * @param account as CURRENT_USER() gives it: `acme@%`
 * @param literal grants have no wildcards: see parseGrants
 */
export function decideMode(
  wanted: DatabaseOptions['mode'],
  live: string,
  grants: readonly Grant[],
  account: string,
  literal = false,
): ModeDecision {
  const onLive = missingOn(grants, live);
  const onSide = [incomingSchema(live, '000000'), oldSchema(live, 1)].flatMap((schema) =>
    missingOn(grants, schema),
  );
  if (wanted === 'replace')
    return {
      mode: 'replace',
      reason: 'The site file asks for it (database.mode: replace).',
      missing: onLive,
    };
  if (onLive.length === 0 && onSide.length === 0)
    return { mode: 'swap', reason: `The account ${account} may create schemas beside ${live}.`, missing: [] };
  const grant = literal ? undefined : grantLine(live, account, onLive.length > 0);
  if (wanted === 'swap')
    return {
      mode: 'swap',
      reason: 'The site file asks for it (database.mode: swap).',
      grant,
      missing: [...onLive, ...onSide],
    };
  return {
    mode: 'replace',
    reason: `The account ${account} may not work in schemas beside ${live}${literal ? ' (with partial_revokes, no grant has wildcards)' : ''}, so staging is down while the database is replaced.`,
    grant,
    missing: onLive,
  };
}

const missingOn = (grants: readonly Grant[], schema: string): readonly string[] => {
  const missing = missingPrivileges(grants, schema);
  return missing.length === 0 ? [] : [`${missing.join(', ')} on ${schema}`];
};

/** The statement, or both, that would allow swap mode. */
export function grantLine(live: string, account: string, onLiveToo = false): string {
  const side = grantOn(ownSchemasPattern(live), account);
  return onLiveToo ? `${grantOn(exactPattern(live), account)} ${side}` : side;
}

/**
 * The statement that allows deleting the history of system-versioned tables, on where the copy is made. It names the other
 * rights as well: of several patterns that cover a schema only the most specific one counts, which may become this one.
 */
export const historyGrant = (mode: ModeDecision['mode'], live: string, account: string): string =>
  grantOn(
    mode === 'swap' ? ownSchemasPattern(live) : exactPattern(live),
    account,
    [...SCHEMA_PRIVILEGES, HISTORY_PRIVILEGE].join(', '),
  );

const exactPattern = (schema: string): string => schema.replaceAll(/[\\_%]/g, '\\$&');

function grantOn(pattern: string, account: string, privileges = 'ALL PRIVILEGES'): string {
  const at = account.lastIndexOf('@');
  const quote = (text: string) => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
  const who = `${quote(account.slice(0, at))}@${quote(account.slice(at + 1))}`;
  return `GRANT ${privileges} ON \`${pattern.replaceAll('`', '``')}\`.* TO ${who};`;
}
