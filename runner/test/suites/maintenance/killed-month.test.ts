import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { reportFolder, runMonth, type Month } from '../../../../sandbox/month/month.js';
import { createMonthWorld, type MonthWorld } from '../../../../sandbox/month/month-world.js';
import { ensureBundle, runUnderstudy, type RunnerResult } from '../../../../sandbox/runner.js';
import { type MaintenanceRecord } from '../../../src/maintenance/maintenance-record.js';
import { runAndKillWhen } from '../../integration/sandbox/kill-at.js';

let world: MonthWorld;
let month: Month;
const killed: Record<string, RunnerResult> = {};

/** Empty while the plugin's folder is being exchanged. */
function versionOnStaging(): string {
  const file = path.join(world.staging.root, 'wp-content/plugins/acme-events/acme-events.php');
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** In the middle of what each command is about. The update: the schema of a plugin is halfway to its new version. */
const moments: Readonly<Record<string, (stdout: string) => boolean>> = {
  update: (stdout) =>
    stdout.includes('Acme Events: 1.0 → 2.0') && versionOnStaging().includes('Version: 2.0'),
  promote: (stdout) => stdout.includes('Switching the code'),
  archive: (stdout) => /Comparing [\d,]+ files with the archive/.test(stdout),
  publish: (stdout) => /Pushing [\d,]+ commits?/.test(stdout),
};

beforeAll(async () => {
  await ensureBundle();
  world = await createMonthWorld();
  month = await runMonth(world, {
    say: () => undefined,
    execute: async (call, ...words) => {
      const [command = ''] = words;
      const moment = moments[command];
      if (moment !== undefined) killed[command] = await runAndKillWhen(call, moment, ...words);
      return runUnderstudy(call, ...words);
    },
  });
}, 900_000);
afterAll(async () => world.stop());

const output = (command: string): string =>
  month.commands.find(({ words }) => words[0] === command)?.result.stdout ?? '';

describe('a month in which every command is killed once with SIGKILL, and started again', () => {
  test('killed each of them in the middle, and each went through the second time', () => {
    expect(Object.fromEntries(Object.entries(killed).map(([name, { code }]) => [name, code]))).toEqual({
      update: 137,
      promote: 137,
      archive: 137,
      publish: 137,
    });
    expect(month.commands.map(({ words, result }) => [words[0], result.code])).toEqual(
      ['sync', 'update', 'hold', 'promote', 'archive', 'publish', 'finish', 'month'].map((command) => [
        command,
        0,
      ]),
    );
  });

  test('ends as an undisturbed one does', () => {
    expect(month.looks.filter(({ good }) => !good)).toEqual([]);
    expect(month.looks.length).toBeGreaterThan(60);
  });

  test('put the item back that was under way, and looked at every item once', () => {
    expect(output('update')).toContain(
      'The update of Acme Events was cut off; putting the state before it back.',
    );
    const { items } = JSON.parse(
      readFileSync(path.join(reportFolder(world, month.run), 'maintenance.json'), 'utf8'),
    ) as MaintenanceRecord;
    const slugs = items.map(({ slug }) => slug);
    expect(slugs).toEqual([...new Set(slugs)]);
  });

  test('undid the promotion that was cut off and began again', () => {
    expect(output('promote')).toMatch(/Every host serves the former code of run \S+; starting again/);
  });

  test('made every commit once', async () => {
    const subjects = (await world.git.git('log', '--format=%s', 'main')).trim().split('\n');
    expect(subjects).toHaveLength(5);
    expect(new Set(subjects).size).toBe(5);
  });
});
