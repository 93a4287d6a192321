import { type PublishSettings } from '../../config/sections.js';
import { shellScript } from '../../commands/command.js';
import { type Secret, UnderstudyError } from '../../errors/index.js';
import { type WritingHost } from '../../hosts/host.js';
import { type Reporter } from '../../report/reporter.js';
import { type UpdateItem } from '../maintenance-record.js';
import { type CodeRules } from '../tree/code-rules.js';
import { pathFilter } from '../tree/filter-rules.js';
import { compareTrees, describeDifference, type Tree, type TreeEntry } from '../tree/tree.js';
import { treeDigest } from '../tree/tree-digest.js';
import { planCommits, type PlannedCommit } from './commits.js';
import { type GitRepository, type GitTree } from './git-repository.js';
import { changedPaths, codeScope, compose, conflicts, isRelated } from './history.js';
import { commitMessage, subjectOf, tagName, updatedItems, type MessageSource } from './message.js';
import { openPullRequest } from './pull-request.js';
import { type GitHubRepository } from './repository-address.js';
import { scanTree } from './secret-scan.js';

export interface PublishOptions {
  readonly repository: GitRepository;
  readonly host: WritingHost;
  /** The archive as it was read on its host just now: exactly this is published. */
  readonly tree: Tree;
  readonly rules: CodeRules;
  readonly settings: PublishSettings;
  readonly source: MessageSource;
  /** Only with `mode: pull-request`. */
  readonly pullRequest?: { readonly repository: GitHubRepository; readonly token: Secret };
  /** Undo what others committed to the code, with a commit on top. */
  readonly overwrite: boolean;
  /** Look and scan, but commit and push nothing. */
  readonly dryRun?: boolean;
  readonly reporter: Pick<Reporter, 'step' | 'warn'>;
  readonly signal: AbortSignal;
  readonly now?: Date;
}

export interface PublishOutcome {
  /** Oldest first; empty when there was nothing to commit. */
  readonly commits: readonly string[];
  readonly branch: string;
  /** Files that the commits change. */
  readonly changed: number;
  readonly tag?: string;
  readonly pullRequest?: string;
}

const TRIES = 4;

/**
 * Makes the branch hold exactly the archived code, by commits on top of what is there. Files of the repository that are
 * no code of the site stay. A push that came second is made again on the new head, never forced.
 */
export async function publishTree(options: PublishOptions): Promise<PublishOutcome> {
  const { repository, tree, reporter, host } = options;
  for (const lock of await repository.prepare())
    reporter.step(`Removed a lock that a killed git had left: ${lock}`);
  reporter.step('Taking the archive into git');
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
      await checkContents(options, changed);
      await proveIndex(options);
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
    const refs = [
      { object: last, name: `refs/heads/${head.branch}` },
      ...(tag === undefined ? [] : [{ object: tag.object, name: `refs/tags/${tag.name}` }]),
    ];
    reporter.step(
      `Pushing ${String(commits.length)} ${commits.length === 1 ? 'commit' : 'commits'} to ${head.branch}`,
    );
    if ((await repository.push(refs)) === 'moved') {
      reporter.step('The branch got other commits meanwhile; looking at them');
      continue;
    }
    return await finish(options, { head: last, branch: head.branch }, commits, changed.length, tag?.name);
  }
  throw new UnderstudyError(
    'PUBLISH_REJECTED',
    `The branch got other commits ${String(TRIES)} times in a row.`,
    {
      next: 'Start again when nobody else pushes.',
    },
  );
}

interface Head {
  readonly branch: string;
  /** Undefined: the branch is not there yet, and there is none that it begins from. */
  readonly commit: string | undefined;
  /** Tags that the repository has: full name → object. */
  readonly tags: ReadonlyMap<string, string>;
}

/** The branch that gets the commits; one of its own begins at the branch that it is to be merged into. */
async function lookAtBranch({
  repository,
  settings,
  source,
  now = new Date(),
}: PublishOptions): Promise<Head> {
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
  return { branch: own, commit, tags: refs };
}

