import { describe, expect, test } from '@jest/globals';
import { type CheckRun } from '../../../src/maintenance/checks/check-result.js';
import { newFailures } from '../../../src/maintenance/checks/check-result.js';
import { type MaintenanceRecord } from '../../../src/maintenance/maintenance-record.js';
import { approvalLines, verdictOf } from '../../../src/maintenance/report/verdict.js';
import { renderMaintenanceHtml } from '../../../src/maintenance/report/render-maintenance-html.js';
import {
  renderMaintenanceJUnit,
  renderMaintenanceMarkdown,
} from '../../../src/maintenance/report/maintenance-report.js';
import { localTime } from '../../../src/report/page/local-time.js';
import { parseMaintenanceRecord } from '../../../src/maintenance/maintenance-record.js';
import { item } from './update-item.js';

const bad = item({
  slug: 'bad',
  title: 'Bad',
  to: '5.3',
  state: 'rolled-back',
  evidence: ['/: answered with 500 <script>'],
  pictures: ['checks/plugin-bad/home.difference.png'],
});
const checks = { passed: 9, failed: 0, skipped: 1, failures: [], newFailures: 0, folder: 'checks/final' };
const record = (more: Partial<MaintenanceRecord> = {}): MaintenanceRecord => ({
  version: 1,
  run: '20261121T201500Z-3f9a1c',
  site: 'acme',
  createdAt: '2026-11-21T20:15:00Z',
  items: [item({ changelog: 'https://wordpress.org/plugins/shop/#developers' }), bad],
  checks: { ...checks, finishedAt: '2026-11-21T20:30:00Z' },
  ...more,
});
const run = (results: CheckRun['results'] = []): CheckRun => ({
  name: 'final',
  startedAt: '',
  finishedAt: '',
  results,
  pictures: [],
  pages: [],
  notes: [],
});
const failure = { id: 'page /', kind: 'page', path: '/', state: 'failed', message: 'broken' } as const;
const input = {
  title: 'Acme',
  site: 'acme',
  url: 'http://staging.acme.test',
  record: record(),
  baseline: run(),
  final: run(),
};

describe('the verdict', () => {
  test.each([
    [{}, '1 updated, 1 rolled back, nothing broken.'],
    [{ items: [] }, 'Nothing updated, nothing broken.'],
  ])('%#', (more, expected) => {
    expect(verdictOf(record(more))).toBe(expected);
  });
  test('tells what failed before from what fails since', () => {
    const of = (failed: number, newFailures: number) =>
      verdictOf(
        record({ items: [], checks: { ...checks, failed, newFailures, finishedAt: '2026-11-21T20:30:00Z' } }),
      );
    expect(of(2, 0)).toBe('Nothing updated, nothing broken (2 checks failed before already).');
    expect(of(2, 1)).toBe('Nothing updated; staging fails 1 check that passed before: do not promote.');
  });
});

test('a question that was not asked before counts as new, one that failed before does not', () => {
  expect(newFailures(run([failure]), run())).toEqual([failure]);
  expect(newFailures(run([failure]), run([failure]))).toEqual([]);
});

test('the page escapes what sites say, has no script, and begins with the verdict, in a neutral colour', () => {
  const html = renderMaintenanceHtml(input);
  expect(html).not.toContain('<script');
  expect(html).toContain('Shop &#60;b&#62;');
  expect(/<p class="headline">([^<]*)/.exec(html)?.[1]).toBe('1 updated, 1 rolled back, nothing broken.');
  for (const part of ['before', 'after', 'difference'])
    expect(html).toContain(`src="checks/plugin-bad/home.${part}.png"`);
});

test('the chat message is short and names versions', () => {
  expect(renderMaintenanceMarkdown(input)).toBe(`**Acme: 1 updated, 1 rolled back, nothing broken.**

- Shop \\<b\\> 5.3 → 5.3.1 ([changes](https://wordpress.org/plugins/shop/#developers))
- ❌ Bad 5.3 → 5.3.1 rolled back: /: answered with 500 \\<script\\>

Checks: 9 passed, 0 failed, 1 not made. Staging: http://staging.acme.test
`);
});

test('JUnit counts a rollback as a failure, and what failed before as skipped', () => {
  const xml = renderMaintenanceJUnit({ ...input, baseline: run([failure]), final: run([failure]) });
  expect(xml).toContain('<testsuite name="acme updates: plugin Bad" tests="1" failures="1" skipped="0">');
  expect(xml).toContain('<testsuite name="acme pages: /" tests="1" failures="0" skipped="1">');
  expect(xml).toContain('<testcase classname="acme.pages./" name="page /">');
});

