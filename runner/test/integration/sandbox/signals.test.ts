import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  ensureBundle,
  runUnderstudy,
  type RunnerCall,
  type RunnerResult,
} from '../../../../sandbox/runner.js';
import { Browser, pageTitle } from '../../../../sandbox/world/browser.js';
import { createWorld, type World } from '../../../../sandbox/world.js';
import { STAGES } from '../../../src/config/stage-list.js';
import { eventLines, newestRun, runAndSignal } from './kill-at.js';

type Event = Readonly<Record<string, unknown>>;

let world: World;
beforeAll(async () => {
  await ensureBundle();
  world = await createWorld();
}, 180_000);
afterAll(async () => world.stop());

const call = (): RunnerCall => ({ sites: world.sites, workspace: world.workspace });
const signalled = (wanted: (event: Event) => boolean, ...words: string[]): Promise<RunnerResult> =>
  runAndSignal('SIGTERM', call(), wanted, ...words);
const saying =
  (text: string) =>
  (event: Event): boolean =>
    event['type'] === 'step' && String(event['text']).startsWith(text);

/** Exit code 130 and INTERRUPTED; what the command said is shown when it is something else. */
function expectInterrupted({ code, stdout, stderr }: RunnerResult): string {
  const said = code === 130 && stderr.includes('INTERRUPTED') ? '' : stdout + stderr;
  expect({ code, said }).toEqual({ code: 130, said: '' });
  return stderr;
}

const lockIsFree = (): boolean => !existsSync(path.join(world.hosts.staging.home, '.understudy/acme/lock'));
const served = async (): Promise<string> => pageTitle(await new Browser(world, world.staging).open('/'));

describe('a signal that comes late is no success either', () => {
  const run = (): string[] =>
    newestRun(world.workspace) === '' ? [] : ['--run', newestRun(world.workspace)];

  test.each(STAGES.slice(0, 5).map(({ name }) => [name] as const))(
    '%s: what it did stays, the next stage can go on from it',
    async (name) => {
      const finished = (event: Event): boolean =>
        event['type'] === 'stage-finished' && event['stage'] === name;
      const said = expectInterrupted(await signalled(finished, 'stage', name, 'acme', ...run()));
      expect(said).toContain('Staging serves what it served before.');
      expect(lockIsFree()).toBe(true);
    },
    120_000,
  );

  test('after the cutover: staging serves the new copy, and nothing says that its pages were read', async () => {
    const before = await served();
    const reading = saying('Reading the staging pages');
    const said = expectInterrupted(await signalled(reading, 'stage', 'rewrite-urls', 'acme', ...run()));
    expect(said).toContain('serves the new copy');
    expect(said).not.toContain('Staging serves what it served before');
    expect(eventLines(world.workspace).join('\n')).not.toMatch(/PAGES_UNREAD|STAGING_URL_UNPROVEN/);
    expect(await served()).not.toBe(before);
    expect(lockIsFree()).toBe(true);
  }, 120_000);

  test('and the stage, started again, only reads the pages', async () => {
    const { code, stdout } = await runUnderstudy(call(), 'stage', 'rewrite-urls', 'acme', ...run());
    expect({ code, stdout: code === 0 ? '' : stdout }).toEqual({ code: 0, stdout: '' });
    expect(stdout).toContain('The copy of this run is in place already');
  }, 120_000);

  test('during the cutover, and again and again: it is finished, or staging is as it was', async () => {
    const impatient = { ...call(), again: true };
    const result = await runAndSignal(
      'SIGTERM',
      impatient,
      saying('Putting the files in place'),
      'sync',
      'acme',
    );
    const said = expectInterrupted(result);
    expect(said).toMatch(/Staging serves what it served before|serves the new copy/);
    expect(lockIsFree()).toBe(true);
  }, 120_000);
});
