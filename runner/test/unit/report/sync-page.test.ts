import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type EventBody, type RunEvent, parseEvent } from '../../../src/report/events/event-log.js';
import { localTime, timeOfRun } from '../../../src/report/page/local-time.js';
import { outcomeOf } from '../../../src/report/run/outcome.js';
import { readOverviews } from '../../../src/maintenance/report/overview/read-overviews.js';
import {
  overviewSentence,
  renderOverview,
  sortedSites,
} from '../../../src/maintenance/report/overview/render-overview.js';
import { type SiteOverview } from '../../../src/run/site-overview.js';
import { renderHtml } from '../../../src/report/page/render-html.js';
import { foldEvents } from '../../../src/report/run/run-report.js';

const RUN = '20261121T201500Z-3f9a1c';
const event = (body: EventBody): RunEvent => ({
  version: 1,
  time: '2026-11-21T20:15:00Z',
  run: RUN,
  site: 'acme',
  ...body,
});
const about = {
  title: 'Acme',
  type: 'wordpress',
  production: 'https://www.acme.test',
  staging: 'javascript:alert(1)',
};
const started = event({ type: 'run-started', parameters: {}, resumed: false, about });
const stage = { stage: 'sync-content', label: 'Sync content' } as const;
const failed = [
  started,
  event({ type: 'stage-started', ...stage }),
  event({ type: 'fact', stage: 'sync-content', name: 'serves', value: 'former' }),
  event({ type: 'stage-finished', stage: 'sync-content', state: 'failed', seconds: 2, summary: '' }),
  event({ type: 'run-finished', state: 'failed', exitCode: 4 }),
];
const done = [
  started,
  event({ type: 'stage-started', stage: 'rewrite-urls', label: 'Rewrite URLs' }),
  event({ type: 'stage-finished', stage: 'rewrite-urls', state: 'complete', seconds: 2, summary: '' }),
  event({ type: 'run-finished', state: 'complete', exitCode: 0 }),
];

describe('the outcome of a sync', () => {
  test.each([
    ['good', 'Staging is a fresh copy of production.', 'Staging serves the new copy.', done],
    [
      'bad',
      'The sync failed in stage 1 of 6, Sync content.',
      'Staging serves what it served before this run.',
      failed,
    ],
    [
      'bad',
      'The sync did not start.',
      'Staging serves what it served before this run.',
      [started, event({ type: 'run-finished', state: 'failed', exitCode: 3 })],
    ],
    [
      'note',
      'The sync has reached stage 1 of 6, Sync content.',
      'Staging serves what it served before; the last stage puts the new copy in place.',
      failed.slice(0, 2),
    ],
  ])('%s: %s', (weight, headline, serves, events) => {
    expect(outcomeOf(foldEvents(events))).toMatchObject({ weight, headline, serves });
  });
  test('of a copy that is in place although its last stage failed is not that of a failure', () => {
    const inPlace = failed.map((one) => (one.type === 'fact' ? { ...one, value: 'new' as const } : one));
    expect(outcomeOf(foldEvents(inPlace))).toMatchObject({
      weight: 'look',
      serves: 'Staging serves the new copy.',
      goBack: 'understudy rollback acme',
    });
  });
});

