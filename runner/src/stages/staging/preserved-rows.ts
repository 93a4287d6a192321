import { writeCommand } from '../../commands/command.js';
import { readJournal } from '../../cutover/journal/journal.js';
import { UnderstudyError } from '../../errors/index.js';
import { readHostDocument, writeHostFile } from '../../hosts/host-files.js';
import { type PreservedRows, preservedDocument } from '../../wordpress/sanitize/preserved.js';
import { capturePreserved } from '../../wordpress/sanitize/preserve-rows.js';
import { sessionsOn } from '../proof/leak-check.js';
import { type StageContext } from '../stage.js';

/** Staging's own options and users, put aside by stage 4 in replace mode; readable for the account alone. */
const preservedFile = (context: Pick<StageContext, 'run'>): string =>
  `${context.run.stagingFolder}/kept.json`;

async function readPreserved(context: StageContext): Promise<PreservedRows> {
  const { name, prefix } = await context.database.staging();
  const { keepOptions, keepUsers } = context.site.staging;
  const { use } = await sessionsOn(context, name);
  return use((session) => capturePreserved(session, { schema: name, prefix, keepOptions, keepUsers }));
}

/**
 * For stage 4 in replace mode, before it drops anything: puts aside what outlives the sync. A replacement that this
 * run has under way has dropped it already, and what is there now is production's: then the first copy stands.
 */
export async function savePreserved(context: StageContext): Promise<void> {
  if (context.site.type !== 'wordpress') return;
  const journal = await readJournal(context);
  if (journal?.kind === 'replace' && journal.run === context.run.id) return;
  context.reporter.step("Saving staging's own options and users");
  await writeHostFile(
    await context.hosts.staging(),
    preservedFile(context),
    JSON.stringify(await readPreserved(context)),
  );
}

/** What stage 6 puts into the copy: from the live schema, or from what stage 4 put aside before it dropped that. */
export async function preservedRows(context: StageContext, schema: string): Promise<PreservedRows> {
  if (schema !== (await context.database.staging()).name) return readPreserved(context);
  const file = preservedFile(context);
  const refuse = (why: string): never => {
    throw new UnderstudyError('HYGIENE_FAILED', `${file} cannot be used: ${why}.`, {
      details: ["It holds staging's own options and users, saved before its database was dropped."],
      next: `understudy rollback ${context.site.name} brings staging back from its staging backup.`,
    });
  };
  const kept = await readHostDocument(await context.hosts.staging(), file, preservedDocument, { refuse });
  if (kept !== undefined) return kept;
  context.reporter.warn({
    severity: 'warning',
    code: 'STAGING_ROWS_NOT_PRESERVED',
    message: "Staging's own options and users were not saved before its database was dropped.",
    next: `They are in the staging backup; understudy rollback ${context.site.name} brings all of it back.`,
  });
  return { version: 2, existed: false, options: [], users: [], superAdmins: [] };
}

/** The copy is served: what was put aside (digests of passwords among it) goes. */
export async function deletePreserved(context: StageContext): Promise<void> {
  await (await context.hosts.staging()).run(writeCommand('rm', '-f', '--', preservedFile(context)));
}
