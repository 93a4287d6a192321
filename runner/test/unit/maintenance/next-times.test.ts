import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextRuns, nextWindow } from '../../../src/maintenance/report/schedule/next-times.js';

const ZONE = 'Europe/Berlin';
/** Saturday, 28 November 2026, 22:41 in Berlin. */
const NOW = new Date('2026-11-28T21:41:00Z');

const inBerlin = (date: Date): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'short' }).format(date);

const shown = (text: string, now = NOW): string[] =>
  nextRuns(text, now, ZONE).map((next) => {
    if (next.kind === 'by') return `by ${inBerlin(next.until)}`;
    if (next.kind === 'every') return `every ${String(next.minutes)} from ${inBerlin(next.from)}`;
    const [from, until] = [inBerlin(next.from), inBerlin(next.until)];
    return from === until ? from : `${from} to ${until}`;
  });

describe('the next run of a job', () => {
  test.each([
    ['0 3 * * *', ['2026-11-29 03:00']],
    ['30 22,23 * * *', ['2026-11-28 23:30']],
    ['41 22 * * *', ['2026-11-28 22:41', '2026-11-29 22:41']],
    ['0 3 * * 1-5', ['2026-11-30 03:00']],
    ['0 3 * * 7', ['2026-11-29 03:00']],
    ['0 3 * * mon', ['2026-11-30 03:00']],
    ['0 3 29 2 *', ['2028-02-29 03:00']],
    // Both days have to match: the next 13th that is a Friday.
    ['0 3 13 * 5', ['2027-08-13 03:00']],
    ['H 3 * * 1-5', ['2026-11-30 03:00 to 2026-11-30 03:59']],
    ['H(10-20) 3 * * *', ['2026-11-29 03:10 to 2026-11-29 03:20']],
    // It may have been already, and may be still to come.
    ['H 22 * * *', ['2026-11-28 22:00 to 2026-11-28 22:59', '2026-11-29 22:00 to 2026-11-29 22:59']],
    ['H H(0-5) * * 1', ['2026-11-30 00:00 to 2026-11-30 05:59']],
    ['H 4 5 * *', ['2026-12-05 04:00 to 2026-12-05 04:59']],
    ['H/15 * * * *', ['every 15 from 2026-11-28 00:00']],
    ['H H/6 * * 1', ['every 360 from 2026-11-30 00:00']],
    ['H 3 H * *', ['by 2026-12-28 23:59']],
    ['H 3 H(1-7) * *', ['by 2026-12-07 23:59']],
    ['H 3 * * H', ['by 2026-12-05 23:59']],
    ['H 3 * * H(1-5)', ['by 2026-12-04 23:59']],
    ['@weekly', ['by 2026-12-05 23:59']],
    ['@monthly', ['by 2026-12-28 23:59']],
    ['@yearly', ['by 2027-11-29 23:59']],
    ['@daily', ['2026-11-28 00:00 to 2026-11-28 23:59', '2026-11-29 00:00 to 2026-11-29 23:59']],
    ['@midnight', ['2026-11-29 00:00 to 2026-11-29 02:59']],
    ['', []],
    ['0 3 31 2 *', []],
    ['nonsense', []],
  ])('%s', (text, expected) => {
    expect(shown(text)).toEqual(expected);
  });

  test('is a time that exists, on the day on which the clock changes', () => {
    expect(shown('30 2 * * *', new Date('2026-03-28T12:00:00Z'))).toEqual(['2026-03-29 03:30']);
  });

  test('is never over, whatever the text', () => {
    const field = (low: number, high: number) =>
      fc.oneof(
        fc.constantFrom('*', 'H'),
        fc.integer({ min: low, max: high }).map(String),
        fc.integer({ min: 1, max: 9 }).map((step) => `*/${String(step)}`),
        fc.integer({ min: 2, max: 9 }).map((step) => `H/${String(step)}`),
      );
    const text = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7));
    fc.assert(
      fc.property(
        text,
        fc.date({ min: new Date('2020-01-01'), max: new Date('2039-01-01'), noInvalidDate: true }),
        (words, now) => {
          for (const next of nextRuns(words.join(' '), now, ZONE))
            if (next.kind !== 'every') expect(next.until.getTime()).toBeGreaterThan(now.getTime() - 60_000);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('when production may be changed', () => {
  const window = { days: ['mon', 'tue'], from: '22:00', to: '04:00', timezone: ZONE };
  const next = (now: string, freeze: string[] = []): string[] => {
    const found = nextWindow({ window, freeze }, new Date(now));
    return found === undefined ? [] : [inBerlin(found.from), inBerlin(found.until)];
  };
  test.each([
    ['2026-11-28T21:41:00Z', [], ['2026-11-30 22:00', '2026-12-01 04:00']],
    ['2026-12-01T01:00:00Z', [], ['2026-11-30 22:00', '2026-12-01 04:00']],
    ['2026-12-01T03:00:00Z', [], ['2026-12-01 22:00', '2026-12-02 04:00']],
    ['2026-11-28T21:41:00Z', ['2026-11-30/2027-01-06'], ['2027-01-11 22:00', '2027-01-12 04:00']],
  ])('at %s, frozen %j', (now, freeze, expected) => {
    expect(next(now, freeze)).toEqual(expected);
  });
  test('is always where there is no window', () => {
    expect(nextWindow({ freeze: [] }, NOW)).toBeUndefined();
  });
});