test('JUnit groups by page: a dot in its path is no package', () => {
  const results = ['/a.html', '/b', '/a.html'].map((path, index) => ({
    ...failure,
    id: `${failure.kind} ${path} ${String(index)}`,
    path,
  }));
  const xml = renderMaintenanceJUnit({ ...input, final: run(results) });
  expect(xml).toContain('<testsuite name="acme pages: /a.html" tests="2" failures="2" skipped="0">');
  expect(xml).toContain('classname="acme.pages./a_html"');
});

describe('a record from staging', () => {
  const parse = (value: unknown) =>
    parseMaintenanceRecord(Buffer.from(JSON.stringify(value)), {
      site: 'acme',
      run: '20261121T201500Z-3f9a1c',
    });
  test('is taken when it is one', () => {
    expect(parse(record())).toEqual(record());
  });
  test.each([
    ['another site', { ...record(), site: 'other' }],
    ['a picture outside of the folder', record({ items: [item({ pictures: ['../../etc/passwd'] })] })],
    ['a slug that is a path', record({ items: [item({ slug: '../x' })] })],
    ['a link that runs a program', record({ items: [item({ changelog: 'javascript:alert(1)' })] })],
    ['an unknown field', { ...record(), host: 'evil' }],
  ])('is refused with %s', (_, value) => {
    expect(() => parse(value)).toThrow(/cannot be used/);
  });
});

describe('what became of the updates', () => {
  const at = '2026-11-21T21:00:00Z';
  const digest = 'd'.repeat(64);
  const after = {
    ...input,
    record: record({
      approval: { by: 'Ada <b> <ada@acme.test>', at, how: 'person', digest },
      promotion: {
        startedAt: at,
        finishedAt: at,
        state: 'complete',
        hosts: [{ host: '10.0.0.5:22', digest }],
        backup: '/srv/backup',
        pageSeconds: 6.2,
        checks: { ...checks, failed: 1, failures: ['/old: broken'], finishedAt: at },
      },
      archive: { digest, finishedAt: at },
      publish: { commits: ['c'.repeat(40)], branch: 'main', finishedAt: at },
    }),
  };

  test('stands in the HTML and in the message for a chat, escaped', () => {
    expect(renderMaintenanceHtml(after)).toContain(
      '<li>Approved by Ada &#60;b&#62; &#60;ada@acme.test&#62;, ',
    );
    const markdown = renderMaintenanceMarkdown(after);
    expect(markdown).toContain(`- Approved by Ada \\<b\\> \\<ada@acme.test\\>, ${localTime(at)}.\n`);
    expect(markdown).toContain('- Promoted to 1 host; the maintenance page was on for 6.2 s.\n');
    expect(markdown).toContain(
      `- Archived, digest ${'d'.repeat(12)}.\n- Committed to main: ${'c'.repeat(12)}.\n`,
    );
  });

  test('names what fails on production only where it is new', () => {
    const worse = structuredClone(after);
    Object.assign(worse.record.promotion ?? {}, {
      state: 'rolled-back',
      checks: { ...checks, newFailures: 1, failures: ['/old: broken'], finishedAt: at },
    });
    expect(renderMaintenanceMarkdown(after)).not.toContain('/old: broken');
    expect(renderMaintenanceMarkdown(worse)).toContain('rolled back: the former code is live');
    expect(renderMaintenanceMarkdown(worse)).toContain('On production: /old: broken');
  });

  test('is in a record that can be read again', () => {
    const bytes = Buffer.from(JSON.stringify(after.record));
    expect(parseMaintenanceRecord(bytes, { site: 'acme', run: after.record.run })).toEqual(after.record);
  });
});

describe('what a person approves', () => {
  test('is three lines, whatever there is', () => {
    expect(approvalLines(record())).toEqual([
      '1 updated, 1 rolled back, nothing broken.',
      'Updated: Shop <b> 5.3 → 5.3.1.',
      'Not updated: Bad 5.3 → 5.3.1 (rolled back).',
    ]);
    expect(approvalLines(record({ items: [] })).slice(1)).toEqual([
      'Updated: nothing.',
      'Not updated: nothing.',
    ]);
  });
  test('is read at a quickCheck: the rest is a number', () => {
    const items = Array.from({ length: 90 }, (_, index) =>
      item({ slug: `s${String(index)}`, title: `Shop ${String(index)}` }),
    );
    const [, updated] = approvalLines(record({ items }));
    expect(updated?.length).toBeLessThan(300);
    expect(updated).toMatch(/^Updated: Shop 0 5\.3 → 5\.3\.1, .* and \d+ more\.$/);
  });
});
