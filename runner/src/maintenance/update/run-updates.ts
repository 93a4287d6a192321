import { type MaintenanceHandle } from '../maintenance-store.js';
import { type UpdateItem } from '../maintenance-record.js';
import { type UpdateContext, type UpdateTarget } from './update-context.js';
import { readVersions } from './installed-versions.js';
import { type Snapshots } from './item-snapshot.js';
import { planUpdates, translationsTarget, type UpdatePlan } from './list-targets.js';
import { updateItem } from './update-item.js';
import { posix } from 'node:path';
import { shellScript } from '../../commands/command.js';
import { bytesOfName } from '../../commands/file-names.js';
import { encodeName } from '../../content/rsync/parse-rsync.js';
import { inventoryFile } from '../../content/swap/file-swap.js';
import { codeRules, itemFiles } from '../tree/code-rules.js';
import { readKept, type RunFolder, writeKept } from '../tree/run-trees.js';
import { treeDigest } from '../tree/tree-digest.js';

const key = (item: { kind: string; slug: string; offered: string }): string =>
  `${item.kind} ${item.slug} ${item.offered}`;

/**
 * Updates everything that the site file allows, one item after the other, and writes each into the record at once.
 * A bad one is taken back and the others go on. What the record knows already is not tried again.
 */
export async function runUpdates(
  context: UpdateContext,
  snapshots: Snapshots,
  handle: MaintenanceHandle,
): Promise<void> {
  let plan: UpdatePlan;
  // After the core the plugins that waited for it are offered; a third round would find nothing new.
  for (let round = 0; round < 2; round += 1) {
    plan = await planUpdates(context);
    const done = new Set(handle.record().items.map(key));
    const targets = plan.targets.filter((target) => !done.has(key(target)));
    if (round === 0) await recordStaying(handle, plan);
    if (targets.length === 0) break;
    context.reporter.step(
      `${String(targets.length)} to update: ${targets.map((target) => `${target.slug} ${target.from} → ${target.offered}`).join(', ')}`,
    );
    for (const target of targets) await updateAndRecord(context, snapshots, handle, target);
    if (!targets.some(({ kind }) => kind === 'core')) break;
  }
  const hasTranslations = handle.record().items.some(({ kind }) => kind === 'translations');
  if (context.settings.translations && !hasTranslations) {
    const { translations } = await readVersions(context.files, context.layout);
    await updateAndRecord(context, snapshots, handle, translationsTarget(translations));
  }
}

async function recordStaying(handle: MaintenanceHandle, plan: UpdatePlan): Promise<void> {
  const done = new Set(handle.record().items.map(({ kind, slug }) => `${kind} ${slug}`));
  const staying = plan.staying
    .filter(({ kind, slug }) => !done.has(`${kind} ${slug}`))
    .map((item): UpdateItem => ({ ...item, seconds: 0 }));
  if (staying.length > 0)
    await handle.update((record) => ({ ...record, items: [...record.items, ...staying] }));
}

async function updateAndRecord(
  context: UpdateContext,
  snapshots: Snapshots,
  handle: MaintenanceHandle,
  target: UpdateTarget,
): Promise<void> {
  context.signal.throwIfAborted();
  context.reporter.step(
    `${target.title}: ${target.offered === '' ? 'updating' : `${target.from} → ${target.offered}`}`,
  );
  const item = await updateItem(context, snapshots, target);
  if (item.state === 'updated')
    await recordBrought(
      {
        site: context.site,
        staging: context.files,
        stagingFolder: context.run.stagingFolder,
        layout: () => Promise.resolve(context.layout.relative),
      },
      item,
    );
  await handle.update((record) => ({ ...record, items: [...record.items, item] }));
  context.reporter.step(`${target.title}: ${summaryOf(item)}`);
}

/** `updated to 5.3.1`, `rolled back: /: answered with 500`. */
function summaryOf(item: UpdateItem): string {
  const because = item.evidence[0] === undefined ? '' : `: ${item.evidence[0]}`;
  if (item.state === 'updated') return item.to === '' ? 'updated' : `updated to ${item.to}`;
  if (item.state === 'rolled-back') return `rolled back to ${item.from}${because}`;
  return `${item.state === 'failed' ? 'not updated' : item.state}${because}`;
}

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
async function recordBrought(folder: RunFolder, item: Pick<UpdateItem, 'kind' | 'slug'>): Promise<void> {
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
