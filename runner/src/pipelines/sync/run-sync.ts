import { type Parameters } from '../../config/parameters.js';
import { type StageName, stagesOf } from '../../config/stage-list.js';
import { asDatabaseError } from '../../database/connection/sql-error.js';
import { asInterrupted, EXIT, UnderstudyError } from '../../errors/index.js';
import { createRunId } from '../../run/run-id.js';
import { type RunHandle, type RunRecord } from '../../run/run-record.js';
import { prepareToReadRecords } from '../../run/run-record.js';
import { assertResumable, chooseRunToResume } from '../../run/resume.js';
import { exitCodeOf, type Outcome } from '../../run/result.js';
import { createRun, labelOf, listRuns, openRun, resumeRun, withStage } from '../../run/run-store.js';
import { assertSameWorkFolder } from '../../run/work-folders.js';
import { stageContext } from '../session/stage-context.js';
import { preflightContext, runPreflight } from './preflight.js';
import { listGenerations } from '../../cutover/journal/generations.js';
import { recover } from '../../cutover/index.js';
import { readJournal } from '../../cutover/journal/journal.js';
import { localTime } from '../../report/page/local-time.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { noteHistory } from '../runs/run-history.js';
import { shareReports } from '../runs/shared-reports.js';
import {
  removeDeadRuns,
  listRunsAndGenerations,
  type RunsAndGenerations,
} from '../recovery/remove-dead-runs.js';
import { plannedRun } from '../session/planned-run.js';
import { acquireRunLock, cutoverContext, type RunLock } from '../session/run-lock.js';
import { executeStage } from './execute-stage.js';
import { openRunLog } from '../runs/run-log.js';
import { type Session } from '../session/session.js';
import { stageByName } from './sync-stages.js';
import { logInForStages } from './log-in-for-stages.js';
import { proveAhead } from '../../stages/survey/staging-route.js';
import { restartStaging } from './restart-staging.js';

/** What can be done before the hosts have answered. */
export const prepareToRun = (): void => {
  prepareToReadRecords();
};

/** What of the parameters decides whether a run may be resumed. */
const recordedParameters = (parameters: Parameters): RunRecord['parameters'] => ({
  allowDeletions: parameters.allowDeletions,
});

const aboutSite = ({ title, type, production, staging }: Session['site']): Record<string, string> => ({
  title,
  type,
  production: production.url,
  staging: staging.url,
});

/** Jenkins tells which commit of the site files it checked out. */
function configCommit(): { readonly configCommit?: string } {
  const commit = process.env['UNDERSTUDY_CONFIG_COMMIT'] ?? '';
  return /^[0-9a-f]{7,64}$/.test(commit) ? { configCommit: commit } : {};
}

/** All stages in one process. @throws the error of the stage that failed; staging is then as it was. */
export async function runSync(session: Session, parameters: Parameters): Promise<Outcome> {
  return runStages(session, parameters, stagesOf(session.site.type), true);
}

/** One stage in a process of its own (`understudy stage <name> <site>`). */
export async function runOneStage(
  session: Session,
  parameters: Parameters,
  name: StageName,
): Promise<Outcome> {
  if (!stagesOf(session.site.type).includes(name)) {
    session.console.line(
      `${labelOf(name)} does not apply to a site of type ${session.site.type}; nothing to do.`,
    );
    return { run: parameters.run ?? '', summary: `${labelOf(name)} does not apply` };
  }
  return runStages(session, parameters, [name], false);
}

