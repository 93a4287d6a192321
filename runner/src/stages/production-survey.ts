import { type BackupOutlook } from '../database/dump/findings.js';
import { lookAtDatabase } from '../database/dump/look-at-database.js';
import { expectedRawBytes } from '../database/dump/survey-schema.js';
import { foreignTables } from '../database/site-tables.js';
import { askProduction } from './ask-databases.js';
import { perContext } from './per-context.js';

/** Looks at production's database and its host; changes nothing. What stages 2 and 3 check is taken from here. */
export const lookAtProduction = perContext(async (context): Promise<BackupOutlook> => {
  const host = await context.hosts.productionDatabase();
  const access = await context.database.production();
  const { structureOnly } = context.site.database;
  return askProduction(context, async (connection) => {
    const outlook = await lookAtDatabase(
      { host, access, connection },
      { ...context.site.database, workDir: host.workDir },
    );
    const { survey } = outlook;
    const names = [...survey.tables.map(({ name }) => name), ...survey.views];
    const foreign = { ...foreignTables(names, access.prefix, context.site.database), prefix: access.prefix };
    const copied = {
      ...survey,
      tables: survey.tables.filter(({ name }) => !foreign.excluded.includes(name)),
      brokenViews: survey.brokenViews.filter(
        (broken) => !foreign.excluded.some((name) => broken.startsWith(`${name}: `)),
      ),
    };
    return {
      ...outlook,
      host,
      survey: copied,
      foreign,
      expectedRawBytes: expectedRawBytes(copied, structureOnly),
    };
  });
});
