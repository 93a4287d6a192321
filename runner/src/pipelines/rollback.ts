import { rollback } from '../cutover/index.js';
import { activationTools } from '../stages/activation-tools.js';
import { createReporter } from '../report/reporter.js';
import { type RunSummary } from './run-sync.js';
import { type Session } from './session.js';
import { cutoverContext, withOwnRunLock } from './run-lock.js';

/** `understudy rollback`: the former generation of staging, files and database. A second one is the way forward again. */
export async function rollBack(session: Session): Promise<RunSummary> {
  const generation = await withOwnRunLock(session, (_lock, run) => {
    const context = cutoverContext(session, run, createReporter(session.console, session.events()));
    return rollback(context, activationTools(context));
  });
  const summary = `Staging serves again what run ${generation.retiredBy} had replaced at ${generation.retiredAt}.`;
  session.console.line(summary);
  return { run: '', summary };
}
