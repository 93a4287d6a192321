import { type BranchHead } from './look-at-branch.js';
import { commitMessage, updatedItems } from './message.js';
import { type PublishOptions, type PublishOutcome } from './publish-options.js';
import { openPullRequest } from './pull-request.js';

/** The branch is as it should be: a success, also when an earlier try of this run was cut off after its push. */
export async function nothingToCommit(options: PublishOptions, head: BranchHead): Promise<PublishOutcome> {
  const { repository, source } = options;
  if (head.commit === undefined) return { commits: [], branch: head.branch, changed: 0 };
  const commits = (await repository.commitsOfRun(head.commit, source.run)).reverse();
  return finishPublish(options, { head: head.commit, branch: head.branch }, commits, 0, undefined);
}

/** What is left to do when the branch is as it should be: remember it, ask for its merge, clean up. */
export async function finishPublish(
  options: PublishOptions,
  { head, branch }: { readonly head: string; readonly branch: string },
  commits: readonly string[],
  changed: number,
  tag: string | undefined,
): Promise<PublishOutcome> {
  const { repository, settings, pullRequest } = options;
  const last = commits.at(-1);
  if (settings.mode === 'commit') await repository.rememberPublished(head);
  const url =
    pullRequest === undefined || last === undefined
      ? undefined
      : await requestPull(options, branch, pullRequest);
  await repository.prune();
  return {
    commits,
    branch,
    changed,
    ...(tag === undefined ? {} : { tag }),
    ...(url === undefined ? {} : { pullRequest: url }),
  };
}

function requestPull(
  { settings, source, signal, reporter }: PublishOptions,
  branch: string,
  { repository, token }: NonNullable<PublishOptions['pullRequest']>,
): Promise<string> {
  reporter.step(`Opening a pull request for ${branch}`);
  const items = updatedItems(source.items);
  const [title = '', ...body] = commitMessage(source, items).split('\n');
  return openPullRequest({
    repository,
    token,
    head: branch,
    base: settings.branch,
    title,
    body: body.join('\n').trim(),
    signal,
  });
}
