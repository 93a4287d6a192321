import { type MaintenanceHandle } from '../../maintenance/maintenance-store.js';
import { type ApprovalRequest, approve } from '../../maintenance/promote/approval.js';
import { type RecoveryContext, type PromotionContext } from '../../maintenance/promote/promotion-context.js';
import { assertMayPromote, planPromotion } from '../../maintenance/promote/may-promote.js';
import { recoverPromotion } from '../../maintenance/promote/operation/undo-promotion.js';
import { createEventLog } from '../../report/events/event-log.js';
import { plannedRun } from '../session/planned-run.js';
import { asProductionSession, chooseMaintenance, withProduction } from './with-production.js';
import { promoteAndRecord } from './promotion-ending.js';
import { noteRecovered } from './promotion-record.js';
import { type RunLock, acquireRunLock } from '../session/run-lock.js';
import { type Outcome } from '../../run/result.js';
import { type Session } from '../session/session.js';
import { reporterOf, reportError } from '../../report/events/reporter.js';
import { refreshInstances, type PromotedCode } from '../maintenance/refresh-instances.js';
import { type Finding, UnderstudyError, isErrorFinding } from '../../errors/index.js';
import { surveyDatabase } from '../../maintenance/promote/pre-promotion-backup.js';
import { instanceFindings } from '../../maintenance/promote/survey.js';
import { assertWholeTree } from '../../maintenance/tree/code-rules.js';
import { readSavedTree, runCodeRules, stagingTree } from '../../maintenance/tree/run-trees.js';
import { type Tree, compareTrees, describeDifference } from '../../maintenance/tree/site-tree.js';
import { runPlace } from '../maintenance/record-trees.js';
import { checksFailed } from '../sync/preflight.js';

export interface PromoteRequest extends ApprovalRequest {
  readonly run?: string | undefined;
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
export async function promote(session: Session, request: PromoteRequest): Promise<Outcome> {
  const maintenance = await chooseMaintenance(session, request.run);
  const events = createEventLog(maintenance.workspace.eventsFile, maintenance.run, session.site.name);
  session.useEvents(events);
  const run = plannedRun(session, maintenance.run);
  let lock: RunLock | undefined;
  let finished = false;
  try {
    if (!request.dryRun) lock = await acquireRunLock(session, run);
    const { summary, served } = await withProduction(
      asProductionSession(session),
      (context) => promoteRun(session, context, maintenance, request),
      await session.hosts.staging(),
    );
    finished = true;
    session.console.line(summary);
    // Production is free by now: an instance refresh takes its time, and a rollback must not wait for it.
    if (served !== undefined) await refreshInstances(session, 'promote', served, reporterOf(session));
    return { run: maintenance.run, summary };
  } catch (error) {
    reportError(events, error, 'promote');
    throw error;
  } finally {
    await leaveLock(session, lock, finished && !session.signal.aborted);
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
): Promise<{ readonly summary: string; readonly served?: PromotedCode }> {
  const now = new Date();
  if (request.dryRun) {
    const context = await preparePromotion(session, recovery, maintenance);
    for (const line of await planPromotion(context)) session.console.line(line);
    return { summary: `Plan of the promotion of run ${maintenance.run}; nothing was changed.` };
  }
  await endOpen(session, recovery, maintenance);
  const approval = approve(maintenance.record(), recovery.settings.approve, request, now);
  // Also where production may not be changed now: the same tree needs no second approval when it may.
  await maintenance.update((record) => ({ ...record, approval }));
  if (!request.now) assertMayPromote(recovery.settings, now);
  const context = await preparePromotion(session, recovery, maintenance);
  recovery.reporter.step(`Approved by ${approval.by}`);
  const summary = await promoteAndRecord(session, context, maintenance, now);
  return { summary, served: { rules: context.rules, digest: context.tested.digest } };
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
    `Every host serves the ${recovered.goal} code of run ${recovered.run}; starting again`,
  );
}

/** Everything that has to be known, and every guard, before production is changed. */
async function preparePromotion(
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
  const [survey, wordpress, former, rules] = await Promise.all([
    surveyDatabase(await recovery.prePromotionBackup(run)),
    session.wordpress.production(),
    readSavedTree(place, 'production', productionTree.digest),
    runCodeRules(place),
  ]);
  const bytes = tested.bytes;
  const findings = await Promise.all(
    recovery.instances.trees.map((one) => instanceFindings(site, one, bytes, recovery.layout)),
  );
  report(recovery, [...survey.findings, ...findings.flat()]);
  return {
    ...recovery,
    run,
    rules,
    tested,
    staging: place.staging,
    former,
    formerDigest: productionTree.digest,
    survey,
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
  const errors = findings.filter(isErrorFinding);
  findings
    .filter(({ severity }) => severity !== 'error')
    .forEach((one) => {
      reporter.warn(one);
    });
  if (errors.length > 0) throw checksFailed(errors);
}
