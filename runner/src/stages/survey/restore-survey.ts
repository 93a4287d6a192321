import { hasMaintenancePage } from '../../cutover/exchange/maintenance-page.js';
import { decideMode } from '../../database/restore/decide-mode.js';
import { type RestoreSurvey } from '../../database/restore/findings.js';
import { withSiteSession } from '../../database/restore/staging-account.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { schemaBytes, type StagingSurvey, surveyStaging } from '../../database/restore/survey-staging.js';
import { askProduction, askStaging } from './ask-databases.js';
import { perContext } from './per-context.js';
import { type StageContext } from '../stage.js';

/** Looks at both servers; changes nothing. What stages 4 and 5 decide and check is taken from here. */
export const lookAtStaging = perContext(async (context): Promise<RestoreSurvey> => {
  const access = await context.database.staging();
  const [server, bytes] = await Promise.all([
    surveyAccount(context),
    productionBytes(context),
    // Where an administrator is declared, it must be able to log in.
    context.site.staging.admin === undefined ? undefined : askStaging(context, () => Promise.resolve()),
  ]);
  return {
    site: context.site,
    live: access.name,
    prefix: access.prefix,
    server,
    decision: decideMode(
      context.site.database.mode,
      access.name,
      server.grants,
      server.account,
      server.literalGrants,
    ),
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