describe('the page of a sync', () => {
  const counts = event({
    type: 'counts',
    stage: 'import-database',
    list: 'rows',
    rows: [
      { name: 'wp_posts', values: [120] },
      { name: 'wp_new', values: [5] },
      { name: 'wp_users', values: [3] },
    ],
    more: 0,
  });
  const history = event({
    type: 'history',
    runs: [{ run: '20261120T201500Z-3f9a1c', state: 'failed', seconds: 5, bytes: 1000 }],
    rows: [
      { name: 'wp_posts', values: [100] },
      { name: 'wp_users', values: [3] },
      { name: 'wp_gone', values: [9] },
    ],
  });
  const files = [
    event({
      type: 'counts',
      list: 'newFiles',
      rows: [
        { name: 'a<b>.php', values: [1200] },
        { name: 'wp-content/ü.png', values: [3] },
      ],
      more: 1300,
    }),
    event({ type: 'counts', list: 'changedFiles', rows: [], more: 0 }),
    event({ type: 'counts', list: 'deletedFiles', rows: [{ name: 'old.css', values: [] }], more: 0 }),
  ];
  const html = renderHtml(foldEvents([...done, ...files, counts, history]));

  test('names files, each kind folded, and says how many were not noted', () => {
    const lists = [...html.matchAll(/<summary>([^<]* by name)<\/summary><ul>(.*?)<\/ul>/g)].map(
      ([, summary, items = '']) => [summary, ...items.split(/<\/?li>/).filter((item) => item !== '')],
    );
    expect(lists).toEqual([
      [
        '1,302 new files by name',
        'a&#60;b&#62;.php (1.2 kB)',
        'wp-content/ü.png (3 B)',
        'and 1,300 more, which were not noted',
      ],
      ['1 deleted file by name', 'old.css'],
    ]);
  });

  test('shows all stages, those too that were not reached', () => {
    expect(html.match(/not reached/g)).toHaveLength(5);
  });
  test('compares rows with the copy before, what changed most first', () => {
    const cells = [...html.matchAll(/<th scope="row">(wp_\w+)<\/th>((?:<td[^>]*>[^<]*<\/td>)*)/g)].map(
      ([, name, values = '']) => [name, ...[...values.matchAll(/>([^<]+)</g)].map(([, value]) => value)],
    );
    expect(cells).toEqual([
      ['wp_posts', '100', '120', '+20'],
      ['wp_new', 'new', '5', '+5'],
      ['wp_users', '3'],
      ['wp_gone', '9'],
    ]);
  });
  test('folds the tables that have as many rows as before', () => {
    expect(html).toMatch(/<details><summary>1 table has as many rows as before<\/summary>.*wp_users/s);
  });
  test('links addresses of the web alone, and has neither raw names nor times in UTC with milliseconds', () => {
    expect(html).toContain('<a href="https://www.acme.test">');
    expect(html).not.toContain('href="javascript');
    expect(html.replaceAll(/datetime="[^"]*"/g, '')).not.toMatch(/manifestSha256|\d\dT\d\d:\d\d/);
    expect(html).toContain(localTime('2026-11-21T20:15:00Z'));
  });
});

test.each([
  { type: 'counts', list: 'rows', rows: [{ name: 'a', values: ['1'] }], more: 0 },
  { type: 'counts', list: 'rows', rows: 'all', more: 0 },
  { type: 'history', runs: [{ run: 'a' }], rows: [] },
])('a list of another shape is no event: %j', (body) => {
  const line = { version: 1, time: '2026-11-21T20:15:00Z', run: RUN, site: 'acme', ...body };
  expect(parseEvent(JSON.stringify(line))).toBeUndefined();
});

test('the time of a run stands in its id', () => {
  expect(timeOfRun(RUN)).toBe('2026-11-21T20:15:00Z');
  expect(timeOfRun('x')).toBe('');
});

describe('all sites', () => {
  const site = (name: string, more: Partial<SiteOverview> = {}): SiteOverview => ({
    version: 1,
    site: name,
    title: `Site <${name}>`,
    production: 'https://www.acme.test',
    staging: 'https://staging.acme.test',
    at: '2026-11-21T20:15:00Z',
    run: RUN,
    weight: 'good',
    headline: 'Fine.',
    next: '',
    copyOf: '2026-11-21T20:15:00Z',
    runs: [{ run: RUN, state: 'complete', seconds: 5, bytes: 1000 }],
    warnings: [],
    schedule: { sync: '', maintenance: '', freeze: [] },
    lock: '',
    build: '',
    ...more,
  });

  test('are sorted by what needs a person, then by the age of the copy', () => {
    const sites = [
      site('a'),
      site('old', { copyOf: '2026-10-01T00:00:00Z' }),
      site('b', { weight: 'note' }),
      site('d', { weight: 'note', lock: 'Staging is kept as it is.' }),
      site('c', { weight: 'bad' }),
    ];
    expect(sortedSites(sites).map(({ site: name }) => name)).toEqual(['c', 'd', 'b', 'old', 'a']);
    expect(overviewSentence(sites)).toBe(
      '5 sites: 1 needs you (c), 1 waits for a decision (d), 1 has notes (b), 2 are good.',
    );
    const html = renderOverview(sites, ['never'], new Date('2026-11-28T00:00:00Z'));
    expect(html).toContain('Site &#60;c&#62;');
    expect(html).toContain('<li>never</li>');
  });

  test('are read from folders, the newest of each; what a command did not know stays from before', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'understudy-overview-'));
    try {
      writeFileSync(
        path.join(folder, 'overview.json'),
        JSON.stringify({ version: 1, sites: [site('a'), site('b')] }),
      );
      const trouble = site('a', {
        at: '2026-11-22T00:00:00Z',
        run: '',
        weight: 'bad',
        headline: 'No answer.',
        copyOf: '',
        runs: [],
      });
      writeFileSync(path.join(folder, 'site.json'), JSON.stringify(trouble));
      const { sites, problems } = readOverviews([folder]);
      expect(problems).toEqual([]);
      expect(sites.find((one) => one.site === 'a')).toMatchObject({
        weight: 'bad',
        headline: 'No answer.',
        copyOf: '2026-11-21T20:15:00Z',
        runs: [{ run: RUN }],
      });
      expect(sites).toHaveLength(2);
      writeFileSync(path.join(folder, 'site.json'), JSON.stringify({ ...trouble, host: 'evil' }));
      expect(readOverviews([folder]).problems[0]).toContain('site.json cannot be used');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
