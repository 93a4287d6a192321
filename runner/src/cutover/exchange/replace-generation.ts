import { type ChangeParts, endChange, makeChange, runHooks } from './change.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { probeDumpTools } from '../../database/dump/probe-tools.js';
import { surveySchema } from '../../database/dump/survey-schema.js';
import { createWholeBackup } from '../../database/restore/whole-backup.js';
import { restoreBackup, type Restored } from '../../database/restore/restore-backup.js';
import {
  emptySchema,
  readObjects,
  type SchemaObject,
} from '../../database/restore/objects/schema-objects.js';
import { siteDatabase, stagingAccount, withStaging } from '../../database/restore/staging-account.js';
import { RETURN_PATIENCE, withPatience } from './blockers.js';
import { type FileStep, reversed, takeFileStep } from './file-swap.js';
import { nextGeneration, writeGeneration } from '../journal/generations.js';
import { drainRequests } from './drain-requests.js';
import { finishChange, finishUndoneChange } from '../finish-cutover.js';
import { readJournal, removeJournal, stagingBackupFolder, writeJournal } from '../journal/journal.js';
import { type ReplaceJournal } from '../journal/journal-schema.js';
import { hasMaintenancePage, turnPageOff, turnPageOn } from './maintenance-page.js';
import { markServer } from '../journal/own-server.js';
import { restoreObjects } from './restore-objects.js';
import { type CutoverTools, pageAccess } from '../cutover-tools.js';
import { type StagingContext, stagingWorkDir } from '../../run/site-context.js';

export interface Replacement {
  readonly files?: FileStep | undefined;
  /** Number of the generation that comes back (rollback). */
  readonly restores?: number | undefined;
}

/**
 * Replace mode: makes a backup of what staging serves, proves it, turns the maintenance page on and empties the
 * live schema. From here on a failure restores the dump. Called again in the same run it only empties the schema.
 */
export async function startReplacement(
  context: StagingContext,
  replacement: Replacement,
): Promise<ReplaceJournal> {
  const open = await readJournal(context);
  if (open?.kind === 'replace' && open.run === context.run.id && open.phase === 'filling') {
    await turnPageOn(context);
    await withStaging(context, {}, (connection) => emptyLive(context, connection, open.live));
    return open;
  }
  return withStaging(context, {}, async (connection) => {
    const live = (await context.database.staging()).name;
    const outgoingObjects = await readObjects(connection, live);
    const generation = await nextGeneration(context, connection, live);
    context.reporter.step('Backing up what staging serves');
    const safety = stagingBackupFolder(stagingWorkDir(context), generation);
    await dumpStaging(context, connection, live, safety);
    const journal: ReplaceJournal = {
      version: 1,
      kind: 'replace',
      site: context.site.name,
      run: context.run.id,
      startedAt: new Date().toISOString(),
      server: await markServer(context, connection),
      page: true,
      live,
      safety,
      generation,
      phase: 'filling',
      incomingObjects: [],
      outgoingObjects,
      ...replacement,
    };
    await writeJournal(context, journal);
    await turnPageOn(context);
    if (hasMaintenancePage(context)) await drainRequests(context, [connection.threadId], Promise.resolve());
    context.reporter.step('Emptying the live schema behind the maintenance page');
    await emptyLive(context, connection, live);
    return journal;
  });
}

/** The dump is complete (trailer, every part of the pipe) and its files are read back and compared. */
async function dumpStaging(
  context: StagingContext,
  connection: SqlConnection,
  live: string,
  folder: string,
): Promise<void> {
  const host = await context.hosts.stagingDatabase();
  const access = await stagingAccount(context);
  const workDir = stagingWorkDir(context);
  await createWholeBackup({
    site: context.site,
    host,
    workDir,
    access,
    tools: await probeDumpTools(host, workDir, {
      isMariaDb: connection.isMariaDb,
      container: access.container,
    }),
    database: await surveySchema(connection, live),
    run: context.run.id,
    folder,
    signal: context.signal,
    onRetry: (why) => {
      context.reporter.step(why);
    },
  });
}

