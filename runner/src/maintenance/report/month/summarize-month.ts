import { type MaintenanceRecord, type UpdateItem } from '../../maintenance-record.js';
import { LONGEST_LINE, type MonthlySummary, MOST_LINES } from '../../../run/monthly-summary.js';
import { outcomeSummary, STATE_WORDS, titleOf, verdictOf, withState } from '../verdict.js';

const shorten = (text: string): string =>
  text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE - 1)}…` : text;
const named = (item: UpdateItem): string => shorten(titleOf(item));

function bounded(lines: readonly string[]): string[] {
  const more = lines.length - MOST_LINES;
  return more <= 0
    ? lines.map(shorten)
    : [...lines.slice(0, MOST_LINES - 1).map(shorten), `and ${String(more + 1)} more`];
}

export function monthlySummaryOf(title: string, record: MaintenanceRecord): MonthlySummary {
  return {
    version: 1,
    site: record.site,
    title: shorten(title),
    run: record.run,
    verdict: verdictOf(record),
    promoted: record.promotion?.state === 'complete',
    updates: withState(record, 'updated').length,
    updated: bounded(withState(record, 'updated').map(named)),
    undone: withState(record, 'rolled-back', 'failed')
      .slice(0, MOST_LINES)
      .map((item) => ({
        what: shorten(`${named(item)} ${STATE_WORDS[item.state]}`),
        why: shorten(item.evidence[0] ?? ''),
      })),
    staying: bounded(
      withState(record, 'no-package', 'pinned', 'excluded').map(
        (item) => `${item.title} (${STATE_WORDS[item.state]})`,
      ),
    ),
    aftermath: bounded(outcomeSummary(record)),
  };
}
