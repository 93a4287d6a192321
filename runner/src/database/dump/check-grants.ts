import { inOneGo } from '../in-one-go.js';
import { type SqlConnection } from '../sql-connection.js';

/** What a dump needs. Without TRIGGER the dump program leaves triggers out and says nothing. */
const NEEDED = ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT'] as const;

/**
 * Rights that the account lacks for a dump of `schema`, by SHOW GRANTS (roles that are active included).
 * @returns empty when nothing is missing
 */
export async function missingDumpRights(connection: SqlConnection, schema: string): Promise<string[]> {
  const [rows, roles] = await inOneGo([connection.query('SHOW GRANTS'), activeRoles(connection)]);
  const lines = rows.flatMap((row) => Object.values(row).map(String));
  for (const role of roles) {
    const granted = await connection.query(`SHOW GRANTS FOR ${role}`).catch(() => []);
    lines.push(...granted.flatMap((row) => Object.values(row).map(String)));
  }
  return missingIn(lines, schema);
}

async function activeRoles(connection: SqlConnection): Promise<string[]> {
  const [row] = await connection.query('SELECT CURRENT_ROLE() AS roles').catch(() => []);
  const roles = String(row?.['roles'] ?? '');
  if (roles === '' || roles === 'null' || roles === 'NONE') return [];
  // MariaDB: one bare name. MySQL: `name`@`host`, comma-separated.
  return roles.includes('@') ? roles.split(',') : [`\`${roles.replaceAll('`', '``')}\``];
}

/** Pure part of {@link missingDumpRights}: `lines` as SHOW GRANTS prints them. */
export function missingIn(lines: readonly string[], schema: string): string[] {
  const held = new Set<string>();
  for (const line of lines) {
    const [, rights = '', pattern = ''] =
      /^GRANT (.+?) ON (?:TABLE )?(\*|`(?:[^`]|``)*`|"[^"]*")\.\*(?: |$)/.exec(line) ?? [];
    if (pattern === '' || !matchesSchema(pattern, schema)) continue;
    for (const right of rights.split(/,\s*/)) held.add(right.trim().toUpperCase());
  }
  if (held.has('ALL PRIVILEGES') || held.has('ALL')) return [];
  return NEEDED.filter((right) => !held.has(right));
}

/** `acme\_%` in a GRANT: `%` and `_` are wildcards unless they are escaped. */
function matchesSchema(quoted: string, schema: string): boolean {
  if (quoted === '*') return true;
  const pattern = quoted.slice(1, -1).replaceAll('``', '`');
  const expression = pattern.replace(
    /\\([_%\\])|([_%])|([.*+?^${}()|[\]\\])/g,
    (_all, escaped, wild, special) => {
      if (escaped !== undefined) return escaped === '\\' ? '\\\\' : String(escaped);
      if (wild !== undefined) return wild === '%' ? '.*' : '.';
      return `\\${String(special)}`;
    },
  );
  return new RegExp(`^${expression}$`, 's').test(schema);
}
