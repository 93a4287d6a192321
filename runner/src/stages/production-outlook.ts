import { missingDumpRights } from '../database/dump/check-grants.js';
import { type BackupOutlook } from '../database/dump/findings.js';
import { probeDumpTools } from '../database/dump/probe-tools.js';
import { expectedRawBytes, surveySchema } from '../database/dump/survey-schema.js';
import { foreignTables } from '../database/site-tables.js';
import { tryDumpProgram } from '../database/tool-login.js';
import { askProduction } from './ask-databases.js';
import { perContext } from './per-context.js';

/** Looks at production's database and its host; changes nothing. What stages 2 and 3 check is taken from here. */
export const lookAtProduction = perContext(async (context): Promise<BackupOutlook> => {
  const host = await context.hosts.productionDatabase();
  const access = await context.database.production();
  const { structureOnly, tool } = context.site.database;
  return askProduction(context, async (connection) => {
    const probe = probeDumpTools(host, host.workDir, {
      isMariaDb: connection.isMariaDb,
      ...(access.container === undefined ? {} : { container: access.container }),
    });
    const [tools, login, survey, missingRights] = await Promise.all([
      probe,
      probe.then(({ program, known }) =>
        program === undefined ? [] : tryDumpProgram({ host, access, connection }, { program, known }),
      ),
      surveySchema(connection, access.name),
      missingDumpRights(connection, access.name),
    ]);
    const names = [...survey.tables.map(({ name }) => name), ...survey.views];
    const foreign = { ...foreignTables(names, access.prefix, context.site.database), prefix: access.prefix };
    const copied = {
      ...survey,
      tables: survey.tables.filter(({ name }) => !foreign.excluded.includes(name)),
      brokenViews: survey.brokenViews.filter(
        (broken) => !foreign.excluded.some((name) => broken.startsWith(`${name}: `)),
      ),
    };
    const expected = expectedRawBytes(copied, structureOnly);
    return {
      host,
      access,
      survey: copied,
      missingRights,
      login,
      tools,
      tool,
      structureOnly,
      foreign,
      expectedRawBytes: expected,
    };
  });
});
