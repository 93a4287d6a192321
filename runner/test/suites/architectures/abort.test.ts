import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDockerWorld, type DockerWorld } from '../../../../sandbox/architectures/docker-world.js';
import { expectExit, leftovers, served } from '../../../../sandbox/architectures/observe.js';
import { ensureBundle, type RunnerCall, type RunnerResult } from '../../../../sandbox/runner.js';
import { createWorld, type World } from '../../../../sandbox/world.js';
import { STAGES } from '../../../src/config/stage-list.js';
import { runAndSignal } from './signal-at.js';

const isRoot = process.getuid?.() === 0;
beforeAll(ensureBundle, 120_000);

function expectInterrupted(result: RunnerResult): void {
  const said = result.code === 130 ? '' : result.stdout + result.stderr;
  expect({ code: result.code, said }).toEqual({ code: 130, said: '' });
}

/** Aborts a sync at a moment of a stage: nothing of it is left, and staging is as it was. */
async function abortIn(world: World, call: RunnerCall, stage: string, later: number): Promise<void> {
  const before = await served(world);
  expectInterrupted(await runAndSignal(call, 'SIGTERM', { stage, later }, 'sync', 'acme'));
  expect(await leftovers(world)).toEqual([]);
  expect(await served(world)).toEqual(before);
}

describe.each(['swap', 'replace'] as const)('SIGTERM in %s mode', (stagingMode) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ stagingMode });
  }, 600_000);
  afterAll(async () => world?.stop(), 120_000);

  test.each(STAGES.map(({ name, label }) => [label, name] as const))(
    '%s: nothing is left of it, and staging serves what it served',
    async (_, name) => {
      const call = { sites: world.sites, workspace: world.workspace };
      await abortIn(world, call, name, 0);
      await abortIn(world, call, name, 150);
    },
    900_000,
  );

  test('is no reason for the next sync to fail', async () => {
    await expectExit(0, { sites: world.sites, workspace: world.workspace }, 'sync', 'acme');
    expect((await served(world))['/']).toContain('This is production');
  }, 600_000);
});

(isRoot ? describe : describe.skip)('SIGTERM with containers', () => {
  let docker: DockerWorld;
  beforeAll(async () => {
    docker = await createDockerWorld('socket', { stagingMode: 'replace' });
  }, 600_000);
  afterAll(async () => docker?.stop(), 120_000);

  test.each(['drop-database', 'import-database', 'rewrite-urls'])(
    '%s: no process is left inside the container',
    async (stage) => {
      const { world, call, daemon } = docker;
      await abortIn(world, call, stage, 100);
      const inside = await daemon.docker('top', 'acme-db', '-eo', 'pid,args');
      expect(
        inside
          .trim()
          .split('\n')
          .slice(1)
          .filter((line) => !line.includes('mariadbd')),
      ).toEqual([]);
    },
    900_000,
  );
});
