import { escapePattern } from '../../basics/patterns.js';
import { quoteIdentifier } from '../../commands/quote.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection } from '../connection/sql-connection.js';

/** What `SHOW GRANTS` says, as values (https://mariadb.com/kb/en/show-grants/). */
export interface Grant {
  readonly effect: 'grant' | 'revoke';
  /** Upper case, without column lists: `SELECT`, `ALL PRIVILEGES`. */
  readonly privileges: readonly string[];
  /** `*` for all schemas; otherwise the pattern as it stands, escapes included. */
  readonly schema: string;
  /** `*` for all tables of the schema. */
  readonly table: string;
}

/** What a swap or a replacement does to a schema. LOCK TABLES and temporary tables are not needed. */
export const SCHEMA_PRIVILEGES = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'DROP',
  'REFERENCES',
  'INDEX',
  'ALTER',
  'EXECUTE',
  'CREATE VIEW',
  'SHOW VIEW',
  'CREATE ROUTINE',
  'ALTER ROUTINE',
  'EVENT',
  'TRIGGER',
] as const;

/** What deleting the history of system-versioned tables needs (MariaDB): DELETE is not enough. */
export const HISTORY_PRIVILEGE = 'DELETE HISTORY';

/** What a dump needs. Without TRIGGER the dump program leaves triggers out and says nothing. */
export const DUMP_PRIVILEGES = ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT'] as const;

const NAME = '`(?:[^`]|``)*`|"(?:[^"]|"")*"|\\*|[^\\s.`"]+';
const LINE = new RegExp(
  `^(GRANT|REVOKE)\\s+(.+?)\\s+ON\\s+(?:TABLE\\s+)?(${NAME})\\.(${NAME})\\s+(?:TO|FROM)\\s`,
  'is',
);

/** What the account of a connection may do, active roles included. */
export async function readGrants(connection: SqlConnection): Promise<readonly Grant[]> {
  return parseGrants(...(await inOneGo([showGrants(connection), hasLiteralGrants(connection)])));
}

/** What the account itself was granted: what its views and triggers may do, for which no role is active. */
export async function readOwnGrants(connection: SqlConnection): Promise<readonly Grant[]> {
  const [rows, literal] = await inOneGo([ownGrantRows(connection), hasLiteralGrants(connection)]);
  return parseGrants(rows, literal);
}

/** MySQL merges the rights of active roles into plain SHOW GRANTS, but not where the account is named. */
async function ownGrantRows(connection: SqlConnection): Promise<readonly string[]> {
  if (connection.isMariaDb) return ownRows(await showRows(connection, 'SHOW GRANTS'));
  const [row] = await connection.query('SELECT CURRENT_USER() AS account');
  const [, user = '', host = ''] = /^(.*)@(.*)$/s.exec(String(row?.['account'])) ?? [];
  return showRows(connection, `SHOW GRANTS FOR ${quoteIdentifier(user)}@${quoteIdentifier(host)}`);
}

const showRows = async (connection: SqlConnection, sql: string): Promise<string[]> =>
  (await connection.query(sql)).map((row) => String(Object.values(row)[0]));

/** MariaDB lists the rights of the current role beside the account's; a role's name has no host. Pure. */
export const ownRows = (rows: readonly string[]): readonly string[] =>
  rows.filter((row) => / (?:TO|FROM) (?:`(?:[^`]|``)*`|'(?:[^']|'')*'|[^\s@`']+)@/.test(row));

/** Grants have no wildcards: MySQL's partial_revokes. */
export async function hasLiteralGrants(connection: SqlConnection): Promise<boolean> {
  if (connection.isMariaDb) return false;
  const [row] = await connection.query("SHOW GLOBAL VARIABLES WHERE Variable_name = 'partial_revokes'");
  return String(row?.['Value']).toUpperCase() === 'ON';
}

async function showGrants(connection: SqlConnection): Promise<readonly string[]> {
  const own = await showRows(connection, 'SHOW GRANTS');
  if (connection.isMariaDb) return own;
  // MySQL lists the rights of roles only when they are named; MariaDB adds those of the current role by itself.
  const [row] = await connection.query('SELECT CURRENT_ROLE() AS roles').catch(() => []);
  const roles = String(row?.['roles'] ?? 'NONE');
  return roles === 'NONE' ? own : showRows(connection, `SHOW GRANTS FOR CURRENT_USER() USING ${roles}`);
}

