import { type Finding, UnderstudyError, isErrorFinding } from '../../errors/index.js';
import { type MaintenanceHandle } from '../../maintenance/maintenance-store.js';
import { type PromotionContext, type RecoveryContext } from '../../maintenance/promote/promotion-context.js';
import { surveyDatabase } from '../../maintenance/promote/pre-promotion-backup.js';
import { instanceFindings } from '../../maintenance/promote/survey.js';
import { assertWholeTree } from '../../maintenance/tree/code-rules.js';
import { readSavedTree, runCodeRules, stagingTree } from '../../maintenance/tree/run-trees.js';
import { type Tree, compareTrees, describeDifference } from '../../maintenance/tree/site-tree.js';
import { plannedRun } from '../session/planned-run.js';
import { runPlace } from '../maintenance/record-trees.js';
import { type Session } from '../session/session.js';
import { checksFailed } from '../sync/preflight.js';

/** Everything that has to be known, and every guard, before production is changed. */
export async function preparePromotion(
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
