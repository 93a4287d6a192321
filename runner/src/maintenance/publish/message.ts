import { several } from '../../errors/index.js';
import { type Approval, type MaintenanceRecord, type UpdateItem } from '../maintenance-record.js';

export type MessageSource = Pick<MaintenanceRecord, 'run' | 'items' | 'approval'> & {
  readonly title: string;
  /** Digest of the published tree. */
  readonly digest: string;
};

const LONGEST_SUBJECT = 72;

export const updatedItems = (items: readonly UpdateItem[]): UpdateItem[] =>
  items.filter(({ state }) => state === 'updated');

/** The record comes from staging: its texts become one line each, without anything that could end or forge a trailer. */
const oneLine = (text: string, most = 200): string =>
  text
    // eslint has no-control-regex off: these bytes are the point.
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .trim()
    .slice(0, most);

/** `akismet 5.3 → 5.3.1`; `WordPress 6.4.2 → 6.4.3`. */
function describeItem({ kind, slug, title, from, to }: UpdateItem): string {
  const names = { core: 'WordPress', translations: 'translations', composer: oneLine(title) } as const;
  const name = kind === 'plugin' || kind === 'theme' ? oneLine(slug) : names[kind];
  const versions = [oneLine(from, 60), oneLine(to, 60)];
  return versions[0] === versions[1] || versions.includes('') ? name : `${name} ${versions.join(' → ')}`;
}

const count = (items: readonly UpdateItem[], kind: UpdateItem['kind'], word: string): string[] => {
  const found = items.filter((item) => item.kind === kind).length;
  return found === 0 ? [] : [several(found, word)];
};

/** What changed, in at most 72 characters; from some items on they are counted. */
export function subjectOf(items: readonly UpdateItem[], site: string): string {
  if (items.length === 0) return `Code of ${oneLine(site, 50)} as promoted`;
  const all = items.map(describeItem).join(', ');
  if ([...all].length <= LONGEST_SUBJECT) return all;
  const counted = [
    ...items.filter(({ kind }) => kind === 'core').map(describeItem),
    ...count(items, 'plugin', 'plugin'),
    ...count(items, 'theme', 'theme'),
    ...count(items, 'composer', 'package'),
    ...(items.some(({ kind }) => kind === 'translations') ? ['translations'] : []),
  ];
  return `Update ${counted.length > 1 ? `${counted.slice(0, -1).join(', ')} and ${counted.at(-1) ?? ''}` : (counted[0] ?? '')}`;
}

/** Message of a commit that holds `items`; the whole run's where they are all of them. */
export function commitMessage(
  source: MessageSource,
  items: readonly UpdateItem[],
  notes: readonly string[] = [],
  subject = subjectOf(items, source.title),
): string {
  const lines =
    items.length > 1 || subject !== items.map(describeItem).join()
      ? items.map((item) => `- ${describeItem(item)}`)
      : [];
  const changelogs = items.flatMap(({ changelog }) =>
    changelog === undefined ? [] : [oneLine(changelog, 500)],
  );
  const paragraphs = [
    subject,
    ...(lines.length > 0 ? [lines.join('\n')] : []),
    ...(changelogs.length > 0 ? [changelogs.join('\n')] : []),
    ...(notes.length > 0 ? [notes.map((note) => oneLine(note, 500)).join('\n')] : []),
    trailers(source).join('\n'),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

function trailers({ run, digest, approval }: MessageSource): string[] {
  return [`Understudy-Run: ${oneLine(run)}`, `Understudy-Tree: ${oneLine(digest)}`, ...approver(approval)];
}

/** GitHub takes a co-author only with an address; without one the approver is named all the same. */
function approver(approval: Approval | undefined): string[] {
  if (approval === undefined) return [];
  if (approval.how === 'policy') return ['Approved-by: policy (all checks green)'];
  const by = oneLine(approval.by);
  const full = /^([^<>]+?)\s*<([^<>@\s]+@[^<>@\s]+)>$/.exec(by);
  if (full) return [`Co-authored-by: ${full[1] ?? ''} <${full[2] ?? ''}>`];
  if (/^[^<>@\s]+@[^<>@\s]+$/.test(by)) return [`Co-authored-by: ${by.split('@')[0] ?? ''} <${by}>`];
  return by === '' ? [] : [`Approved-by: ${by.replace(/[<>]/g, '')}`];
}

/** `{date}` is the day in UTC, `{run}` the run's id. */
export const tagName = (pattern: string, run: string, now: Date): string =>
  pattern.replaceAll('{date}', now.toISOString().slice(0, 10)).replaceAll('{run}', run);
