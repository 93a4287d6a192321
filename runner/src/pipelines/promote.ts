import { type Finding, UnderstudyError } from '../errors/index.js';
import { type CheckSummary, type Promotion } from '../maintenance/maintenance-record.js';
import { type MaintenanceHandle } from '../maintenance/maintenance-store.js';
import { approve, type ApprovalRequest } from '../maintenance/promote/approval.js';
import { checkProduction, clearOuterCaches, refreshInstances } from '../maintenance/promote/after-switch.js';
import {
  assertFormerCode,
  carryOut,
  finishPromotion,
  type Carried,
} from '../maintenance/promote/carry-out.js';
import { type PromotionContext, type RecoveryContext } from '../maintenance/promote/context.js';
import { pruneBackups, surveyDatabase } from '../maintenance/promote/database-safety.js';
import { assertMayPromote } from '../maintenance/promote/may-promote.js';
import { planPromotion } from '../maintenance/promote/plan.js';
import { instanceFindings } from '../maintenance/promote/survey.js';
import { reasonOf } from '../maintenance/promote/on-hosts.js';
import { recoverPromotion, rollBackCode } from '../maintenance/promote/undo-promotion.js';
import { refreshMaintenanceReport } from '../maintenance/report/maintenance-report.js';
import { assertWholeTree } from '../maintenance/tree/code-rules.js';
import { readSavedTree, runCodeRules, stagingTree } from '../maintenance/tree/run-trees.js';
import { compareTrees, describeDifference, type Tree } from '../maintenance/tree/tree.js';
import { createEventLog } from '../report/event-log.js';
import { createReporter, renderFinding, reportError } from '../report/reporter.js';
import { openProductionChecks, type ProductionChecks } from './production-checks.js';
import { asProductionSession, chooseMaintenance, withProduction } from './promotion-context.js';
import { noteRecovered } from './promotion-record.js';
import { plannedRun } from './planned-run.js';
import { type RunSummary } from './run-sync.js';
import { acquireRunLock, type RunLock } from './run-lock.js';
import { runPlace } from './record-trees.js';
import { type Session } from './session.js';

export interface PromoteRequest extends ApprovalRequest {
  readonly run?: string;
  readonly dryRun: boolean;
  /** Outside of `maintenance.window` and on days of `maintenance.freeze` too. */
  readonly now: boolean;
}

/**
 * `understudy promote`: exactly the tested code goes to every host of production, or to none.
 * @throws NOT_APPROVED, STAGING_CHANGED, PRODUCTION_CHANGED, PROMOTION_FROZEN: before anything was changed;
 *   PROMOTION_FAILED, HOSTS_CHANGED: production serves what it served; PROMOTION_ROLLED_BACK: after visitors saw the new
 *   code for a moment; PRODUCTION_NEEDS_REPAIR
 */
export async function promote(session: Session, request: PromoteRequest): Promise<RunSummary> {
  const maintenance = await chooseMaintenance(session, request.run);
  const events = createEventLog(maintenance.workspace.eventsFile, maintenance.run, session.site.name);
  session.useEvents(events);
  const run = plannedRun(session, maintenance.run);
  let lock: RunLock | undefined;
  let settled = false;
  try {
    if (!request.dryRun) lock = await acquireRunLock(session, run);
    const summary = await withProduction(
      asProductionSession(session),
      (context) => promoteRun(session, context, maintenance, request),
      await session.hosts.staging(),
    );
    settled = true;
    session.console.line(summary);
    return { run: maintenance.run, summary };
  } catch (error) {
    reportError(events, error);
    throw error;
  } finally {
    await leaveLock(session, lock, settled && !session.signal.aborted);
  }
}

/** Staging stays frozen until the archive has what was promoted; after a failure it is free. */
async function leaveLock({ site }: Session, lock: RunLock | undefined, goesOn: boolean): Promise<void> {
  const isNeeded = goesOn && (site.archive !== undefined || site.publish !== undefined);
  await (isNeeded ? lock?.leave() : lock?.release());
}

