import { describe, expect, test } from '@jest/globals';
import { type ProductionLimits } from '../../../src/config/site.js';
import { type ReadingHost } from '../../../src/hosts/host.js';
import { type StageContext } from '../../../src/stages/stage.js';
import { hoursFindings, waitForQuiet } from '../../../src/stages/survey/production-limits.js';

const limitsOf = (limits: Partial<ProductionLimits>, dryRun = false): StageContext =>
  ({ dryRun, site: { production: { limits: { waitSeconds: 1800, ...limits } } } }) as unknown as StageContext;

describe('hours', () => {
  const night = { from: '22:00', to: '06:00', timezone: 'Europe/Berlin' };
  const day = { from: '09:00', to: '17:00', timezone: 'UTC' };
  const at = (hours: typeof night, time: string): number =>
    hoursFindings(limitsOf({ hours }), new Date(`2026-11-29T${time}Z`)).length;

  test('end on the next day where the end is the earlier time, by the clock of their time zone', () => {
    // Berlin is an hour ahead in November.
    expect(['20:59', '21:00', '23:30', '04:59', '05:00', '12:00'].map((time) => at(night, time))).toEqual([
      1, 0, 0, 0, 1, 1,
    ]);
    expect(['08:59', '09:00', '16:59', '17:00'].map((time) => at(day, time))).toEqual([1, 0, 0, 1]);
  });

  test('that are over stop a sync, and are only mentioned by plan and doctor', () => {
    const now = new Date('2026-11-29T12:00Z');
    expect(hoursFindings(limitsOf({ hours: night }), now)).toEqual([
      {
        severity: 'error',
        code: 'PRODUCTION_HOURS',
        message: 'It is 13:00 (Europe/Berlin); stages that read production begin from 22:00 to 06:00.',
      },
    ]);
    expect(hoursFindings(limitsOf({ hours: night }, true), now)).toMatchObject([{ severity: 'warning' }]);
  });

  test('do not exist without the setting', () => {
    expect(hoursFindings(limitsOf({}))).toEqual([]);
  });
});

describe('load', () => {
  /** A host that says one thing after the other, and then the last one for ever. */
  function host(...said: string[]): { host: ReadingHost; asked: () => number } {
    let asked = 0;
    const run = (): Promise<unknown> => {
      asked += 1;
      return Promise.resolve({ stdout: Buffer.from(said[Math.min(asked, said.length) - 1] ?? '') });
    };
    return { host: { label: 'production database', run } as unknown as ReadingHost, asked: () => asked };
  }
  function wait(limits: Partial<ProductionLimits>, on: ReadingHost, signal = new AbortController().signal) {
    const steps: string[] = [];
    const reporter = { step: (text: string) => void steps.push(text) };
    const site = { production: { limits: { waitSeconds: 60, ...limits } } };
    return { steps, done: waitForQuiet({ site, reporter, signal }, on, 1) };
  }

  test('that is low enough lets the stage begin at once', async () => {
    for (const said of ['4.00 3.1 2.0 1/200 99\n', '0.20 0.3 0.1', '1.5']) {
      const quiet = host(said);
      const { done, steps } = wait({ load: 4 }, quiet.host);
      await done;
      expect([quiet.asked(), steps]).toEqual([1, []]);
    }
  });

  test('that is too high is waited for, and named once', async () => {
    const busy = host('9.50 1 1', '5.00 1 1', '3.99 1 1');
    const { done, steps } = wait({ load: 4 }, busy.host);
    await done;
    expect(busy.asked()).toBe(3);
    expect(steps).toEqual(['Waiting for production database: its load is 9.5, at most 4 is allowed']);
  });

  test('that stays too high fails the stage', async () => {
    const { done } = wait({ load: 4, waitSeconds: 0.01 }, host('9.50 1 1').host);
    await expect(done).rejects.toMatchObject({ code: 'PRODUCTION_BUSY' });
  });

  test('that is not measured fails the stage', async () => {
    await expect(wait({ load: 4 }, host('no such file').host).done).rejects.toMatchObject({
      code: 'PRODUCTION_BUSY',
    });
  });

  test('is waited for until a signal comes', async () => {
    const stop = new AbortController();
    const { done } = wait({ load: 4 }, host('9.50 1 1').host, stop.signal);
    stop.abort(new Error('stop'));
    await expect(done).rejects.toThrow();
  });

  test('is not asked for without a limit', async () => {
    const any = host('9.50 1 1');
    await wait({}, any.host).done;
    expect(any.asked()).toBe(0);
  });
});
