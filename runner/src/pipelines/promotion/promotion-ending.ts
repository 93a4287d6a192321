import { several, UnderstudyError } from '../../errors/index.js';
import { type Promotion } from '../../maintenance/maintenance-record.js';
import { type MaintenanceHandle } from '../../maintenance/maintenance-store.js';
import { clearOuterCaches } from '../../maintenance/promote/after-switch.js';
import { type PromotionResult, finishPromotion } from '../../maintenance/promote/run-promotion.js';
import { type PromotionContext } from '../../maintenance/promote/promotion-context.js';
import { pruneBackups } from '../../maintenance/promote/pre-promotion-backup.js';
import { reasonOf } from '../../maintenance/promote/operation/on-hosts.js';
import { rollBackCode } from '../../maintenance/promote/operation/undo-promotion.js';
import { refreshMaintenanceReport } from '../../maintenance/report/maintenance-report.js';
import { localTime } from '../../report/page/local-time.js';
import { reporterOf } from '../../report/events/reporter.js';
import { type Verdict, carryAndCheck, type Ending } from './promotion-verdict.js';
import { type Session } from '../session/session.js';

/**
 * The switch with what comes before and after it, up to the record of how it ended. @returns the summary
 * @throws as `promote` does
 */
export async function runPromotion(
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
