import { describe, expect, test } from '@jest/globals';
import { assertResumable, chooseRunToResume, type ResumeQuestion } from '../../../src/run/resume.js';
import { type RunRecord } from '../../../src/run/run-record.js';

const complete = { state: 'complete', startedAt: '2026-01-01T00:00:00Z', outputs: {} } as const;
const record = (change: Partial<RunRecord> = {}): RunRecord => ({
  version: 1,
  id: '20260101T000000Z-aaaaaa',
  site: 'acme',
  createdAt: '2026-01-01T00:00:00Z',
  configDigest: 'd1',
  parameters: { dryRun: false },
  state: 'failed',
  stages: { 'sync-content': complete, 'backup-database': complete },
  ...change,
});
const question = (change: Partial<ResumeQuestion> = {}): ResumeQuestion => ({
  site: {
    name: 'acme',
    type: 'wordpress',
    digest: 'd1',
    run: {
      resumeWithinSeconds: 86_400,
      leaseSeconds: 1800,
      heartbeatSeconds: 120,
      stageTimeoutSeconds: 3600,
      keepBackups: 2,
    },
  },
  stage: 'transfer-backup',
  parameters: { dryRun: false },
  now: new Date('2026-01-01T02:00:00Z'),
  ...change,
});

describe('the run that a later stage goes on with', () => {
  test('is the newest unfinished one', () => {
    const runs = [
      record(),
      record({ id: '20260101T010000Z-bbbbbb' }),
      record({ id: '20260101T020000Z-cccccc', state: 'complete' }),
    ];
    expect(chooseRunToResume(runs, question()).id).toBe('20260101T010000Z-bbbbbb');
  });

  test.each([
    ['is complete', record({ state: 'complete' }), question(), 'there is no unfinished run', 'sync-content'],
    [
      'is too old',
      record(),
      question({ now: new Date('2026-01-03T00:00:00Z') }),
      'is 48 hours old',
      'sync-content',
    ],
    [
      'has another config',
      record({ configDigest: 'd2' }),
      question(),
      'the site file has changed',
      'sync-content',
    ],
    [
      'has other parameters',
      record({ parameters: { dryRun: false, allowDeletions: true } }),
      question(),
      'started with other parameters',
      'sync-content',
    ],
    [
      'lacks a stage before',
      record({ stages: { 'sync-content': complete } }),
      question(),
      'stage backup-database of run 20260101T000000Z-aaaaaa is not complete',
      'backup-database',
    ],
  ])('is refused when it %s', (_name, run, asked, sentence, from) => {
    const attempt = (): unknown => chooseRunToResume([run], asked);
    expect(attempt).toThrow(
      expect.objectContaining({ code: 'CANNOT_RESUME', message: expect.stringContaining(sentence) }),
    );
    expect(attempt).toThrow(
      expect.objectContaining({ next: expect.stringContaining(`from stage ${from}:`) }),
    );
  });

  test('names the commit of the site files that it began with', () => {
    const run = record({ configDigest: 'd2', configCommit: 'abcdef1' });
    expect(() => {
      assertResumable(run, question({ configCommit: '1234567' }));
    }).toThrow(expect.objectContaining({ code: 'OTHER_COMMIT', commit: 'abcdef1' }));
  });

  test('may be repeated from an earlier stage', () => {
    expect(() => {
      assertResumable(record(), question({ stage: 'backup-database' }));
    }).not.toThrow();
  });
});
