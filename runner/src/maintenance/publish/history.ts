import { type PathFilter } from '../../content/rsync/path-filter.js';
import { type CodeRules } from '../tree/code-rules.js';
import { type GitEntry, type GitTree } from './git-objects.js';

/** Whether a path of the repository is code of the site: what lies outside (README, workflows) is left as it is. */
export function codeScope({ roots }: CodeRules, isCode: PathFilter): PathFilter {
  return (path) => roots.some((root) => path === root || path.startsWith(`${root}/`)) && isCode(path);
}

const same = (a: GitEntry | undefined, b: GitEntry | undefined): boolean =>
  a?.mode === b?.mode && a?.object === b?.object;

/** The branch with the site's code replaced by exactly `ours`. */
export function compose(remote: GitTree, ours: GitTree, inScope: PathFilter): GitTree {
  const result = new Map(ours);
  for (const [path, entry] of remote)
    // A file that stands where ours has a folder, or the other way round, cannot stay.
    if (!inScope(path) && !result.has(path) && !collides(path, ours)) result.set(path, entry);
  return result;
}

const foldersAbove = (path: string): string[] => {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
};
const collides = (path: string, ours: GitTree): boolean =>
  foldersAbove(path).some((folder) => ours.has(folder));

export const changedPaths = (from: GitTree, to: GitTree): string[] =>
  [...new Set([...from.keys(), ...to.keys()])].filter((path) => !same(from.get(path), to.get(path)));

/**
 * Code that somebody changed in the repository since we published last (`base`), and that we would change back. With
 * no base there is nothing to tell a change from.
 */
export function conflicts(
  base: GitTree | undefined,
  remote: GitTree,
  ours: GitTree,
  inScope: PathFilter,
): string[] {
  if (base === undefined) return [];
  return changedPaths(base, remote).filter(
    (path) => inScope(path) && !same(remote.get(path), ours.get(path)),
  );
}

/**
 * A branch that we never published to has to be empty, a beginning (README, licence and the like), or hold this site:
 * at least one in ten of its files is one of Understudy.
 */
export function isRelated(remote: GitTree, ours: GitTree): boolean {
  const files = [...remote.keys()].filter((path) => !isBeginning(path));
  if (files.length === 0) return true;
  return files.filter((path) => ours.has(path)).length * 10 >= files.length;
}

const isBeginning = (path: string): boolean =>
  /^(?:\.github\/.*|docs\/.*|\.git(?:ignore|attributes)|\.editorconfig|(?:readme|license|licence|security|contributing|changelog|codeowners)(?:\.\w+)?)$/i.test(
    path,
  );
