/** What a clock on the wall of a time zone shows. */
export interface WallClock {
  /** `2026-11-21`. */
  readonly date: string;
  /** 0 for Sunday. */
  readonly day: number;
  /** `02:30`. */
  readonly time: string;
}

/** @param timeZone of the IANA; undefined: that of this process */
export function wallClock(now: Date, timeZone: string | undefined): WallClock {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  const date = `${part('year')}-${part('month')}-${part('day')}`;
  return { date, day: new Date(`${date}T00:00:00Z`).getUTCDay(), time: `${part('hour')}:${part('minute')}` };
}

/** The moment at which that clock shows a time; of one that is skipped in spring, the moment an hour later. */
export function momentOf(
  { date, time }: Pick<WallClock, 'date' | 'time'>,
  timeZone: string | undefined,
): Date {
  const wanted = Date.parse(`${date}T${time}:00Z`);
  let moment = wanted;
  // Twice: the first step may have crossed a change of the clock.
  for (let round = 0; round < 2; round += 1) {
    const shown = wallClock(new Date(moment), timeZone);
    moment += wanted - Date.parse(`${shown.date}T${shown.time}:00Z`);
  }
  return new Date(moment);
}

/** The date that many days later. @param date `2026-11-21` */
export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
