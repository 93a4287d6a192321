import { describe, expect, test } from '@jest/globals';
import { type MaintenanceRecord, type UpdateItem } from '../../../src/maintenance/maintenance-record.js';
import { approve, needsPerson } from '../../../src/maintenance/promote/approval.js';
import { latest, parseJournal } from '../../../src/maintenance/promote/operation/journal.js';
import { assertMayPromote } from '../../../src/maintenance/promote/may-promote.js';
import { problemOf } from '../../../src/maintenance/promote/requests.js';
import { parseSurvey } from '../../../src/maintenance/promote/survey.js';

type Window = NonNullable<Parameters<typeof assertMayPromote>[0]['window']>;
const window = (from: string, to: string, days: Window['days'] = ['mon'], timezone = 'UTC'): Window => ({
  from,
  to,
  days,
  timezone,
});
const mayPromote = (now: string, settings: Parameters<typeof assertMayPromote>[0]): boolean => {
  try {
    assertMayPromote(settings, new Date(now));
    return true;
  } catch {
    return false;
  }
};

// 2026-11-23 is a Monday.
describe('assertMayPromote', () => {
  test.each([
    ['2026-11-23T02:00:00Z', window('02:00', '05:00'), true],
    ['2026-11-23T01:59:00Z', window('02:00', '05:00'), false],
    ['2026-11-23T05:00:00Z', window('02:00', '05:00'), false],
    ['2026-11-24T03:00:00Z', window('02:00', '05:00'), false],
    ['2026-11-23T23:30:00Z', window('23:00', '02:00'), true],
    ['2026-11-24T01:30:00Z', window('23:00', '02:00'), true],
    ['2026-11-23T01:30:00Z', window('23:00', '02:00'), false],
    ['2026-11-22T23:30:00Z', window('00:00', '02:00', ['mon'], 'Europe/Berlin'), true],
  ])('%s in %j: %s', (now, open, expected) => {
    expect(mayPromote(now, { freeze: [], window: open })).toBe(expected);
  });

  test.each([
    ['2026-12-14T12:00:00Z', true],
    ['2026-12-15T12:00:00Z', false],
    ['2027-01-06T23:00:00Z', false],
    ['2027-01-07T00:00:00Z', true],
    ['2026-11-27T12:00:00Z', false],
  ])('frozen days: %s', (now, expected) => {
    expect(mayPromote(now, { freeze: ['2026-12-15/2027-01-06', '2026-11-27'] })).toBe(expected);
  });
});

describe('approve', () => {
  const at = new Date('2026-11-23T02:00:00Z');
  const tree = { digest: 'd'.repeat(64), files: 1, bytes: 1, madeAt: at.toISOString() };
  const checks = { passed: 3, failed: 0, skipped: 0, failures: [], folder: '', finishedAt: at.toISOString() };
  const record: MaintenanceRecord = {
    version: 1,
    run: '20261121T201500Z-3f9a1c',
    site: 'acme',
    createdAt: at.toISOString(),
    items: [],
    testedTree: tree,
    checks,
  };
  const item = { kind: 'plugin', slug: 'bad', state: 'rolled-back' } as unknown as UpdateItem;
  const by = (change: Partial<MaintenanceRecord>, policy: 'person' | 'when-green', approvedBy?: string) =>
    approve(
      { ...record, ...change },
      { policy, people: { grace: 'Grace Hopper <grace@acme.test>' } },
      { byPolicy: true, ...(approvedBy === undefined ? {} : { approvedBy }) },
      at,
    );

  test('records the person and what was approved', () => {
    expect(by({ items: [item] }, 'person', ' ada ')).toEqual({
      by: 'ada',
      at: at.toISOString(),
      how: 'person',
      digest: tree.digest,
    });
  });

  test('names the person where the site file knows who the login is', () => {
    expect(by({}, 'person', 'grace').by).toBe('Grace Hopper <grace@acme.test>');
  });

  test('tells Jenkins to ask a person where not all is green', () => {
    expect([needsPerson(record), needsPerson({ ...record, items: [item] })]).toEqual([false, true]);
  });

  test('by policy when all is green', () => {
    expect(by({}, 'when-green').how).toBe('policy');
  });

  test.each<[string, Partial<MaintenanceRecord>, 'person' | 'when-green']>([
    ['the site wants a person', {}, 'person'],
    ['a check failed', { checks: { ...checks, failed: 1, failures: ['/ is broken'] } }, 'when-green'],
    ['no check ran', { checks: { ...checks, passed: 0 } }, 'when-green'],
    ['an item was rolled back', { items: [item] }, 'when-green'],
    [
      'another tree was approved',
      { approval: { by: 'ada', at: '', how: 'person', digest: 'e'.repeat(64) } },
      'when-green',
    ],
  ])('not when %s', (_, change, policy) => {
    expect(() => by(change, policy)).toThrow(expect.objectContaining({ code: 'NOT_APPROVED' }));
  });

  test('not without a tested tree', () => {
    const { testedTree: _, ...untested } = record;
    expect(() =>
      approve(untested, { policy: 'person', people: {} }, { approvedBy: 'ada', byPolicy: false }, at),
    ).toThrow(expect.objectContaining({ code: 'NOTHING_TESTED' }));
  });
});

