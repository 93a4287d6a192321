import { several, UnderstudyError, messageOf } from '../../errors/index.js';
import { type Promotion, type CheckSummary } from '../../maintenance/maintenance-record.js';
import { type MaintenanceHandle } from '../../maintenance/maintenance-store.js';
import { clearOuterCaches, checkProduction } from '../../maintenance/promote/after-switch.js';
import {
  type PromotionResult,
  finishPromotion,
  assertFormerCode,
  runPromotion,
} from '../../maintenance/promote/run-promotion.js';
import { type PromotionContext } from '../../maintenance/promote/promotion-context.js';
import { pruneBackups } from '../../maintenance/promote/pre-promotion-backup.js';
import { reasonOf } from '../../maintenance/promote/operation/on-hosts.js';
import { rollBackCode } from '../../maintenance/promote/operation/undo-promotion.js';
import { refreshMaintenanceReport } from '../../maintenance/report/maintenance-report.js';
import { localTime } from '../../report/page/local-time.js';
import { reporterOf } from '../../report/events/reporter.js';
import { type Session } from '../session/session.js';
import { type ProductionChecks, openProductionChecks } from './production-checks.js';

/**
 * The switch with what comes before and after it, up to the record of how it ended. @returns the summary
 * @throws as `promote` does
 */
export async function promoteAndRecord(
  session: Session,
  context: PromotionContext,
  maintenance: MaintenanceHandle,
  startedAt: Date,
): Promise<string> {
  const note = async (end: Ending): Promise<void> => {
    const promotion = { ...end, startedAt: startedAt.toISOString(), finishedAt: new Date().toISOString() };
    await maintenance.update((same) => ({ ...same, promotion }));
    await refreshMaintenanceReport(maintenance, session.site);
  };
  const result = await carryAndCheck(session, context, maintenance, note);
  const { backup, pageSeconds, files, verdict, operation } = result;
  const ending = { ...(verdict.checks === undefined ? {} : { checks: verdict.checks }), backup, pageSeconds };
  if (verdict.failures.length > 0 && operation !== undefined)
    return takeBack(session, context, { ...result, operation, ending, startedAt, note });
  // Everything is green: a signal that comes now is heard when the promotion is complete.
  const unhindered = { ...context, signal: new AbortController().signal };
  const hosts = await finished(unhindered, operation, ending, note);
  await pruneBackups(await context.prePromotionBackup(context.run)).catch((cause: unknown) => {
    context.reporter.step(`Old backups were not removed: ${reasonOf(cause)}`);
  });
  reporterOf(session).metric('page seconds', pageSeconds);
  const count = several(hosts.length, 'host');
  if (verdict.failures.length > 0)
    throw new UnderstudyError(
      'PROMOTION_UNFINISHED',
      'Production has the tested code, and does not pass its checks.',
      { details: verdict.failures },
    );
  return files === 0
    ? `Production had the tested code already on ${count}.`
    : `The tested code (${context.tested.digest.slice(0, 12)}) serves on ${count}; the maintenance page was on for ${String(pageSeconds)} s.`;
}

/** Every host's digest once more, then the record. What fails here changes no code any more. */
async function finished(
  context: PromotionContext,
  operation: PromotionResult['operation'],
  ending: Omit<Ending, 'state' | 'hosts'>,
  note: (end: Ending) => Promise<void>,
): Promise<Promotion['hosts']> {
  const { hosts, isTested } = await finishPromotion(context, operation);
  try {
    await note({ ...ending, hosts, state: isTested ? 'complete' : 'failed' });
  } catch (cause) {
    throw new UnderstudyError(
      'PROMOTION_UNFINISHED',
      'Every host serves the tested code, but the record on staging could not be written.',
      { details: [reasonOf(cause)], cause },
    );
  }
  if (isTested) return hosts;
  throw new UnderstudyError('PROMOTION_UNFINISHED', 'Not every host has the tested code.', {
    details: hosts.filter(({ digest }) => digest !== context.tested.digest).map(({ host }) => host),
    next: `Someone changed files during the promotion. Look at them, then: understudy promote ${context.site.name} --rollback.`,
  });
}

/** Visitors saw the new code, and it does not pass its checks. */
async function takeBack(
  session: Session,
  context: PromotionContext,
  result: {
    readonly operation: NonNullable<PromotionResult['operation']>;
    readonly verdict: Verdict;
    readonly ending: Omit<Ending, 'state' | 'hosts'>;
    readonly startedAt: Date;
    readonly note: (end: Ending) => Promise<void>;
  },
): Promise<never> {
  const { operation, verdict, ending, startedAt, note } = result;
  const { run, instances, tested, reporter } = context;
  reporter.step('Production does not pass its checks; putting the former code back');
  try {
    await rollBackCode(context, run, operation);
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code !== 'ROLLBACK_FAILED')
      throw withFailures(error, verdict);
    const hosts = instances.all.map(({ name }) => ({ host: name, digest: tested.digest }));
    await note({ ...ending, hosts, state: 'failed' });
    throw withFailures(error, verdict);
  }
  await clearOuterCaches(context);
  await note({ ...ending, hosts: [], state: 'rolled-back' });
  throw rolledBack(session, run, ending.backup, startedAt, verdict.failures);
}

const withFailures = (error: unknown, { failures }: Verdict): unknown =>
  error instanceof UnderstudyError
    ? new UnderstudyError(error.code, error.message, {
        details: [...error.details, 'Production does not pass its checks:', ...failures],
        next: error.next,
        cause: error,
      })
    : error;

function rolledBack(
  { site }: Session,
  run: string,
  backup: string,
  startedAt: Date,
  failures: readonly string[],
): UnderstudyError {
  return new UnderstudyError('PROMOTION_ROLLED_BACK', undefined, {
    details: [
      ...failures,
      ...(backup === ''
        ? []
        : [
            `The database was upgraded and stays as it is: visitors could write since. Its backup: ${backup}`,
            `To put it back too: understudy promote ${site.name} --restore-database --run ${run}. Everything written since ${localTime(startedAt)} would be lost: orders, comments, posts, users.`,
          ]),
    ],
  });
}

/** How a promotion ended, for its record. */
type Ending = Omit<Promotion, 'startedAt' | 'finishedAt'>;

interface Verdict {
  readonly failures: readonly string[];
  readonly checks?: CheckSummary;
}

/** The switch between two looks at production as visitors get it. Whatever is thrown: the former code is live. */
async function carryAndCheck(
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
