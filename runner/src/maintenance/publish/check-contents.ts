import { shellScript } from '../../commands/command.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { compareTrees, describeDifference, type TreeEntry } from '../tree/site-tree.js';
import { treeDigest } from '../tree/tree-digest.js';
import { type GitTree } from './git-objects.js';
import { type PublishOptions } from './publish-options.js';
import { scanTree } from './secret-scan.js';

/**
 * What must hold before anything is committed: no secret in the changed files, and git took exactly the archive.
 * @throws UnderstudyError PUBLISH_SECRETS, PUBLISH_TOO_LARGE, PUBLISH_TREE_CHANGED
 */
export async function checkContents(options: PublishOptions, changed: readonly string[]): Promise<void> {
  await scanForSecrets(options, changed);
  await proveIndex(options);
}

async function scanForSecrets(
  { host, repository, tree, settings, reporter, signal }: PublishOptions,
  changed: readonly string[],
): Promise<void> {
  reporter.step(`Looking for secrets in ${several(changed.length, 'changed file')}`);
  const names = new Set(changed);
  await scanTree({
    host,
    root: repository.target.workTree,
    entries: tree.entries,
    changed: tree.entries.filter(({ path }) => names.has(path)),
    allow: settings.allowSecrets,
    run: { signal },
  });
}

/** Writes what git holds into a folder of its own on the local disk and compares its digest with the archive's. */
async function proveIndex({
  host,
  repository,
  tree,
  rules,
  reporter,
  signal,
}: PublishOptions): Promise<void> {
  reporter.step('Comparing the tree in git with the digest');
  const folder = `${repository.workDir}/proof`;
  const clear = (): Promise<unknown> =>
    host.run(shellScript('write', 'rm -rf -- "$1"', [folder]), {
      timeoutSeconds: 600,
      label: `remove ${folder}`,
    });
  await clear();
  try {
    await repository.writeOut(folder);
    const written = await treeDigest(host, folder, { rules, signal });
    if (written.digest !== tree.digest)
      throw new UnderstudyError('PUBLISH_TREE_CHANGED', 'The tree in git differs from the archive.', {
        host: host.label,
        details: describeDifference(compareTrees(tree, written)),
      });
  } finally {
    await clear();
  }
}

/** git has to have taken the same files, with the same kinds and modes, as the digest was made of. */
export function assertSameFiles(entries: readonly TreeEntry[], ours: GitTree, host: string): void {
  const wrong = entries
    .filter(({ path, type, executable }) => {
      const mode = ours.get(path)?.mode;
      return mode !== (type === 'link' ? '120000' : executable ? '100755' : '100644');
    })
    .map(({ path }) => path);
  if (wrong.length === 0 && ours.size === entries.length) return;
  throw new UnderstudyError('PUBLISH_TREE_CHANGED', 'The archive changed while it was added to git.', {
    host,
    details: describeDifference({ added: [], changed: wrong, removed: [] }),
  });
}
