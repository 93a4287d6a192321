import { describe, expect, test } from '@jest/globals';
import { type LockState } from '../../../src/run/lock.js';
import { lifeOf, lockSentence, runLine } from '../../../src/run/run-life.js';
import { type RunRecord } from '../../../src/run/run-record.js';
import { localTime } from '../../../src/report/page/local-time.js';

const id = '20261121T201500Z-3f9a1c';
const lock = (change: Partial<LockState> = {}): LockState => ({
  run: id,
  number: 1,
  holder: 'ada@laptop',
  build: '',
  phase: 'running',
  leaseUntil: 1100,
  now: 1000,
  ...change,
});

describe('whether a run lives', () => {
  test.each([
    ['complete', lock(), 'complete'],
    ['failed', undefined, 'failed'],
    ['running', lock(), 'running'],
    ['running', lock({ phase: 'between-stages' }), 'waiting'],
    ['running', lock({ phase: 'awaiting-approval' }), 'waiting'],
    ['running', undefined, 'dead'],
    ['running', lock({ leaseUntil: 999 }), 'dead'],
    ['running', lock({ run: '20261122T201500Z-3f9a1d' }), 'dead'],
  ] as const)('%s, %j', (state, held, life) => {
    expect(lifeOf({ id, state }, held)).toBe(life);
  });
});

test('the line of a run says how far it came and how long it took', () => {
  const record: RunRecord = {
    version: 1,
    id,
    site: 'acme',
    createdAt: '2026-11-21T20:15:00Z',
    configDigest: '',
    parameters: {},
    state: 'failed',
    stages: {
      'sync-content': {
        state: 'complete',
        startedAt: '2026-11-21T20:15:01Z',
        finishedAt: '2026-11-21T20:16:00Z',
      },
      'backup-database': {
        state: 'failed',
        startedAt: '2026-11-21T20:16:00Z',
        finishedAt: '2026-11-21T20:16:30Z',
      },
    },
  };
  expect(runLine(record, 'wordpress', undefined)).toEqual({
    run: id,
    state: 'failed',
    startedAt: '2026-11-21T20:15:00Z',
    endedAt: '2026-11-21T20:16:30Z',
    seconds: 90,
    stagesDone: 1,
    stages: 6,
    stage: 'backup-database',
  });
});

test.each([
  [undefined, 'The lock is free.'],
  [
    lock(),
    `The lock is held by run ${id} (ada@laptop): it works, until ${localTime(new Date(1_100_000))} at the latest.`,
  ],
  [
    lock({ leaseUntil: 1 }),
    `The lock of run ${id} (ada@laptop) ran out at ${localTime(new Date(1000))}; the next run takes it over.`,
  ],
])('%j', (held, sentence) => {
  expect(lockSentence(held)).toBe(sentence);
});
