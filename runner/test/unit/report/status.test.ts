import { expect, test } from '@jest/globals';
import { renderStatus, type SiteStatus } from '../../../src/pipelines/runs/status.js';

const now = new Date('2026-11-21T20:00:00Z');
const status = (more: Partial<SiteStatus>): SiteStatus => ({
  site: 'acme',
  production: 'https://www.acme.com',
  staging: 'https://staging.acme.com',
  lock: null,
  ...more,
});
const run = {
  run: '20261119T200000Z-3f9a1c',
  state: 'complete',
  startedAt: '2026-11-19T20:00:00Z',
  endedAt: '2026-11-19T20:03:05Z',
  seconds: 185,
  stagesDone: 6,
  stages: 6,
  stage: '',
} as const;

test.each([
  [status({}), ['no run yet: understudy sync acme']],
  [
    status({ run, copyFrom: run.startedAt, wordpress: { production: '6.4.2', staging: '6.4.2' } }),
    ['✓ last run', '2 days ago, 3 min 05 s: complete', 'WordPress 6.4.2'],
  ],
  [
    status({
      run: { ...run, state: 'dead', stagesDone: 3, stage: 'drop-database' },
      copyFrom: '2026-11-01T20:00:00Z',
    }),
    [
      '✗ last run',
      'dead, 3 of 6 stages',
      'staging serves the copy of',
      '20 days ago',
      'understudy show acme',
    ],
  ],
  [status({ run: { ...run, state: 'failed' } }), ['no complete copy so far']],
  [status({ run, rollbackAt: '2026-11-21T19:00:00Z' }), ['a rollback changed what staging serves']],
  [
    status({ wordpress: { production: '6.4.2', staging: '' } }),
    ['WordPress 6.4.2 on production, unknown on staging'],
  ],
  [
    status({
      run,
      openOnProduction: 'Production: the promotion has not ended: understudy promote acme --recover.',
    }),
    ['! Production: the promotion has not ended: understudy promote acme --recover.'],
  ],
  [
    status({ problem: { code: 'HOST_UNREACHABLE', message: 'No connection.', next: 'Check it.' } }),
    ['✗ HOST_UNREACHABLE: No connection.', 'Check it.'],
  ],
  [
    status({
      run: { ...run, state: 'waiting' },
      lock: {
        run: run.run,
        number: 1,
        holder: 'Jenkins build 41 of acme',
        build: '',
        phase: 'awaiting-approval',
        leaseUntil: 2000,
        now: 1000,
      },
    }),
    ['… last run', 'locked: Jenkins build 41 of acme waits for approval'],
  ],
])('%#', (given, reads) => {
  const said = renderStatus(given, now);
  for (const words of reads) expect(said).toContain(words);
});
