import { type BackupSurvey } from '../../database/dump/findings.js';
import { lookAtDatabase } from '../../database/dump/look-at-database.js';
import { expectedRawBytes } from '../../database/dump/survey-schema.js';
import { foreignTables } from '../../database/schema/site-tables.js';
import { askProduction } from './ask-databases.js';
import { perContext } from './per-context.js';

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