async function promoteRun(
  session: Session,
  recovery: RecoveryContext,
  maintenance: MaintenanceHandle,
  request: PromoteRequest,
): Promise<string> {
  const now = new Date();
  if (request.dryRun) {
    const context = await prepare(session, recovery, maintenance);
    for (const line of await planPromotion(context)) session.console.line(line);
    return `Plan of the promotion of run ${maintenance.run}; nothing was changed.`;
  }
  await endOpen(session, recovery, maintenance);
  const approval = approve(maintenance.record(), recovery.settings.approve, request, now);
  // Also where production may not be changed now: the same tree needs no second approval when it may.
  await maintenance.update((record) => ({ ...record, approval }));
  if (!request.now) assertMayPromote(recovery.settings, now);
  const context = await prepare(session, recovery, maintenance);
  recovery.reporter.step(`Approved by ${approval.by}`);
  return carryThrough(session, context, maintenance, now);
}

/** What was cut off comes to its end first; where that was this run's, it has changed its record. */
async function endOpen(
  session: Session,
  recovery: RecoveryContext,
  maintenance: MaintenanceHandle,
): Promise<void> {
  const recovered = await recoverPromotion(recovery);
  if (recovered === undefined) return;
  await noteRecovered(asProductionSession(session), recovery, recovered);
  await maintenance.reload();
  recovery.reporter.step(
    `Every host serves the ${recovered.goal} code of run ${recovered.run}; beginning again`,
  );
}

/** Everything that has to be known, and every guard, before production is changed. */
async function prepare(
  session: Session,
  recovery: RecoveryContext,
  maintenance: MaintenanceHandle,
): Promise<PromotionContext> {
  const { site, signal } = session;
  const { run } = maintenance;
  const { testedTree, productionTree } = maintenance.record();
  if (testedTree === undefined || productionTree === undefined)
    throw new UnderstudyError(
      'NOTHING_TESTED',
      `Run ${run} has no ${testedTree === undefined ? 'tested tree' : 'record of production’s code at the sync'}.`,
    );
  const place = runPlace(session, plannedRun(session, run));
  const tested = await stagingTree(place, { signal });
  assertWholeTree(site, tested, recovery.layout, { host: place.staging.label, path: site.staging.path });
  if (tested.digest !== testedTree.digest)
    throw stagingChanged(tested, await readSavedTree(place, 'tested', testedTree.digest));
  const [outlook, wordpress, former, rules] = await Promise.all([
    surveyDatabase(await recovery.safety(run)),
    session.wordpress.production(),
    readSavedTree(place, 'production', productionTree.digest),
    runCodeRules(place),
  ]);
  const bytes = tested.bytes;
  const findings = await Promise.all(
    recovery.instances.trees.map((one) => instanceFindings(site, one, bytes, recovery.layout)),
  );
  report(recovery, [...outlook.findings, ...findings.flat()]);
  return {
    ...recovery,
    run,
    rules,
    tested,
    former,
    formerDigest: productionTree.digest,
    outlook,
    multisite: wordpress?.multisite ?? false,
    signal,
  };
}

function stagingChanged(now: Tree, tested: Tree | undefined): UnderstudyError {
  return new UnderstudyError('STAGING_CHANGED', undefined, {
    details: tested === undefined ? [] : describeDifference(compareTrees(tested, now)),
  });
}

