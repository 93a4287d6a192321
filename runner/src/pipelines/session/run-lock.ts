import { recover, recoverIfNeeded, type Recovery } from '../../cutover/index.js';
import { readJournal } from '../../cutover/journal/journal.js';
import { UnderstudyError, messageOf } from '../../errors/index.js';
import { sweepJobs } from '../../hosts/process/remote-jobs.js';
import { reporterOf, type Reporter } from '../../report/events/reporter.js';
import { describeHolder, type LockHolder } from '../../run/holder.js';
import { extendLock, type LockGrant, readLock, releaseLock, takeLock } from '../../run/lock.js';
import { createRunId } from '../../run/run-id.js';
import { type RunHandle } from '../../run/run-record.js';
import { activationTools } from '../../stages/staging/activation-tools.js';
import { startClaim } from './claim-database.js';
import { completeRecovered } from '../recovery/complete-recovered.js';
import { assertGuards } from '../sync/preflight.js';
import { plannedRun } from './planned-run.js';
import { type Session } from './session.js';
import { type StagingContext } from '../../run/site-context.js';

type RunFolder = Pick<RunHandle, 'id' | 'stagingFolder'>;

/**
 * The lock of a site, held by this process for a run. While it is, every change on staging is made under a check of it
 * at the place of the change: hosts/guard/fenced-host.ts and database/connection/session-fence.ts. A lease that cannot be extended
 * aborts `session.signal` with LOCK_LOST.
 */
export interface RunLock {
  /** What the recovery at its beginning found. */
  readonly recovery: Recovery;
  /** @throws LOCK_LOST */
  assertHeld(): Promise<void>;
  /** This process is done; the lock waits `run.lease` for the next one of the same run. */
  leave(): Promise<void>;
  /** This process is done, and so is the run. */
  release(): Promise<void>;
}

export interface RunLockOptions {
  /** Recovers a replacement too that this very run has under way. */
  readonly everything?: boolean;
  /** Recovers nothing: the work is to set aside a journal that cannot be read. */
  readonly leaveJournal?: boolean;
  /** The guards were asked just now. */
  readonly guarded?: boolean;
  /** What is looked at as soon as the lock is held, beside the rest. */
  readonly beside?: () => Promise<void>;
  /** `files`: the work changes neither database nor site, so neither guards nor recovery nor the database's lock. */
  readonly needs?: 'files';
}

const holderOf = (run: string, phase: LockHolder['phase']): LockHolder => ({
  run,
  phase,
  ...describeHolder(process.env),
});

/** What cutover, rollback and recovery need of a session. */
export function cutoverContext(
  session: Session,
  run: RunFolder,
  reporter: Reporter = reporterOf(session),
): StagingContext {
  const { site, hosts, database, wordpress, signal } = session;
  return { site, run, hosts, database, wordpress, reporter, signal };
}

/**
 * What every process does before it changes anything: guards, the lock, an end to what other runs left running on the
 * hosts and in the database, and the recovery of a change that was cut off.
 * @throws LOCKED, DATABASE_IS_PRODUCTION …, STAGING_NEEDS_REPAIR; the lock is free again then
 */
export async function acquireRunLock(
  session: Session,
  run: RunFolder,
  options: RunLockOptions = {},
): Promise<RunLock> {
  const reporter = reporterOf(session);
  const whole = options.needs === undefined;
  if (whole && options.guarded !== true) await assertGuards(session);
  // Logged in meanwhile; without the lock, they do nothing.
  const claim = whole ? startClaim(session) : undefined;
  const held = await holdLock(session, run.id, reporter).catch(async (error: unknown) => {
    await claim?.giveUp();
    throw error;
  });
  try {
    const context = cutoverContext(session, run, reporter);
    const [journal] = await Promise.all([
      whole && options.leaveJournal !== true ? readJournal(context) : undefined,
      endLeftovers(session, reporter),
      claim?.take(held),
      options.beside?.(),
    ]);
    const recovery =
      journal === undefined ? 'nothing' : await recoverNow(context, options.everything === true);
    if (recovery === 'new' && journal !== undefined)
      await completeRecovered(session, journal, run.id, reporter);
    if (recovery !== 'nothing')
      reporter.step(
        `Staging serves the ${recovery === 'new' ? 'new' : 'former'} generation again, complete.`,
      );
    return { recovery, ...held };
  } catch (error) {
    await held.release().catch(() => undefined);
    throw error;
  }
}

const recoverNow = (context: StagingContext, everything: boolean): Promise<Recovery> =>
  (everything ? recover : recoverIfNeeded)(context, activationTools(context));

/** Does one piece of work with the lock held, and frees the lock however it ends. */
export async function withRunLock<Result>(
  session: Session,
  run: RunFolder,
  options: RunLockOptions,
  work: (lock: RunLock) => Promise<Result>,
): Promise<Result> {
  const lock = await acquireRunLock(session, run, options);
  try {
    return await work(lock);
  } finally {
    await lock.release();
  }
}

/** The same for work that belongs to no run; by default, whatever was cut off is ended first. */
export async function withOwnRunLock<Result>(
  session: Session,
  work: (lock: RunLock, run: RunHandle) => Promise<Result>,
  options: RunLockOptions = { everything: true },
): Promise<Result> {
  const run = plannedRun(session, createRunId());
  return withRunLock(session, run, options, (lock) => work(lock, run));
}

