import { several } from '../../errors/index.js';
import { type Weight } from '../../report/page/page-parts.js';
import { type CheckRun } from '../checks/check-result.js';
import { type MaintenanceRecord, type UpdateItem, type Promotion } from '../maintenance-record.js';
import { formatSeconds } from '../../report/format.js';
import { localTime } from '../../report/page/local-time.js';

/** Everything that the report is made of. */
export interface ReportInput {
  readonly title: string;
  readonly site: string;
  readonly url: string;
  readonly record: MaintenanceRecord;
  readonly baseline: CheckRun;
  readonly final: CheckRun;
  /** Web address of the repository that the updates are committed to; undefined where it has none. */
  readonly repository?: string;
}

export const withState = (record: MaintenanceRecord, ...states: UpdateItem['state'][]): UpdateItem[] =>
  record.items.filter(({ state }) => states.includes(state));

/** The first line of every form of the report: what happened, and whether it may go to production. */
export function verdictOf(record: MaintenanceRecord): string {
  const counted = (word: string, ...states: UpdateItem['state'][]): string[] => {
    const count = withState(record, ...states).length;
    return count === 0 ? [] : [`${String(count)} ${word}`];
  };
  const updated = counted('updated', 'updated');
  const what = [
    ...(updated.length === 0 ? ['Nothing updated'] : updated),
    ...counted('rolled back', 'rolled-back'),
    ...counted('did not update', 'failed'),
  ].join(', ');
  const { checks } = record;
  if (checks === undefined) return `${what}; the site was not checked afterwards.`;
  const worse = checks.newFailures ?? 0;
  const known = checks.failed - worse;
  if (worse > 0)
    return `${what}; staging fails ${several(worse, 'check')} that passed before: do not promote.`;
  return `${what}, nothing broken${known > 0 ? ` (${several(known, 'check')} failed before already)` : ''}.`;
}

/** Neutral where something was rolled back: nothing is wrong with the site, and not everything is done. */
export function weightOf(record: MaintenanceRecord): Weight {
  const { checks, promotion } = record;
  if ((checks?.newFailures ?? 0) > 0 || promotion?.state === 'failed') return 'bad';
  if (checks === undefined || promotion?.state === 'running') return 'look';
  return withState(record, 'rolled-back', 'failed').length > 0 || promotion?.state === 'rolled-back'
    ? 'note'
    : 'good';
}

/** `Akismet 5.3 → 5.3.1`. */
export const titleOf = (item: UpdateItem): string => `${item.title} ${stepOf(item)}`.trimEnd();

/** `5.3 → 5.3.1`. */
export function stepOf(item: UpdateItem): string {
  if (item.kind === 'translations') return '';
  const target = item.state === 'updated' ? item.to : item.offered;
  return target === '' || target === item.from ? item.from : `${item.from} → ${target}`;
}

export const STATE_WORDS: Readonly<Record<UpdateItem['state'], string>> = {
  updated: 'updated',
  current: 'up to date',
  'rolled-back': 'rolled back',
  excluded: 'left out',
  pinned: 'pinned',
  'no-package': 'no package',
  failed: 'did not update',
};

/** What became of the tested updates, one sentence each: approval, promotion, archive, commit. Empty before that. */
export function outcomeSummary({ approval, promotion, archive, publish }: MaintenanceRecord): string[] {
  return [
    ...(approval === undefined
      ? []
      : [
          `Approved by ${approval.how === 'policy' ? 'the site’s policy, because all checks were green' : approval.by}, ${localTime(approval.at)}.`,
        ]),
    ...(promotion === undefined ? [] : promotionLines(promotion)),
    ...(archive === undefined ? [] : [`Archived, digest ${archive.digest.slice(0, 12)}.`]),
    ...(publish === undefined || publish.commits.length === 0
      ? []
      : [`Committed to ${publish.branch}: ${publish.commits.map((id) => id.slice(0, 12)).join(', ')}.`]),
  ];
}

function promotionLines({ state, hosts, pageSeconds, checks, backup }: Promotion): string[] {
  const count = several(hosts.length, 'host');
  const words = {
    complete: `Promoted to ${count}; the maintenance page was on for ${formatSeconds(pageSeconds)}.`,
    'rolled-back': 'Promoted, then rolled back: the former code is live.',
    running: 'Production is being changed, or its promotion was cut off.',
    failed:
      hosts.length === 0
        ? 'The promotion failed; production serves what it served.'
        : `The tested code is live on ${count}, but the promotion was not confirmed.`,
  };
  return [
    words[state],
    ...(checks === undefined
      ? []
      : [
          `Checks of production afterwards: ${String(checks.passed)} passed, ${String(checks.failed)} failed (${String(checks.newFailures ?? 0)} of them since the promotion), ${String(checks.skipped)} not made.`,
          ...((checks.newFailures ?? 0) > 0
            ? checks.failures.map((failure) => `On production: ${failure}`)
            : []),
        ]),
    ...(backup === '' ? [] : [`Backup of the database from before: ${backup}`]),
  ];
}

/** Characters of a line; a build's description is read at a glance. */
const LONGEST = 240;

/** What a person approves, in three lines: the verdict, what was updated, what was rolled back or did not update. */
export function approvalLines(record: MaintenanceRecord): string[] {
  const undone = withState(record, 'rolled-back', 'failed').map(
    (item) => `${titleOf(item)} (${STATE_WORDS[item.state]})`,
  );
  return [
    verdictOf(record),
    listed('Updated', withState(record, 'updated').map(titleOf)),
    listed('Not updated', undone),
  ];
}

/** As many names as fit, and how many more there are. */
function listed(title: string, names: readonly string[]): string {
  if (names.length === 0) return `${title}: nothing.`;
  let line = `${title}: ${String(names[0])}`;
  for (const [index, name] of names.entries()) {
    if (index === 0) continue;
    if (line.length + name.length > LONGEST) return `${line} and ${String(names.length - index)} more.`;
    line += `, ${name}`;
  }
  return `${line}.`;
}
