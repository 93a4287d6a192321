import { pullFiles } from '../../commands/rsync.js';
import { shellScript } from '../../commands/command.js';
import { type Site } from '../../config/site.js';
import { generationFolder, inventoryFile, runFolder } from '../../content/swap/file-swap.js';
import { PREPARE_INCOMING } from '../../commands/scripts/content/generations.js';
import { planSwap } from '../../commands/scripts/content/plan-swap.js';
import { twoScripts } from '../../commands/scripts/content/script.js';
import { UnderstudyError } from '../../errors/index.js';
import { type WritingHost } from '../../hosts/host.js';
import { writeHostFile } from '../../hosts/host-files.js';
import { openRoute } from '../../hosts/route/open-route.js';
import { nameList } from '../../hosts/route/route.js';
import { type CodeRules } from '../tree/code-rules.js';
import { pathFilter } from '../../content/rsync/path-filter.js';
import { compareTrees, describeDifference, treeOf, type Tree } from '../tree/site-tree.js';
import { treeDigest } from '../tree/tree-digest.js';
import { type ProductionInstance, swapFoldersOf } from './operation/instances.js';
import { ADOPT_MODES } from '../../commands/scripts/promotion-scripts.js';
import { bytesOfName, nulList } from '../../commands/file-names.js';

export interface CopyOrder {
  readonly site: Site;
  /** The runner's connection to it: the tested files are read there. */
  readonly staging: WritingHost;
  readonly run: string;
  readonly rules: CodeRules;
  readonly tested: Tree;
  readonly signal: AbortSignal;
}

/**
 * Brings the files that differ beside the live tree of one host and proves that, with them in place, the host would have
 * exactly the tested tree. The live tree is only read. Production pulls: it is the more trusted of the two.
 * @returns how many files change places
 * @throws PROMOTION_FAILED when the digest would be another one; nothing is switched then
 */
export async function stageCode(order: CopyOrder, instance: ProductionInstance): Promise<number> {
  const { site, run, rules, tested, signal } = order;
  const { host } = instance;
  const folders = swapFoldersOf(site, instance, run);
  const before = await treeDigest(host, site.production.path, { rules, signal });
  const { added, changed, removed } = compareTrees(before, tested);
  const wanted = [...added, ...changed];
  assertCode(rules, [...wanted, ...removed]);
  const script = async (text: string, args: readonly string[], label: string): Promise<void> => {
    await host.run(shellScript('write', text, args), { label, timeoutSeconds: 3600, signal });
  };
  const own = runFolder(folders);
  const folderArguments = [folders.live, own, generationFolder(folders), inventoryFile(folders)];
  await script(PREPARE_INCOMING, folderArguments, 'preparing the incoming folder');
  if (wanted.length > 0) await pull(order, instance, own, wanted);
  await script(ADOPT_MODES, [folders.live, `${own}/incoming`], 'keeping the modes of files');
  const deleted = [...removed, ...emptied(removed, tested).map((folder) => `${folder}/`)];
  const list = deleted.map((path) => `${listed(path)}\n`).join('');
  await writeHostFile(host, `${own}/content/deleted.list`, list);
  await host.run(twoScripts('write', planSwap, [folders.live, own], 'auto'), {
    label: 'noting which files change places',
    timeoutSeconds: 3600,
    signal,
  });
  await prove(order, instance, `${own}/incoming`, removed);
  return wanted.length + removed.length;
}

/** The last guard: whatever led here, nothing but code changes places. */
function assertCode(rules: CodeRules, paths: readonly string[]): void {
  const isCode = pathFilter(rules.filters);
  const unexpected = paths.find(
    (path) =>
      !isCode(path) ||
      path.split('/').includes('..') ||
      !rules.roots.some((root) => path === root || path.startsWith(`${root}/`)),
  );
  if (unexpected !== undefined)
    throw new UnderstudyError(
      'PROMOTION_FAILED',
      `${unexpected} is no code of the site; it is not promoted.`,
    );
}

async function pull(
  { site, staging, signal }: CopyOrder,
  instance: ProductionInstance,
  own: string,
  paths: readonly string[],
): Promise<void> {
  const route = await openRoute({
    kind: site.content.route,
    client: instance.host,
    clientAddress: instance.address,
    clientWorkDir: instance.folder,
    target: site.staging.address,
    targetHost: staging,
    signal,
  });
  try {
    const command = pullFiles({
      route,
      source: site.staging.path,
      target: `${own}/incoming`,
      unfinished: `${own}/unfinished`,
    });
    await route.run(command, {
      names: nameList(nulList(paths)),
      label: 'rsync from staging',
      timeoutSeconds: site.run.stageTimeoutSeconds,
      signal,
    });
  } finally {
    await route.close();
  }
}

async function prove(
  { site, rules, tested, signal }: CopyOrder,
  { host }: ProductionInstance,
  incoming: string,
  removed: readonly string[],
): Promise<void> {
  const [arrived, live] = await Promise.all([
    treeDigest(host, incoming, { rules, signal }),
    treeDigest(host, site.production.path, { rules, signal }),
  ]);
  const result = new Map(live.entries.map((entry) => [entry.path, entry]));
  for (const path of removed) result.delete(path);
  for (const entry of arrived.entries) result.set(entry.path, entry);
  const tree = treeOf([...result.values()]);
  if (tree.digest === tested.digest) return;
  throw new UnderstudyError(
    'PROMOTION_FAILED',
    'The copied files differ from the tested files; nothing was switched on any host.',
    { host: host.label, details: describeDifference(compareTrees(tested, tree)) },
  );
}

/** Folders that held removed files and hold nothing of the tested tree; deepest last. */
function emptied(removed: readonly string[], tested: Tree): readonly string[] {
  const foldersOf = (path: string): string[] =>
    path
      .split('/')
      .slice(0, -1)
      .map((_, index, parts) => parts.slice(0, index + 1).join('/'));
  const used = new Set(tested.entries.flatMap(({ path }) => foldersOf(path)));
  return [...new Set(removed.flatMap(foldersOf))].filter((folder) => !used.has(folder)).sort();
}

/** As rsync writes names into a list: odd bytes and the backslash as `\#ooo`. */
const listed = (path: string): string =>
  bytesOfName(path)
    .toString('latin1')
    .replace(/[^\x20-\x5b\x5d-\x7e]/g, (odd) => `\\#${odd.charCodeAt(0).toString(8).padStart(3, '0')}`);
