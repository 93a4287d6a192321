import { createHash } from 'node:crypto';
import { bytesOfName } from '../../commands/file-names.js';

/** A file or a link of a tree. Folders count by what is in them; owner, times and other mode bits do not count. */
export interface TreeEntry {
  /** Relative to the root, with slashes. */
  readonly path: string;
  readonly type: 'file' | 'link';
  /** The owner may run it; false for links. */
  readonly executable: boolean;
  /** SHA-256, hex: of the content, or of the text that a link holds. */
  readonly sha256: string;
  /** Of the content; 0 for links. */
  readonly bytes: number;
}

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
  /** Paths that only the second has. */
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
