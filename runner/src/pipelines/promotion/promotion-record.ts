import { type MaintenanceRecord, type Promotion } from '../../maintenance/maintenance-record.js';
import { findMaintenance, type MaintenanceHandle } from '../../maintenance/maintenance-store.js';
import { checkProduction } from '../../maintenance/promote/after-switch.js';
import { type RecoveryContext } from '../../maintenance/promote/promotion-context.js';
import { reasonOf } from '../../maintenance/promote/operation/on-hosts.js';
import { type Recovered } from '../../maintenance/promote/operation/undo-promotion.js';
import { refreshMaintenanceReport } from '../../maintenance/report/maintenance-report.js';
import { runCodeRules } from '../../maintenance/tree/run-trees.js';
import { treeDigest } from '../../maintenance/tree/tree-digest.js';
import { reporterOf } from '../../report/events/reporter.js';
import { type ProductionSession } from './with-production.js';

/** Seconds for staging to answer when production is changed without it. */
const PATIENCE_SECONDS = 5;

/**
 * Writes what became of a promotion into its record on staging. The hosts of production have it in their own journals,
 * and these count: where staging cannot be written, that is a warning.
 */
export async function notePromotion(
  session: ProductionSession,
  run: string,
  change: (promotion: Promotion, record: MaintenanceRecord) => Promotion | Promise<Promotion>,
): Promise<void> {
  try {
    const maintenance = await recordOf(session, run);
    if (maintenance === undefined) throw new Error('staging does not answer, or has no record of this run');
    const before = maintenance.record();
    const startedAt = new Date().toISOString();
    const promotion = await change(
      before.promotion ?? {
        startedAt,
        finishedAt: startedAt,
        state: 'running',
        hosts: [],
        backup: '',
        pageSeconds: 0,
      },
      before,
    );
    await maintenance.update((record) => ({
      ...record,
      promotion: { ...promotion, finishedAt: new Date().toISOString() },
    }));
    await refreshMaintenanceReport(maintenance, session.site);
  } catch (cause) {
    reporterOf(session).warn({
      severity: 'warning',
      code: 'PROMOTION_NOT_NOTED',
      message: `The outcome of the promotion of run ${run} could not be recorded on staging: ${reasonOf(cause)}`,
    });
  }
}

async function recordOf(session: ProductionSession, run: string): Promise<MaintenanceHandle | undefined> {
  const store = await session.records(PATIENCE_SECONDS);
  return store === undefined ? undefined : findMaintenance({ store, workspace: session.workspace }, run);
}

/** The record of a promotion or rollback that was cut off and ended now. */
export async function noteRecovered(
  session: ProductionSession,
  context: RecoveryContext,
  { run, kind, goal }: Recovered,
): Promise<void> {
  await notePromotion(session, run, async (promotion, record) => {
    if (goal === 'former')
      return { ...promotion, hosts: [], state: kind === 'promotion' ? 'failed' : 'rolled-back' };
    const hosts = await servedNow(session, context, run);
    const digest = record.testedTree?.digest;
    const isTested = digest !== undefined && record.approval?.digest === digest;
    const proven =
      kind === 'promotion' &&
      isTested &&
      hosts.every((host) => host.digest === digest) &&
      (await checkProduction(context)).length === 0;
    return { ...promotion, hosts, state: proven ? 'complete' : 'failed' };
  });
}

async function servedNow(
  session: ProductionSession,
  { instances, site, layout }: RecoveryContext,
  run: string,
): Promise<Promotion['hosts']> {
  const store = await session.records(PATIENCE_SECONDS);
  if (store === undefined) return [];
  const place = {
    site,
    staging: store.staging,
    stagingFolder: `${store.stagingWorkDir}/runs/${run}`,
    layout: () => Promise.resolve(layout),
  };
  const rules = await runCodeRules(place);
  const trees = await Promise.all(
    instances.trees.map(async (instance) => {
      const { digest } = await treeDigest(instance.bare, site.production.path, { rules });
      return instances.sharing(instance).map((host) => ({ host, digest }));
    }),
  );
  return trees.flat();
}
