/** Where this process runs: on Jenkins, the zone of its agents (`TZ`). British English has the names of zones. */
let formatter: Intl.DateTimeFormat | undefined;

const formatOf = (): Intl.DateTimeFormat =>
  (formatter ??= new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }));

/** `Sat, 28 Nov 2026, 22:41 CET`; an invalid time is shown as it is. @param time ISO 8601, or a moment */
export function localTime(time: string | Date): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : formatOf().format(date);
}

/** `Sat, 28 Nov 2026, 22:00–22:59 CET`; of two equal times, the one. */
export const localRange = (from: Date, until: Date): string => formatOf().formatRange(from, until);

/** `Sat, 28 Nov 2026`. */
export const localDate = (date: Date): string =>
  new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  }).format(date);

/** When a run began, from its id: `20261121T201500Z-3f9a1c`. ISO 8601, UTC; '' when it is no run id. */
export function timeOfRun(run: string): string {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(run) ?? [];
  return year === undefined
    ? ''
    : `${year}-${String(month)}-${String(day)}T${String(hour)}:${String(minute)}:${String(second)}Z`;
}
