import { listGenerations } from '../cutover/generations.js';
import { rollback } from '../cutover/index.js';
import { UnderstudyError } from '../errors/index.js';
import { listRuns } from '../run/run-store.js';
import { activationTools } from '../stages/activation-tools.js';
import { createReporter } from '../report/reporter.js';
import { type RunSummary } from './run-sync.js';
import { type Session } from './session.js';
import { cutoverContext, withOwnRunLock } from './run-lock.js';

/** `understudy rollback`: the former generation of staging, files and database. A second one is the way forward again. */
export async function rollBack(session: Session): Promise<RunSummary> {
  const generation = await withOwnRunLock(session, async (_lock, run) => {
    const context = cutoverContext(session, run, createReporter(session.console, session.events()));
    if ((await listGenerations(context)).length === 0) throw await nothingToGoBackTo(session);
    return rollback(context, activationTools(context));
  });
  const { retiredBy, retiredAt, tables } = generation;
  const summary =
    tables.length === 0
      ? `Staging is empty again, as it was before run ${retiredBy} at ${retiredAt}. The copy is kept: understudy rollback ${session.site.name} brings it back.`
      : `Staging serves again what run ${retiredBy} had replaced at ${retiredAt}.`;
  session.console.line(summary);
  return { run: '', summary };
}

async function nothingToGoBackTo({ site, store }: Session): Promise<UnderstudyError> {
  if ((await listRuns(store)).some(({ state }) => state === 'complete'))
    return new UnderstudyError('NO_GENERATION', `${site.name} has no former generation to go back to.`);
  return new UnderstudyError(
    'NO_GENERATION',
    `No sync of ${site.name} is complete yet: staging is what it was.`,
    {
      next: `There is nothing to take back. A first copy: understudy sync ${site.name}`,
    },
  );
}
