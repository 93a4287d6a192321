import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type CheckRun } from '../../../src/maintenance/checks/check-result.js';
import { type MaintenanceHandle } from '../../../src/maintenance/maintenance-store.js';
import { writeCheckReport } from '../../../src/maintenance/report/check-report.js';
import { writeMaintenanceReport } from '../../../src/maintenance/report/maintenance-report.js';
import { renderMonthlyReportHtml } from '../../../src/maintenance/report/month/render-monthly-report.js';
import { writePage } from '../../../src/report/page/html-page.js';
import { renderOverview } from '../../../src/maintenance/report/overview/render-overview.js';
import { type SiteOverview } from '../../../src/run/site-overview.js';
import { renderHtml } from '../../../src/report/page/render-html.js';
import { type RunReport } from '../../../src/report/run/run-report.js';
import { openRunWorkspace, type RunWorkspace } from '../../../src/run/workspace.js';
import { item } from '../../unit/maintenance/update-item.js';

export const RUN = '20261121T201500Z-3f9a1c';
const LONG = 'wp-content/'.repeat(30) + 'x'.repeat(400);
const TIME = '2026-11-21T20:15:00Z';

/** Every page with the longest words, the most lines and the largest pictures that a site has given so far. */
export function writeSamplePages(folder: string): void {
  const workspace = openRunWorkspace(folder, 'acme', RUN);
  writePage(workspace, 'report.html', renderHtml(worstRun()));
  writePage(
    workspace,
    'good.html',
    renderHtml({ ...worstRun(), state: 'complete', errors: [], serves: 'new' }),
  );
  writeMaintenancePages(workspace);
  writePage(workspace, 'month.html', renderMonthlyReportHtml(worstMonth() as never));
  const sites = (['bad', 'good'] as const).map(worstSite);
  writePage(workspace, 'overview.html', renderOverview(sites, [LONG], new Date(TIME)));
}

export const SAMPLE_PAGES = [
  'report.html',
  'good.html',
  'maintenance.html',
  'checks.html',
  'month.html',
  'overview.html',
];

const worstSite = (weight: SiteOverview['weight']): SiteOverview => ({
  version: 1,
  site: `site-${weight}`,
  title: LONG.slice(0, 300),
  production: `https://${LONG}`,
  staging: `https://${LONG}`,
  at: TIME,
  run: RUN,
  weight,
  headline: LONG,
  next: LONG,
  copyOf: '2026-01-01T00:00:00Z',
  runs: [...worstRun().history],
  warnings: [LONG],
  wordpress: { production: '6.8', staging: LONG },
  updates: { verdict: LONG, waiting: [LONG], open: [LONG] },
  schedule: {
    sync: 'H 3 * * 1-5',
    maintenance: 'H H(0-5) H * *',
    window: { days: ['mon', 'tue'], from: '22:00', to: '04:00', timezone: 'America/New_York' },
    freeze: [],
  },
  lock: LONG,
  build: `https://ci.example/${LONG}`,
});

