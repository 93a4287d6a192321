import { type MaintenanceRecord, type UpdateItem } from '../maintenance-record.js';
import { STATE_WORDS, stepOf, verdictOf, withState } from './verdict.js';

/** Characters of a line; a build's description is read at a glance. */
const LONGEST = 240;

/** What a person approves, in three lines: the verdict, what was updated, what was rolled back or did not update. */
export function approvalLines(record: MaintenanceRecord): string[] {
  const named = (item: UpdateItem): string => `${item.title} ${stepOf(item)}`.trimEnd();
  const undone = withState(record, 'rolled-back', 'failed').map(
    (item) => `${named(item)} (${STATE_WORDS[item.state]})`,
  );
  return [
    verdictOf(record),
    listed('Updated', withState(record, 'updated').map(named)),
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
