import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ensureBundle, runUnderstudy, type RunnerCall } from '../../../../sandbox/runner.js';
import { pageTitle } from '../../../../sandbox/world/browser.js';
import { createWorld, type World } from '../../../../sandbox/world.js';
import { STAGES } from '../../../src/config/stage-list.js';
import { newestRun, runAndKill } from '../../integration/sandbox/kill-at.js';

let world: World;
let call: RunnerCall;
beforeAll(async () => {
  await ensureBundle();
  world = await createWorld();
  call = { sites: world.sites, workspace: world.workspace };
}, 180_000);
afterAll(async () => world.stop());

async function served(): Promise<readonly string[]> {
  const { root, server, database } = world.staging;
  return [
    pageTitle(await world.get(world.staging, '/')),
    pageTitle(await world.get(world.staging, '/tickets/')),
    readFileSync(path.join(root, 'wp-content/mu-plugins/acme-code.php'), 'utf8'),
    await server.query('SELECT COUNT(*) FROM wp_posts', database),
    await server.query('SELECT note FROM wp_last_season', database),
  ];
}

// One run in which every stage is killed once: each test goes on from the one before it.
describe('a stage that is killed in the middle', () => {
  test.each(STAGES.map(({ name, label }) => [label, name] as const))(
    '%s: staging serves what it served, and the stage started again goes on',
    async (_, name) => {
      const before = await served();
      const killed = await runAndKill(
        call,
        (event) => event['stage'] === name && event['type'] !== 'stage-started',
        ...['stage', name, 'acme'],
      );
      expect({ code: killed.code, said: killed.code === 137 ? '' : killed.stderr }).toEqual({
        code: 137,
        said: '',
      });
      expect(await served()).toEqual(before);
      // The lock belongs to the run: without its id the first stage would begin another one, and find the site locked.
      const again = await runUnderstudy(call, 'stage', name, 'acme', '--run', newestRun(world.workspace));
      expect({ code: again.code, said: again.code === 0 ? '' : again.stderr }).toEqual({ code: 0, said: '' });
      if (name !== 'rewrite-urls') expect(await served()).toEqual(before);
    },
    240_000,
  );

  test('is no reason for a staging that is not complete at the end', async () => {
    const page = await world.get(world.staging, '/');
    expect(pageTitle(page)).toContain("Acme Theatre – This is production's own database");
    expect(page.body).not.toMatch(/www\.acme\.test/i);
    const count =
      'SELECT COUNT(*) FROM wp_posts; SELECT COUNT(*) FROM wp_postmeta; SELECT COUNT(*) FROM wp_acme_log';
    expect(await world.staging.server.query(count, world.staging.database)).toBe(
      await world.production.server.query(count, world.production.database),
    );
  });
});
