import { hasMaintenancePage } from '../cutover/maintenance-page.js';
import { decideMode } from '../database/restore/decide-mode.js';
import { type RestoreOutlook } from '../database/restore/findings.js';
import { stagingAccount } from '../database/restore/staging-account.js';
import { schemaBytes, surveyStaging } from '../database/restore/survey-staging.js';
import { askProduction, askStaging } from './ask-databases.js';
import { perContext } from './per-context.js';
import { type StageContext } from './stage.js';

/** Looks at both servers; changes nothing. What stages 4 and 5 decide and check is taken from here. */
export const lookAtStaging = perContext(async (context): Promise<RestoreOutlook> => {
  const access = await context.database.staging();
  const [survey, bytes] = await Promise.all([
    askStaging(context, async (connection) =>
      surveyStaging(await context.hosts.stagingDatabase(), connection, await stagingAccount(context)),
    ),
    productionBytes(context),
  ]);
  return {
    site: context.site,
    live: access.name,
    prefix: access.prefix,
    survey,
    decision: decideMode(context.site.database.mode, access.name, survey.grants, survey.account),
    productionBytes: bytes,
    hasMaintenancePage: hasMaintenancePage(context),
  };
});

async function productionBytes(context: StageContext): Promise<number> {
  const { name } = await context.database.production();
  return askProduction(context, (connection) => schemaBytes(connection, name));
}
