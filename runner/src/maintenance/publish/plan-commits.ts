import { escapePattern } from '../../basics/patterns.js';
import { type UpdateItem } from '../maintenance-record.js';
import { type PathFilter } from '../../content/rsync/path-filter.js';
import { changedPaths } from './history.js';
import { type GitTree } from './git-objects.js';
import { updatedItems } from './message.js';

/** A commit to make: the whole tree after it, and what it is about. */
export interface PlannedCommit {
  readonly tree: GitTree;
  /** Empty: changes that belong to no update. */
  readonly items: readonly UpdateItem[];
}

/**
 * One commit for the run, or one per updated item in the order in which they were updated; what belongs to none of
 * them comes last. Items without a change in the tree get no commit. The last tree is always exactly `final`.
 */
export function planCommits(
  from: GitTree,
  final: GitTree,
  items: readonly UpdateItem[],
  how: 'one' | 'per-item',
): readonly PlannedCommit[] {
  const changed = changedPaths(from, final);
  if (changed.length === 0) return [];
  const updated = updatedItems(items);
  // Composer writes what belongs to all packages into the same files: there is no tree between two of them.
  if (how === 'one' || updated.some(({ kind }) => kind === 'composer'))
    return [{ tree: final, items: updated }];
  const left = new Set(changed);
  const commits: PlannedCommit[] = [];
  let current: GitTree = from;
  for (const item of updated) {
    const belongs = pathsOf(item);
    const own = [...left].filter(belongs);
    if (own.length === 0) continue;
    for (const path of own) left.delete(path);
    current = withPaths(current, final, own);
    commits.push({ tree: current, items: [item] });
  }
  return left.size === 0 ? commits : [...commits, { tree: final, items: [] }];
}

function withPaths(from: GitTree, to: GitTree, paths: readonly string[]): GitTree {
  const next = new Map(from);
  for (const path of paths) {
    const entry = to.get(path);
    if (entry === undefined) next.delete(path);
    else next.set(path, entry);
  }
  return next;
}

/** Where an item's files lie, whatever the content folder is called. */
function pathsOf({ kind, slug }: UpdateItem): PathFilter {
  switch (kind) {
    case 'plugin':
      return (path) => new RegExp(`(?:^|/)(?:mu-)?plugins/${escapePattern(slug)}(?:/|\\.php$)`).test(path);
    case 'theme':
      return (path) => new RegExp(`(?:^|/)themes/${escapePattern(slug)}/`).test(path);
    case 'translations':
      return (path) =>
        /(?:^|\/)languages\//.test(path) &&
        !/(?:^|\/)(?:plugins|themes)\/[^/]+\//.test(path.replace(/languages\/(?:plugins|themes)\//, ''));
    case 'composer':
      return () => true;
    case 'core':
      return (path) =>
        /(?:^|\/)(?:wp-admin|wp-includes)\/|^[^/]+$|(?:^|\/)wp-[\w-]+\.php$|(?:^|\/)xmlrpc\.php$/.test(
          path,
        ) && !/(?:^|\/)(?:plugins|themes)\//.test(path);
  }
}
