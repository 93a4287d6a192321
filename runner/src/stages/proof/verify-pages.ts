import { rollback } from '../../cutover/index.js';
import { UnderstudyError, messageOf } from '../../errors/index.js';
import { activationTools } from '../staging/activation-tools.js';
import { createRunId } from '../../run/run-id.js';
import { pageLeakError, searchPages } from './leak-check.js';
import { type StageContext } from '../stage.js';
import { type CrawlReport } from '../../wordpress/site/crawl.js';

/** Reads staging's pages after the cutover. @returns undefined where they could not be read, which is reported */
export function readPages(context: StageContext): Promise<CrawlReport | undefined> {
  context.reporter.step('Reading the staging pages');
  const reading = searchPages(context).catch((cause: unknown) => {
    context.signal.throwIfAborted();
    context.reporter.warn({
      severity: 'warning',
      code: 'PAGES_UNREAD',
      message: `The staging pages could not be read: ${messageOf(cause)}.`,
    });
    return undefined;
  });
  // Where the cutover's last steps fail, nobody waits for it.
  reading.catch(() => undefined);
  return reading;
}

/**
 * Judges them.
 * @returns what they show of production: the new staging stays up, the command ends with it (exit code 5)
 * @throws UnderstudyError PAGE_LEAK_FOUND with `rewrite.onPageLeak: roll-back`, when the former staging is back
 */
export async function verifyPages(
  context: StageContext,
  reading: ReturnType<typeof readPages>,
): Promise<UnderstudyError | undefined> {
  const pages = await reading;
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
