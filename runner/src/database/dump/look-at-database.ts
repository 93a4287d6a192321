import { DUMP_PRIVILEGES, missingPrivileges, readGrants } from '../schema/grants.js';
import { type ToolLogin, tryDumpProgram } from '../connection/tool-login.js';
import { type BackupSurvey, type BackupHost } from './findings.js';
import { probeDumpTools } from './probe-tools.js';
import { expectedRawBytes, surveySchema } from './survey-schema.js';

/** What a backup of a schema will be, and all that may stop it; for backupFindings. Reads only. */
export async function lookAtDatabase(
  login: ToolLogin,
  options: {
    readonly workDir: string;
    readonly structureOnly: readonly string[];
  },
): Promise<BackupSurvey<BackupHost>> {
  const { host, access, connection } = login;
  const { workDir, structureOnly } = options;
  const probe = probeDumpTools(host, workDir, {
    isMariaDb: connection.isMariaDb,
    container: access.container,
  });
  const [tools, tried, survey, grants] = await Promise.all([
    probe,
    tryDumpProgram(
      login,
      probe.then(({ program, known }) => (program === undefined ? undefined : { program, known })),
    ),
    surveySchema(connection, access.name),
    readGrants(connection),
  ]);
  return {
    host: { label: host.label, workDir },
    access,
    database: survey,
    missingRights: missingPrivileges(grants, access.name, DUMP_PRIVILEGES),
    login: tried,
    tools,
    structureOnly,
    expectedRawBytes: expectedRawBytes(survey, structureOnly),
  };
}