describe('the journal on production', () => {
  const text = (change: object): string =>
    JSON.stringify({
      version: 2,
      site: 'acme',
      run: '20261121T201500Z-3f9a1c',
      operation: '0123456789abcdef',
      kind: 'promotion',
      goal: 'tested',
      phase: 'page',
      step: 3,
      startedAt: '2026-11-21T20:15:00.000Z',
      restorable: true,
      ...change,
    });
  test('is read again as it was written', () => {
    expect(parseJournal(text({}))?.phase).toBe('page');
  });
  test.each([
    { run: '../../etc' },
    { phase: 'other' },
    { version: 1 },
    { restorable: 'yes' },
    { step: 1e300 },
    { operation: '../x' },
  ])('is refused with %j', (change) => {
    expect(parseJournal(text(change))).toBeUndefined();
  });
  test('the host with the highest step has the last decision', () => {
    const journals = [3, 7, 5].map((step) => parseJournal(text({ step }))).filter((one) => one !== undefined);
    expect(latest(journals)?.step).toBe(7);
    expect(latest([])).toBeUndefined();
  });
});

describe('problemOf', () => {
  const answer = (status: number, body: string, verdict = 'ok') =>
    ({ url: '', status, headers: {}, body: Buffer.from(body), verdict, fromCache: false }) as Parameters<
      typeof problemOf
    >[1];
  test.each([
    ['/', 200, '<h1>Welcome</h1>', 'ok', undefined],
    ['/', 500, '', 'broken', '/ answers with 500'],
    ['/', 200, '<b>Fatal error</b>:  Uncaught', 'ok', '/ says: Fatal error:'],
    ['/', 200, 'There has been a critical error on this website.', 'ok', 'critical error'],
    ['/shop/', 404, '', 'missing', '/shop/ answers with 404'],
    ['/wp-login.php', 404, '', 'missing', undefined],
    ['/', 403, 'Request blocked', 'blocked', undefined],
  ])('%s %i', (path, status, body, verdict, expected) => {
    const problem = problemOf(path, answer(status, body, verdict));
    if (expected === undefined) expect(problem).toBeUndefined();
    else expect(problem).toContain(expected);
  });
});

test('parseSurvey reads what the host says', () => {
  expect(
    parseSurvey('same\napart wp-content\nwritable\nfree 10\ntotal 20\nrsync 3.2.7\nwp /usr/bin/wp\n'),
  ).toEqual({
    same: true,
    apart: ['wp-content'],
    writable: true,
    freeBytes: 10240,
    totalBytes: 20480,
    rsync: '3.2.7',
    wp: '/usr/bin/wp',
  });
  expect(parseSurvey('free 0\n')).toMatchObject({ same: false, writable: false, rsync: undefined });
});
