import { type SiteSchedule } from '../../../run/site-overview.js';
import { addDays, momentOf, wallClock } from '../../../report/page/wall-clock.js';
import { type CronText, parseCron } from './cron-text.js';

/** When something happens next, as far as it can be known. */
export type NextTime =
  /** Once between the two, which are the same for a time without `H`. */
  | { readonly kind: 'between'; readonly from: Date; readonly until: Date }
  /** On that day, again and again in steps of this many minutes. */
  | { readonly kind: 'every'; readonly from: Date; readonly minutes: number }
  /** On one day until then. */
  | { readonly kind: 'by'; readonly until: Date };

/** Days that are looked through: to the next 29 February. */
const FARTHEST = 366 * 8 + 1;

/**
 * The next runs of a job, at most two: of the first one, where its time has begun, nobody knows whether it has been.
 * @param timeZone of Jenkins; undefined: that of this process
 */
export function nextRuns(text: string, now: Date, timeZone?: string): readonly NextTime[] {
  const cron = parseCron(text);
  if (cron === undefined) return [];
  const { dayOfMonth, month, dayOfWeek } = cron;
  const today = wallClock(now, timeZone).date;
  if (dayOfMonth.isHashed || month.isHashed || dayOfWeek.isHashed)
    return [{ kind: 'by', until: momentOf({ date: lastDay(cron, today), time: '23:59' }, timeZone) }];
  const found: NextTime[] = [];
  for (let days = 0; days < FARTHEST; days += 1) {
    const date = addDays(today, days);
    if (!matches(cron, date)) continue;
    for (const next of timesOf(cron, date, now, timeZone)) {
      found.push(next);
      if (next.kind !== 'between' || next.from > now || found.length > 1) return found;
    }
  }
  return found;
}

/** Jenkins wants both days to match; other crons want one of them. */
function matches({ dayOfMonth, month, dayOfWeek }: CronText, date: string): boolean {
  const [, of = 0, day = 0] = date.split('-').map(Number);
  const week = new Date(`${date}T00:00:00Z`).getUTCDay();
  return month.values.includes(of) && dayOfMonth.values.includes(day) && dayOfWeek.values.includes(week);
}

/** Until when a day has come that only Jenkins knows: one of each week, month or year. This one's may have been. */
function lastDay(cron: CronText, today: string): string {
  if (cron.month.isHashed) return addDays(today, 366);
  // From the beginning of this month.
  const dates = Array.from({ length: FARTHEST }, (_, days) =>
    addDays(`${today.slice(0, 7)}-01`, days),
  ).filter((date) => matches(cron, date));
  if (cron.dayOfWeek.isHashed) {
    const [first = today] = dates.filter((date) => date > today);
    return dates.filter((date) => date <= addDays(first, 6)).at(-1) ?? today;
  }
  const month = dates.find(
    (date, index) => date > today && dates[index - 1]?.slice(0, 7) !== date.slice(0, 7),
  );
  return dates.filter((date) => date.slice(0, 7) === month?.slice(0, 7)).at(-1) ?? today;
}

/** The times of a day that are not over, in order. */
function timesOf(cron: CronText, date: string, now: Date, timeZone: string | undefined): NextTime[] {
  const { hour, minute } = cron;
  const at = (hours = 0, minutes = 0): Date =>
    momentOf({ date, time: `${two(hours)}:${two(minutes)}` }, timeZone);
  const [first, last] = [minute.values[0], minute.values.at(-1)];
  const steps =
    hour.step > 0 ? hour.step * 60 : minute.step > 0 && hour.values.length === 24 ? minute.step : 0;
  if (steps > 0)
    return at(23, 59) < now ? [] : [{ kind: 'every', from: at(hour.values[0], first), minutes: steps }];
  const spans: readonly (readonly [Date, Date])[] = hour.isHashed
    ? [[at(hour.values[0], first), at(hour.values.at(-1), last)]]
    : hour.values.flatMap((hours): (readonly [Date, Date])[] =>
        minute.isHashed
          ? [[at(hours, first), at(hours, last)]]
          : minute.values.map((minutes) => [at(hours, minutes), at(hours, minutes)]),
      );
  return spans.flatMap(([from, until]) => (until < now ? [] : [{ kind: 'between', from, until }]));
}

const two = (value: number): string => String(value).padStart(2, '0');

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/**
 * When production may be changed the next time, or until when it may be now (`from` is before `now` then); undefined where
 * it always may. A window whose end is before its start continues after midnight.
 */
export function nextWindow(
  { window, freeze }: Pick<SiteSchedule, 'window' | 'freeze'>,
  now: Date,
): { readonly from: Date; readonly until: Date } | undefined {
  if (window === undefined) return undefined;
  const { days, from, to, timezone } = window;
  const today = wallClock(now, timezone);
  for (let ahead = -1; ahead < 400; ahead += 1) {
    const date = addDays(today.date, ahead);
    const day = DAYS[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? '';
    if (!days.includes(day) || frozenBy(freeze, date) !== undefined) continue;
    const until = momentOf({ date: from < to ? date : addDays(date, 1), time: to }, timezone);
    if (until > now) return { from: momentOf({ date, time: from }, timezone), until };
  }
  return undefined;
}

/** The entry of `maintenance.freeze` that a date is in. */
export const frozenBy = (freeze: readonly string[], date: string): string | undefined =>
  freeze.find((range) => {
    const [from = '', to = from] = range.split('/');
    return from <= date && date <= to;
  });
