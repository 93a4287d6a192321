import { setAsideJournal } from '../../cutover/recover-cutover.js';
import { turnPageOff } from '../../cutover/exchange/maintenance-page.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { findMaintenance } from '../../maintenance/maintenance-store.js';
import { listRuns } from '../../run/run-store.js';
import { asProductionSession } from '../promotion/with-production.js';
import { endPromotion } from '../promotion/promotion-rollback.js';
import { removeDeadRuns } from './remove-dead-runs.js';
import { cutoverContext, withOwnRunLock } from '../session/run-lock.js';
import { type Outcome } from '../../run/result.js';
import { type Session } from '../session/session.js';
import { generationPlace, listGenerations } from '../../cutover/journal/generations.js';
import { rollback } from '../../cutover/index.js';
import { activationTools } from '../../stages/staging/activation-tools.js';
import { localTime } from '../../report/page/local-time.js';
import { noteRollback } from '../runs/note-overview.js';

/** `understudy recover`: ends a change of staging, or of production's code, that was cut off. */
export async function recoverNow(session: Session): Promise<Outcome> {
  return withOwnRunLock(session, async ({ recovery }) => {
    const staging =
      recovery === 'nothing'
        ? 'Nothing to recover; staging is intact.'
        : `Staging serves the ${recovery} generation, complete.`;
    session.console.line(staging);
    if (!(await wasEverApproved(session))) return { run: '', summary: staging };
    const production = await endPromotion(asProductionSession(session));
    return { run: '', summary: `${staging} ${production.summary}` };
  });
}

/**
 * `understudy recover --set-aside-journal`: for a journal that nobody can read any more. What staging serves is not
 * touched; our maintenance page goes, because nothing else would take it off.
 */
export async function setJournalAside(session: Session): Promise<Outcome> {
  return withOwnRunLock(
    session,
    async (_lock, run) => {
      const context = cutoverContext(session, run);
      const aside = await setAsideJournal(context);
      if (aside === 'nothing') {
        const summary = `${session.site.name} has no journal: no change of staging was interrupted.`;
        session.console.line(summary);
        return { run: '', summary };
      }
      if (aside === undefined)
        throw new UnderstudyError('USAGE', `${session.site.name} has no invalid journal.`, {
          next: `Run understudy recover ${session.site.name}.`,
        });
      await turnPageOff(context);
      const summary = `The journal is now ${aside}. Staging serves what lies there; run understudy sync ${session.site.name} to replace all of it.`;
      session.console.line(summary);
      return { run: '', summary };
    },
    { leaveJournal: true },
  );
}

/** Production is not connected to where no promotion was ever approved. */
async function wasEverApproved(session: Session): Promise<boolean> {
  if (session.site.maintenance === undefined) return false;
  for (const { id } of await listRuns(session.store))
    if ((await findMaintenance(session, id))?.record().approval !== undefined) return true;
  return false;
}

/** `understudy clean`: removes what unfinished runs left; the next sync would do it too. */
export async function cleanUp(session: Session): Promise<Outcome> {
  const removed = await withOwnRunLock(session, (_lock, own) => removeDeadRuns(session, own.id));
  const summary = `Removed what ${several(removed.length, 'unfinished run')} had left.`;
  session.console.line(summary);
  return { run: '', summary };
}

/** `understudy rollback`: the former generation of staging, files and database. A second one is the way forward again. */
export async function rollBack(session: Session): Promise<Outcome> {
  await assertSomethingToGoBackTo(session);
  const generation = await withOwnRunLock(session, async (_lock, run) => {
    const context = cutoverContext(session, run);
    return rollback(context, activationTools(context));
  });
  const { retiredBy, retiredAt, tables } = generation;
  const when = localTime(retiredAt);
  const summary =
    tables.length === 0
      ? `Staging is empty again, as it was before run ${retiredBy} (${when}). The copy is kept: understudy rollback ${session.site.name} brings it back.`
      : `Staging serves again what run ${retiredBy} had replaced (${when}).`;
  await noteRollback(session, retiredBy, summary);
  session.console.line(summary);
  return { run: '', summary };
}

/** Before guards and lock: on a staging that was never synced those would speak of something else. @throws NO_GENERATION */
async function assertSomethingToGoBackTo({ site, store, lock }: Session): Promise<void> {
  const kept = await listGenerations(generationPlace(lock.staging, store.stagingWorkDir));
  if (kept.length > 0) return;
  if ((await listRuns(store)).some(({ state }) => state === 'complete'))
    throw new UnderstudyError('NO_GENERATION', `${site.name} has no former generation to go back to.`);
  throw new UnderstudyError(
    'NO_GENERATION',
    `No sync of ${site.name} is complete yet: staging is what it was.`,
    {
      next: `There is nothing to roll back. A first copy: understudy sync ${site.name}`,
    },
  );
}
