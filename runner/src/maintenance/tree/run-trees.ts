import { documentValidator } from '../../config/schema/document-validator.js';
import { type Site } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { type ReadingHost, type WritingHost } from '../../hosts/host.js';
import { readHostDocument, writeHostFile } from '../../hosts/host-files.js';
import { type TreeSummary } from '../maintenance-record.js';
import { type SiteLayout } from '../../wordpress/site/site-layout.js';
import { assertWholeTree, codeRules, type CodeRules } from './code-rules.js';
import { treeDigest, type TreeOptions } from './tree-digest.js';
import { treeEntry, treeOf, treePath, type Tree } from './site-tree.js';
import * as json from '../../config/schema/shapes.js';

/** Where a run keeps its trees: on staging, so they are checked when they are read. */
export interface RunFolder {
  readonly site: Site;
  readonly staging: WritingHost;
  /** `<staging.workDir>/runs/<run>` */
  readonly stagingFolder: string;
  /** Where WordPress and its parts lie, as wp-config.php of both sides says; asked when it is needed. */
  layout(): Promise<SiteLayout>;
}

export const summaryOf = ({ digest, files, bytes }: Tree): TreeSummary => ({
  digest,
  files,
  bytes,
  madeAt: new Date().toISOString(),
});

const pathList = documentValidator(json.listOf(treePath, { maxItems: 1_000_000 }));
const treeEntries = documentValidator(json.listOf(treeEntry, { maxItems: 5_000_000 }));
/** About a million files. */
const LARGEST_TREE = 256_000_000;

const preservedFile = (folder: Pick<RunFolder, 'stagingFolder'>): string =>
  `${folder.stagingFolder}/trees/kept.json`;

/** Notes code that only staging has and that no sync brought. It stays there: it is promoted and archived nowhere. */
export const writeKept = (folder: RunFolder, paths: readonly string[]): Promise<void> =>
  writeHostFile(folder.staging, preservedFile(folder), `${JSON.stringify(paths)}\n`);

/**
 * What counts as code in this run: the site's rules without what only staging has.
 * A changed list can only leave files out, and then the digest is another one.
 */
export const runCodeRules = async (folder: RunFolder): Promise<CodeRules> =>
  codeRules(folder.site, await readKept(folder), await folder.layout());

/** What {@link writeKept} noted. @throws MAINTENANCE_RECORD_INVALID */
export async function readKept(
  folder: Pick<RunFolder, 'staging' | 'stagingFolder'>,
): Promise<readonly string[]> {
  const refuse = (why: string): never => {
    throw new UnderstudyError(
      'MAINTENANCE_RECORD_INVALID',
      `${preservedFile(folder)} cannot be used: ${why}.`,
    );
  };
  return (await readHostDocument(folder.staging, preservedFile(folder), pathList, { refuse })) ?? [];
}

/** The code that staging serves now, by the rules of this run. */
export async function stagingTree(folder: RunFolder, options: Omit<TreeOptions, 'rules'>): Promise<Tree> {
  return treeDigest(folder.staging, folder.site.staging.path, {
    ...options,
    rules: await runCodeRules(folder),
  });
}

const treeFile = (folder: Pick<RunFolder, 'stagingFolder'>, name: string): string =>
  `${folder.stagingFolder}/trees/${name}.json`;

/** Keeps the entries, so that a difference found later can be named. */
export const saveTree = (folder: RunFolder, name: 'production' | 'tested', tree: Tree): Promise<void> =>
  writeHostFile(folder.staging, treeFile(folder, name), `${JSON.stringify(tree.entries)}\n`);

/** The kept entries; undefined where there are none, or where they are not those of that digest. */
export async function readSavedTree(
  folder: Pick<RunFolder, 'site' | 'stagingFolder'> & { readonly staging: ReadingHost },
  name: 'production' | 'tested',
  digest: string,
): Promise<Tree | undefined> {
  const file = treeFile(folder, name);
  const refuse = (why: string): never => {
    throw new UnderstudyError('MAINTENANCE_RECORD_INVALID', `${file} cannot be used: ${why}.`);
  };
  try {
    const options = { refuse, maxBytes: LARGEST_TREE };
    const entries = await readHostDocument(folder.staging, file, treeEntries, options);
    const tree = entries === undefined ? undefined : treeOf(entries);
    return tree?.digest === digest ? tree : undefined;
  } catch (error) {
    // It only says which files differ; the digest decides.
    if (error instanceof UnderstudyError && error.code === 'MAINTENANCE_RECORD_INVALID') return undefined;
    throw error;
  }
}

/** Makes the digest of the tree that was just tested, and keeps its entries. */
export async function recordTestedTree(
  folder: RunFolder,
  options: Omit<TreeOptions, 'rules'> = {},
): Promise<TreeSummary> {
  const tree = await stagingTree(folder, options);
  assertWholeTree(folder.site, tree, await folder.layout(), {
    host: folder.staging.label,
    path: folder.site.staging.path,
  });
  await saveTree(folder, 'tested', tree);
  return summaryOf(tree);
}
