import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lastOfEach, openResultFile } from '../../faults/result-file.js';
import { type FaultRow, isChosen, rowId } from '../../faults/row.js';
import { renderTable, TABLE_BEGIN, TABLE_END, withTable } from '../../faults/table.js';

const row = (step: string, fault: string, outcome: string, wrong: string[] = []): FaultRow => ({
  id: rowId('sync, swap', step, fault),
  command: 'sync, swap',
  ...{ step, fault, outcome, wrong, seconds: 7 },
});
const ROWS = [
  row('dump', 'SIGKILL', 'killed, serves the former copy'),
  row('import rows', 'SIGKILL', 'killed, serves the former copy'),
  row('objects', 'SIGKILL', 'killed, serves a | mixture', ['staging serves a mixture']),
  row('dump', 'disk full: production', 'exit 4 DUMP_FAILED, serves the former copy'),
];

test('rows are chosen by parts of their names', () => {
  const chosen = (...patterns: string[]): number => ROWS.filter(({ id }) => isChosen(id, patterns)).length;
  expect(chosen()).toBe(4);
  expect(chosen('import*kill')).toBe(1);
  expect(chosen('SWAP*dump')).toBe(2);
  expect(chosen('objects', 'disk full')).toBe(2);
  expect(chosen('a.b')).toBe(0);
});

describe('the table', () => {
  test('counts outcomes of a fault over its steps', () => {
    const text = renderTable(ROWS);
    expect(text).toContain('4 rows, 1 wrong.');
    expect(text).toContain('### sync, swap');
    expect(text).toContain(
      String.raw`| SIGKILL | 3 | killed, serves the former copy ×2: dump, import rows<br>killed, serves a \| mixture ×1: objects | 1 |`,
    );
  });
  test('takes the place of the former one', () => {
    const page = `before\n${TABLE_BEGIN}\nold\n${TABLE_END}\nafter\n`;
    const once = withTable(page, ROWS);
    expect(once).toMatch(/^before\n.*4 rows.*\nafter\n$/s);
    expect(withTable(once, ROWS)).toBe(once);
    expect(() => withTable('no place', ROWS)).toThrow('no place');
  });
  test('of one command leaves those of others, and adds them up', () => {
    const promoted = (step: string, outcome: string): FaultRow => ({
      ...row(step, 'kill -9', outcome),
      command: 'promote',
    });
    const page = `${renderTable(ROWS)}\n`;
    const rows = [
      promoted('switch (2)', 'a | b'),
      promoted('switch (1)', 'a | b'),
      promoted('prune (3)', 'c'),
    ];
    const both = withTable(page, rows);
    expect(both).toContain('7 rows, 1 wrong.');
    expect(both).toContain(String.raw`| kill -9 | 3 | a \| b ×2: switch (1, 2)<br>c ×1: prune (3) | 0 |`);
    expect(both.indexOf('### promote')).toBeGreaterThan(both.indexOf('### sync, swap'));
    expect(withTable(both, ROWS)).toBe(both);
  });
  test('of docs/reliability.md has the shape that the campaign writes', () => {
    const page = readFileSync('docs/reliability.md', 'utf8');
    const table = page.slice(page.indexOf(TABLE_BEGIN), page.indexOf(TABLE_END));
    expect(table).toMatch(/^\d+ rows, \d+ wrong\.$/m);
    const lines = table.split('\n').filter((line) => line.startsWith('|'));
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line.replaceAll(String.raw`\|`, '').split('|')).toHaveLength(6);
    expect(page).toContain('npm run test:faults');
  });
});

test('a result file keeps the last result of each row, and a truncated line does not count', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'understudy-results-'));
  const results = openResultFile(path.join(folder, 'deep/faults.ndjson'));
  expect(results.rows()).toEqual([]);
  for (const each of ROWS) results.add(each);
  const again = { ...row('objects', 'SIGKILL', 'killed, serves the former copy') };
  results.add(again);
  expect(results.rows()).toHaveLength(4);
  expect(results.rows().find(({ step }) => step === 'objects')).toEqual(again);
  expect(lastOfEach(`${JSON.stringify(again)}\n{"id":"half`)).toEqual([again]);
  rmSync(folder, { recursive: true });
});
