import { generationPlace, listGenerations } from '../../cutover/journal/generations.js';
import { rollback } from '../../cutover/index.js';
import { UnderstudyError } from '../../errors/index.js';
import { listRuns } from '../../run/run-store.js';
import { activationTools } from '../../stages/staging/activation-tools.js';
import { localTime } from '../../report/page/local-time.js';
import { noteRollback } from '../runs/note-run.js';
import { type Outcome } from '../../run/result.js';
import { type Session } from '../session/session.js';
import { cutoverContext, withOwnRunLock } from '../session/run-lock.js';

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
