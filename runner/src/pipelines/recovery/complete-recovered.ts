import { type Journal } from '../../cutover/journal/journal-schema.js';
import { stagesOf } from '../../config/stage-list.js';
import { type Reporter } from '../../report/events/reporter.js';
import { openRun, withStage } from '../../run/run-store.js';
import { clearAgain } from '../../stages/staging/cut-over.js';
import { plannedRun } from '../session/planned-run.js';
import { type Session } from '../session/session.js';
import { messageOf } from '../../errors/index.js';

/**
 * A recovery has put the copy of a killed run in place: what that run would have done afterwards is done now: caches
 * cleared, what was put aside removed, the record closed. The run itself, where it goes on in this very process, does it.
 */
export async function completeRecovered(
  session: Session,
  journal: Journal,
  own: string,
  reporter: Reporter,
): Promise<void> {
  // A rollback is no run that has a record.
  if (journal.restores !== undefined || journal.run === own) return;
  const { site, hosts, database, wordpress, signal } = session;
  const run = plannedRun(session, journal.run);
  try {
    if (site.type === 'wordpress')
      await clearAgain({ site, run, hosts, database, wordpress, signal, reporter, dryRun: false });
    await closeRecord(session, journal.run);
  } catch (cause) {
    reporter.warn({
      severity: 'warning',
      code: 'AFTER_CUTOVER_FAILED',
      message: `The copy of run ${journal.run} is in place, but: ${messageOf(cause)}`,
      next: `Caches may still serve the former copy. The next sync clears them: understudy sync ${site.name}`,
    });
  }
}

async function closeRecord(session: Session, id: string): Promise<void> {
  const last = stagesOf(session.site.type).at(-1);
  const run = await openRun(session.store, id);
  if (last === undefined || run.record().state === 'complete') return;
  const now = new Date().toISOString();
  await run.update((record) => ({
    ...withStage(last, {
      startedAt: now,
      ...record.stages[last],
      state: 'complete',
      finishedAt: now,
      summary: 'Put in place by a recovery; its pages were not read',
      outputs: {},
    })(record),
    state: 'complete',
  }));
}
