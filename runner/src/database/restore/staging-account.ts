import { resolveSecret } from '../../config/secrets/resolve-secret.js';
import { type WritingHost } from '../../hosts/host.js';
import { type DatabaseAccess } from '../connection/access.js';
import { type ConnectionOptions, openDatabase, withDatabase } from '../connection/open-database.js';
import { type StagingContext } from '../../run/site-context.js';
import { type SqlConnection } from '../connection/sql-connection.js';

export type StagingDatabase = Pick<StagingContext, 'site' | 'database'> & {
  readonly hosts: Pick<StagingContext['hosts'], 'stagingDatabase'>;
};

/**
 * The account that makes, renames and drops schemas and their tables: `staging.database.admin` where it is given, else
 * the site's own. It never executes text that comes from a dump or a file: that is for {@link withSiteAccount}.
 */
export async function stagingAccount(context: StagingDatabase): Promise<DatabaseAccess> {
  const access = await context.database.staging();
  const { admin } = context.site.staging;
  if (admin === undefined) return access;
  return { ...access, user: admin.user, password: await resolveSecret(admin.password) };
}

/** Opens a session, works with it, closes it whatever happens. */
export async function withStaging<Result>(
  context: StagingDatabase,
  options: ConnectionOptions,
  work: (connection: SqlConnection) => Promise<Result>,
): Promise<Result> {
  return withDatabase(await context.hosts.stagingDatabase(), await stagingAccount(context), options, work);
}

/** Staging's database with the site's own account. */
export const siteDatabase = async (
  context: StagingDatabase,
): Promise<{ readonly host: WritingHost; readonly access: DatabaseAccess }> => ({
  host: await context.hosts.stagingDatabase(),
  access: await context.database.staging(),
});

/** A session of the site's own account, for everything that a dump, a file or the site file says. Closed at the end. */
export async function withSiteSession<Result>(
  context: StagingDatabase,
  options: ConnectionOptions,
  work: (connection: SqlConnection) => Promise<Result>,
): Promise<Result> {
  const { host, access } = await siteDatabase(context);
  return withDatabase(host, access, options, work);
}

/** Works with sessions of the site's own account; where no administrator is declared, `session` is one already. */
export async function withSiteAccount<Result>(
  context: StagingDatabase,
  session: SqlConnection,
  work: (open: () => Promise<SqlConnection>) => Promise<Result>,
): Promise<Result> {
  if (context.site.staging.admin === undefined) return work(() => Promise.resolve(session));
  const opened: SqlConnection[] = [];
  try {
    return await work(async () => {
      const own = await openDatabase(await context.hosts.stagingDatabase(), await context.database.staging());
      opened.push(own);
      return own;
    });
  } finally {
    await Promise.all(opened.map((own) => own.close()));
  }
}
