import { recover, recoverIfNeeded, type CutoverContext, type Recovery } from '../cutover/index.js';
import { readJournal } from '../cutover/journal.js';
import { type RunHandle } from '../run/run-record.js';
import { sweepJobs } from '../hosts/jobs.js';
import { createReporter, type Reporter } from '../report/reporter.js';
import { releaseLock } from '../run/lock.js';
import { type LockState } from '../run/lock.js';
import { holdLock } from './hold-lock.js';
import { assertGuards } from './preflight.js';
import { type Session } from './session.js';

export interface Charge {
  /** What a recovery found. */
  readonly recovery: Recovery;
  /** Stops extending the lease; the lock itself stays. */
  stop(): void;
}

/** What cutover, rollback and recovery need of a session. */
export function cutoverContext(
  session: Session,
  run: Pick<RunHandle, 'id' | 'stagingFolder'>,
  reporter: Reporter,
): CutoverContext {
  const { site, hosts, database, signal } = session;
  return { site, run, hosts, database, reporter, signal };
}

/**
 * What every process does before it changes anything: guards, the lock, an end to what a killed run left running, and
 * the recovery of a change that was cut off.
 * `everything`: also a replacement that this very run has under way; `guarded`: the guards were asked just now.
 */
export async function takeCharge(
  session: Session,
  run: Pick<RunHandle, 'id' | 'stagingFolder'>,
  options: { readonly everything?: boolean; readonly guarded?: boolean } = {},
): Promise<Charge> {
  const reporter = createReporter(session.console, session.events());
  if (options.guarded !== true) await assertGuards(session);
  const lock = await holdLock(session, run.id, reporter);
  try {
    const context = cutoverContext(session, run, reporter);
    const [journal] = await Promise.all([
      readJournal(context),
      sweepLeftovers(session, run.id, lock.former, reporter),
    ]);
    const recovery =
      journal === undefined ? 'nothing' : await recoverNow(context, options.everything === true);
    if (recovery !== 'nothing') {
      reporter.step(`Staging serves the ${recovery === 'new' ? 'new' : 'former'} generation again, whole.`);
    }
    return { recovery, stop: lock.stop };
  } catch (error) {
    lock.stop();
    await releaseLock(session.lock, run.id).catch(() => undefined);
    throw error;
  }
}

const recoverNow = (context: CutoverContext, everything: boolean): Promise<Recovery> =>
  everything ? recover(context) : recoverIfNeeded(context);

/** With the lock held, whatever still runs in our job folders belongs to a dead process of ours. */
async function sweepLeftovers(
  session: Session,
  run: string,
  former: LockState | undefined,
  reporter: Reporter,
): Promise<void> {
  const { hosts, site } = session;
  const [production, productionDatabase, staging] = await Promise.all([
    hosts.productionApplication(),
    hosts.productionDatabase(),
    hosts.staging(),
  ]);
  const runs = [...new Set([run, ...(former === undefined ? [] : [former.run])])];
  const swept = await Promise.all([
    sweepJobs(production, production.workDir),
    ...(productionDatabase === production ? [] : [sweepJobs(productionDatabase, productionDatabase.workDir)]),
    sweepJobs(
      staging,
      site.staging.workDir,
      runs.map((id) => `${site.staging.workDir}/runs/${id}`),
    ),
  ]);
  for (const job of swept.flat().filter(({ state }) => state !== 'stale')) {
    reporter.step(
      `${job.name} (process ${String(job.pid)}) was left by a run that died; ${job.state === 'ended' ? 'ended it' : 'it cannot be ended'}`,
    );
  }
}
