import { applyFileSwap, finishFileSwap, undoFileSwap } from '../../content/swap/file-swap.js';
import { UnderstudyError } from '../../errors/index.js';
import { compareTrees, describeDifference } from '../tree/site-tree.js';
import { treeDigest } from '../tree/tree-digest.js';
import { type PromotionContext, type RecoveryContext } from './promotion-context.js';
import { type ProductionInstance, swapFoldersOf } from './operation/instances.js';
import { freeSpare, type Goal } from './operation/journal.js';
import { isUnreachable, onEachHost, type HostProblem } from './operation/on-hosts.js';
import { pageFolder, turnPageOff, turnPageOn } from './page.js';
import { loginPath, instanceRequests } from './requests.js';

/** How many generations of replaced code a host keeps; `promote --rollback` needs one. */
const KEPT_GENERATIONS = 2;

/**
 * Puts the code in place, one host after the other: instances may share a folder (EFS). Reversible until it is finished.
 * @throws PROMOTION_FAILED when a host then has another tree than the tested one
 */
export async function activateCode(
  context: Pick<PromotionContext, 'site' | 'run' | 'rules' | 'tested' | 'signal'>,
  instances: readonly ProductionInstance[],
): Promise<void> {
  const { site, run, rules, tested, signal } = context;
  for (const instance of instances)
    await applyFileSwap(instance.host, swapFoldersOf(site, instance, run), { signal });
  await Promise.all(
    instances.map(async ({ host }) => {
      const tree = await treeDigest(host, site.production.path, { rules, signal });
      if (tree.digest !== tested.digest)
        throw new UnderstudyError(
          'PROMOTION_FAILED',
          'After the switch, the code differs from the tested code.',
          {
            host: host.label,
            details: describeDifference(compareTrees(tested, tree)),
          },
        );
    }),
  );
}

/** Every tree on one of the two codes, in the reverse order. Where a host fails the others go on. May be repeated. */
export function bringTo(
  { site }: Pick<RecoveryContext, 'site'>,
  trees: readonly ProductionInstance[],
  run: string,
  goal: Goal,
): Promise<readonly HostProblem[]> {
  const swap = goal === 'former' ? undoFileSwap : applyFileSwap;
  return onEachHost(trees.toReversed(), async (tree) => {
    try {
      await swap(tree.host, swapFoldersOf(site, tree, run));
    } catch (cause) {
      if (isUnreachable(cause) || !(await freeSpare(tree))) throw cause;
      await swap(tree.host, swapFoldersOf(site, tree, run));
    }
  });
}

/** Removes what a promotion left beside the live tree; the replaced code is kept for a rollback. */
export async function pruneCode(
  { site }: Pick<RecoveryContext, 'site'>,
  instances: readonly ProductionInstance[],
  run: string,
): Promise<void> {
  await Promise.all(
    instances.map((instance) =>
      finishFileSwap(instance.host, swapFoldersOf(site, instance, run), KEPT_GENERATIONS),
    ),
  );
}

export async function pagesOn(
  { site, bypass, layout }: Pick<RecoveryContext, 'site' | 'bypass' | 'layout'>,
  instances: readonly ProductionInstance[],
  run: string,
): Promise<void> {
  if (site.type !== 'wordpress') return;
  await Promise.all(instances.map(({ host }) => turnPageOn(host, pageFolder(site, layout), run, bypass)));
}

export async function pagesOff(
  { site, layout }: Pick<RecoveryContext, 'site' | 'layout'>,
  instances: readonly ProductionInstance[],
): Promise<void> {
  if (site.type !== 'wordpress') return;
  await Promise.all(instances.map(({ host }) => turnPageOff(host, pageFolder(site, layout))));
}

/**
 * Resets OPcache and the object cache of every instance by a request behind the page. An instance that cannot be
 * reached past the balancer is named: its OPcache follows the files by itself unless `opcache.validate_timestamps` is 0.
 */
export async function clearPhpCaches(
  { site, settings, bypass, reporter, layout }: RecoveryContext,
  instances: readonly ProductionInstance[],
): Promise<void> {
  if (site.type !== 'wordpress') return;
  const missed: string[] = [];
  for (const instance of instances) {
    try {
      const { get } = await instanceRequests(site, settings, instance, bypass);
      const answer = await get(loginPath(layout), { clear: true });
      if (answer.headers['x-understudy-cleared'] !== '1') missed.push(instance.name);
    } catch {
      missed.push(instance.name);
    }
  }
  if (missed.length > 0)
    reporter.warn({
      severity: 'warning',
      code: 'CACHES_NOT_CLEARED',
      message: `OPcache and the object cache could not be reset on ${missed.join(', ')}.`,
      next: 'Let the runner reach each instance over HTTP (production.http.resolve gives the port), or restart PHP there.',
    });
}