function worstRun(): RunReport {
  const counts = (columns: number) => ({
    rows: Array.from({ length: 200 }, (_, index) => ({
      name: index === 0 ? LONG.slice(0, 200) : `wp_table_${String(index)}`,
      values: Array.from({ length: columns }, () => 1_234_567_890),
    })),
    more: 4321,
  });
  const error = {
    code: 'COMMAND_FAILED',
    message: LONG,
    next: LONG,
    details: [LONG],
    command: LONG,
    stderr: LONG,
  };
  return {
    site: 'acme',
    about: { title: LONG, type: 'wordpress', production: `https://${LONG}`, staging: `https://${LONG}` },
    run: RUN,
    startedAt: TIME,
    finishedAt: '2026-11-21T23:15:00Z',
    state: 'failed',
    parameters: { allowDeletions: true },
    stages: [
      {
        name: 'sync-content',
        label: 'Sync content',
        state: 'failed',
        seconds: 7261,
        summary: LONG,
        metrics: { [LONG]: LONG, 'new files': 1_234_567_890 },
      },
    ],
    counts: {
      folders: counts(4),
      newFiles: counts(1),
      deletedFiles: counts(0),
      rows: counts(1),
      rewritten: counts(2),
      left: counts(1),
    },
    serves: 'unknown',
    history: Array.from({ length: 9 }, (_, index) => ({
      run: `202611${String(20 - index)}T201500Z-3f9a1c`,
      state: index === 2 ? ('failed' as const) : ('complete' as const),
      seconds: 100 * (index + 1),
      bytes: 1_000_000_000 / (index + 1),
    })),
    rowsBefore: new Map([
      ['wp_table_2', 7],
      ['gone', 7],
    ]),
    findings: ['warning', 'error', 'info'].map(
      (severity) => ({ severity, code: 'X', message: LONG, next: LONG }) as never,
    ),
    errors: [error as never],
    afterwards: [error as never],
  };
}

function writeMaintenancePages(workspace: RunWorkspace): void {
  const picture = (name: string, width: number): string => {
    const file = path.join(workspace.folder, 'checks', name);
    mkdirSync(path.dirname(file), { recursive: true });
    // As large as the real ones, and made in no time.
    writeFileSync(
      file,
      `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="6000"><rect width="100%" height="100%" fill="#cde"/></svg>`,
    );
    return `checks/${name}`;
  };
  const [before, after] = [picture('before.svg', 1280), picture('after.svg', 1280)];
  for (const part of ['before', 'after']) picture(`home.${part}.png`, 1280);
  const difference = picture('home.difference.png', 1280);
  const failure = { id: 'page /', kind: 'page', path: `/${LONG}`, state: 'failed', message: LONG } as const;
  const run = (file: string): CheckRun => ({
    name: 'final',
    startedAt: TIME,
    finishedAt: TIME,
    results: [failure],
    pictures: [{ path: `/${LONG}`, file }],
    pages: [{ path: `/${LONG}`, why: 'declared', kind: 'html' }],
    notes: [LONG],
  });
  const items = [
    item({ title: LONG, tables: [LONG], evidence: [LONG], changelog: 'https://wordpress.org/plugins/x/' }),
    item({
      slug: 'bad',
      state: 'rolled-back',
      evidence: [LONG],
      tables: [LONG],
      pictures: [difference, before],
    }),
    item({ slug: 'premium', state: 'no-package', evidence: [LONG] }),
  ];
  const publish = { commits: ['c'.repeat(40)], branch: 'main', finishedAt: TIME };
  const record = {
    version: 1,
    run: RUN,
    site: 'acme',
    createdAt: TIME,
    items,
    notes: [LONG],
    publish,
  } as const;
  const handle = { run: RUN, workspace, record: () => record } as unknown as MaintenanceHandle;
  const site = {
    title: LONG,
    name: 'acme',
    staging: { url: `http://staging.acme.test/${LONG}` },
    publish: { repository: `https://github.com/${LONG}/site.git` },
  };
  writeMaintenanceReport(handle, site as never, { baseline: run(before), final: run(after) });
  writeCheckReport(workspace, { title: LONG }, `http://staging.acme.test/${LONG}`, run(after));
}

function worstMonth(): object {
  const maintenance = {
    version: 1,
    site: 'acme',
    title: LONG,
    run: RUN,
    verdict: LONG,
    promoted: true,
    updates: 1,
    updated: [LONG],
    undone: [{ what: LONG, why: LONG }],
    staying: [LONG],
    aftermath: [LONG],
  } as const;
  const entry = {
    site: 'acme',
    result: 'FAILURE',
    url: `https://ci.example/${LONG}`,
    text: LONG,
    state: 'failed',
    maintenance,
  } as const;
  return { finishedAt: '2026-11-28T00:00:00Z', entries: [entry, { ...entry, site: 'beta', state: 'look' }] };
}
