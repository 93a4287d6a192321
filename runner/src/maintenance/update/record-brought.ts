import { posix } from 'node:path';
import { shellScript } from '../../commands/command.js';
import { bytesOfName } from '../../commands/file-names.js';
import { encodeName } from '../../content/rsync/parse-rsync.js';
import { inventoryFile } from '../../content/swap/file-swap.js';
import { type UpdateItem } from '../maintenance-record.js';
import { codeRules, itemFiles } from '../tree/code-rules.js';
import { readKept, type RunFolder, writeKept } from '../tree/run-trees.js';
import { treeDigest } from '../tree/tree-digest.js';

/** Arguments: inventory of what came to staging by Understudy. Stdin: names in rsync's escaped form. */
const ADD_TO_INVENTORY = `set -eu
umask 077
LC_ALL=C; export LC_ALL
touch -- "$1"
sort -u -- "$1" - > "$1.new"
mv -f -- "$1.new" "$1"
`;

/**
 * Files of an updated item came by Understudy, as those of a sync do: what is not promoted goes with the next sync, and
 * is never taken for staging's own code, which a later promotion would leave out of a plugin. May be repeated.
 * @param folder its layout is staging's
 */
export async function recordBrought(
  folder: RunFolder,
  item: Pick<UpdateItem, 'kind' | 'slug'>,
): Promise<void> {
  const { site, staging } = folder;
  const layout = await folder.layout();
  const { roots, replaced } = itemFiles(layout, item);
  const isReplaced = (path: string): boolean =>
    replaced.some((root) => path === root || path.startsWith(`${root}/`));
  const kept = await readKept(folder);
  const own = kept.filter((path) => !isReplaced(path));
  if (own.length < kept.length) await writeKept(folder, own);
  const { filters } = codeRules(site, own, layout);
  const { entries } = await treeDigest(staging, site.staging.path, { rules: { roots, filters } });
  const names = new Set(entries.flatMap(({ path }) => [path, ...foldersAbove(path, roots)]));
  await staging.run(
    shellScript('write', ADD_TO_INVENTORY, [inventoryFile({ workDir: site.staging.workDir })]),
    {
      label: `note the files of ${item.slug}`,
      stdin: [...names].map((name) => `${encodeName(bytesOfName(name))}\n`).join(''),
    },
  );
}

/** `a/b/` for `a/b/c.php`, as rsync names folders; up to the item's own folder. */
function foldersAbove(path: string, roots: readonly string[]): string[] {
  const folders: string[] = [];
  for (
    let at = posix.dirname(path);
    roots.some((root) => at === root || at.startsWith(`${root}/`));
    at = posix.dirname(at)
  )
    folders.push(`${at}/`);
  return folders;
}
