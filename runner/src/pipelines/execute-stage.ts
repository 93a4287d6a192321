import { EXIT, UnderstudyError } from '../errors/index.js';
import { reportError, type StageWatch } from '../report/reporter.js';
import { exitCodeOf } from '../run/result.js';
import { type RunHandle } from '../run/run-record.js';
import { withStage } from '../run/run-store.js';
import { isInPlace } from '../stages/go-live.js';
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
    // A signal that came too late for any command. What is in place stays; everything else is undone.
    if (session.signal.aborted && !(await isInPlace(context))) session.signal.throwIfAborted();
    const finishedAt = new Date().toISOString();
    const { summary, outputs, found } = result;
    await run.update(withStage(stage.name, { state: 'complete', startedAt, finishedAt, summary, outputs }));
    if (found !== undefined) reportError(session.events(), found, stage.name);
    context.watch.finish('complete', summary);
    return found === undefined ? { summary } : { summary, found };
  } catch (thrown) {
    const lost = await lostLock(session);
    // Without the lock nothing may be put back: whoever has it now does that first.
    const undone = lost === undefined && (await undoQuietly(stage, context, session));
    const error = lost ?? (await asInterruption(session, context, thrown, undone));
    const aborted = exitCodeOf(error) === EXIT.interrupted;
    reportError(session.events(), error, stage.name);
    context.watch.finish(
      aborted ? 'aborted' : 'failed',
      error instanceof Error ? firstSentence(error.message) : '',
    );
    const state = aborted ? 'aborted' : 'failed';
    if (lost !== undefined) throw error;
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

/** A session that was ended, or a host that refused, was perhaps because of this. A host that does not answer says nothing. */
async function lostLock(session: Session): Promise<unknown> {
  const reason: unknown = session.signal.reason;
  if (isLockLost(reason)) return reason;
  return session.fence.assertHeld().then(
    () => undefined,
    (error: unknown) => (isLockLost(error) ? error : undefined),
  );
}

/** Whatever broke after a signal broke because of it. Says what staging serves now. */
async function asInterruption(
  { signal, site }: Session,
  context: WatchedContext,
  error: unknown,
  undone: boolean,
): Promise<unknown> {
  if (!signal.aborted) return error;
  if (error instanceof UnderstudyError && error.exitCode === EXIT.needsRepair) return error;
  const again = 'Start the build again when you are ready';
  const states = {
    new: `Staging serves the new copy of run ${context.run.id}; its pages were not all read. ${again}, or go back: understudy rollback ${site.name}`,
    former: `Staging serves what it served before. ${again}.`,
    unknown: `Could not determine what staging serves. Run: understudy recover ${site.name}`,
  };
  const isNew = await isInPlace(context).catch(() => undefined);
  const state = isNew === true ? 'new' : isNew === false && undone ? 'former' : 'unknown';
  return new UnderstudyError('INTERRUPTED', undefined, { cause: error, next: states[state] });
}

/** @returns whether staging is as it was before the stage */
async function undoQuietly(stage: Stage, context: WatchedContext, session: Session): Promise<boolean> {
  if (stage.undo === undefined) return true;
  try {
    await stage.undo(context);
    return true;
  } catch (error) {
    session.console.line(
      `   ! undo of ${stage.name} failed: ${error instanceof Error ? error.message : String(error)}`,
    );
    return false;
  }
}

const firstSentence = (text: string): string => text.split('\n')[0] ?? '';
