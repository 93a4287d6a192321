import { type Finding } from '../../errors/index.js';
import { connectProduction } from '../../hosts/connect-host.js';
import { discoverAddresses } from '../../hosts/discover-hosts.js';
import { nameOf } from '../../maintenance/promote/operation/instances.js';
import { siteLayout } from '../../wordpress/site/site-layout.js';
import { codeRules, type CodeRules } from '../../maintenance/tree/code-rules.js';
import { compareTrees, describeDifference } from '../../maintenance/tree/site-tree.js';
import { treeDigest } from '../../maintenance/tree/tree-digest.js';
import { type Session } from '../session/session.js';

/** What every instance has to have. */
export interface PromotedCode {
  readonly rules: CodeRules;
  readonly digest: string;
}

/**
 * Whether all instances of a group have the same code: one that booted after a promotion from an older image has not.
 * Reads only; where production is one machine there is nothing to compare.
 * @param promoted what all of them have to have; without it the code of most counts
 */
export async function instanceCodeFindings(
  { site, wordpress, signal }: Pick<Session, 'site' | 'wordpress' | 'signal'>,
  promoted?: PromotedCode,
): Promise<readonly Finding[]> {
  const { address, path, workDir } = site.production;
  if (address.kind === 'local' || address.discover === undefined) return [];
  const rules =
    promoted?.rules ?? codeRules(site, [], siteLayout(site.production, await wordpress.production()));
  const addresses = await discoverAddresses(address, { signal });
  const found = await Promise.all(
    addresses.map(async (one) => {
      const host = await connectProduction(one, { name: 'production application', workDir, signal });
      try {
        return { name: nameOf(one), tree: await treeDigest(host, path, { rules, signal }) };
      } finally {
        await host.close();
      }
    }),
  );
  if (promoted !== undefined)
    return found
      .filter(({ tree }) => tree.digest !== promoted.digest)
      .map(({ name }) => ({
        severity: 'error',
        code: 'INSTANCES_DIFFER',
        message: `${name} came up with other code than what was promoted.`,
      }));
  const counts = new Map<string, number>();
  for (const { tree } of found) counts.set(tree.digest, (counts.get(tree.digest) ?? 0) + 1);
  const most = found.toSorted(
    (a, b) => (counts.get(b.tree.digest) ?? 0) - (counts.get(a.tree.digest) ?? 0),
  )[0];
  return found
    .filter(({ tree }) => tree.digest !== most?.tree.digest)
    .map(({ name, tree }) => ({
      severity: 'error',
      code: 'INSTANCES_DIFFER',
      message: [
        `${name} has other code than ${most?.name ?? ''}:`,
        ...describeDifference(compareTrees(most?.tree ?? tree, tree), 5),
      ].join('\n       '),
    }));
}
