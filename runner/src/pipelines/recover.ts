import { createRunId } from '../run/run-id.js';
import { releaseLock } from '../run/lock.js';
import { plannedRun, type RunSummary } from './run-sync.js';
import { type Session } from './session.js';
import { takeCharge, type Charge } from './take-charge.js';

/** `understudy recover`: ends a change of staging that was cut off. */
export async function recoverNow(session: Session): Promise<RunSummary> {
  const { recovery } = await inCharge(session, (charge) => Promise.resolve(charge));
  const summary =
    recovery === 'nothing'
      ? 'There is nothing to recover; staging is whole.'
      : `Staging serves the ${recovery} generation, whole.`;
  session.console.line(summary);
  return { run: '', summary };
}

/** Does one piece of work outside of a run with the lock held, and frees the lock however it ends. */
export async function inCharge<Result>(
  session: Session,
  work: (charge: Charge, run: ReturnType<typeof plannedRun>) => Promise<Result>,
): Promise<Result> {
  const run = plannedRun(session, createRunId());
  const charge = await takeCharge(session, run, { everything: true });
  try {
    return await work(charge, run);
  } finally {
    charge.stop();
    await releaseLock(session.lock, run.id);
  }
}
