import { UnderstudyError } from '../../errors/index.js';
import { type MaintenanceRecord } from '../maintenance-record.js';
import { compareTrees, describeDifference, type Tree } from '../tree/site-tree.js';

/**
 * The digest that was tested, approved and is on every production host.
 * @throws NOTHING_PROMOTED saying which of these is missing
 */
export function promotedDigest(record: MaintenanceRecord): string {
  const { testedTree, approval, promotion, run } = record;
  const refuse = (why: string): never => {
    throw new UnderstudyError('NOTHING_PROMOTED', `Run ${run} ${why}.`);
  };
  if (promotion === undefined) return refuse('was not promoted');
  if (promotion.state !== 'complete')
    return refuse(
      `has a promotion that ${{ running: 'has not ended', failed: 'failed', 'rolled-back': 'was rolled back' }[promotion.state]}`,
    );
  if (testedTree === undefined) return refuse('has no tested tree');
  const { digest } = testedTree;
  if (approval?.digest !== digest) return refuse('has no approval of the tree that was tested');
  const others = promotion.hosts.filter((host) => host.digest !== digest).map(({ host }) => host);
  if (promotion.hosts.length === 0 || others.length > 0)
    return refuse(`does not have the tested tree on ${others.join(', ') || 'any production host'}`);
  return digest;
}

/** @throws ARCHIVE_TREE_DIFFERS with the difference, where it can be told */
export function assertPromoted(
  tree: Tree,
  digest: string,
  where: { readonly host: string; readonly sentence: string; readonly next?: string },
  promoted: Pick<Tree, 'entries'> | undefined,
): void {
  if (tree.digest === digest) return;
  throw new UnderstudyError('ARCHIVE_TREE_DIFFERS', where.sentence, {
    host: where.host,
    details: [
      `digest ${tree.digest}, promoted ${digest}`,
      ...(promoted === undefined ? [] : describeDifference(compareTrees(promoted, tree))),
    ],
    next: where.next,
  });
}