/** @returns what of others' work the commit undoes, for its message */
async function checkHistory(
  { repository, settings, rules, overwrite, reporter }: PublishOptions,
  { commit }: Head,
  remote: GitTree,
  ours: GitTree,
): Promise<readonly string[]> {
  if (commit === undefined) return [];
  const published = await repository.published();
  if (!isRelated(remote, ours) && !overwrite)
    throw new UnderstudyError(
      'PUBLISH_UNRELATED_HISTORY',
      `The branch ${settings.branch} holds another project: hardly any of its ${String(remote.size)} files is one of this site's.`,
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
  const details = describeDifference({ added: [], changed: undone, removed: [] });
  if (settings.mode === 'commit' && !overwrite)
    throw new UnderstudyError(
      'PUBLISH_CONFLICT',
      `${String(undone.length)} files of the branch were changed by others and are different on production.`,
      { details },
    );
  reporter.warn({
    severity: 'warning',
    code: 'PUBLISH_CONFLICT',
    message: `The commit changes ${String(undone.length)} files back that others had changed: ${undone.slice(0, 5).join(', ')}.`,
  });
  return undone;
}

/** git has to have taken the same files, with the same kinds and modes, as the digest was made of. */
function assertSameFiles(entries: readonly TreeEntry[], ours: GitTree, host: string): void {
  const wrong = entries
    .filter(({ path, type, executable }) => {
      const mode = ours.get(path)?.mode;
      return mode !== (type === 'link' ? '120000' : executable ? '100755' : '100644');
    })
    .map(({ path }) => path);
  if (wrong.length === 0 && ours.size === entries.length) return;
  throw new UnderstudyError('PUBLISH_TREE_CHANGED', 'The archive changed while it was taken into git.', {
    host,
    details: describeDifference({ added: [], changed: wrong, removed: [] }),
  });
}

/** A file that is no code of ours (and so stays) but should never have come into the repository. */
function warnOfOldSecrets(
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
      code: 'PUBLISH_SECRETS',
      message: `The repository holds ${old.slice(0, 5).join(', ')} from earlier.`,
      next: 'Remove it there, and replace the secrets in it: its history keeps them.',
    });
}

async function checkContents(
  { host, repository, tree, settings, reporter, signal }: PublishOptions,
  changed: readonly string[],
): Promise<void> {
  reporter.step(`Looking for secrets in ${String(changed.length)} changed files`);
  const names = new Set(changed);
  await scanTree({
    host,
    root: repository.place.workTree,
    entries: tree.entries,
    changed: tree.entries.filter(({ path }) => names.has(path)),
    allow: settings.allowSecrets,
    run: { signal },
  });
}

/** Writes what git holds into a folder of its own on the local disk and compares its digest with the archive's. */
async function proveIndex({
  host,
  repository,
  tree,
  rules,
  reporter,
  signal,
}: PublishOptions): Promise<void> {
  reporter.step('Comparing what git took with the digest');
  const folder = `${repository.workDir}/proof`;
  const clear = (): Promise<unknown> =>
    host.run(shellScript('write', 'rm -rf -- "$1"', [folder]), {
      timeoutSeconds: 600,
      describe: `remove ${folder}`,
    });
  await clear();
  try {
    await repository.writeOut(folder);
    const written = await treeDigest(host, folder, { rules, signal });
    if (written.digest !== tree.digest)
      throw new UnderstudyError('PUBLISH_TREE_CHANGED', 'What git took is not what was archived.', {
        host: host.label,
        details: describeDifference(compareTrees(tree, written)),
      });
  } finally {
    await clear();
  }
}

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

/** A tag that is there already keeps what it names. */
async function makeTag(
  { repository, settings, source, reporter, now = new Date() }: PublishOptions,
  { tags }: Head,
  commit: string,
): Promise<{ readonly name: string; readonly object: string } | undefined> {
  if (settings.tag === '' || settings.mode === 'pull-request') return undefined;
  const name = tagName(settings.tag, source.run, now);
  if (tags.has(`refs/tags/${name}`)) {
    reporter.step(`The tag ${name} is there already; it stays as it is`);
    return undefined;
  }
  const message = subjectOf(updatedItems(source.items), source.title);
  return { name, object: await repository.tagObject(name, commit, message, settings.author) };
}

/** The branch is as it should be: a success, also when an earlier try of this run was cut off after its push. */
async function nothingToCommit(options: PublishOptions, head: Head): Promise<PublishOutcome> {
  const { repository, source } = options;
  if (head.commit === undefined) return { commits: [], branch: head.branch, changed: 0 };
  const commits = (await repository.commitsOfRun(head.commit, source.run)).reverse();
  return finish(options, { head: head.commit, branch: head.branch }, commits, 0, undefined);
}

async function finish(
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
  await repository.tidy();
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
