import { recover } from '../cutover/recover-cutover.js';
import { startReplacement } from '../cutover/exchange/replace-generation.js';
import { backupFindings } from '../database/dump/findings.js';
import { lookAtDatabase } from '../database/dump/look-at-database.js';
import { stagingAccount } from '../database/restore/staging-account.js';
import { restoreFindings } from '../database/restore/findings.js';
import { readBackup, readBackupManifest } from '../database/restore/read-backup.js';
import { incomingSchema } from '../database/restore/schema-names.js';
import { makeIncomingSchema } from '../database/restore/import-schema.js';
import { readObjects } from '../database/restore/objects/schema-objects.js';
import { inOneGo } from '../database/connection/in-one-go.js';
import { errorOf, type Finding, isErrorFinding, several } from '../errors/index.js';
import { activationTools } from './staging/activation-tools.js';
import { askStaging, lookAtStaging } from './survey/database-surveys.js';
import { savePreserved } from './staging/preserved-rows.js';
import { manifestSha256Of } from './proof/manifest-checksum.js';
import { type Stage, type StageContext } from './stage.js';
import { stagingWorkDir } from '../run/site-context.js';

/** Stage 4: an empty schema, beside the live one (swap), or the live one, emptied after a proven backup (replace). */
export const dropDatabase: Stage = {
  name: 'drop-database',
  label: 'Drop staging database',

  async preflight(context) {
    const { name } = await context.database.staging();
    const [survey] = await Promise.all([
      lookAtStaging(context),
      // A definition that is hidden could not be put back: found out now, not at cutover.
      askStaging(context, (connection) => readObjects(connection, name)),
    ]);
    return [
      ...restoreFindings(survey),
      ...(survey.decision.mode === 'replace' ? await stagingBackupFindings(context) : []),
    ];
  },

  async plan(context) {
    const { decision, live, server } = await lookAtStaging(context);
    const lines =
      decision.mode === 'swap'
        ? [
            `Mode swap: ${decision.reason}`,
            `CREATE DATABASE ${incomingSchema(live, context.run.id)}; ${live} is not touched before cutover`,
          ]
        : [
            `Mode replace: ${decision.reason}`,
            `Backup of ${live} (${several(server.tables.length, 'table')}), maintenance page on, all objects of ${live} dropped`,
          ];
    return decision.grant === undefined ? lines : [...lines, `To allow swap: ${decision.grant}`];
  },

  async run(context) {
    const survey = await lookAtStaging(context);
    const problem = restoreFindings(survey).find(isErrorFinding);
    if (problem) throw errorOf(problem);
    const { mode } = survey.decision;
    context.reporter.metric('mode', mode);
    const [schema] = await inOneGo([
      mode === 'swap' ? prepareSwap(context, survey.live) : prepareReplace(context),
      context.run.update((record) => ({ ...record, mode })),
    ]);
    return {
      summary:
        mode === 'swap'
          ? `${schema} is empty and ready; staging still serves ${survey.live}`
          : `${schema} is empty; the maintenance page is on and the staging backup is proven`,
      outputs: { mode, schema },
    };
  },

  async undo(context) {
    await recover(context, activationTools(context));
  },
};

/** What would stop the dump of staging that a replacement rests on. */
async function stagingBackupFindings(context: StageContext): Promise<readonly Finding[]> {
  const [host, access] = [await context.hosts.stagingDatabase(), await stagingAccount(context)];
  const options = { workDir: stagingWorkDir(context), structureOnly: [] };
  const survey = await askStaging(context, (connection) =>
    lookAtDatabase({ host, access, connection }, options),
  );
  return backupFindings(survey).filter(isErrorFinding);
}

async function prepareSwap(context: StageContext, live: string): Promise<string> {
  const folder = `${context.run.stagingFolder}/backup`;
  // Nothing of staging goes yet, so the manifest alone is looked at; stage 5 compares every file with it.
  const manifest = readBackupManifest(
    await context.hosts.stagingDatabase(),
    folder,
    manifestSha256Of(context),
  );
  // A session has to be opened before anybody waits for it.
  manifest.catch(() => undefined);
  const schema = incomingSchema(live, context.run.id);
  context.reporter.step(`Making ${schema}`);
  await makeIncomingSchema(context, schema, manifest);
  return schema;
}

async function prepareReplace(context: StageContext): Promise<string> {
  // Before anything of staging goes: the backup that replaces it is there and whole.
  const folder = `${context.run.stagingFolder}/backup`;
  await readBackup(await context.hosts.stagingDatabase(), folder, manifestSha256Of(context));
  await savePreserved(context);
  const { live } = await startReplacement(context, {});
  return live;
}
