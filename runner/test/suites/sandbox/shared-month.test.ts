import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { reportFolder, runMonth, type Month } from '../../../../sandbox/month/month.js';
import { createMonthWorld, type MonthWorld } from '../../../../sandbox/month/month-world.js';
import { ensureBundle } from '../../../../sandbox/runner.js';
import { type MaintenanceRecord } from '../../../src/maintenance/maintenance-record.js';

let world: MonthWorld;
let month: Month;

beforeAll(async () => {
  await ensureBundle();
  world = await createMonthWorld({ shared: true });
  month = await runMonth(world, { say: () => undefined });
}, 1_200_000);
afterAll(async () => world.stop(), 600_000);

describe('a month of three instances that mount one document root', () => {
  test('leaves everything as a person would want to find it', () => {
    expect(
      month.commands.filter(({ result }) => result.code !== 0).map(({ result }) => result.stderr),
    ).toEqual([]);
    expect(month.looks.filter(({ good }) => !good)).toEqual([]);
    expect(month.looks.length).toBeGreaterThan(60);
  });
  test('writes the tree once and looks at every machine', () => {
    const promoted = month.commands.find(({ words }) => words[0] === 'promote')?.result.stdout ?? '';
    expect(promoted).toContain('beside the live code of 1 host\n');
    const file = path.join(reportFolder(world, month.run), 'maintenance.json');
    const record = JSON.parse(readFileSync(file, 'utf8')) as MaintenanceRecord;
    expect(record.promotion).toMatchObject({ state: 'complete' });
    expect(record.promotion?.hosts).toHaveLength(3);
  });
  test('leaves none of the marks by which the machines were told apart', () => {
    const { root } = world.production;
    expect(readdirSync(root).filter((name) => name.startsWith('.understudy'))).toEqual([]);
  });
});
