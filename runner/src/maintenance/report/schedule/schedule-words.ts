import { localDate, localRange, localTime } from '../../../report/page/local-time.js';
import { type SiteSchedule } from '../../../run/site-overview.js';
import { nextRuns, type NextTime, nextWindow } from './next-times.js';

/** Names and plain text of what comes next at a site, in this process' time zone, which Jenkins' is taken to be. */
export function scheduleWords(schedule: SiteSchedule, now: Date): (readonly [string, string])[] {
  return [
    ['Next sync', runWords(schedule.sync, now)],
    ['Next maintenance', runWords(schedule.maintenance, now)],
    ['Production may be changed', windowWords(schedule, now)],
  ];
}

function runWords(text: string, now: Date): string {
  const [next, then] = nextRuns(text, now);
  if (next === undefined) return '';
  const first = nextWords(next, now);
  return then === undefined ? first : `${first}, if it has not been; then ${nextWords(then, now)}`;
}

function nextWords(next: NextTime, now: Date): string {
  switch (next.kind) {
    case 'by':
      return `on one day until ${localDate(next.until)} (Jenkins chooses it)`;
    case 'every': {
      const { minutes } = next;
      const step = minutes % 60 === 0 ? `${String(minutes / 60)} hours` : `${String(minutes)} minutes`;
      return `every ${step}${next.from > now ? `, from ${localTime(next.from.toISOString())}` : ''}`;
    }
    case 'between': {
      const range = localRange(next.from, next.until);
      return next.until > next.from ? `${range} (Jenkins chooses the minute)` : range;
    }
  }
}

function windowWords(schedule: SiteSchedule, now: Date): string {
  const next = nextWindow(schedule, now);
  if (next === undefined) return '';
  return next.from <= now
    ? `now, until ${localTime(next.until.toISOString())}`
    : localRange(next.from, next.until);
}

/** What comes first, short, for a table: `sync Mon, 30 Nov 2026`; '' for nothing that is known. */
export function nextInShort(schedule: SiteSchedule, now: Date): string {
  const times = (['sync', 'maintenance'] as const).flatMap((what) => {
    const [next] = nextRuns(schedule[what], now);
    return next === undefined ? [] : [{ what, at: next.kind === 'by' ? next.until : next.from, next }];
  });
  const [first] = times.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  if (first === undefined) return '';
  return `${first.what} ${first.next.kind === 'by' ? 'until ' : ''}${localDate(first.at)}`;
}
