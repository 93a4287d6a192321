import { UnderstudyError, messageOf } from '../../errors/index.js';
import { type CheckSummary, type Promotion } from '../../maintenance/maintenance-record.js';
import { type MaintenanceHandle } from '../../maintenance/maintenance-store.js';
import { checkProduction, clearOuterCaches } from '../../maintenance/promote/after-switch.js';
import {
  type PromotionResult,
  assertFormerCode,
  runPromotion,
} from '../../maintenance/promote/run-promotion.js';
import { type PromotionContext } from '../../maintenance/promote/promotion-context.js';
import { type ProductionChecks, openProductionChecks } from './production-checks.js';
import { type Session } from '../session/session.js';

/** How a promotion ended, for its record. */
export type Ending = Omit<Promotion, 'startedAt' | 'finishedAt'>;

export interface Verdict {
  readonly failures: readonly string[];
  readonly checks?: CheckSummary;
}

/** The switch between two looks at production as visitors get it. Whatever is thrown: the former code is live. */
export async function carryAndCheck(
  session: Session,
  context: PromotionContext,
  { workspace }: MaintenanceHandle,
  note: (end: Ending) => Promise<void>,
): Promise<PromotionResult & { readonly verdict: Verdict }> {
  // Refused within seconds where somebody edited production; and where every host has the code, nothing is to be judged.
  if ((await assertFormerCode(context, context.instances.trees)).length === 0)
    return { ...(await runPromotion(context)), verdict: { failures: await checkProduction(context) } };
  const checks = await openProductionChecks(session, workspace.folder, context.reporter);
  try {
    const started = { hosts: [], backup: '', pageSeconds: 0 };
    await note({ ...started, state: 'running' });
    let result: PromotionResult;
    try {
      result = await runPromotion(context);
    } catch (error) {
      // Where an operation is left open the record says so too, and the next command ends it.
      if (!leavesOpen(error)) await note({ ...started, state: 'failed' }).catch(() => undefined);
      throw error;
    }
    await clearOuterCaches(context);
    return { ...result, verdict: await judge(context, checks) };
  } finally {
    await checks.close();
  }
}

const leavesOpen = (error: unknown): boolean =>
  error instanceof UnderstudyError &&
  (error.code === 'PRODUCTION_NEEDS_REPAIR' || error.code === 'PRODUCTION_CLAIM_LOST');

/** First the pages that matter most, within seconds; then everything. A check that cannot be made is no verdict. */
async function judge(context: PromotionContext, checks: ProductionChecks): Promise<Verdict> {
  const failures = await checkProduction(context);
  if (failures.length > 0) return { failures };
  const after = await checks.after().catch((cause: unknown) => {
    if (context.signal.aborted) throw interruptedAfterSwitch(context, cause);
    context.reporter.warn({
      severity: 'warning',
      code: 'CHECKS_BLOCKED',
      message: `Home, login and the declared pages are fine; the other checks could not be run: ${messageOf(cause)}`,
      next: `Look at production, then: understudy check ${context.site.name} --side production.`,
    });
    return undefined;
  });
  return after === undefined ? { failures: [] } : { failures: after.failures, checks: after.summary };
}

const interruptedAfterSwitch = ({ run, site }: PromotionContext, cause: unknown): UnderstudyError =>
  new UnderstudyError(
    'INTERRUPTED',
    `Interrupted after the switch: production serves the tested code of run ${run}. Home, login and the declared pages are fine; the other checks were not run.`,
    {
      next: `Finish it: understudy promote ${site.name} --recover. The end of a Jenkins build does that.`,
      cause,
    },
  );
