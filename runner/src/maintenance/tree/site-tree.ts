import { createHash } from 'node:crypto';
import * as json from '../../config/schema/shapes.js';
import { bytesOfName } from '../../commands/file-names.js';

/** Relative to the root, with slashes; plain names: no way up and no root. */
export const treePath = json.textLike('^(?!/)(?!(?:.*/)?\\.\\.?(?:/|$))[^\\u0000]+$', 4096);
export const treeEntry = json.record({
  path: treePath,
  type: json.oneOf('file', 'link'),
  /** The owner may run it; false for links. */
  executable: json.flag,
  /** Of the content, or of the text that a link holds. */
  sha256: json.sha256,
  /** Of the content; 0 for links. */
  bytes: json.whole(),
});
/** A file or a link of a tree. Folders count by what is in them; owner, times and other mode bits do not count. */
export type TreeEntry = json.ShapeOf<typeof treeEntry>;

export interface Tree {
  /** SHA-256, hex, over the entries sorted by the bytes of their paths. */
  readonly digest: string;
  /** Files and links. */
  readonly files: number;
  readonly bytes: number;
  /** Sorted by the bytes of their paths. */
  readonly entries: readonly TreeEntry[];
}

export interface TreeDifference {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  /** Paths that only the first has. */
  readonly removed: readonly string[];
}

/** The same entries in any order make the same tree. */
export function treeOf(unsorted: readonly TreeEntry[]): Tree {
  const entries = [...unsorted].sort((a, b) => comparePaths(a.path, b.path));
  const hash = createHash('sha256');
  for (const entry of entries) hash.update(bytesOfName(`${identity(entry)} ${entry.path}\0`));
  return {
    digest: hash.digest('hex'),
    files: entries.length,
    bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0),
    entries,
  };
}

const comparePaths = (a: string, b: string): number =>
  a === b ? 0 : Buffer.compare(bytesOfName(a), bytesOfName(b));

/** Two entries with the same identity at the same path are the same. */
const identity = ({ type, executable, sha256 }: TreeEntry): string =>
  `${type === 'link' ? 'link' : executable ? 'executable' : 'file'} ${sha256}`;

/** What leads from the first tree to the second. */
export function compareTrees(from: Pick<Tree, 'entries'>, to: Pick<Tree, 'entries'>): TreeDifference {
  const before = new Map(from.entries.map((entry) => [entry.path, identity(entry)]));
  const after = new Set(to.entries.map(({ path }) => path));
  const added: string[] = [];
  const changed: string[] = [];
  for (const entry of to.entries) {
    const former = before.get(entry.path);
    if (former === undefined) added.push(entry.path);
    else if (former !== identity(entry)) changed.push(entry.path);
  }
  return { added, changed, removed: from.entries.map(({ path }) => path).filter((path) => !after.has(path)) };
}

export const isSame = ({ added, changed, removed }: TreeDifference): boolean =>
  added.length + changed.length + removed.length === 0;

/** One line per file, `+`, `~` and `-` in front; the rest beyond `most` is counted. */
export function describeDifference(difference: TreeDifference, most = 20): readonly string[] {
  const lines = [
    ...difference.changed.map((path) => `~ ${path}`),
    ...difference.added.map((path) => `+ ${path}`),
    ...difference.removed.map((path) => `- ${path}`),
  ];
  return lines.length <= most
    ? lines
    : [...lines.slice(0, most), `… and ${String(lines.length - most)} more`];
}
