import { listFileGenerations } from '../content/file-swap.js';
import { UnderstudyError } from '../errors/index.js';
import { clearOuterCaches } from '../maintenance/promote/after-switch.js';
import { type RecoveryContext } from '../maintenance/promote/context.js';
import { type MaintenanceHandle } from '../maintenance/maintenance-store.js';
import { removeJournal, writeJournal, type PromotionJournal } from '../maintenance/promote/journal.js';
import {
  clearPhpCaches,
  pagesOff,
  pagesOn,
  switchBack,
  tidyCode,
} from '../maintenance/promote/switch-code.js';
import { recoverPromotion, undoPromotion } from '../maintenance/promote/undo-promotion.js';
import { refreshMaintenanceReport } from '../maintenance/report/maintenance-report.js';
import { plannedRun } from './planned-run.js';
import { withOwnRunLock, withRunLock } from './run-lock.js';
import { type RunSummary } from './run-sync.js';
import { type Session } from './session.js';
import { chooseMaintenance, withProduction } from './promotion-context.js';

const openJournal = (
  { site }: RecoveryContext,
  run: string,
  phase: PromotionJournal['phase'],
): PromotionJournal => ({
  version: 1,
  site: site.name,
  run,
  phase,
  startedAt: new Date().toISOString(),
  restorable: phase === 'restoring',
});

/** The former code on every host, behind a page of seconds; the database stays. A kill is ended by the next command. */
export async function backToFormerCode(context: RecoveryContext, run: string): Promise<void> {
  const { instances } = context;
  const journal = openJournal(context, run, 'switching');
  await Promise.all(instances.all.map((instance) => writeJournal(instance, journal)));
  await pagesOn(context, instances.all, run);
  await switchBack(context, run);
  await clearPhpCaches(context, instances.all);
  await pagesOff(context, instances.all);
  await tidyCode(context, instances.all, run);
  await Promise.all(instances.all.map(removeJournal));
  await clearOuterCaches(context);
}

/** `understudy promote --rollback`: the code that the last promotion replaced. */
export async function rollBackPromotion(session: Session, given: string | undefined): Promise<RunSummary> {
  const maintenance = await chooseMaintenance(
    session,
    given,
    ({ promotion }) => promotion?.state === 'complete',
  );
  const { run } = maintenance;
  return withOwnRunLock(session, () =>
    withProduction(session, async (context) => {
      await recoverPromotion(context);
      await assertNewest(context, run);
      await backToFormerCode(context, run);
      await noteRolledBack(session, maintenance);
      const summary = `The code from before the promotion of run ${run} serves again; the database stays as it is.`;
      session.console.line(summary);
      return { run, summary };
    }),
  );
}

/** In the record, so that nothing archives or publishes what production no longer serves. */
async function noteRolledBack(session: Session, maintenance: MaintenanceHandle): Promise<void> {
  await maintenance.update((record) =>
    record.promotion === undefined
      ? record
      : { ...record, promotion: { ...record.promotion, state: 'rolled-back' } },
  );
  await refreshMaintenanceReport(maintenance, session.site);
}

/** A host without the replaced code (it joined later) would be left with the new one. */
async function assertNewest({ instances, site }: RecoveryContext, run: string): Promise<void> {
  const problems: string[] = [];
  for (const { host, folder, name } of instances.all) {
    const [newest] = await listFileGenerations(host, folder);
    if (newest !== run)
      problems.push(
        `${name}: ${newest === undefined ? 'keeps no replaced code' : `its last promotion is ${newest}`}`,
      );
  }
  if (problems.length > 0)
    throw new UnderstudyError(
      'PROMOTION_FAILED',
      `Not every host keeps the code that run ${run} replaced; nothing was changed.`,
      {
        details: problems,
        next: `Hosts that joined later have to leave the group first; or sync, and promote the former versions: understudy sync ${site.name}.`,
      },
    );
}

/** The database of an older promotion does not fit the code that a later one brought. */
async function assertNothingLater({ instances, site }: RecoveryContext, run: string): Promise<void> {
  const later: string[] = [];
  for (const { host, folder, name } of instances.all) {
    const [newest] = await listFileGenerations(host, folder);
    if (newest !== undefined && newest > run) later.push(`${name}: ${newest}`);
  }
  if (later.length > 0)
    throw new UnderstudyError(
      'PROMOTION_FAILED',
      `Run ${run} is not the last one that was promoted; its database would not fit the code. Nothing was changed.`,
      {
        details: later,
        next: `Undo the later one first: understudy promote ${site.name} --restore-database --run <id>.`,
      },
    );
}

/** `understudy promote --restore-database`: code and database as they were before; what was written since is lost. */
export async function restoreBeforePromotion(
  session: Session,
  given: string | undefined,
): Promise<RunSummary> {
  if (given === undefined)
    throw new UnderstudyError('USAGE', '--restore-database needs --run: the run whose backup is put back.');
  const maintenance = await chooseMaintenance(session, given);
  const { run } = maintenance;
  return withOwnRunLock(session, () =>
    withProduction(session, async (context) => {
      await recoverPromotion(context);
      await assertNothingLater(context, run);
      const journal = openJournal(context, run, 'restoring');
      await Promise.all(context.instances.all.map((instance) => writeJournal(instance, journal)));
      await undoPromotion(context, journal);
      await clearOuterCaches(context);
      await noteRolledBack(session, maintenance);
      const summary = `Code and database are as they were before the promotion of run ${run}.`;
      session.console.line(summary);
      return { run, summary };
    }),
  );
}

/** `understudy promote --recover`: ends a promotion that was cut off. */
export async function recoverPromotions(session: Session, given: string | undefined): Promise<RunSummary> {
  const { run } = await chooseMaintenance(session, given);
  return endPromotion(session, run);
}

/** Takes the lock in the name of the promotion's run, which holds it still when its process was killed a moment ago. */
export async function endPromotion(session: Session, run: string): Promise<RunSummary> {
  return withRunLock(session, plannedRun(session, run), {}, async () => ({
    run,
    summary: await endPromotionLocked(session),
  }));
}

/** The same with the lock held. @returns what was found, as a sentence */
export async function endPromotionLocked(session: Session): Promise<string> {
  const summary = {
    nothing: 'No promotion was cut off.',
    undone: 'The promotion that was cut off is undone; production serves what it served before.',
    finished: 'The promotion that was cut off is finished; production serves the new code.',
  }[await withProduction(session, recoverPromotion)];
  session.console.line(summary);
  return summary;
}
