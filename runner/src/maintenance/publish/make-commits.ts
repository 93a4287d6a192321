import { type UpdateItem } from '../maintenance-record.js';
import { type BranchHead } from './look-at-branch.js';
import { commitMessage, subjectOf, tagName, updatedItems, type MessageSource } from './message.js';
import { type PlannedCommit } from './plan-commits.js';
import { type PublishOptions } from './publish-options.js';

/** @returns the commits, oldest first; the first one stands on `parent` */
export async function makeCommits(
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

export const subjectFor = (source: MessageSource, items: readonly UpdateItem[], commits: number): string =>
  items.length === 0 && commits > 1 ? 'Other changes on production' : subjectOf(items, source.title);

export interface PublishTag {
  readonly name: string;
  readonly object: string;
}

/** A tag that is there already keeps what it names. */
export async function makeTag(
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
