import { several } from '../../errors/index.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';

/** Above this many tables a RENAME of all of them takes long enough for visitors to notice (2,000 take 8 s). */
const MANY_TABLES = 500;

/**
 * Whether a crash in the middle of a RENAME TABLE leaves all tables renamed or none.
 * MariaDB since 10.6 (MDEV-23842), MySQL since 8.0 (atomic DDL).
 */
export function hasCrashSafeDdl(connection: Pick<SqlConnection, 'serverVersion' | 'isMariaDb'>): boolean {
  const [major = 0, minor = 0] = (/(?:5\.5\.5-)?(\d+)\.(\d+)/.exec(connection.serverVersion) ?? [])
    .slice(1)
    .map(Number);
  return connection.isMariaDb ? major > 10 || (major === 10 && minor >= 6) : major >= 8;
}

/** Why the maintenance page has to cover a cutover; undefined when it need not. */
export function reasonForPage(
  connection: Pick<SqlConnection, 'serverVersion' | 'isMariaDb'>,
  counts: { readonly tables: number; readonly triggers: number },
): string | undefined {
  if (!hasCrashSafeDdl(connection))
    return `${connection.serverVersion} can crash in the middle of a RENAME of several tables`;
  if (counts.triggers > 0)
    return `${several(counts.triggers, 'trigger is', 'triggers are')} taken off the tables while these change places`;
  if (counts.tables > MANY_TABLES)
    return `${several(counts.tables, 'table takes', 'tables take')} some seconds to change places`;
  return undefined;
}
