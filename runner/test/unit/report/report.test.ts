import { describe, expect, test } from '@jest/globals';
import { Secret, shownText, UnderstudyError } from '../../../src/errors/index.js';
import { createConsole } from '../../../src/report/terminal/console.js';
import { formatBytes, formatSeconds } from '../../../src/report/format.js';
import { createProgressMeter, renderProgress } from '../../../src/report/terminal/progress-meter.js';
import { renderError } from '../../../src/report/terminal/render-error.js';
import { renderHtml } from '../../../src/report/page/render-html.js';
import { renderJUnit } from '../../../src/report/run/render-junit.js';
import { renderMarkdown, renderText } from '../../../src/report/terminal/render-text.js';
import { foldEvents } from '../../../src/report/run/run-report.js';
import { type EventBody, type RunEvent } from '../../../src/report/events/event-log.js';

const event = (body: EventBody): RunEvent => ({
  version: 1,
  time: '2026-01-01T00:00:00Z',
  run: 'r1',
  site: 'acme',
  ...body,
});

describe('figures', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1234, '1.2 kB'],
    [325_000_000, '325 MB'],
    [2_100_000_000, '2.1 GB'],
  ])('%d bytes read %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
  test.each([
    [0.42, '0.4 s'],
    [12.3, '12 s'],
    [185, '3 min 05 s'],
    [7800, '2 h 10 min'],
  ])('%d seconds read %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});

describe('progress', () => {
  test('shows share, rate and time left', () => {
    const text = renderProgress({ done: 50_000_000, total: 200_000_000, unit: 'bytes' }, 10_000_000);
    expect(text).toBe('50.0 MB of 200 MB (25 %), 10.0 MB/s, 15 s left');
  });
  test('is thinned out to one line per interval', () => {
    let clock = 0;
    const meter = createProgressMeter(5, () => clock);
    const shown: (string | undefined)[] = [];
    for (let second = 0; second <= 10; second += 1) {
      clock = second;
      shown.push(meter.update({ done: second * 100, unit: 'files' }));
    }
    expect(shown.filter((line) => line !== undefined)).toEqual([
      '0 files',
      '500 files, 100 files/s',
      '1,000 files, 100 files/s',
    ]);
  });
});

describe('a report', () => {
  const events = [
    event({ type: 'run-started', parameters: { dryRun: false }, resumed: false }),
    event({ type: 'stage-started', stage: 'sync-content', label: 'Sync content' }),
    event({
      type: 'stage-finished',
      stage: 'sync-content',
      state: 'complete',
      seconds: 2,
      summary: '3 files <b>',
    }),
    event({ type: 'stage-started', stage: 'backup-database', label: 'Back up production database' }),
    event({
      type: 'error',
      stage: 'backup-database',
      code: 'DUMP_FAILED',
      message: 'no | space',
      next: 'free some',
      details: ['a < b'],
    }),
    event({ type: 'stage-finished', stage: 'backup-database', state: 'failed', seconds: 1, summary: '' }),
    event({ type: 'run-finished', state: 'failed', exitCode: 4 }),
  ];
  const report = foldEvents(events);

  test('is folded from the events', () => {
    expect(report).toMatchObject({ state: 'failed' });
    expect(report.stages.map(({ name, state }) => [name, state])).toEqual([
      ['sync-content', 'complete'],
      ['backup-database', 'failed'],
    ]);
  });
  test('shows the last try of a stage that ran twice', () => {
    const again = foldEvents([
      ...events,
      event({ type: 'run-started', parameters: {}, resumed: true }),
      event({ type: 'stage-started', stage: 'backup-database', label: 'Back up production database' }),
      event({
        type: 'stage-finished',
        stage: 'backup-database',
        state: 'complete',
        seconds: 1,
        summary: 'ok',
      }),
    ]);
    expect(again.errors).toEqual([]);
    expect(again.stages).toHaveLength(2);
  });
  test('reads well as text', () => {
    expect(renderText(report, 80).split('\n')).toEqual([
      '✗ The sync failed in stage 2 of 6, Back up production database.',
      '  Staging serves what it served before this run.',
      '',
      'What to do',
      '  ✗ DUMP_FAILED: no | space',
      '    | a < b',
      '    free some',
      '',
      'Stages',
      '  ✓ Sync content                       2.0 s  3 files <b>',
      '  ✗ Back up production database        1.0 s  failed',
      '  · Transfer backup                        –  not reached',
      '  · Drop staging database                  –  not reached',
      '  · Import database                        –  not reached',
      '  · Rewrite URLs                           –  not reached',
      '    Total                              3.0 s',
    ]);
  });
  test.each([60, 80, 120])('has no line of text that is wider than %d signs', (width) => {
    const long = 'a stage that has rather a lot to say about what it did, and where, '.repeat(4);
    const wide = foldEvents([
      ...events,
      event({ type: 'finding', severity: 'warning', code: 'A_WARNING', message: long, next: long }),
      event({ type: 'stage-finished', stage: 'sync-content', state: 'complete', seconds: 2, summary: long }),
    ]);
    const lines = renderText(wide, width).split('\n');
    expect(lines.filter((line) => line.length > width)).toEqual([]);
    expect(lines.length).toBeGreaterThan(20);
  });
  test('escapes in HTML, XML and Markdown', () => {
    expect(renderHtml(report)).toContain('3 files &#60;b&#62;');
    expect(renderHtml(report)).not.toContain('<b>');
    expect(renderJUnit(report)).toContain('failures="1"');
    expect(renderJUnit(report)).toContain('a &#60; b');
    expect(renderMarkdown(report)).toContain('3 files \\<b\\>');
  });
});

describe('what leaves the process', () => {
  test('never holds a secret or a control character', () => {
    const written: string[] = [];
    const secret = new Secret('pa55word+/');
    createConsole({ write: (text) => written.push(text) }).line(
      `login ${secret.reveal()} \u001b[31m${encodeURIComponent(secret.reveal())}`,
    );
    expect(written.join('')).toBe('login **** \\x1b[31m****\n');
    expect(`${String(secret)} ${JSON.stringify({ secret })}`).toBe('**** {"secret":"****"}');
  });
  test('keeps line breaks and tabs', () => {
    expect(shownText('a\n\tb\u0007')).toBe('a\n\tb\\x07');
  });
  test('ends an error with what to do next', () => {
    const text = renderError(
      new UnderstudyError('DUMP_FAILED', 'It broke.', { host: 'db', stderr: 'one\ntwo', next: 'Fix it.' }),
    );
    expect(text).toBe(
      'DUMP_FAILED: It broke.\nHost: db\nLast lines of stderr:\n  | one\n  | two\nNext: Fix it.',
    );
  });
  test('calls everything else a bug', () => {
    expect(renderError(new TypeError('x'))).toMatch(/^BUG: TypeError: x/);
  });
});

describe('a terminal', () => {
  const shownOn = (columns: number, text: string, isTTY = true): string[] => {
    const written: string[] = [];
    createConsole({ write: (piece) => written.push(piece), isTTY, columns }).line(text);
    return written.join('').trimEnd().split('\n');
  };
  const text = `   ! A_WARNING: ${'words that fill a line '.repeat(8)}/a/path/that/is/longer/than/any/line/of/a/narrow/terminal`;

  test.each([40, 80, 120])('of %d columns breaks a line between words, and goes on further in', (columns) => {
    const lines = shownOn(columns, text);
    expect(lines.slice(0, -1).every((line) => line.length <= columns)).toBe(true);
    expect(lines[0]).toMatch(/^ {3}! A_WARNING: words/);
    expect(lines.slice(1).every((line) => line.startsWith('     ') && line[5] !== ' ')).toBe(true);
    expect(lines.at(-1)).toContain('/a/path/that/is/longer/than/any/line/of/a/narrow/terminal');
  });
  test('breaks nothing in a log', () => {
    expect(shownOn(80, text, false)).toEqual([text]);
  });
});

describe('a command that fails on the copy of a sync', () => {
  const synced = [
    event({ type: 'run-started', parameters: {}, resumed: false }),
    event({ type: 'run-finished', state: 'complete', exitCode: 0 }),
    event({
      type: 'error',
      stage: 'update',
      code: 'WP_CLI_MISSING',
      message: 'WP-CLI does not run on staging.',
      next: 'Install it.',
      details: [],
    }),
  ];
  test('is no failure of the sync, and is on its page', () => {
    const report = foldEvents(synced);
    expect(report.errors).toEqual([]);
    expect(renderText(report, 100)).toMatch(/^✓ Staging is a fresh copy of production\.\n.*WP_CLI_MISSING/s);
    expect(renderHtml(report)).toMatch(/<h2>After the sync<\/h2>.*WP-CLI does not run on staging/s);
  });
  test('counts once, with its last error', () => {
    expect(foldEvents([...synced, ...synced.slice(2)]).afterwards).toHaveLength(1);
  });
});
