import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ensureBundle, runUnderstudy, type RunnerResult } from '../../../../sandbox/runner.js';
import { Network } from '../../../../sandbox/servers/network.js';
import { createWorld, type World } from '../../../../sandbox/world.js';
import { STAGES } from '../../../src/config/stage-list.js';
import { eventLines } from '../../integration/sandbox/kill-at.js';

const network = new Network({ roundTripMs: 10 });
let world: World;
beforeAll(async () => {
  await ensureBundle();
  world = await createWorld({ network });
}, 180_000);
afterAll(async () => world.stop());

/** Runs a stage, and does something to all links this many milliseconds after it began its own work. */
async function runStage(name: string, after: number, act: () => void): Promise<RunnerResult> {
  let waiting: NodeJS.Timeout | undefined;
  const onOutput = (stdout: string): void => {
    if (waiting !== undefined || !/^── (?!Preflight)/m.test(stdout)) return;
    waiting = setTimeout(act, after);
  };
  const call = { sites: world.sites, workspace: world.workspace, onOutput };
  // A stage that was faster leaves the links to the next one as they are.
  return runUnderstudy(call, 'stage', name, 'acme').finally(() => {
    clearTimeout(waiting);
  });
}

describe.each(STAGES.map(({ name }) => name))('links that break in %s', (name) => {
  test.each([
    ['ended', 0],
    ['ended', 300],
    ['ended', 1200],
    ['spoilt', 0],
    ['spoilt', 300],
    ['spoilt', 1200],
  ] as const)(
    'are reported as that (%s after %i ms)',
    async (how, after) => {
      const act = how === 'ended' ? () => network.break() : () => network.spoil();
      const { code, stdout, stderr } = await runStage(name, after, act);
      // What was over by then is complete.
      expect([0, 3, 4]).toContain(code);
      expect(stdout + stderr).not.toMatch(/\bBUG\b|INTERNAL/);
      expect(eventLines(world.workspace).join('\n')).not.toContain('"INTERNAL"');
      if (code !== 0)
        expect(stderr).toMatch(
          /CONNECTION_LOST|HOST_UNREACHABLE|DATABASE_UNREACHABLE|connection to the database was lost|TRANSFER_FAILED|RSYNC|CONTENT_/,
        );
    },
    120_000,
  );

  test('the run can be continued', async () => {
    const { code, stderr } = await runStage(name, 0, () => undefined);
    expect([code, stderr]).toEqual([0, '']);
  }, 120_000);
});
