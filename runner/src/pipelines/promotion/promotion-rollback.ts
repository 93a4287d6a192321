import { listFileGenerations } from '../../content/swap/file-swap.js';
import { UnderstudyError } from '../../errors/index.js';
import { clearOuterCaches } from '../../maintenance/promote/after-switch.js';
import { type RecoveryContext } from '../../maintenance/promote/promotion-context.js';
import { assertBackup } from '../../maintenance/promote/pre-promotion-backup.js';
import { Operation } from '../../maintenance/promote/operation/operation.js';
import {
  recoverPromotion,
  rollBackCode,
  undoPromotion,
  type Recovered,
} from '../../maintenance/promote/operation/undo-promotion.js';
import { assertRunId } from '../../run/run-id.js';
import { type Outcome } from '../../run/result.js';
import { type ProductionSession, withProduction } from './with-production.js';
import { notePromotion, noteRecovered } from './promotion-record.js';

/** `understudy promote --rollback`: the code that the last promotion replaced. Waits for nothing of staging. */
export async function rollBackPromotion(
  session: ProductionSession,
  given: string | undefined,
): Promise<Outcome> {
  return withProduction(session, async (context) => {
    await endOpen(session, context);
    const run = await replacedBy(context, given);
    let before = 'complete' as 'running' | 'complete' | 'rolled-back' | 'failed';
    await notePromotion(session, run, (promotion) => {
      before = promotion.state;
      return { ...promotion, state: 'running' };
    });
    try {
      await rollBackCode(context, run);
    } catch (error) {
      if (error instanceof UnderstudyError && error.code === 'ROLLBACK_FAILED')
        await notePromotion(session, run, (promotion) => ({ ...promotion, state: before }));
      throw error;
    }
    await clearOuterCaches(context);
    await notePromotion(session, run, (promotion) => ({ ...promotion, hosts: [], state: 'rolled-back' }));
    const summary = `The code from before the promotion of run ${run} serves again; the database stays as it is.`;
    session.console.line(summary);
    return { run, summary };
  });
}

/**
 * The run whose replaced code every host keeps as its newest. The hosts say it, and no record on staging.
 * @throws PROMOTION_FAILED: a host without it (it joined later) would be left with the new code
 */
async function replacedBy({ instances, site }: RecoveryContext, given: string | undefined): Promise<string> {
  const found: { readonly names: string; readonly newest: string | undefined }[] = [];
  for (const instance of instances.trees) {
    const [newest] = await listFileGenerations(instance.bare, instance.folder);
    found.push({ names: instances.sharing(instance).join(', '), newest });
  }
  const run = given ?? found.map(({ newest }) => newest).find((newest) => newest !== undefined);
  if (run !== undefined && found.every(({ newest }) => newest === run)) return assertRunId(run);
  throw new UnderstudyError(
    'PROMOTION_FAILED',
    run === undefined
      ? 'No host keeps code that a promotion replaced; nothing was changed.'
      : `Not every host keeps the code that run ${run} replaced; nothing was changed.`,
    {
      details: found.map(
        ({ names, newest }) =>
          `${names}: ${newest === undefined ? 'keeps no replaced code' : `its last promotion is ${newest}`}`,
      ),
      next: `Hosts that joined later have to leave the group first; or sync, and promote the former versions: understudy sync ${site.name}.`,
    },
  );
}

/** The database of an older promotion does not fit the code that a later one brought. */
async function assertNothingLater({ instances, site }: RecoveryContext, run: string): Promise<void> {
  const later: string[] = [];
  for (const { bare, folder, name } of instances.trees) {
    const [newest] = await listFileGenerations(bare, folder);
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
  session: ProductionSession,
  given: string | undefined,
): Promise<Outcome> {
  if (given === undefined)
    throw new UnderstudyError('USAGE', '--restore-database needs --run: the run whose backup is put back.');
  const run = assertRunId(given);
  return withProduction(session, async (context) => {
    await endOpen(session, context);
    await assertNothingLater(context, run);
    await assertBackup(await context.prePromotionBackup(run));
    const operation = Operation.start(context, run, {
      kind: 'restore',
      goal: 'former',
      phase: 'restoring',
      restorable: true,
    });
    await notePromotion(session, run, (promotion) => ({ ...promotion, state: 'running' }));
    await operation.start();
    await undoPromotion(context, operation);
    await clearOuterCaches(context);
    await notePromotion(session, run, (promotion) => ({ ...promotion, hosts: [], state: 'rolled-back' }));
    const summary = `Code and database are as they were before the promotion of run ${run}.`;
    session.console.line(summary);
    return { run, summary };
  });
}

/** `understudy promote --recover`, and what `recover` and `finish` do: ends what was cut off. */
export async function endPromotion(session: ProductionSession): Promise<Outcome> {
  const recovered = await withProduction(session, (context) => endOpen(session, context));
  const summary = summaryOf(recovered);
  session.console.line(summary);
  return { run: recovered?.run ?? '', summary };
}

async function endOpen(session: ProductionSession, context: RecoveryContext): Promise<Recovered | undefined> {
  const recovered = await recoverPromotion(context);
  if (recovered !== undefined) await noteRecovered(session, context, recovered);
  return recovered;
}

function summaryOf(recovered: Recovered | undefined): string {
  if (recovered === undefined) return 'No promotion was interrupted.';
  const { kind, goal, run } = recovered;
  if (kind === 'promotion')
    return goal === 'former'
      ? 'The interrupted promotion was undone; production serves what it served before.'
      : 'The interrupted promotion was finished; production serves the new code.';
  return goal === 'former'
    ? `The interrupted rollback was finished; production serves the code from before run ${run}.`
    : `The interrupted rollback was undone; production serves the code of run ${run}.`;
}