async function runStages(
  session: Session,
  parameters: Parameters,
  names: readonly StageName[],
  whole: boolean,
): Promise<Outcome> {
  const first = names[0];
  if (first === undefined) throw new Error('a pipeline without stages');
  const isNew = first === 'sync-content' && (parameters.run === undefined || whole);
  const planned = plannedRun(session, createRunId());
  // Asked for while the run is looked up; what it says is looked at below.
  const openChange = readJournal({ ...session, run: planned });
  openChange.catch(() => undefined);
  if (isNew) proveAhead(session);
  logInForStages(session, names);
  const existing = isNew ? undefined : await findRun(session, parameters, first);
  const { id } = existing ?? planned;
  const runLog = openRunLog(session, id);
  runLog.events.write({
    type: 'run-started',
    parameters: recordedParameters(parameters),
    resumed: existing !== undefined,
    about: aboutSite(session.site),
  });
  if (existing !== undefined)
    session.console.note(`Continuing run ${id}, begun ${localTime(existing.record().createdAt)}.`);
  if (existing !== undefined) stageByName(first).readAhead?.(preflightContext(session, existing, parameters));
  let lock: RunLock | undefined;
  let found: UnderstudyError | undefined;
  let run: RunHandle | undefined = existing;
  let done: Outcome;
  try {
    const expected = existing ?? planned;
    const remaining = stagesOf(session.site.type).slice(stagesOf(session.site.type).indexOf(first));
    // A change that was cut off would confuse the preflight: it is ended first, behind the guards and the lock.
    if ((await openChange) !== undefined) lock = await acquireRunLock(session, expected);
    // A first stage has no record yet: preflight runs before anything is written to any host.
    await runPreflight(session, expected, remaining.map(stageByName), runLog, parameters, async () => {
      if (existing !== undefined) return false;
      lock ??= await acquireRunLock(session, expected);
      session.console.note('   A disk is too full: removing what unfinished runs left');
      return (await removeDeadRuns(session, id)).length > 0;
    });
    let taken: RunsAndGenerations | undefined;
    const beside = async () =>
      void (taken = existing === undefined ? await listRunsAndGenerations(session, id) : undefined);
    lock ??= await acquireRunLock(session, expected, { guarded: true, beside });
    // Before the record is written: temporary files of killed processes go, and its own looks like one of those.
    if (existing === undefined)
      await removeDeadRuns(session, id, lock.recovery === 'nothing' ? taken : undefined);
    const handle =
      existing === undefined ? await beginRun(session, id, first, parameters) : goOn(existing, first);
    run = handle;
    let summary = '';
    for (const [index, name] of names.entries()) {
      const watch = (stage: StageName) =>
        stageContext(session, handle, runLog.watch(stage, new Date(handle.record().createdAt)), parameters);
      const ended = await executeStage(session, run, stageByName(name), watch, {
        next: names[index + 1],
        isLast: name === stagesOf(session.site.type).at(-1),
      });
      summary = ended.summary;
      found ??= ended.found;
    }
    const goesOn = found === undefined && !session.signal.aborted;
    if (session.signal.aborted && missingStages(session, run).length > 0)
      await stopBetweenStages(session, run);
    const former = await finishRun(session, run, lock, {
      whole,
      keepLock: parameters.keepLock && goesOn,
      found,
    });
    // A signal that came meanwhile: no next stage takes up the lock that was kept for it.
    if (session.signal.aborted && missingStages(session, run).length > 0)
      await stopBetweenStages(session, run);
    const exitCode = session.signal.aborted ? EXIT.interrupted : (found?.exitCode ?? EXIT.ok);
    runLog.finish(run.record(), exitCode, former);
    done = { run: id, summary };
  } catch (thrown) {
    const error = asDatabaseError(session.signal.aborted ? asInterrupted(thrown) : thrown);
    await lock?.release().catch(() => undefined);
    runLog.fail(error);
    await noteFailure(session, id, run?.record(), error);
    throw error;
  }
  // The run is complete and what it made stands; only the command does not end well.
  if (found !== undefined) throw found;
  return done;
}

/** The record of a new run, with its first stage under way. */
const beginRun = (
  session: Session,
  id: string,
  first: StageName,
  parameters: Parameters,
): Promise<RunHandle> =>
  createRun(session.store, id, {
    parameters: recordedParameters(parameters),
    ...configCommit(),
    stages: { [first]: { state: 'running', startedAt: new Date().toISOString() } },
  });

