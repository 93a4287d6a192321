import { several, UnderstudyError } from '../../errors/index.js';
import { compareTrees, describeDifference } from '../tree/site-tree.js';
import { treeDigest } from '../tree/tree-digest.js';
import { type PromotionContext } from './promotion-context.js';
import { stageCode } from './stage-code.js';
import { backUpDatabase, waitForWriters } from './pre-promotion-backup.js';
import { type ProductionInstance } from './operation/instances.js';
import { Operation } from './operation/operation.js';
import { onEachHost } from './operation/on-hosts.js';
import { clearPhpCaches, pagesOff, pagesOn, activateCode } from './activate-code.js';
import { undoPromotion } from './operation/undo-promotion.js';
import { checkBehindPage, upgradeDatabase } from './post-switch-upgrade.js';

export interface PromotionResult {
  /** Folder of the database backup; '' where nothing had to be switched. */
  readonly backup: string;
  readonly pageSeconds: number;
  /** Files that changed places on the host with the most. */
  readonly files: number;
  /** Open until {@link finishPromotion}; undefined where nothing had to be switched. */
  readonly operation: Operation | undefined;
}

/** Seconds that a request may take that began before the page. */
const DRAIN_SECONDS = 15;

/**
 * Every instance that is to change: those with the code of the sync. One with the tested code already needs nothing.
 * @throws PRODUCTION_CHANGED with the difference
 */
export async function assertFormerCode(
  context: Pick<PromotionContext, 'site' | 'rules' | 'tested' | 'former' | 'formerDigest' | 'signal'>,
  instances: readonly ProductionInstance[],
): Promise<readonly ProductionInstance[]> {
  const { site, rules, tested, former, formerDigest, signal } = context;
  const trees = await Promise.all(
    instances.map(async (instance) => ({
      instance,
      tree: await treeDigest(instance.host, site.production.path, { rules, signal }),
    })),
  );
  const changed = trees.filter(({ tree }) => tree.digest !== formerDigest && tree.digest !== tested.digest);
  if (changed.length > 0)
    throw new UnderstudyError('PRODUCTION_CHANGED', undefined, {
      details: changed.flatMap(({ instance, tree }) => [
        `on ${instance.host.label}, compared with the sync:`,
        ...(former === undefined
          ? ['  (the list of the sync’s files is gone)']
          : describeDifference(compareTrees(former, tree)).map((line) => `  ${line}`)),
      ]),
      next: `Look at the files. Then: understudy sync ${site.name}, and update and test again, so that they are not lost.`,
    });
  return trees.filter(({ tree }) => tree.digest !== tested.digest).map(({ instance }) => instance);
}

/**
 * The promotion itself, up to the moment at which visitors see the new code. Whatever fails before is undone on every
 * host: the code within seconds, the database while nothing else can write.
 * @throws what failed first, after everything was undone; PRODUCTION_NEEDS_REPAIR when it could not be
 */
export async function runPromotion(context: PromotionContext): Promise<PromotionResult> {
  const operation = Operation.start(context, context.run, {
    kind: 'promotion',
    goal: 'tested',
    phase: 'copying',
    restorable: context.survey.restorable,
  });
  const changing = await assertFormerCode(context, context.instances.trees);
  if (changing.length === 0) return { backup: '', pageSeconds: 0, files: 0, operation: undefined };
  try {
    return await runPromotionSteps(context, operation, new Set(changing));
  } catch (cause) {
    if (cause instanceof UnderstudyError && cause.code === 'PRODUCTION_CLAIM_LOST') throw cause;
    if (operation.journal.phase === 'open') throw cause;
    context.reporter.step('Undoing the promotion');
    await undoPromotion(context, operation);
    throw cause;
  }
}

async function runPromotionSteps(
  context: PromotionContext,
  operation: Operation,
  changing: Set<ProductionInstance>,
): Promise<PromotionResult> {
  const { instances, reporter, signal } = context;
  const enter = async (phase: Parameters<Operation['enter']>[0]): Promise<void> => {
    signal.throwIfAborted();
    await operation.enter(phase);
  };
  await operation.start();
  reporter.step(`Copying the tested code beside the live code of ${several(changing.size, 'host')}`);
  const counts = await Promise.all([...changing].map((instance) => stageCode(context, instance)));
  // A group may have grown meanwhile: what joined gets its copy before anybody sees a page.
  for (const instance of await joined(context)) {
    changing.add(instance);
    counts.push(await stageCode(context, instance));
  }
  dropGone(changing, context);
  await enter('page');
  const pageSince = Date.now();
  reporter.step('Maintenance page on');
  await pagesOn(context, instances.trees, context.run);
  const backup = await backUp(context);
  await enter('switching');
  reporter.step('Switching the code');
  await activateCode(context, [...changing]);
  await enter('upgrading');
  await clearPhpCaches(context, instances.all);
  await upgradeDatabase(context);
  await bringJoined(context, operation);
  await checkBehindPage(context, instances.all);
  signal.throwIfAborted();
  await openSite(context, operation);
  const pageSeconds = Math.round((Date.now() - pageSince) / 100) / 10;
  reporter.step(`Maintenance page off after ${String(pageSeconds)} s`);
  return { backup, pageSeconds, files: Math.max(...counts), operation };
}