function report({ reporter }: RecoveryContext, findings: readonly Finding[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  findings
    .filter(({ severity }) => severity !== 'error')
    .forEach((one) => {
      reporter.warn(one);
    });
  if (errors.length > 0)
    throw new UnderstudyError(
      'PREFLIGHT_FAILED',
      `${String(errors.length)} things stand in the way; nothing was changed.`,
      {
        details: errors.map((one) => renderFinding(one).trimStart()),
      },
    );
}

type Ending = Omit<Promotion, 'startedAt' | 'finishedAt'>;

async function carryThrough(
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
  const carried = await carryAndCheck(session, context, maintenance, note);
  const { backup, pageSeconds, files, verdict, operation } = carried;
  const ending = { ...(verdict.checks === undefined ? {} : { checks: verdict.checks }), backup, pageSeconds };
  if (verdict.failures.length > 0 && operation !== undefined)
    return takeBack(session, context, { ...carried, operation, ending, startedAt, note });
  // Everything is green: a signal that comes now is heard when the promotion is complete.
  const unhindered = { ...context, signal: new AbortController().signal };
  const hosts = await finished(unhindered, operation, ending, note);
  await pruneBackups(await context.safety(context.run)).catch((cause: unknown) => {
    context.reporter.step(`Old backups were not removed: ${reasonOf(cause)}`);
  });
  await refreshInstances(context, 'promote');
  createReporter(session.console, session.events()).fact('page seconds', pageSeconds);
  const count = `${String(hosts.length)} host${hosts.length === 1 ? '' : 's'}`;
  if (verdict.failures.length > 0)
    throw new UnderstudyError(
      'PROMOTION_UNFINISHED',
      'Production has the tested code, and does not pass its checks.',
      {
        details: verdict.failures,
      },
    );
  return files === 0
    ? `Production had the tested code already on ${count}.`
    : `The tested code (${context.tested.digest.slice(0, 12)}) serves on ${count}; the maintenance page was on for ${String(pageSeconds)} s.`;
}

/** Every host's digest once more, then the record. What fails here changes no code any more. */
async function finished(
  context: PromotionContext,
  operation: Carried['operation'],
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
    next: `Somebody changed files during the promotion. Look at them, then: understudy promote ${context.site.name} --rollback.`,
  });
}

/** Visitors saw the new code, and it does not pass its checks. */
async function takeBack(
  session: Session,
  context: PromotionContext,
  carried: {
    readonly operation: NonNullable<Carried['operation']>;
    readonly verdict: Verdict;
    readonly ending: Omit<Ending, 'state' | 'hosts'>;
    readonly startedAt: Date;
    readonly note: (end: Ending) => Promise<void>;
  },
): Promise<never> {
  const { operation, verdict, ending, startedAt, note } = carried;
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

interface Verdict {
  readonly failures: readonly string[];
  readonly checks?: CheckSummary;
}

/** The switch between two looks at production as visitors get it. Whatever is thrown: the former code serves. */
async function carryAndCheck(
  session: Session,
  context: PromotionContext,
  { workspace }: MaintenanceHandle,
  note: (end: Ending) => Promise<void>,
): Promise<Carried & { readonly verdict: Verdict }> {
  // Refused within seconds where somebody edited production; and where every host has the code, nothing is to be judged.
  if ((await assertFormerCode(context, context.instances.trees)).length === 0)
    return { ...(await carryOut(context)), verdict: { failures: await checkProduction(context) } };
  const checks = await openProductionChecks(session, workspace.folder, context.reporter);
  try {
    const started = { hosts: [], backup: '', pageSeconds: 0 };
    await note({ ...started, state: 'running' });
    let carried: Carried;
    try {
      carried = await carryOut(context);
    } catch (error) {
      // Where an operation is left open the record says so too, and the next command ends it.
      if (!leavesOpen(error)) await note({ ...started, state: 'failed' }).catch(() => undefined);
      throw error;
    }
    await clearOuterCaches(context);
    return { ...carried, verdict: await judge(context, checks) };
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
      message: `Home, login and the declared pages are well; the other checks could not be made: ${cause instanceof Error ? cause.message : String(cause)}`,
      next: `Look at production, then: understudy check ${context.site.name} --side production.`,
    });
    return undefined;
  });
  return after === undefined ? { failures: [] } : { failures: after.failures, checks: after.summary };
}

const interruptedAfterSwitch = ({ run, site }: PromotionContext, cause: unknown): UnderstudyError =>
  new UnderstudyError(
    'INTERRUPTED',
    `Interrupted after the switch: production serves the tested code of run ${run}. Home, login and the declared pages are well; the other checks were not made.`,
    {
      next: `Finish it: understudy promote ${site.name} --recover. The end of a Jenkins build does that.`,
      cause,
    },
  );

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
            `To put it back too: understudy promote ${site.name} --restore-database --run ${run}. Everything written since ${startedAt.toISOString()} would be lost: orders, comments, posts, users.`,
          ]),
    ],
  });
}
