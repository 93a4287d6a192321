import { resolveSecret } from '../../config/resolve-secret.js';
import { type Site } from '../../config/site.js';
import { type WritingHost } from '../../hosts/host.js';
import { type DatabaseAccess } from '../access.js';
import { type ConnectionOptions, openDatabase } from '../open-database.js';
import { type SqlConnection } from '../sql-connection.js';

/** What restoring needs to know of a stage's context. */
export interface StagingDatabase {
  readonly site: Site;
  readonly hosts: { stagingDatabase(): Promise<WritingHost> };
  readonly database: { staging(): Promise<DatabaseAccess> };
}

/** The account that drops, creates and renames: `staging.database.admin` where it is given, else the site's own. */
export async function stagingAccount(context: StagingDatabase): Promise<DatabaseAccess> {
  const access = await context.database.staging();
  const { admin } = context.site.staging;
  if (admin === undefined) return access;
  return { ...access, user: admin.user, password: await resolveSecret(admin.password) };
}

/** A session of that account. The caller closes it. */
export async function openStaging(
  context: StagingDatabase,
  options: ConnectionOptions = {},
): Promise<SqlConnection> {
  return openDatabase(await context.hosts.stagingDatabase(), await stagingAccount(context), options);
}

/** Opens a session, works with it, closes it whatever happens. */
export async function withStaging<Result>(
  context: StagingDatabase,
  options: ConnectionOptions,
  work: (connection: SqlConnection) => Promise<Result>,
): Promise<Result> {
  const connection = await openStaging(context, options);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
