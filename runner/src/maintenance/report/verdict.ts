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
}

export const withState = (record: MaintenanceRecord, ...states: UpdateItem['state'][]): UpdateItem[] =>
  record.items.filter(({ state }) => states.includes(state));

const several = (count: number, one: string, many: string): string =>
  `${String(count)} ${count === 1 ? one : many}`;

/** The first line of every form of the report: may this go to production? */
export function verdictOf(record: MaintenanceRecord): string {
  const updated = withState(record, 'updated').length;
  const bad = withState(record, 'rolled-back').length;
  const failed = withState(record, 'failed').length;
  const parts = [
    updated === 0 ? 'Nothing was updated' : several(updated, 'update was made', 'updates were made'),
    ...(bad === 0 ? [] : [`${String(bad)} rolled back`]),
    ...(failed === 0 ? [] : [`${String(failed)} did not work`]),
  ];
  const worse = record.checks?.newFailures ?? 0;
  const known = (record.checks?.failed ?? 0) - worse;
  const state =
    record.checks === undefined
      ? 'the site was not checked afterwards'
      : worse > 0
        ? `staging fails ${several(worse, 'check', 'checks')} that passed before: do not promote`
        : known > 0
          ? `all checks are as before (${several(known, 'failed', 'failed')} already then)`
          : 'all checks pass';
  return `${worse > 0 ? 'NOT GOOD' : 'GOOD'}: ${parts.join(', ')}; ${state}.`;
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
