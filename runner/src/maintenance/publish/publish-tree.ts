import { several, UnderstudyError } from '../../errors/index.js';
import { pathFilter } from '../../content/rsync/path-filter.js';
import { checkAttributes, assertSameFiles, checkContents } from './check-contents.js';
import { type GitRepository } from './git-repository.js';
import { changedPaths, codeScope, compose } from './history.js';
import { checkHistory, lookAtBranch, warnOfOldSecrets, type BranchHead } from './look-at-branch.js';
import { planCommits, type PlannedCommit } from './plan-commits.js';
import { type PublishOptions, type PublishOutcome } from './publish-options.js';
import { commitMessage, updatedItems, subjectOf, tagName, type MessageSource } from './message.js';
import { openPullRequest } from './pull-request.js';
import { type UpdateItem } from '../maintenance-record.js';

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

/** The branch is as it should be: a success, also when an earlier try of this run was cut off after its push. */
async function nothingToCommit(options: PublishOptions, head: BranchHead): Promise<PublishOutcome> {
  const { repository, source } = options;
  if (head.commit === undefined) return { commits: [], branch: head.branch, changed: 0 };
  const commits = (await repository.commitsOfRun(head.commit, source.run)).reverse();
  return finishPublish(options, { head: head.commit, branch: head.branch }, commits, 0, undefined);
}

/** What is left to do when the branch is as it should be: remember it, ask for its merge, clean up. */
async function finishPublish(
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

/** @returns the commits, oldest first; the first one stands on `parent` */
async function makeCommits(
  { repository, settings, source }: PublishOptions,
  parent: string | undefined,
  plan: readonly PlannedCommit[],
  undone: readonly string[],
): Promise<string[]> {
  const commits: string[] = [];
  for (const [index, { tree, items }] of plan.entries()) {
    const notes = index === plan.length - 1 && undone.length > 0 ? [undoneNote(undone)] : [];
    const message = commitMessage(source, items, notes, subjectFor(source, items, plan.length));
    commits.push(
      await repository.commit(
        await repository.makeTree(tree),
        commits.at(-1) ?? parent,
        message,
        settings.author,
      ),
    );
  }
  return commits;
}

const undoneNote = (undone: readonly string[]): string =>
  `Changed back to what production has: ${undone.slice(0, 10).join(', ')}${undone.length > 10 ? ` and ${String(undone.length - 10)} more` : ''}`;

const subjectFor = (source: MessageSource, items: readonly UpdateItem[], commits: number): string =>
  items.length === 0 && commits > 1 ? 'Other changes on production' : subjectOf(items, source.title);

interface PublishTag {
  readonly name: string;
  readonly object: string;
}

/** A tag that is there already keeps what it names. */
async function makeTag(
  { repository, settings, source, reporter, now = new Date() }: PublishOptions,
  { tags }: BranchHead,
  commit: string,
): Promise<PublishTag | undefined> {
  if (settings.tag === '' || settings.mode === 'pull-request') return undefined;
  const name = tagName(settings.tag, source.run, now);
  if (tags.has(`refs/tags/${name}`)) {
    reporter.step(`The tag ${name} is there already; it stays as it is`);
    return undefined;
  }
  const message = subjectOf(updatedItems(source.items), source.title);
  return { name, object: await repository.tagObject(name, commit, message, settings.author) };
}
