import { readTree } from '../../commands/tree.js';
import { UnderstudyError } from '../../errors/index.js';
import { type CommandResult, type ReadingHost } from '../../hosts/host.js';
import { type CodeRules } from './code-rules.js';
import { pathFilter } from '../../content/rsync/path-filter.js';
import { parseTreeEntries } from './parse-tree.js';
import { treeOf, type Tree } from './site-tree.js';

export interface TreeOptions {
  /** Only these paths below the root count, and of them only what the filters let through. */
  readonly rules: CodeRules;
  /** Default 1800; reading from EFS is slow. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

/**
 * Reads every file of a tree on the host where it lies; only names and checksums travel.
 * @param root absolute
 * @throws TREE_UNREADABLE when a single file could not be read: half a tree has no digest
 */
export async function treeDigest(host: ReadingHost, root: string, options: TreeOptions): Promise<Tree> {
  const { rules, signal, timeoutSeconds = 1800 } = options;
  const result = await host.run(readTree(root, rules.roots), {
    allowedExitCodes: 'any',
    label: `make the digest of ${root}`,
    timeoutSeconds,
    ...(signal === undefined ? {} : { signal }),
  });
  const fail = (why: string): never => {
    throw unreadable(host, root, why, result);
  };
  if (result.code !== 0) return fail(`the command ended with exit code ${String(result.code)}`);
  const isCode = pathFilter(rules.filters);
  return treeOf(parseTreeEntries(result.stdout, fail).filter(({ path }) => isCode(path)));
}

const unreadable = (
  host: ReadingHost,
  root: string,
  why: string,
  { stderr }: CommandResult,
): UnderstudyError =>
  new UnderstudyError('TREE_UNREADABLE', `The files of ${root} could not all be read: ${why}.`, {
    host: host.label,
    ...(stderr.trim() === '' ? {} : { stderr }),
  });