/** Decided as soon as one host has it in writing; from then on there is no way back by itself. */
async function openSite(context: PromotionContext, operation: Operation): Promise<void> {
  await operation.open();
  const { trees } = context.instances;
  const problems = await onEachHost(trees, (instance) => pagesOff(context, [instance]));
  if (problems.length > 0) await operation.reopen(problems);
}

async function backUp(context: PromotionContext): Promise<string> {
  const { reporter, survey, run } = context;
  const backup = await context.prePromotionBackup(run);
  const left = await waitForWriters(backup, DRAIN_SECONDS);
  if (left > 0)
    reporter.warn({
      severity: 'warning',
      code: 'WRITERS_CONNECTED',
      message: `${several(left, 'connection')} of the site's account stayed open for ${String(DRAIN_SECONDS)} s after the page came on.`,
      next: 'Look at SHOW PROCESSLIST: a program outside of WordPress may write to the database during the promotion.',
    });
  reporter.step('Backing up the database');
  return backUpDatabase(backup, survey);
}

/** Instances that joined since the last look; each has to have the code of the sync, or the tested one. */
async function joined(context: PromotionContext): Promise<readonly ProductionInstance[]> {
  const fresh: ProductionInstance[] = [];
  const isTree = (instance: ProductionInstance): boolean => context.instances.trees.includes(instance);
  // A group that never comes to rest is no moment for a promotion.
  for (let round = 0; ; round++) {
    const { joined: newcomers, gone } = await context.instances.refresh();
    for (const name of gone) context.reporter.step(`${name} has left the group`);
    if (newcomers.length === 0) break;
    if (round === 3)
      throw new UnderstudyError('HOSTS_CHANGED', 'New hosts keep joining the group.', {
        details: newcomers.map(({ name }) => name),
      });
    context.reporter.step(
      `${newcomers.map(({ name }) => name).join(', ')} joined the group: gets the tested code too`,
    );
    // One that shares the files of another has the tested code with it.
    fresh.push(...(await assertFormerCode(context, newcomers.filter(isTree))));
  }
  return fresh.filter(isTree);
}

function dropGone(changing: Set<ProductionInstance>, { instances }: PromotionContext): void {
  for (const instance of changing) if (!instances.trees.includes(instance)) changing.delete(instance);
}

/** After the switch: page, copy and switch for those that joined meanwhile. */
async function bringJoined(context: PromotionContext, operation: Operation): Promise<void> {
  const late = await joined(context);
  if (late.length === 0) return;
  for (const instance of late) await operation.enlist(instance);
  await pagesOn(context, late, context.run);
  for (const instance of late) await stageCode(context, instance);
  await activateCode(context, late);
  await clearPhpCaches(context, late);
}

/**
 * The end: hosts that joined last, every host's digest once more, and what lay beside the live tree goes. A host that
 * joined after the page went off gets its code by itself, without a page: the others serve it already.
 */
export async function finishPromotion(
  context: PromotionContext,
  operation: Operation | undefined,
): Promise<{
  readonly hosts: readonly { readonly host: string; readonly digest: string }[];
  readonly isTested: boolean;
}> {
  const { instances, site, rules, tested, signal } = context;
  const late = await joined(context);
  for (const instance of late) {
    await operation?.enlist(instance);
    await stageCode(context, instance);
  }
  if (late.length > 0) await activateCode(context, late);
  const trees = await Promise.all(
    instances.trees.map(async (instance) => ({
      names: instances.sharing(instance),
      digest: (await treeDigest(instance.host, site.production.path, { rules, signal })).digest,
    })),
  );
  const hosts = trees.flatMap(({ names, digest }) => names.map((host) => ({ host, digest })));
  await operation?.end();
  return { hosts, isTested: hosts.every(({ digest }) => digest === tested.digest) };
}
