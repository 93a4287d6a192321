import { shellScript } from '../../commands/command.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { compareTrees, describeDifference, type TreeEntry } from '../tree/site-tree.js';
import { treeDigest } from '../tree/tree-digest.js';
import { type GitTree } from './git-objects.js';
import { type PublishOptions } from './publish-options.js';
import { scanTree } from './secret-scan.js';
import { type GitRepository } from './git-repository.js';

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

/** What changes a file on its way into a repository (gitattributes(5)). */
const ATTRIBUTES = ['filter', 'working-tree-encoding', 'text', 'eol', 'ident'] as const;

/**
 * The repository's own `.gitattributes` (not those that plugins bring along) may want other bytes in it than production
 * has: a large-file pointer, LF for CR LF. Published as they are, these files would show as changed in every clone.
 * @param changed what the commit brings
 * @throws PUBLISH_ATTRIBUTES naming the files
 */
export async function checkAttributes(
  { repository, host }: PublishOptions,
  remote: GitTree,
  ours: GitTree,
  changed: readonly string[],
): Promise<void> {
  const own = new Map(
    [...remote].filter(
      ([path, { mode }]) => /(?:^|\/)\.gitattributes$/.test(path) && !ours.has(path) && /^100/.test(mode),
    ),
  );
  const paths = changed.filter((path) => ours.has(path));
  if (own.size === 0 || paths.length === 0) return;
  await repository.fetchBlobs([...own.values()].map(({ object }) => object));
  const attributes = await repository.attributes(own, paths, ATTRIBUTES);
  const valueOf = (path: string, name: (typeof ATTRIBUTES)[number]): string =>
    attributes.get(path)?.get(name) ?? 'unspecified';
  const isSaid = (value: string): boolean => value !== 'unspecified' && value !== 'unset';
  const filtered = paths.flatMap((path) =>
    (['filter', 'working-tree-encoding'] as const)
      .filter((name) => isSaid(valueOf(path, name)))
      .map((name) => `${path} (${name}=${valueOf(path, name)})`),
  );
  // With `text=auto` git leaves a file alone that has CR LF in the repository already.
  const normalized = paths.filter(
    (path) =>
      valueOf(path, 'text') === 'set' ||
      (isSaid(valueOf(path, 'eol')) && !['unset', 'auto'].includes(valueOf(path, 'text'))),
  );
  const expanded = paths.filter((path) => isSaid(valueOf(path, 'ident')));
  const details = [
    ...filtered,
    ...(await withCrLf(repository, normalized)).map((path) => `${path} (has CR LF, and text or eol is set)`),
    ...(await withIdent(repository, expanded)).map((path) => `${path} (has $Id$, and ident is set)`),
  ];
  if (details.length === 0) return;
  throw new UnderstudyError(
    'PUBLISH_ATTRIBUTES',
    `${several(details.length, 'file')} cannot be published as on production: the repository’s .gitattributes wants other bytes.`,
    {
      host: host.label,
      details:
        details.length > 20
          ? [...details.slice(0, 20), `… and ${String(details.length - 20)} more`]
          : details,
    },
  );
}

/** Of these files of the index, those that hold CR LF and look like text. */
async function withCrLf(repository: GitRepository, paths: readonly string[]): Promise<string[]> {
  const { found, unknown } = await repository.lookInto(paths, 'ls-files', '--eol');
  const mixed = found.filter((line) => /^i\/(?:crlf|mixed) /.test(line));
  return [...mixed.map((line) => line.slice(line.indexOf('\t') + 1)), ...unknown];
}

/** Of these files of the index, those in which git would write the name of the object. */
async function withIdent(repository: GitRepository, paths: readonly string[]): Promise<string[]> {
  const pattern = ['--text', '--files-with-matches', '--extended-regexp', '-e', '[$]Id(:[^$]*)?[$]'];
  const { found, unknown } = await repository.lookInto(paths, 'grep', '--cached', ...pattern);
  return [...found, ...unknown];
}
