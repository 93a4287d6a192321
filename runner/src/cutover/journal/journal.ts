import { readDocument } from '../../config/schema/document-validator.js';
import { writeCommand } from '../../commands/command.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { generationOf, isIncomingSchema, oldSchema } from '../../database/restore/schema-names.js';
import { UnderstudyError } from '../../errors/index.js';
import { readHostFile, writeHostFile } from '../../hosts/host-files.js';
import { type Journal, validateJournal } from './journal-schema.js';
import { type StagingContext, stagingWorkDir } from '../../run/site-context.js';

type JournalContext = Pick<StagingContext, 'site' | 'run' | 'hosts' | 'database'>;

const journalPath = (context: JournalContext): string => `${stagingWorkDir(context)}/journal.json`;

/** The open journal; its schemas must be the site's own, its paths in the work folder. @throws JOURNAL_INVALID */
export async function readJournal(context: JournalContext): Promise<Journal | undefined> {
  const refuse = refusal({ site: context.site.name, workDir: stagingWorkDir(context) });
  const [expected, bytes] = await inOneGo([
    expectation(context),
    context.hosts.staging().then((host) => readHostFile(host, journalPath(context), { refuse })),
  ]);
  return bytes === undefined ? undefined : parseJournal(bytes.toString('utf8'), expected);
}

/** The one answer for a journal that cannot be used: which file, what that means, the command that goes on. */
const refusal =
  ({ site, workDir }: Pick<Expected, 'site' | 'workDir'>) =>
  (why: string): never => {
    throw new UnderstudyError('JOURNAL_INVALID', `${workDir}/journal.json cannot be used: ${why}.`, {
      details: [
        'A change of staging may have been interrupted, and only this file says how to finish it.',
        'Staging keeps serving what it serves now. A new sync replaces all of it.',
      ],
      next: `Rename the file: understudy recover ${site} --set-aside-journal; then run: understudy sync ${site}`,
    });
  };

/** For a journal that is whole, but not this database's. @throws JOURNAL_INVALID always */
export async function refuseJournal(context: JournalContext, why: string): Promise<never> {
  return refusal(await expectation(context))(why);
}

/**
 * For a journal that cannot be used: it gets another name in the same folder, and nothing waits for it any more.
 * @param assertUsable what else makes a journal unusable
 * @returns its new path; `nothing` where there is no journal, undefined where it can be used
 * @throws whatever {@link readJournal} throws but JOURNAL_INVALID
 */
export async function setAside(
  context: JournalContext,
  assertUsable: (journal: Journal) => Promise<void>,
): Promise<string | undefined> {
  try {
    const journal = await readJournal(context);
    if (journal === undefined) return 'nothing';
    await assertUsable(journal);
    return undefined;
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code !== 'JOURNAL_INVALID') throw error;
  }
  const aside = `${journalPath(context)}.invalid-${new Date().toISOString().replaceAll(/[:.]/g, '')}`;
  const staging = await context.hosts.staging();
  await staging.run(writeCommand('mv', '-f', '--', journalPath(context), aside));
  return aside;
}

interface Expected {
  readonly site: string;
  readonly live: string;
  readonly workDir: string;
}

const expectation = async (context: JournalContext): Promise<Expected> => ({
  site: context.site.name,
  live: (await context.database.staging()).name,
  workDir: stagingWorkDir(context),
});

export function parseJournal(content: string, expected: Expected): Journal {
  const refuse = refusal(expected);
  const journal = readDocument(Buffer.from(content), validateJournal, refuse);
  if (journal.site !== expected.site) return refuse(`it belongs to ${journal.site}`);
  if (journal.kind === 'swap') {
    const { live, incoming, outgoing } = journal.swap;
    const own = (schema: string) =>
      isIncomingSchema(expected.live, schema) || generationOf(expected.live, schema) !== undefined;
    if (live !== expected.live || !own(incoming) || !own(outgoing) || incoming === outgoing)
      return refuse(
        `it names the schemas ${live}, ${incoming}, ${outgoing}, which are not all the site's own`,
      );
    if (outgoing !== oldSchema(expected.live, journal.generation))
      return refuse(`${outgoing} is not the schema of generation ${String(journal.generation)}`);
  } else {
    if (journal.live !== expected.live) return refuse(`it names the schema ${journal.live}`);
    if (journal.safety !== stagingBackupFolder(expected.workDir, journal.generation))
      return refuse(`it names the folder ${journal.safety}, which is not the one of its generation`);
  }
  return journal;
}

/** Where replace mode keeps what staging served before; the only folder that a journal or a record may name. */
export const stagingBackupFolder = (workDir: string, generation: number): string =>
  `${workDir}/safety/${String(generation)}`;

/** Durable before it returns. */
export async function writeJournal(context: StagingContext, journal: Journal): Promise<void> {
  const content = `${JSON.stringify(journal)}\n`;
  // A journal that could not be read again would be worse than none: found out now, before anything is changed.
  parseJournal(content, await expectation(context));
  await writeHostFile(await context.hosts.staging(), journalPath(context), content);
}

export async function removeJournal(context: StagingContext): Promise<void> {
  await (await context.hosts.staging()).run(writeCommand('rm', '-f', '--', journalPath(context)));
}
