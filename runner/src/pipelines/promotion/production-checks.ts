import path from 'node:path';
import { several, UnderstudyError } from '../../errors/index.js';
import {
  type CheckResult,
  type CheckRun,
  newFailures,
  sentenceOf,
} from '../../maintenance/checks/check-result.js';
import { comparedWith } from '../../maintenance/checks/reference-pictures.js';
import { checkSummary } from '../../maintenance/checks/run-checks.js';
import { type CheckSummary } from '../../maintenance/maintenance-record.js';
import { type PromotionReporter } from '../../maintenance/promote/promotion-context.js';
import { type Baseline, openSiteChecks, type SiteChecks, takeBaseline } from '../maintenance/site-checks.js';
import { type Session } from '../session/session.js';

interface ProductionVerdict {
  readonly summary: CheckSummary;
  /** One sentence per failure that takes the code back; empty where the new code stays. */
  readonly failures: readonly string[];
}

/** The checks of production, measured by what it was before the promotion. */
export interface ProductionChecks {
  /** Looks again; undefined where production could not be read before already. */
  after(): Promise<ProductionVerdict | undefined>;
  close(): Promise<void>;
}

/**
 * Looks at production as visitors get it, before anything is changed there: pages, texts, forms, assets, console,
 * pictures, PHP's log. Requests name themselves by `maintenance.header`. What fails then is no reason to roll back.
 * @param folder of the run in the workspace; pictures and results go to `<folder>/production/checks/…`
 */
export async function openProductionChecks(
  session: Session,
  folder: string,
  reporter: PromotionReporter,
): Promise<ProductionChecks> {
  const own = path.join(folder, 'production');
  const checks = await openSiteChecks(session, 'production', own);
  try {
    reporter.step('Looking at production before the promotion');
    const baseline = await takeBaseline(checks, own);
    return {
      after: () => judge(checks, baseline, own, reporter),
      close: () => checks.close(),
    };
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code !== 'CHECKS_BLOCKED') {
      await checks.close();
      throw error;
    }
    reporter.warn({
      severity: 'warning',
      code: 'CHECKS_BLOCKED',
      message: `Production's pages cannot be read, so after the promotion only home, login and the declared pages are asked for: ${error.details[0] ?? error.message}`,
      next: 'Let requests with the header of maintenance.header through the firewall.',
    });
    return { after: () => Promise.resolve(undefined), close: () => checks.close() };
  }
}

/** What fails must fail twice: a single time-out among thousands of visitors is no reason to take a month's work back. */
async function judge(
  checks: SiteChecks,
  baseline: Baseline,
  folder: string,
  reporter: PromotionReporter,
): Promise<ProductionVerdict> {
  const reference = comparedWith(folder, baseline.run, baseline.unstable);
  reporter.step(`Checking ${several(baseline.run.pages.length, 'page')} of production`);
  let run = await checks.run('after', baseline.run.pages, { reference });
  let bad = badSince(run, baseline.run);
  if (bad.length > 0) {
    reporter.step(`${several(bad.length, 'check fails', 'checks fail')}; looking once more`);
    const first = new Set(bad.map(({ id }) => id));
    run = await checks.run('after-again', baseline.run.pages, { reference });
    bad = badSince(run, baseline.run).filter(({ id }) => first.has(id));
  }
  const reported = newFailures(run, baseline.run).filter((result) => !bad.includes(result));
  if (reported.length > 0)
    reporter.warn({
      severity: 'warning',
      code: 'PRODUCTION_LOOKS_DIFFERENT',
      message: [
        'On production, no reason to roll back, but worth a look:',
        ...reported.slice(0, 10).map(sentenceOf),
      ].join('\n       '),
      next: 'Open the pictures below production/checks in the report’s folder.',
    });
  return { summary: checkSummary(run, baseline.run, 'production/'), failures: bad.map(sentenceOf) };
}

/**
 * Pictures and times are told and do not roll back: content and visitors go on changing on production, and caches are
 * cold just now. How the code looks was compared on staging. A firewall that begins to block says nothing about code.
 */
const badSince = (run: CheckRun, before: CheckRun): readonly CheckResult[] =>
  newFailures(run, before).filter(
    ({ kind, message }) => kind !== 'picture' && kind !== 'time' && !/^(?:is )?blocked \(/.test(message),
  );
