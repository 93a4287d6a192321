import { type Reporter } from '../report/reporter.js';
import { describeHolder } from '../run/holder.js';
import { takeLock, type LockHolder } from '../run/lock.js';
import { type Session } from './session.js';

const holderOf = (run: string, phase: LockHolder['phase']): LockHolder => ({
  run,
  phase,
  ...describeHolder(process.env),
});

/**
 * Takes the lock and extends its lease while this process lives. Two missed extensions are survived.
 * @returns what stops the extending; the lock itself stays
 */
export async function holdLock(session: Session, run: string, reporter: Reporter): Promise<{ stop(): void }> {
  const lease = session.site.run.leaseSeconds;
  const former = await takeLock(session.lock, holderOf(run, 'running'), lease);
  if (former !== undefined) {
    reporter.warn({
      severity: 'warning',
      code: 'LOCK_TAKEN_OVER',
      message: `The lock of run ${former.run} (${former.holder || 'unknown holder'}) had expired; this run has taken it over.`,
    });
  }
  const timer = setInterval(
    () => {
      takeLock(session.lock, holderOf(run, 'running'), lease).catch((error: unknown) => {
        if (!session.signal.aborted) reporter.step(`the lock could not be extended: ${String(error)}`);
      });
    },
    (lease * 1000) / 3,
  );
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** Between two stages of a pipeline no process lives; the lock says so and waits for the next one. */
export async function leaveLockBetweenStages(session: Session, run: string): Promise<void> {
  await takeLock(session.lock, holderOf(run, 'between-stages'), session.site.run.leaseSeconds);
}
