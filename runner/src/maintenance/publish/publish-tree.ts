import { several, UnderstudyError } from '../../errors/index.js';
import { pathFilter } from '../../content/rsync/path-filter.js';
import { checkAttributes } from './check-attributes.js';
import { assertSameFiles, checkContents } from './check-contents.js';
import { finishPublish, nothingToCommit } from './finish-publish.js';
import { type GitRepository } from './git-repository.js';
import { changedPaths, codeScope, compose } from './history.js';
import { checkHistory, lookAtBranch, warnOfOldSecrets } from './look-at-branch.js';
import { makeCommits, makeTag, subjectFor, type PublishTag } from './make-commits.js';
import { planCommits } from './plan-commits.js';
import { type PublishOptions, type PublishOutcome } from './publish-options.js';

const TRIES = 4;

/**
 * Makes the branch hold exactly the archived code, by commits on top of what is there. Files of the repository that are
 * no code of the site stay. A push that came second is made again on the new head, never forced.
 */
export async function publishTree(options: PublishOptions): Promise<PublishOutcome> {
  const { repository, tree, reporter, host } = options;
  for (const lock of await repository.prepare())
    reporter.step(`Removed a lock that a killed git had left: ${lock}`);
  reporter.step('Adding the archive to git');
  const ours = await repository.indexFiles(tree.entries.map(({ path }) => path));
  assertSameFiles(tree.entries, ours, host.label);
  let proven = false;
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const head = await lookAtBranch(options);
    const remote = head.commit === undefined ? new Map() : await repository.tree(head.commit);
    const undone = await checkHistory(options, head, remote, ours);
    const inScope = codeScope(options.rules, pathFilter(options.rules.filters));
    const final = compose(remote, ours, inScope);
    warnOfOldSecrets(options, remote, inScope);
    const changed = changedPaths(remote, final);
    if (changed.length === 0) return await nothingToCommit(options, head);
    if (!proven) {
      await checkAttributes(options, remote, ours, changed);
      await checkContents(options, changed);
      proven = true;
    }
    const plan = planCommits(remote, final, options.source.items, options.settings.commits);
    if (options.dryRun === true) {
      for (const { items } of plan)
        reporter.step(`Would commit: ${subjectFor(options.source, items, plan.length)}`);
      return { commits: [], branch: head.branch, changed: changed.length };
    }
    const commits = await makeCommits(options, head.commit, plan, undone);
    const last = commits.at(-1) ?? '';
    const tag = await makeTag(options, head, last);
    if ((await push(options, head.branch, commits, tag)) === 'moved') {
      reporter.step('The branch got other commits meanwhile; looking at them');
      continue;
    }
    return await finishPublish(
      options,
      { head: last, branch: head.branch },
      commits,
      changed.length,
      tag?.name,
    );
  }
  throw new UnderstudyError(
    'PUBLISH_REJECTED',
    `The branch got other commits ${String(TRIES)} times in a row.`,
    {
      next: 'Start again when nobody else pushes.',
    },
  );
}

function push(
  { repository, reporter }: PublishOptions,
  branch: string,
  commits: readonly string[],
  tag: PublishTag | undefined,
): ReturnType<GitRepository['push']> {
  const refs = [
    { object: commits.at(-1) ?? '', name: `refs/heads/${branch}` },
    ...(tag === undefined ? [] : [{ object: tag.object, name: `refs/tags/${tag.name}` }]),
  ];
  reporter.step(`Pushing ${several(commits.length, 'commit')} to ${branch}`);
  return repository.push(refs);
}