/** Empties the schema that staging serves. @throws CUTOVER_BLOCKED naming who holds its tables */
async function emptyLive(context: StagingContext, connection: SqlConnection, live: string): Promise<void> {
  await emptySchema(await withPatience(context, connection, [live], RETURN_PATIENCE), live);
}

/** The end of a replacement whose database is complete: files, views and triggers, caches, page off. */
export async function finishReplacement(
  context: StagingContext,
  tools: CutoverTools,
  journal: ReplaceJournal,
  incomingObjects: readonly SchemaObject[],
): Promise<void> {
  const cutover: ReplaceJournal = { ...journal, phase: 'cutover', incomingObjects };
  await makeChange(partsOf(context, tools, cutover));
}

const partsOf = (context: StagingContext, tools: CutoverTools, journal: ReplaceJournal): ChangeParts => ({
  context,
  tools,
  journal,
  forwards: () => complete(context, tools, journal),
  complete: () => completeReplacement(context, tools, journal),
  back: () => restoreFormer(context, tools, journal),
});

async function complete(
  context: StagingContext,
  tools: CutoverTools,
  journal: ReplaceJournal,
): Promise<void> {
  await turnPageOn(context, pageAccess(tools));
  context.reporter.step('Putting the files in place');
  await takeFileStep(tools.openFiles, context, journal.files);
  context.reporter.step('Creating views, routines and triggers');
  await withStaging(context, {}, (connection) =>
    restoreObjects(context, connection, journal.live, journal.incomingObjects),
  );
}

async function completeReplacement(
  context: StagingContext,
  tools: CutoverTools,
  journal: ReplaceJournal,
): Promise<void> {
  await runHooks(context, tools);
  await turnPageOff(context);
  await writeGeneration(context, {
    version: 1,
    number: journal.generation,
    kept: 'backup',
    backup: journal.safety,
    retiredBy: journal.run,
    retiredAt: new Date().toISOString(),
    tables: [],
    objects: journal.outgoingObjects,
    files: journal.files && reversed(journal.files),
  });
  tools.onServed?.();
  await finishChange(context, journal);
  await removeJournal(context);
}

/** Fills the empty live schema with what a backup of staging has. */
export const restoreStagingBackup = async (
  context: StagingContext,
  folder: string,
  live: string,
): Promise<Restored> =>
  restoreBackup(await siteDatabase(context), {
    folder,
    into: live,
    live,
    events: 'keep',
    connections: context.site.database.connections,
    jobsFolder: stagingWorkDir(context),
    onStep: context.reporter.step.bind(context.reporter),
  });

/** Staging as it was before the replacement: the staging backup, its views and triggers, the files. May be repeated. */
async function restoreFormer(
  context: StagingContext,
  tools: CutoverTools,
  journal: ReplaceJournal,
): Promise<void> {
  context.reporter.step('Restoring what staging served before');
  await turnPageOn(context);
  await withStaging(context, {}, (connection) => emptyLive(context, connection, journal.live));
  await restoreStagingBackup(context, journal.safety, journal.live);
  await withStaging(context, {}, (connection) =>
    restoreObjects(context, connection, journal.live, journal.outgoingObjects),
  );
  if (journal.files !== undefined) await takeFileStep(tools.openFiles, context, reversed(journal.files));
  await turnPageOff(context);
  await finishUndoneChange(context, journal.files);
  await removeJournal(context);
}

/** Ends a replacement that was cut off: forwards when the database was complete, else back to the staging backup. */
export function recoverReplacement(
  context: StagingContext,
  tools: CutoverTools,
  journal: ReplaceJournal,
): Promise<'new' | 'former'> {
  const change = partsOf(context, tools, journal);
  const isMade = journal.phase === 'cutover' && journal.awaitsProof !== true;
  return endChange(change, isMade ? () => change.forwards() : undefined);
}
