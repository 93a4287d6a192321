import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { reportFolder, runMonth, type Month } from '../../../../sandbox/month/month.js';
import { APPROVER, createMonthWorld, type MonthWorld } from '../../../../sandbox/month/month-world.js';
import { ensureBundle } from '../../../../sandbox/runner.js';
import { type MaintenanceRecord } from '../../../src/maintenance/maintenance-record.js';

let world: MonthWorld;
let month: Month;
let record: MaintenanceRecord;
const said: string[] = [];

beforeAll(async () => {
  await ensureBundle();
  world = await createMonthWorld();
  month = await runMonth(world, { say: (text) => said.push(text) });
  record = JSON.parse(
    readFileSync(path.join(reportFolder(world, month.run), 'maintenance.json'), 'utf8'),
  ) as MaintenanceRecord;
}, 900_000);
afterAll(async () => world.stop());

const item = (slug: string) => record.items.find((each) => each.slug === slug);
const output = (command: string): string =>
  month.commands.find(({ words }) => words[0] === command)?.result.stdout ?? '';

describe('a whole month', () => {
  test('runs from the sync to the commit', () => {
    expect(month.commands.map(({ words, result }) => [words[0], result.code])).toEqual(
      ['sync', 'update', 'hold', 'promote', 'archive', 'publish', 'finish', 'month'].map((command) => [
        command,
        0,
      ]),
    );
  });

  test('leaves everything as a person would want to find it', () => {
    expect(month.looks.filter(({ good }) => !good)).toEqual([]);
    expect(month.looks.length).toBeGreaterThan(60);
  });

  test('takes one good plugin along, and neither the fatal nor the ugly one', () => {
    expect(item('acme-good')).toMatchObject({ state: 'updated', to: '1.1' });
    expect(item('acme-seats')).toMatchObject({
      state: 'updated',
      tables: expect.arrayContaining(['wp_acme_seats']),
    });
    expect(item('acme-fatal')).toMatchObject({ state: 'rolled-back', to: '1.0' });
    expect(item('acme-banner')?.evidence.join()).toContain('looks different');
    const { instances } = world;
    const shown = instances.map(({ root }) =>
      ['good', 'fatal', 'banner'].map(
        (name) =>
          /Version: (\S+)/.exec(
            readFileSync(path.join(root, `wp-content/plugins/acme-${name}/acme-${name}.php`), 'utf8'),
          )?.[1],
      ),
    );
    expect(shown).toEqual([1, 2, 3].map(() => ['1.1', '1.0', '1.0']));
  });

  test('names who approved in the record, the report and the commits', async () => {
    expect(record.approval).toMatchObject({ by: APPROVER.person, how: 'person' });
    const report = readFileSync(path.join(reportFolder(world, month.run), 'maintenance.md'), 'utf8');
    expect(report).toMatch(/Approved by Ada Lovelace[^\n]*\n- Promoted to 3 hosts/);
    expect(
      await world.git.git('log', '-4', '--format=%(trailers:key=Co-authored-by,valueonly)', 'main'),
    ).toBe(`${APPROVER.person}\n\n`.repeat(4));
  });

  test('has one tree on staging, three instances, the archive and the repository', () => {
    const digest = record.testedTree?.digest;
    expect(record.promotion?.hosts.map((host) => host.digest)).toEqual([digest, digest, digest]);
    expect(record.archive?.digest).toBe(digest);
    expect(record.publish?.commits).toHaveLength(4);
  });

  test('checks production before and after, with the browser, and rolls nothing back', () => {
    expect(output('promote')).toContain('Checking 6 pages of production');
    expect(record.promotion).toMatchObject({ state: 'complete', checks: { newFailures: 0 } });
  });
});
