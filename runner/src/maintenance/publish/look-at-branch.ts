import { several, UnderstudyError } from '../../errors/index.js';
import { pathFilter } from '../../content/rsync/path-filter.js';
import { describeDifference } from '../tree/site-tree.js';
import { type GitRepository } from './git-repository.js';
import { type GitTree } from './git-objects.js';
import { codeScope, conflicts, isRelated } from './history.js';
import { tagName } from './message.js';
import { type PublishOptions } from './publish-options.js';

/** The branch as it is on the git server now. */
export interface BranchHead {
  readonly branch: string;
  /** Undefined: the branch is not there yet, and there is none that it begins from. */
  readonly commit: string | undefined;
  /** The branch of the repository that has this commit. */
  readonly from: string;
  /** Tags that the repository has: full name → object. */
  readonly tags: ReadonlyMap<string, string>;
}

/** The branch that gets the commits; one of its own begins at the branch that it is to be merged into. */
export async function lookAtBranch({
  repository,
  settings,
  source,
  now = new Date(),
}: PublishOptions): Promise<BranchHead> {
  const own = settings.mode === 'pull-request' ? `understudy/${source.run}` : settings.branch;
  const tag = settings.tag === '' ? [] : [`refs/tags/${tagName(settings.tag, source.run, now)}`];
  const refs = await repository.listRemote(`refs/heads/${settings.branch}`, `refs/heads/${own}`, ...tag);
  const begin = [own, settings.branch].find((name) => refs.has(`refs/heads/${name}`));
  if (begin === undefined && settings.mode === 'pull-request')
    throw new UnderstudyError(
      'PUBLISH_NOT_CONFIGURED',
      `The repository has no branch ${settings.branch} to open a pull request against.`,
      {
        next: 'Publish once with publish.mode: commit, or make the branch.',
      },
    );
  const expected = begin === undefined ? undefined : refs.get(`refs/heads/${begin}`);
  const commit =
    begin === undefined || expected === undefined ? undefined : await repository.fetch(begin, expected);
  return { branch: own, commit, from: begin ?? own, tags: refs };
}

/**
 * Whether the branch is ours to go on with.
 * @returns what of others' work the commit undoes, for its message
 * @throws UnderstudyError PUBLISH_UNRELATED_HISTORY, PUBLISH_CONFLICT (neither with `overwrite`)
 */
export async function checkHistory(
  { repository, settings, rules, overwrite, reporter }: PublishOptions,
  { commit, from }: BranchHead,
  remote: GitTree,
  ours: GitTree,
): Promise<readonly string[]> {
  if (commit === undefined) return [];
  const published = (await repository.published()) ?? (await lastPublished(repository, commit, from));
  if (!isRelated(remote, ours) && !overwrite)
    throw new UnderstudyError(
      'PUBLISH_UNRELATED_HISTORY',
      `The branch ${settings.branch} holds another project: almost none of its ${several(remote.size, 'file belongs', 'files belong')} to this site.`,
    );
  if (published === undefined || published === commit) return [];
  if (!(await repository.isAncestor(published, commit))) {
    if (settings.mode === 'pull-request') return [];
    if (!overwrite)
      throw new UnderstudyError(
        'PUBLISH_UNRELATED_HISTORY',
        `The branch ${settings.branch} no longer holds the commit that was published last (${published.slice(0, 12)}): its history was rewritten.`,
      );
    return [];
  }
  const inScope = codeScope(rules, pathFilter(rules.filters));
  const undone = conflicts(await repository.tree(published), remote, ours, inScope);
  if (undone.length === 0) return [];
  const details = [
    ...describeDifference({ added: [], changed: undone, removed: [] }),
    ...(await repository.commitsSince(published, commit, undone)).map((line) => `by ${line}`),
  ];
  if (settings.mode === 'commit' && !overwrite)
    throw new UnderstudyError(
      'PUBLISH_CONFLICT',
      `${several(undone.length, 'file of the branch was changed by others and is', 'files of the branch were changed by others and are')} different on production.`,
      { details },
    );
  reporter.warn({
    severity: 'warning',
    code: 'PUBLISH_CONFLICT',
    message: `The commit reverts ${several(undone.length, 'file')} that others had changed: ${undone.slice(0, 5).join(', ')}.`,
  });
  return undone;
}

/**
 * Where this archive host has no memory of its own (it is new): the last commit that Understudy made in the branch. What
 * others committed since then is seen all the same.
 */
async function lastPublished(
  repository: GitRepository,
  commit: string,
  branch: string,
): Promise<string | undefined> {
  await repository.fetchHistory(branch);
  return repository.lastOfOurs(commit);
}

/** A file that is no code of Understudy (and so stays) but should never have come into the repository. */
export function warnOfOldSecrets(
  { reporter }: PublishOptions,
  remote: GitTree,
  inScope: (path: string) => boolean,
): void {
  const old = [...remote.keys()].filter(
    (path) => !inScope(path) && /(?:^|\/)(?:wp-config\.php|\.env|id_rsa|id_ed25519)$/.test(path),
  );
  if (old.length > 0)
    reporter.warn({
      severity: 'warning',
      code: 'PUBLISH_OLD_SECRETS',
      message: `The repository holds ${old.slice(0, 5).join(', ')} from earlier commits.`,
      next: 'Remove it there, and rotate the secrets in it: the history keeps them.',
    });
}
