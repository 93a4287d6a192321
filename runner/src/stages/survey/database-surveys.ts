import { hasMaintenancePage } from '../../cutover/exchange/maintenance-page.js';
import {
  decideMode,
  schemaBytes,
  type StagingSurvey,
  surveyStaging,
} from '../../database/restore/survey-staging.js';
import { type RestoreSurvey } from '../../database/restore/findings.js';
import { withSiteSession, withStaging } from '../../database/restore/staging-account.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { type StageContext } from '../stage.js';
import { type BackupSurvey } from '../../database/dump/findings.js';
import { lookAtDatabase } from '../../database/dump/look-at-database.js';
import { expectedRawBytes } from '../../database/dump/survey-schema.js';
import { foreignTables } from '../../database/schema/site-tables.js';
import { withDatabase } from '../../database/connection/open-database.js';

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

/** What the preflight saw so short a time ago, the stage that begins now need not look at again. */
const FRESH_MS = 60_000;

/** All preflights of a process share a context, and so an answer; a stage's run looks again unless it is fresh. */
export function perContext<
  Answer,
  Context extends Pick<StageContext, 'hosts' | 'preflightConnections'> = StageContext,
>(look: (context: Context) => Promise<Answer>): (context: Context) => Promise<Answer> {
  const known = new WeakMap<Context, Promise<Answer>>();
  const newest = new WeakMap<
    StageContext['hosts'],
    { readonly answer: Promise<Answer>; readonly at: number }
  >();
  return (context) => {
    const isPreflight = context.preflightConnections !== undefined;
    const seen = isPreflight ? undefined : newest.get(context.hosts);
    const fresh = seen !== undefined && performance.now() - seen.at < FRESH_MS ? seen.answer : undefined;
    const answer = known.get(context) ?? fresh ?? look(context);
    known.set(context, answer);
    if (isPreflight) {
      newest.set(context.hosts, { answer, at: performance.now() });
      answer.catch(() => newest.delete(context.hosts));
    }
    return answer;
  };
}

/** Looks at both servers; changes nothing. What stages 4 and 5 decide and check is taken from here. */
export const lookAtStaging = perContext(async (context): Promise<RestoreSurvey> => {
  const access = await context.database.staging();
  const [server, bytes] = await Promise.all([
    surveyAccount(context),
    productionBytes(context),
    // Where an administrator is declared, it must be able to log in.
    context.site.staging.admin === undefined ? undefined : askStaging(context, () => Promise.resolve()),
  ]);
  const { grants, account, literalGrants } = server;
  return {
    site: context.site,
    live: access.name,
    prefix: access.prefix,
    server,
    decision: decideMode(context.site.database.mode, access.name, grants, account, literalGrants),
    productionBytes: bytes,
    hasMaintenancePage: hasMaintenancePage(context),
  };
});

/** What the site's own account may do: it imports, and a dump is never executed with more rights than that. */
async function surveyAccount(context: StageContext): Promise<StagingSurvey> {
  const [host, access] = [await context.hosts.stagingDatabase(), await context.database.staging()];
  const ask = (connection: SqlConnection) => surveyStaging(host, connection, access);
  return context.preflightConnections === undefined
    ? withSiteSession(context, { signal: context.signal }, ask)
    : ask(await context.preflightConnections.staging());
}

async function productionBytes(context: StageContext): Promise<number> {
  const { name } = await context.database.production();
  return askProduction(context, (connection) => schemaBytes(connection, name));
}

/** Looks at production's database and its host; changes nothing. What stages 2 and 3 check is taken from here. */
export const lookAtProduction = perContext(async (context): Promise<BackupSurvey> => {
  const host = await context.hosts.productionDatabase();
  const access = await context.database.production();
  const { structureOnly } = context.site.database;
  return askProduction(context, async (connection) => {
    const survey = await lookAtDatabase(
      { host, access, connection },
      { ...context.site.database, workDir: host.workDir },
    );
    const { database } = survey;
    const names = [...database.tables.map(({ name }) => name), ...database.views];
    const foreign = { ...foreignTables(names, access.prefix, context.site.database), prefix: access.prefix };
    const copied = {
      ...database,
      tables: database.tables.filter(({ name }) => !foreign.excluded.includes(name)),
      brokenViews: database.brokenViews.filter(
        (broken) => !foreign.excluded.some((name) => broken.startsWith(`${name}: `)),
      ),
    };
    return {
      ...survey,
      host,
      database: copied,
      foreign,
      expectedRawBytes: expectedRawBytes(copied, structureOnly),
    };
  });
});