/**
 * Takes the lock away from a run that holds it: ends what that run still has on the hosts and in the database, then
 * frees it.
 * @returns `held`: another run holds it, and keeps it
 */
export async function freeLock(session: Session, run: string): Promise<'released' | 'free' | 'held'> {
  const state = await readLock(session.lock);
  if (state === undefined) return 'free';
  if (state.run !== run) return 'held';
  const reporter = reporterOf(session);
  const held = await holdLock(session, run, reporter);
  try {
    await endLeftovers(session, reporter);
    await startClaim(session)
      .take(held)
      .catch((cause: unknown) => {
        reporter.warn({
          severity: 'warning',
          code: 'FORMER_SESSIONS_LEFT',
          message: `Sessions of that run in staging's database could not be looked for: ${messageOf(cause)}`,
          next: 'The next run ends them before it begins.',
        });
      });
  } finally {
    await held.release();
  }
  return 'released';
}

type HeldLock = Omit<RunLock, 'recovery'>;

/** Takes the lock and extends its lease while this process lives. */
async function holdLock(session: Session, run: string, reporter: Reporter): Promise<HeldLock> {
  const lease = session.site.run.heartbeatSeconds;
  const startedAt = Date.now();
  const grant = await takeLock(session.lock, holderOf(run, 'running'), lease);
  if (grant.former !== undefined)
    reporter.warn({
      severity: 'warning',
      code: 'LOCK_TAKEN_OVER',
      message: `The lock of run ${grant.former.run} (${grant.former.holder || 'unknown holder'}) had expired; this run has taken it over.`,
    });
  const { fence } = session;
  const assertHeld = () => extendLock(session.lock, grant, holderOf(run, 'running'), lease);
  fence.hold(grant, assertHeld);
  const stop = keepExtending(session, grant, startedAt, assertHeld);
  const end = async (last: () => Promise<unknown>): Promise<void> => {
    stop();
    await Promise.all([
      fence.database.release(),
      // A host that could not be reached for a whole lease is not waited for.
      session.signal.reason instanceof UnderstudyError ? undefined : last(),
    ]);
  };
  return {
    assertHeld,
    leave: () =>
      end(() =>
        extendLock(session.lock, grant, holderOf(run, 'between-stages'), session.site.run.leaseSeconds),
      ),
    release: () => end(() => releaseLock(session.lock, grant)),
  };
}

/**
 * A sign of life, four times per lease. A process that was suspended asks again when it wakes up: where nobody took
 * the lock meanwhile, nothing happened. One that gets no answer for the whole lease stops.
 * @returns what ends it
 */
function keepExtending(
  session: Session,
  grant: LockGrant,
  startedAt: number,
  extend: () => Promise<void>,
): () => void {
  const lease = session.site.run.heartbeatSeconds;
  let [confirmedAt, asking] = [startedAt, false];
  const tooLate = () => Date.now() - confirmedAt > lease * 1000;
  const lose = (error: UnderstudyError): void => {
    clearInterval(timer);
    session.stop(error);
  };
  const silent = (cause: unknown) =>
    new UnderstudyError(
      'LOCK_LOST',
      `The lock of run ${grant.run} could not be extended for ${String(lease)} seconds: ${cause instanceof Error ? cause.message : 'staging does not answer'}`,
      { cause, next: `Start again when staging can be reached: understudy sync ${session.site.name}` },
    );
  const ask = async (): Promise<void> => {
    const askedAt = Date.now();
    try {
      await extend();
      confirmedAt = askedAt;
      await session.fence.database.verify();
    } catch (error) {
      if (error instanceof UnderstudyError && error.code === 'LOCK_LOST') lose(error);
      else if (tooLate()) lose(silent(error));
    }
  };
  const timer = setInterval(
    () => {
      if (asking) {
        if (tooLate()) lose(silent(undefined));
        return;
      }
      asking = true;
      void ask().finally(() => (asking = false));
    },
    (lease * 1000) / 4,
  );
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

/** With the lock held, whatever still runs in our job folders belongs to a process that lost it. */
async function endLeftovers(session: Session, reporter: Reporter): Promise<void> {
  const { hosts, site } = session;
  const [production, productionDatabase, staging] = await Promise.all([
    hosts.productionApplication(),
    hosts.productionDatabase(),
    hosts.staging(),
  ]);
  const swept = await Promise.all([
    sweepJobs(production, production.workDir),
    ...(productionDatabase === production ? [] : [sweepJobs(productionDatabase, productionDatabase.workDir)]),
    sweepJobs(staging, site.staging.workDir),
  ]);
  for (const job of swept.flat().filter(({ state }) => state !== 'stale')) {
    const what = `${job.name} (process ${String(job.pid)}) was left by a run that lost the lock`;
    if (job.state === 'alive')
      throw new UnderstudyError('LOCKED', `${what}, and cannot be ended.`, {
        next: `End process ${String(job.pid)} on that host, then start again.`,
      });
    reporter.step(`${what}; ended it`);
  }
}
