import { shellScript } from '../../commands/command.js';
import { writeHostFile } from '../../hosts/host-files.js';
import { databaseStatements, lookAtDatabase, makeDatabase } from './prepare-database.js';
import type { Part, PrepareContext, PreparedDatabase } from './prepare-types.js';

/** Database, account and rights. */
export async function prepareDatabase(
  { site, staging, workDir, apply }: PrepareContext,
  prepared: PreparedDatabase | undefined,
): Promise<Part> {
  const name = 'database';
  const access = prepared?.access;
  if (access === undefined)
    return { name, state: 'open', sentence: 'known when there is a wp-config.php', lines: [] };
  const file = `${workDir}/prepare/database.sql`;
  const found = await lookAtDatabase(staging, access);
  if (found.state === 'ready') {
    await forget(staging, file);
    return { name, state: 'there', sentence: found.sentence, lines: [] };
  }
  if (found.state === 'silent')
    return {
      name,
      state: 'open',
      sentence: `${found.sentence}; start it, or say where it is: staging.database.host and port in the site file`,
      lines: [],
    };
  if (!apply)
    return {
      name,
      state: 'would',
      sentence: `${found.sentence}; with rights on the server, or by an administrator:`,
      lines: databaseStatements(access, '…'),
    };
  const problem =
    site.staging.database.address === site.staging.address || sameMachine(site)
      ? await makeDatabase(staging, access)
      : 'the server is on another machine';
  if (problem === undefined) {
    const now = await lookAtDatabase(staging, access);
    if (now.state === 'ready') return { name, state: 'made', sentence: now.sentence, lines: [] };
    return { name, state: 'open', sentence: now.sentence, lines: databaseStatements(access, '…') };
  }
  // The password is in wp-config.php and in this file, which goes when the account can log in.
  await writeHostFile(staging, file, `${databaseStatements(access, access.password.reveal()).join('\n')}\n`);
  return {
    name,
    state: 'open',
    sentence: `${found.sentence}; ${problem}. As an administrator of the server, on staging:`,
    lines: [`mariadb < ${file}`, ...databaseStatements(access, '…').map((line) => `-- ${line}`)],
  };
}

const sameMachine = ({ staging }: PrepareContext['site']): boolean =>
  JSON.stringify(staging.database.address) === JSON.stringify(staging.address);

const forget = async (staging: PrepareContext['staging'], file: string): Promise<void> => {
  await staging.run(shellScript('write', 'rm -f -- "$1"; rmdir -- "${1%/*}" 2>/dev/null || :', [file]), {
    label: `remove ${file}`,
  });
};
