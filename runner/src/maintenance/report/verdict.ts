import { several } from '../../errors/index.js';
import { type Weight } from '../../report/page/page-parts.js';
import { type CheckRun } from '../checks/check-result.js';
import { type MaintenanceRecord, type UpdateItem } from '../maintenance-record.js';

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
