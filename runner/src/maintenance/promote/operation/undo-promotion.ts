import { UnderstudyError } from '../../../errors/index.js';
import { codeRules } from '../../tree/code-rules.js';
import { compareTrees, describeDifference } from '../../tree/site-tree.js';
import { treeDigest } from '../../tree/tree-digest.js';
import { type RecoveryContext } from '../promotion-context.js';
import { restoreDatabase } from '../pre-promotion-backup.js';
import { describeJournal, latest, readJournal, type Goal, type PromotionJournal } from './journal.js';
import {
  isUnreachable,
  onEachHost,
  reasonOf,
  throwFirst,
  waitUntilQuiet,
  type HostProblem,
} from './on-hosts.js';
import { Operation } from './operation.js';
import { pageFolder, pageIsOn } from '../page.js';
import { bringTo, clearPhpCaches, pagesOn } from '../activate-code.js';

export interface Recovered {
  readonly run: string;
  readonly kind: PromotionJournal['kind'];
  /** The code that every host serves now. */
  readonly goal: Goal;
}

/**
 * Undoes a promotion whose page is still on: code within seconds on every host, and the database where it may have been
 * changed: nothing but the promotion could write since its backup. May be killed and repeated.
 * @throws PRODUCTION_NEEDS_REPAIR saying which host is in which state
 */
export async function undoPromotion(context: RecoveryContext, operation: Operation): Promise<void> {
  const { instances, reporter, site } = context;
  const { run, phase, restorable } = operation.journal;
  const mayBeSwitched = phase !== 'copying' && phase !== 'page';
  await operation.enterWherePossible({ goal: 'former' });
  const pages = mayBeSwitched ? await turnPagesOn(context, run) : [];
  const problems = await bringTo(context, instances.trees, run, 'former');
  if (phase === 'upgrading' || phase === 'restoring') {
    // A host that still serves visitors would write into what is put back.
    throwFirst(pages.filter(({ cause }) => !isUnreachable(cause)));
    if (restorable) {
      reporter.step('Restoring the database: nothing else could write since its backup');
      await operation.enterWherePossible({ phase: 'restoring' });
      await restoreOrRepair(context, run);
    } else {
      reporter.warn({
        severity: 'warning',
        code: 'DATABASE_NOT_RESTORED',
        message: 'The schema holds tables that are not the site’s, so the database was not restored.',
        next: `The backup of run ${run} is kept; understudy promote ${site.name} --restore-database --run ${run} restores all of it.`,
      });
    }
  }
  if (mayBeSwitched) await clearPhpCaches(context, instances.all);
  await operation.reopen(problems);
  if (problems.length === 0) reporter.step('Every host serves the former code');
}

/** Where a page is on already and a new one has no room, the one of before stays. */
const turnPagesOn = (
  { site, bypass, layout, instances }: RecoveryContext,
  run: string,
): Promise<readonly HostProblem[]> =>
  onEachHost(instances.trees, async (one) => {
    try {
      await pagesOn({ site, bypass, layout }, [one], run);
    } catch (cause) {
      if (!(await pageIsOn(one.bare, pageFolder(site, layout)))) throw cause;
    }
  });

async function restoreOrRepair(context: RecoveryContext, run: string): Promise<void> {
  try {
    await restoreDatabase(await context.prePromotionBackup(run), await context.databaseHost());
  } catch (cause) {
    throw new UnderstudyError(
      'PRODUCTION_NEEDS_REPAIR',
      'The former code was restored, but the database could not be restored; the maintenance page stays on, on every host.',
      {
        details: [reasonOf(cause)],
        next: `Fix the cause, then: understudy promote ${context.site.name} --recover. The backup of run ${run} is complete.`,
        cause,
      },
    );
  }
}

/**
 * The former code on every host, behind a page of seconds; the database stays. Where one host cannot take it back, all
 * get the promoted code again: one code everywhere, with the page off.
 * @param promotion the operation that is open still, where the rollback is its end
 * @throws PROMOTION_FAILED: every host serves the promoted code as before; PRODUCTION_NEEDS_REPAIR
 */
export async function rollBackCode(
  context: RecoveryContext,
  run: string,
  promotion?: Operation,
): Promise<void> {
  const state = { kind: 'rollback', goal: 'former', phase: 'page', restorable: false } as const;
  const operation = promotion?.become(state) ?? Operation.start(context, run, state);
  try {
    await operation.start();
    throwFirst(await turnPagesOn(context, run));
    await operation.enter('switching');
  } catch (cause) {
    if (cause instanceof UnderstudyError && cause.code === 'PRODUCTION_CLAIM_LOST') throw cause;
    await operation.enterWherePossible({ goal: 'tested' });
    await operation.reopen([]);
    throw notRolledBack(context, [`${hostOf(cause)}${reasonOf(cause)}`], cause);
  }
  await takeBack(context, operation);
}

