import { type DatabaseOptions } from '../../config/site.js';
import { DUMP_PRIVILEGES, missingPrivileges, readGrants } from '../grants.js';
import { type ToolLogin, tryDumpProgram } from '../tool-login.js';
import { type BackupOutlook, type BackupPlace } from './findings.js';
import { probeDumpTools } from './probe-tools.js';
import { expectedRawBytes, surveySchema } from './survey-schema.js';

/** What a backup of a schema will be, and all that may stop it; for backupFindings. Reads only. */
export async function lookAtDatabase(
  login: ToolLogin,
  options: {
    readonly workDir: string;
    readonly tool: DatabaseOptions['tool'];
    readonly structureOnly: readonly string[];
  },
): Promise<BackupOutlook<BackupPlace>> {
  const { host, access, connection } = login;
  const { workDir, tool, structureOnly } = options;
  const probe = probeDumpTools(host, workDir, {
    isMariaDb: connection.isMariaDb,
    ...(access.container === undefined ? {} : { container: access.container }),
  });
  const [tools, survey] = await Promise.all([probe, surveySchema(connection, access.name)]);
  const { program, known } = tools;
  return {
    host: { label: host.label, workDir },
    access,
    survey,
    missingRights: missingPrivileges(await readGrants(connection), access.name, DUMP_PRIVILEGES),
    login: program === undefined ? [] : await tryDumpProgram(login, { program, known }),
    tools,
    tool,
    structureOnly,
    expectedRawBytes: expectedRawBytes(survey, structureOnly),
  };
}
