import { messageOf, UnderstudyError } from '../../errors/index.js';
import { type StagingContext } from '../../run/site-context.js';
import { type CutoverTools } from '../cutover-tools.js';
import { writeJournal } from '../journal/journal.js';
import { type Journal } from '../journal/journal-schema.js';
import { whileAway } from './while-away.js';

/** A change of what staging serves, by its parts; each may be repeated after a kill. */
export interface ChangeParts {
  readonly context: StagingContext;
  readonly tools: CutoverTools;
  readonly journal: Journal;
  /** Afterwards the new generation is served. */
  forwards(): Promise<void>;
  /** What is left then: caches, records, the page. */
  complete(): Promise<void>;
  /** Everything as it was before. */
  back(): Promise<void>;
}

/** What fails before the proof is undone; later it goes forwards. @throws what failed; STAGING_NEEDS_REPAIR */
export async function makeChange(change: ChangeParts): Promise<void> {
  const { context, tools, journal } = change;
  await writeJournal(context, tools.proof === undefined ? journal : { ...journal, awaitsProof: true });
  try {
    await change.forwards();
    if (tools.proof !== undefined) {
      await tools.proof.verify();
      // With this journal a recovery goes forwards.
      await writeJournal(context, journal);
    }
  } catch (cause) {
    await goBack(change, cause);
    throw cause;
  }
  await complete(change);
}

/**
 * Ends a change that was cut off.
 * @param again makes what was made by the time the change was complete; undefined: it was not, so it goes back
 * @returns which of the two generations staging serves now
 */
export async function endChange(
  change: ChangeParts,
  again: (() => Promise<void>) | undefined,
): Promise<'new' | 'former'> {
  try {
    if (again === undefined) throw new Error('The run was killed.');
    await again();
  } catch (cause) {
    await goBack(change, cause);
    return 'former';
  }
  await complete(change);
  return 'new';
}

async function complete({ context, complete }: ChangeParts): Promise<void> {
  try {
    await whileAway(context, complete);
  } catch (cause) {
    if (isLockLost(cause)) throw cause;
    throw new UnderstudyError(
      'STAGING_NEEDS_REPAIR',
      `The new copy of ${context.site.name} is in place, but the maintenance page may still be on: ${messageOf(cause)}`,
      { next: `When staging answers again: understudy recover ${context.site.name}`, cause },
    );
  }
}

/** Not where the lock is lost: then nothing may be put back, and anyone who has the lock does it. */
async function goBack({ context, back }: ChangeParts, first: unknown): Promise<void> {
  if (isLockLost(first)) throw first;
  try {
    await whileAway(context, back);
  } catch (cause) {
    if (isLockLost(cause)) throw cause;
    const sentence = `Staging of ${context.site.name} is halfway between two generations.`;
    throw new UnderstudyError('STAGING_NEEDS_REPAIR', sentence, {
      details: [
        `What failed first: ${messageOf(first)}`,
        `What failed during the restore: ${messageOf(cause)}`,
      ],
      next: `Fix the problem in the last line, then run: understudy recover ${context.site.name}`,
      cause,
    });
  }
}

const isLockLost = (error: unknown): boolean =>
  error instanceof UnderstudyError && error.code === 'LOCK_LOST';

/** Hooks run at the same time; one's failure does not keep the others from running. */
export async function runHooks(
  { reporter }: StagingContext,
  { afterSwap = [] }: CutoverTools,
): Promise<void> {
  const ended = await Promise.allSettled(afterSwap.map((hook) => hook()));
  for (const each of ended)
    if (each.status === 'rejected')
      reporter.warn({
        severity: 'warning',
        code: 'AFTER_CUTOVER_FAILED',
        message: `After the cutover: ${messageOf(each.reason)}`,
      });
}