async function takeBack(context: RecoveryContext, operation: Operation): Promise<void> {
  const { instances } = context;
  const { run } = operation.journal;
  const problems = await bringTo(context, instances.trees, run, 'former');
  // One that does not answer cannot get the promoted code either; it keeps its page, and comes along later.
  if (problems.every(({ cause }) => isUnreachable(cause))) {
    await clearPhpCaches(context, instances.all);
    await operation.reopen(problems);
    return;
  }
  await returnToTested(context, operation);
  throw notRolledBack(
    context,
    problems.map(({ instance, cause }) => `${instance.name}: ${reasonOf(cause)}`),
    problems[0]?.cause,
  );
}

async function returnToTested(context: RecoveryContext, operation: Operation): Promise<void> {
  await operation.enterWherePossible({ goal: 'tested' });
  const problems = await bringTo(context, context.instances.trees, operation.journal.run, 'tested');
  await clearPhpCaches(context, context.instances.all);
  await operation.reopen(problems);
}

const hostOf = (cause: unknown): string =>
  cause instanceof UnderstudyError && cause.host !== undefined ? `${cause.host}: ` : '';

const notRolledBack = (
  context: RecoveryContext,
  details: readonly string[],
  cause: unknown,
): UnderstudyError =>
  new UnderstudyError('ROLLBACK_FAILED', undefined, {
    details,
    next: `Fix the problem above, then: understudy promote ${context.site.name} --rollback.`,
    cause,
  });

/** The operation that is open on production; undefined when none is. @throws PRODUCTION_NEEDS_REPAIR */
async function findOpen(context: RecoveryContext): Promise<PromotionJournal | undefined> {
  const { instances, site } = context;
  const found = new Map<string, PromotionJournal>();
  throwFirst(
    await onEachHost(instances.trees, async (instance) => {
      const journal = await readJournal(instance, site.name);
      if (journal !== undefined) found.set(instance.name, journal);
    }),
  );
  const open = [...found.values()].filter(({ phase }) => phase !== 'ended');
  const operations = new Set(open.map(({ operation }) => operation));
  if (operations.size > 1)
    throw new UnderstudyError('PRODUCTION_NEEDS_REPAIR', 'The hosts have open operations of several runs.', {
      details: [...found].map(([name, journal]) => `${name}: ${describeJournal(journal)}`),
      next: 'Bring the hosts back to one state by hand, then remove journal.json in the folders below promotion in production.workDir.',
    });
  const [operation] = operations;
  // Also what others have ended: a host that was away must follow them.
  return latest([...found.values()].filter((journal) => journal.operation === operation));
}

/**
 * Ends a promotion or rollback that was cut off: forwards once its page was allowed to go off (all checks behind it had
 * passed), else back.
 */
export async function recoverPromotion(context: RecoveryContext): Promise<Recovered | undefined> {
  const { instances, reporter } = context;
  const journal = await findOpen(context);
  if (journal === undefined) return undefined;
  reporter.step(`Finishing the interrupted ${describeJournal(journal)}`);
  throwFirst(await onEachHost(instances.trees, waitUntilQuiet));
  const operation = new Operation(context, journal);
  const { kind, run, phase } = journal;
  if (phase === 'open' || phase === 'ended') await follow(context, operation);
  else if (kind !== 'rollback') await undoPromotion(context, operation);
  else if (journal.goal === 'former') await takeBack(context, operation);
  else await returnToTested(context, operation);
  await assertOneTree(context);
  return { run, kind, goal: operation.journal.goal };
}

/** The decision has fallen; what did not follow yet does now. */
async function follow(context: RecoveryContext, operation: Operation): Promise<void> {
  const { run, goal } = operation.journal;
  await operation.reopen(await bringTo(context, context.instances.trees, run, goal));
}

/** By what the hosts hold, not by what was done: a host that joined meanwhile may have other code. */
async function assertOneTree({ instances, site, layout }: RecoveryContext): Promise<void> {
  const { trees } = instances;
  if (trees.length < 2) return;
  const found = await Promise.all(
    trees.map(async (instance) => ({
      name: instances.sharing(instance).join(', '),
      tree: await treeDigest(instance.bare, site.production.path, { rules: codeRules(site, [], layout) }),
    })),
  );
  const [first] = found;
  const others = found.filter(({ tree }) => tree.digest !== first?.tree.digest);
  if (first === undefined || others.length === 0) return;
  throw new UnderstudyError('PRODUCTION_NEEDS_REPAIR', 'The hosts of production do not have the same code.', {
    details: others.flatMap(({ name, tree }) => [
      `${name}, compared with ${first.name}:`,
      ...describeDifference(compareTrees(first.tree, tree)).map((line) => `  ${line}`),
    ]),
    next: `A host that joined with other code must leave the group or get the code of the others; understudy promote ${site.name} brings a tested run to all.`,
  });
}
