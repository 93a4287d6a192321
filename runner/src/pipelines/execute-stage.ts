import { EXIT, UnderstudyError } from '../errors/index.js';
import { reportError, type StageWatch } from '../report/reporter.js';
import { exitCodeOf } from '../run/result.js';
import { type RunHandle } from '../run/run-record.js';
import { withStage } from '../run/run-store.js';
import { type Stage, type StageContext, type StageResult } from '../stages/stage.js';
import { type StageName } from '../config/stage-list.js';
import { type Session } from './session.js';

/** A context whose reporter can be told how the stage ended. */
export type WatchedContext = StageContext & { readonly watch: StageWatch };

/**
 * Runs one stage: record before, record after, undo when it fails.
 * @returns the stage's one-line summary, and what it found although its work stands
 */
export async function executeStage(
  session: Session,
  run: RunHandle,
  stage: Stage,
  open: (name: StageName) => WatchedContext,
): Promise<Pick<StageResult, 'summary' | 'found'>> {
  const startedAt = new Date().toISOString();
  await run.update(withStage(stage.name, { state: 'running', startedAt }));
  const context = open(stage.name);
  try {
    session.signal.throwIfAborted();
    const result = await stage.run(context);
    const finishedAt = new Date().toISOString();
    const { summary, outputs, found } = result;
    await run.update(withStage(stage.name, { state: 'complete', startedAt, finishedAt, summary, outputs }));
    if (found !== undefined) reportError(session.events(), found, stage.name);
    context.watch.finish('complete', summary);
    return found === undefined ? { summary } : { summary, found };
  } catch (thrown) {
    const error = await asInterruption(session, thrown);
    const aborted = exitCodeOf(error) === EXIT.interrupted;
    // Without the lock nothing may be put back: whoever has it now does that first.
    if (!isLockLost(error)) await undoQuietly(stage, context, session);
    reportError(session.events(), error, stage.name);
    context.watch.finish(
      aborted ? 'aborted' : 'failed',
      error instanceof Error ? firstSentence(error.message) : '',
    );
    const state = aborted ? 'aborted' : 'failed';
    // The record may be out of reach (the host is down); the error that brought us here matters more.
    await run
      .update((record) => ({
        ...withStage(stage.name, { state, startedAt, finishedAt: new Date().toISOString() })(record),
        state,
      }))
      .catch(() => undefined);
    throw error;
  }
}

const isLockLost = (error: unknown): boolean =>
  error instanceof UnderstudyError && error.code === 'LOCK_LOST';

/** Whatever broke after an abort broke because of it; a session that was ended was, perhaps, because the lock is lost. */
async function asInterruption(session: Session, error: unknown): Promise<unknown> {
  if (error instanceof UnderstudyError && error.exitCode === EXIT.needsRepair) return error;
  const { signal } = session;
  const lost = isLockLost(signal.reason) ? (signal.reason as unknown) : await lostLock(session);
  if (lost !== undefined) return lost;
  if (!signal.aborted || (error instanceof UnderstudyError && error.code === 'INTERRUPTED')) return error;
  return new UnderstudyError('INTERRUPTED', undefined, { cause: error });
}

/** Asks the host; one that does not answer says nothing. */
const lostLock = (session: Session): Promise<unknown> =>
  session.fence.assertHeld().then(
    () => undefined,
    (error: unknown) => (isLockLost(error) ? error : undefined),
  );

async function undoQuietly(stage: Stage, context: WatchedContext, session: Session): Promise<void> {
  if (stage.undo === undefined) return;
  try {
    await stage.undo(context);
  } catch (error) {
    session.console.line(
      `   ! undo of ${stage.name} failed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

const firstSentence = (text: string): string => text.split('\n')[0] ?? '';
