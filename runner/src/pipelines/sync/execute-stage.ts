import { EXIT, UnderstudyError, messageOf } from '../../errors/index.js';
import { SERVES, type ServedCopy } from '../../report/run/run-report.js';
import { reportError, type StageWatch } from '../../report/events/reporter.js';
import { asDiskError } from '../../run/keep-file.js';
import { exitCodeOf } from '../../run/result.js';
import { type RunHandle, type RunRecord } from '../../run/run-record.js';
import { withStage } from '../../run/run-store.js';
import { asDatabaseError } from '../../database/connection/sql-error.js';
import { isInPlace } from '../../stages/staging/cut-over.js';
import { type Stage, type StageContext, type StageResult } from '../../stages/stage.js';
import { type StageName } from '../../config/stage-list.js';
import { type Session } from '../session/session.js';

/** A context whose reporter can be told how the stage ended. */
export type WatchedContext = StageContext & { readonly watch: StageWatch };

/**
 * A single write of the record ends a stage and begins the next of the same process, while that one is at work already.
 * The last stage of a run changes what staging serves, so it begins when the record says all before it.
 */
export interface StageOrder {
  /** What the same process runs after it. */
  readonly next: StageName | undefined;
  readonly isLast: boolean;
}

/**
 * Runs one stage, of which the record says already that it runs: record after, undo when it fails.
 * @returns the stage's one-line summary, and what it found although its work stands
 */
export async function executeStage(
  session: Session,
  run: RunHandle,
  stage: Stage,
  open: (name: StageName) => WatchedContext,
  { next, isLast }: StageOrder,
): Promise<Pick<StageResult, 'summary' | 'found'>> {
  const startedAt = run.record().stages[stage.name]?.startedAt ?? new Date().toISOString();
  const context = open(stage.name);
  try {
    session.signal.throwIfAborted();
    if (isLast) await run.durable();
    const result = await stage.run(context);
    // A signal that came too late for any command. What is in place stays; everything else is undone.
    if (session.signal.aborted && !(await isInPlace(context))) session.signal.throwIfAborted();
    const finishedAt = new Date().toISOString();
    const { summary, outputs, found } = result;
    const isComplete = withStage(stage.name, { state: 'complete', startedAt, finishedAt, summary, outputs });
    const beginsNext =
      next === undefined
        ? (record: RunRecord) => record
        : withStage(next, { state: 'running', startedAt: finishedAt });
    if (isLast) await run.update(isComplete);
    else run.updateMeanwhile((record) => beginsNext(isComplete(record)));
    if (found !== undefined) reportError(session.events(), found, stage.name);
    context.watch.finish('complete', summary);
    return found === undefined ? { summary } : { summary, found };
  } catch (thrown) {
    const lost = await lostLock(session);
    // Without the lock nothing may be put back: anyone who has it now does that first.
    const error = lost ?? (await undoAndVerify(session, run, stage, context, thrown));
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

/** How staging is after a stage failed and was undone. */
interface Served {
  /** `unknown`: nobody could look. */
  readonly state: ServedCopy;
  /** Why it could not be put back. */
  readonly problem?: unknown;
}

/** Puts staging back, and looks what it serves then. */
async function undoAndLook(stage: Stage, context: WatchedContext): Promise<Served> {
  try {
    await stage.undo?.(context);
    return { state: (await isInPlace(context)) ? 'new' : 'former' };
  } catch (problem) {
    return { state: 'unknown', problem };
  }
}

async function undoAndVerify(
  session: Session,
  run: RunHandle,
  stage: Stage,
  context: WatchedContext,
  thrown: unknown,
): Promise<unknown> {
  const served = await undoAndLook(stage, context);
  context.reporter.metric(SERVES, served.state);
  return verdict(session, run, thrown, served);
}

/** What the command ends with: what went wrong, and what staging serves now. */
function verdict({ signal, site }: Session, run: RunHandle, thrown: unknown, served: Served): unknown {
  const error = asDatabaseError(asDiskError(thrown));
  const { state, problem } = served;
  if (needsRepair(error) || isLockLost(problem)) return needsRepair(error) ? error : problem;
  // Behind the maintenance page nothing is served but that: only what put it back can take it off again.
  if (needsRepair(problem) || (problem !== undefined && run.record().mode === 'replace'))
    return halfWay(site.name, error, problem);
  if (signal.aborted) return interrupted(site.name, run.id, error, state);
  if (state !== 'new' || !(error instanceof UnderstudyError) || error.exitCode !== EXIT.stageFailed)
    return error;
  const { message, details, next } = error;
  return new UnderstudyError('AFTER_CUTOVER_FAILED', `The new copy is in place, but: ${message}`, {
    details,
    next: `${next} To go back: understudy rollback ${site.name}`,
    cause: error,
  });
}

const needsRepair = (error: unknown): boolean =>
  error instanceof UnderstudyError && error.exitCode === EXIT.needsRepair;

const halfWay = (site: string, error: unknown, problem: unknown): unknown =>
  new UnderstudyError('STAGING_NEEDS_REPAIR', 'The stage failed, and staging could not be restored.', {
    details: [
      `What failed first: ${messageOf(error)}`,
      `What failed during the restore: ${messageOf(problem)}`,
    ],
    next: `Fix the problem in the last line, then run: understudy recover ${site}`,
    cause: problem,
  });

/** Whatever broke after a signal broke because of it. */
function interrupted(site: string, run: string, error: unknown, state: Served['state']): UnderstudyError {
  const again = 'Start the build again when you are ready';
  const next = {
    new: `Staging serves the new copy of run ${run}; its pages were not all read. ${again}, or go back: understudy rollback ${site}`,
    former: `Staging serves what it served before. ${again}.`,
    unknown: `Could not determine what staging serves. Run: understudy recover ${site}`,
  };
  return new UnderstudyError('INTERRUPTED', undefined, { cause: error, next: next[state] });
}

const firstSentence = (text: string): string => text.split('\n')[0] ?? '';
