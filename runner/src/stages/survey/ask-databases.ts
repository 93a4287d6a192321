import { withDatabase } from '../../database/connection/open-database.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { withStaging } from '../../database/restore/staging-account.js';
import { type StageContext } from '../stage.js';

type Ask<Answer> = (connection: SqlConnection) => Promise<Answer>;

export type ProductionDatabase = Pick<StageContext, 'hosts' | 'database' | 'signal' | 'preflightConnections'>;

/** Asks production's database over the connection that the preflights share, else over one of its own. */
export async function askProduction<Answer>(context: ProductionDatabase, ask: Ask<Answer>): Promise<Answer> {
  if (context.preflightConnections !== undefined) return ask(await context.preflightConnections.production());
  const host = await context.hosts.productionDatabase();
  return withDatabase(host, await context.database.production(), { signal: context.signal }, ask);
}

/** The same for a short question whose answer others wait for: not behind those about the whole schema. */
export async function askProductionAtOnce<Answer>(
  context: ProductionDatabase,
  ask: Ask<Answer>,
): Promise<Answer> {
  const { preflightConnections } = context;
  return preflightConnections === undefined
    ? askProduction(context, ask)
    : ask(await preflightConnections.productionAtOnce());
}

/** The same of staging's, as the account that restores: a shared connection only where that is the site's own. */
export async function askStaging<Answer>(context: StageContext, ask: Ask<Answer>): Promise<Answer> {
  if (context.preflightConnections !== undefined && context.site.staging.admin === undefined)
    return ask(await context.preflightConnections.staging());
  return withStaging(context, { signal: context.signal }, ask);
}
