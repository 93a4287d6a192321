import { type Reporter } from '../report/reporter.js';
import { describeHolder } from '../run/holder.js';
import { takeLock, type LockHolder, type LockState } from '../run/lock.js';
import { type Session } from './session.js';

const holderOf = (run: string, phase: LockHolder['phase']): LockHolder => ({
  run,
  phase,
  ...describeHolder(process.env),
});

/** A process that was killed keeps the others waiting no longer than this; three missed extensions are survived. */
const LIVING_LEASE_SECONDS = 120;

/**
 * Takes the lock and extends its lease while this process lives.
 * @returns what stops the extending; the lock itself stays
 */
export async function holdLock(
  session: Session,
  run: string,
  reporter: Reporter,
): Promise<{ readonly former: LockState | undefined; stop(): void }> {
  const former = await takeLock(session.lock, holderOf(run, 'running'), LIVING_LEASE_SECONDS);
  if (former !== undefined) {
    reporter.warn({
      severity: 'warning',
      code: 'LOCK_TAKEN_OVER',
      message: `The lock of run ${former.run} (${former.holder || 'unknown holder'}) had expired; this run has taken it over.`,
    });
  }
  const timer = setInterval(
    () => {
      takeLock(session.lock, holderOf(run, 'running'), LIVING_LEASE_SECONDS).catch((error: unknown) => {
        if (!session.signal.aborted) reporter.step(`the lock could not be extended: ${String(error)}`);
      });
    },
    (LIVING_LEASE_SECONDS * 1000) / 4,
  );
  timer.unref();
  return {
    former,
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** Between two stages of a pipeline no process lives; the lock says so and waits for the next one. */
export async function leaveLockBetweenStages(session: Session, run: string): Promise<void> {
  await takeLock(session.lock, holderOf(run, 'between-stages'), session.site.run.leaseSeconds);
}