/**
 * Rows of SHOW GRANTS that speak of schemas. Roles (`GRANT r TO u`), PROXY, routines and default roles are left out:
 * what a role may is in rows of its own, which the server shows for the roles that are active.
 * @param literal `_`, `%` and also a backslash before them mean themselves: MySQL with partial_revokes, as MySQL 9.7
 * does it; compare https://dev.mysql.com/doc/refman/8.4/en/partial-revokes.html
 */
export function parseGrants(rows: readonly string[], literal = false): readonly Grant[] {
  return rows.flatMap((row) => {
    const match = LINE.exec(row);
    if (!match) return [];
    const [, verb = '', list = '', schema = '', table = ''] = match;
    return [
      {
        effect: verb.toUpperCase() === 'GRANT' ? ('grant' as const) : ('revoke' as const),
        privileges: splitPrivileges(list),
        schema: literal ? escapeWildcards(unquote(schema)) : unquote(schema),
        table: unquote(table),
      },
    ];
  });
}

/** Column privileges (`SELECT (a, b)`) are not privileges on the table, so they are dropped. */
const splitPrivileges = (list: string): readonly string[] =>
  (list.match(/[A-Za-z_][A-Za-z_ ]*(?:\([^)]*\))?/g) ?? [])
    .map((word) => word.trim().toUpperCase())
    .filter((word) => word !== '' && !word.endsWith(')'));

const unquote = (name: string): string =>
  /^[`"]/.test(name) ? name.slice(1, -1).replaceAll(name.charAt(0).repeat(2), name.charAt(0)) : name;

const escapeWildcards = (name: string): string => name.replaceAll(/[\\_%]/g, '\\$&');

/** Position of the first wildcard: the later, the more specific; a pattern without one is the most specific. */
function specificity(pattern: string): number {
  const literal = /^(?:\\.|[^_%\\])*/s.exec(pattern)?.[0] ?? '';
  return literal.length === pattern.length ? Number.POSITIVE_INFINITY : literal.length;
}

/** Whether a GRANT's schema pattern covers `schema`: `_` one character, `%` any number, `\_` and `\%` themselves. */
export function patternCovers(pattern: string, schema: string): boolean {
  if (pattern === '*') return true;
  const source = pattern.replaceAll(/\\.|[_%]|[^\\_%]/gs, (part) => {
    if (part === '_') return '.';
    if (part === '%') return '.*';
    return escapePattern(part.length > 1 && part.startsWith('\\') ? part.slice(1) : part);
  });
  return new RegExp(`^${source}$`, 's').test(schema);
}

/** What the account lacks on a whole schema: global privileges and the one most specific pattern count, not several. */
export function missingPrivileges(
  grants: readonly Grant[],
  schema: string,
  wanted: readonly string[] = SCHEMA_PRIVILEGES,
): readonly string[] {
  const wide = grants.filter((grant) => grant.table === '*' && grant.effect === 'grant');
  const matching = wide
    .filter((grant) => grant.schema !== '*' && patternCovers(grant.schema, schema))
    .sort((a, b) => specificity(b.schema) - specificity(a.schema));
  const best = matching.filter((grant) => grant.schema === matching[0]?.schema);
  const held = new Set(
    [...wide.filter((grant) => grant.schema === '*'), ...best].flatMap((g) => g.privileges),
  );
  const revoked = new Set(
    grants
      .filter((grant) => grant.effect === 'revoke' && patternCovers(grant.schema, schema))
      .flatMap((grant) => grant.privileges),
  );
  const all = held.has('ALL') || held.has('ALL PRIVILEGES');
  const direct = new Set(best.flatMap((grant) => grant.privileges));
  return wanted.filter((privilege) => {
    if (direct.has('ALL') || direct.has('ALL PRIVILEGES') || direct.has(privilege)) return false;
    return revoked.has(privilege) || !(all || held.has(privilege));
  });
}

/** Whether a grant gives one of these privileges, or all, on everything. */
export const isGlobal = ({ effect, schema, privileges }: Grant, wanted: readonly string[]): boolean =>
  effect === 'grant' &&
  schema === '*' &&
  privileges.some((name) => [...wanted, 'ALL', 'ALL PRIVILEGES'].includes(name));

/** Schemas outside the site's own on which the account may write: doctor warns about them. */
export function writableElsewhere(grants: readonly Grant[], own: readonly string[]): readonly string[] {
  const writes = new Set(['ALL', 'ALL PRIVILEGES', 'INSERT', 'UPDATE', 'DELETE', 'DROP', 'CREATE', 'ALTER']);
  return [
    ...new Set(
      grants
        .filter((grant) => grant.effect === 'grant' && grant.privileges.some((name) => writes.has(name)))
        .map((grant) => grant.schema)
        .filter((schema) => !own.includes(schema)),
    ),
  ];
}
