import { errorOf, UnderstudyError } from '../../errors/index.js';
import { assertPromoted } from '../../maintenance/archive/promoted-tree.js';
import { lastOperation, openOperation } from '../../maintenance/promote/operation/open-operation.js';
import { type CodeRules } from '../../maintenance/tree/code-rules.js';
import { type Tree } from '../../maintenance/tree/site-tree.js';
import { treeDigest } from '../../maintenance/tree/tree-digest.js';
import { type Session } from '../session/session.js';

/**
 * What is archived and published is what production serves. The record on staging may say `complete` still: a rollback
 * does not wait for staging. So production is asked, its journal first and then its files.
 * @throws PRODUCTION_OPEN, NOTHING_PROMOTED, ARCHIVE_TREE_DIFFERS
 */
export async function assertProductionServes(
  { site, hosts, signal }: Pick<Session, 'site' | 'hosts' | 'signal'>,
  run: string,
  digest: string,
  rules: CodeRules,
  promoted: Pick<Tree, 'entries'> | undefined,
): Promise<void> {
  const production = await hosts.productionApplication();
  const journal = await lastOperation(production, site);
  const open = openOperation(journal, production.label);
  if (open !== undefined) throw errorOf(open);
  if (journal !== undefined && journal.run === run && journal.goal === 'former')
    throw new UnderstudyError(
      'NOTHING_PROMOTED',
      `Production serves the code from before run ${run}, whatever the record on staging says.`,
      { host: production.label },
    );
  assertPromoted(
    await treeDigest(production, site.production.path, { rules, signal }),
    digest,
    {
      host: production.label,
      sentence: 'Production no longer serves the tree that was promoted.',
      next: 'Find out what changed it; then sync, test and promote again. Nothing was archived or published.',
    },
    promoted,
  );
}
