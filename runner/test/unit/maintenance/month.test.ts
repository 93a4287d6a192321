import { describe, expect, test } from '@jest/globals';
import { type MaintenanceRecord } from '../../../src/maintenance/maintenance-record.js';
import {
  monthlyReportSentence,
  readMonthlyReport,
} from '../../../src/maintenance/report/month/monthly-report.js';
import {
  renderMonthlyReportHtml,
  renderMonthlyReportMarkdown,
} from '../../../src/maintenance/report/month/render-monthly-report.js';
import { monthlySummaryOf } from '../../../src/maintenance/report/month/summarize-month.js';
import { item } from './update-item.js';

const record: MaintenanceRecord = {
  version: 1,
  run: '20261121T201500Z-3f9a1c',
  site: 'acme',
  createdAt: '2026-11-21T20:15:00Z',
  items: [
    item({}),
    item({ title: 'Bad', to: '5.3', state: 'rolled-back', evidence: ['/: <script>'] }),
    item({ title: 'Gold', state: 'no-package' }),
  ],
  checks: {
    passed: 9,
    failed: 0,
    skipped: 0,
    failures: [],
    newFailures: 0,
    folder: 'checks/final',
    finishedAt: '2026-11-21T20:30:00Z',
  },
  promotion: {
    startedAt: '2026-11-21T21:00:00Z',
    finishedAt: '2026-11-21T21:01:00Z',
    state: 'complete',
    hosts: [{ host: 'web', digest: 'a'.repeat(64) }],
    backup: '',
    pageSeconds: 4,
  },
};
const NOW = new Date('2026-11-30T08:00:00Z');
const build = (site: string, more: object = {}): object => ({
  site,
  result: 'SUCCESS',
  url: 'https://ci.example/1/',
  text: 'description',
  maintenance: '',
  ...more,
});
const monthOf = (...builds: object[]) => readMonthlyReport(Buffer.from(JSON.stringify({ builds })), NOW);
const acme = build('acme', { maintenance: JSON.stringify(monthlySummaryOf('Acme <Theatre>', record)) });
const down = build('down', { result: 'NOT STARTED', url: '', text: 'No item named down' });

describe('what a site adds', () => {
  test('what was updated, undone, left, and what became of it', () => {
    expect(monthlySummaryOf('Acme', record)).toEqual({
      version: 1,
      site: 'acme',
      title: 'Acme',
      run: record.run,
      verdict: '1 updated, 1 rolled back, nothing broken.',
      promoted: true,
      updates: 1,
      updated: ['Shop <b> 5.3 → 5.3.1'],
      undone: [{ what: 'Bad 5.3 → 5.3.1 rolled back', why: '/: <script>' }],
      staying: ['Gold (no package)'],
      aftermath: ['Promoted to 1 host; the maintenance page was on for 4.0 s.'],
    });
  });

  test('is bounded, because it travels in one variable', () => {
    const many = Array.from({ length: 3000 }, (_, index) =>
      item({ title: `Plugin ${String(index)} ${'x'.repeat(900)}` }),
    );
    const month = monthlySummaryOf('Acme', { ...record, items: many });
    expect(JSON.stringify(month).length).toBeLessThan(20_000);
    expect(month.updates).toBe(3000);
    expect(month.updated.at(-1)).toBe('and 2961 more');
    expect(monthlyReportSentence(monthOf(build('acme', { maintenance: JSON.stringify(month) })))).toContain(
      '3,000 updates are on production',
    );
  });
});

describe('the month', () => {
  test('names first what somebody has to look at', () => {
    const month = monthOf(build('zeta'), acme, down, build('beta', { result: 'FAILURE' }));
    expect(month.entries.map(({ site, state }) => `${site} ${state}`)).toEqual([
      'beta failed',
      'down failed',
      'acme look',
      'zeta good',
    ]);
    expect(monthlyReportSentence(month)).toBe(
      '4 sites: 2 succeeded, 2 did not (beta, down). 1 update is on production, 1 was undone on staging.',
    );
  });

  test('counts no update of a promotion that went back', () => {
    const back = { ...record, promotion: { ...record.promotion, state: 'rolled-back' } } as MaintenanceRecord;
    const month = monthOf(build('acme', { maintenance: JSON.stringify(monthlySummaryOf('Acme', back)) }));
    expect(monthlyReportSentence(month)).toBe(
      '1 site: succeeded. 0 updates are on production, 1 was undone on staging.',
    );
  });

  test('as a message', () => {
    expect(renderMonthlyReportMarkdown(monthOf(acme, down))).toBe(
      [
        '**Maintenance 2026-11: 2 sites: 1 succeeded, 1 did not (down). 1 update is on production, 1 was undone on staging.**',
        '',
        '- ❌ down: NOT STARTED: No item named down',
        '- ⚠️ Acme \\<Theatre\\>: 1 updated, 1 rolled back, nothing broken. ([build](https://ci.example/1/))',
        '  - Bad 5.3 → 5.3.1 rolled back: /: \\<script\\>',
        '',
      ].join('\n'),
    );
  });

  test('as a page: nothing of a site becomes markup, no address but http', () => {
    const page = renderMonthlyReportHtml(
      monthOf(acme, build('evil', { url: 'javascript:alert(1)', text: '<img src=x>' })),
    );
    expect(page).toContain('<h2>Acme &#60;Theatre&#62;</h2>');
    expect(page).toContain('<li>Shop &#60;b&#62; 5.3 → 5.3.1</li>');
    expect(page).toContain('<a href="https://ci.example/1/">open the build</a>');
    expect(page).not.toMatch(/<script|<img|javascript:/);
  });

  test.each([
    ['no JSON', '{', 'it is not JSON'],
    ['no builds', '{}', 'builds'],
    [
      'a summary of another shape',
      JSON.stringify({ builds: [build('acme', { maintenance: '{"version":2}' })] }),
      'summary of acme',
    ],
  ])('refuses %s', (_, json, why) => {
    expect(() => readMonthlyReport(Buffer.from(json), NOW)).toThrow(why);
  });
});
