import { openFileSwap } from '../content/swap/open-file-swap.js';
import { readJournal, setAside } from './journal/journal.js';
import { type Journal } from './journal/journal-schema.js';
import { recoverReplacement } from './exchange/replace-generation.js';
import { whileAway, withReturningSession } from './exchange/while-away.js';
import { assertJournalOfServer } from './journal/own-server.js';
import { type CutoverTools } from './cutover-tools.js';
import { recoverSwap } from './exchange/swap-generations.js';
import { type StagingContext } from '../run/site-context.js';

/** For a journal that cannot be used here. See {@link setAside}. */
export const setAsideJournal = (context: StagingContext): Promise<string | undefined> =>
  setAside(context, (journal) => assertJournalOfServer(context, journal));

/** What staging serves after a recovery; `nothing`: there was nothing to do. */
export type Recovery = 'nothing' | 'new' | 'former';

export const withDefaults = (tools: Partial<CutoverTools>): CutoverTools => ({
  openFiles: openFileSwap,
  ...tools,
});

/**
 * Finishes or undoes a cutover, a rollback or a replacement that was cut off at any point. Every command calls it
 * before anything else. A replacement that is under way in this very run is left alone: its next stage goes on.
 * @throws STAGING_NEEDS_REPAIR, JOURNAL_INVALID
 */
export async function recoverIfNeeded(
  context: StagingContext,
  tools: Partial<CutoverTools> = {},
): Promise<Recovery> {
  const journal = await readJournal(context);
  if (journal === undefined || isOwnReplacement(context, journal)) return 'nothing';
  return recoverFrom(context, withDefaults(tools), journal);
}

/** The same, for `understudy recover` and for the undo of a stage: also a replacement of this run goes back. */
export async function recover(context: StagingContext, tools: Partial<CutoverTools> = {}): Promise<Recovery> {
  const journal = await readJournal(context);
  return journal === undefined ? 'nothing' : recoverFrom(context, withDefaults(tools), journal);
}

const isOwnReplacement = (context: StagingContext, journal: Journal): boolean =>
  journal.kind === 'replace' && journal.phase === 'filling' && journal.run === context.run.id;

async function recoverFrom(
  context: StagingContext,
  tools: CutoverTools,
  journal: Journal,
): Promise<'new' | 'former'> {
  await whileAway(context, () => assertJournalOfServer(context, journal));
  context.reporter.step(`Finishing the change of staging that run ${journal.run} left unfinished`);
  if (journal.kind === 'replace') return recoverReplacement(context, tools, journal);
  return withReturningSession(context, (connection) => recoverSwap({ context, connection, tools, journal }));
}
