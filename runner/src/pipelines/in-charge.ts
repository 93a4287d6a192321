import { createRunId } from '../run/run-id.js';
import { releaseLock } from '../run/lock.js';
import { plannedRun } from './run-sync.js';
import { type Session } from './session.js';
import { takeCharge, type Charge } from './take-charge.js';

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