function goOn(run: RunHandle, first: StageName): RunHandle {
  const isRunning = withStage(first, { state: 'running', startedAt: new Date().toISOString() });
  run.updateMeanwhile((record) => ({ ...isRunning(record), state: 'running' }));
  return run;
}

/** A run that was refused because another one is at work is no part of the site's history. */
async function noteFailure(
  session: Session,
  run: string,
  record: RunRecord | undefined,
  error: unknown,
): Promise<void> {
  const exitCode = exitCodeOf(error);
  if (exitCode === EXIT.locked && record === undefined) return;
  await noteHistory(session, run, exitCode === EXIT.interrupted ? 'aborted' : 'failed', record);
}

/** The signal came when the last stage of this process had ended: as if it had come within it. Throws always. */
async function stopBetweenStages(session: Session, run: RunHandle): Promise<never> {
  await recover(cutoverContext(session, run));
  await run.update((record) => ({ ...record, state: 'aborted' }));
  throw new UnderstudyError('INTERRUPTED', 'Interrupted between two stages; the run can be continued.', {
    next: 'Staging serves what it served before. Start the build again when you are ready.',
  });
}

/** For the last screen: what the way back leads to. Only told, so a host that does not answer any more is no failure. */
async function whatIsBefore(session: Session, run: RunHandle): Promise<'copy' | 'empty' | undefined> {
  const context = cutoverContext(session, run);
  const [former] = await listGenerations(context).catch(() => []);
  return former === undefined ? undefined : former.tables.length === 0 ? 'empty' : 'copy';
}

async function findRun(session: Session, parameters: Parameters, stage: StageName): Promise<RunHandle> {
  const question = {
    site: session.site,
    stage,
    parameters: recordedParameters(parameters),
    now: new Date(),
    ...configCommit(),
  };
  if (parameters.run !== undefined) {
    const run = await openRun(session.store, parameters.run);
    assertResumable(run.record(), question);
    assertSameWorkFolder(run.record(), session.store, 'production');
    return run;
  }
  const chosen = chooseRunToResume(await listRuns(session.store), question);
  assertSameWorkFolder(chosen, session.store, 'production');
  return resumeRun(session.store, chosen);
}

const missingStages = ({ site }: Session, run: RunHandle): readonly StageName[] =>
  stagesOf(site.type).filter((name) => run.record().stages[name]?.state !== 'complete');

/**
 * After the last stage of this process: the run is complete, or waits for the next stage with a lease.
 * `keepLock`: also a complete run waits, for `understudy update`; nobody may sync over it meanwhile.
 * @returns what was there before; undefined where the run is not complete
 */
async function finishRun(
  session: Session,
  run: RunHandle,
  lock: RunLock,
  order: {
    readonly whole: boolean;
    readonly keepLock: boolean;
    readonly found: UnderstudyError | undefined;
  },
): Promise<'copy' | 'empty' | undefined> {
  const missing = missingStages(session, run);
  if (missing.length > 0 && order.whole)
    throw new UnderstudyError('INTERNAL', `Run ${run.id} ended without ${missing.join(', ')}.`);
  if (missing.length > 0) {
    // Nothing is told of the run after this, so its reports are put together in the same go.
    await inOneGo([run.durable(), session.ended(), lock.leave(), shareReports(session, run.id)]);
    return undefined;
  }
  const state = order.found === undefined ? 'complete' : 'failed';
  const record: RunRecord = { ...run.record(), state: 'complete' };
  const isComplete = run.update(() => record);
  const [, , former] = await inOneGo([
    // Under the lock: nobody syncs or checks a staging that is on its way down and up.
    isComplete.then(() => restartStaging(session)),
    noteHistory(session, run.id, state, record, isComplete),
    whatIsBefore(session, run),
  ]);
  await (order.keepLock ? lock.leave() : lock.release());
  return former;
}
