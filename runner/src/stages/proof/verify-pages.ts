import { rollback } from '../../cutover/index.js';
import { UnderstudyError, messageOf } from '../../errors/index.js';
import { activationTools } from '../staging/activation-tools.js';
import { createRunId } from '../../run/run-id.js';
import { pageLeakError, searchPages } from './leak-check.js';
import { type StageContext } from '../stage.js';

/** @returns what pages show of production; the copy stays @throws PAGE_LEAK_FOUND when the former one is back */
export async function verifyPages(context: StageContext): Promise<UnderstudyError | undefined> {
  context.reporter.step('Reading the staging pages');
  const pages = await searchPages(context).catch((cause: unknown) => {
    context.signal.throwIfAborted();
    context.reporter.warn({
      severity: 'warning',
      code: 'PAGES_UNREAD',
      message: `The staging pages could not be read: ${messageOf(cause)}.`,
    });
    return undefined;
  });
  if (pages === undefined) return undefined;
  context.reporter.metric('pagesRead', pages.read);
  const error = pageLeakError(pages, context.site);
  if (error?.code !== 'PAGE_LEAK_FOUND' || context.site.rewrite.onPageLeak === 'keep') return error;
  await rollback(asOwnRun(context), activationTools(context));
  throw new UnderstudyError('PAGE_LEAK_FOUND', `${error.message} The former staging was restored.`, {
    details: error.details,
    next: 'Add a rewrite pair for what is listed and start the build again.',
  });
}

/** A rollback is a change of its own: under this run's name the copy would count as in place afterwards. */
function asOwnRun(context: StageContext): StageContext {
  const id = createRunId();
  const stagingFolder = context.run.stagingFolder.replace(/[^/]+$/, id);
  return { ...context, run: { ...context.run, id, stagingFolder } };
}
