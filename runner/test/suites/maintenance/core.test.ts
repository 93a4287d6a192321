import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureBundle, runUnderstudy, type RunnerResult } from '../../../../sandbox/runner.js';
import { fetchBuilds, makeCoreZip, offerRealCore } from '../../../../sandbox/wordpress-updates/real-core.js';
import { wpStandIn } from '../../../../sandbox/wordpress-updates/packages.js';
import { createWorld, type World } from '../../../../sandbox/world.js';
import { type MaintenanceRecord } from '../../../src/maintenance/maintenance-record.js';
import { pretendSync, RUN } from '../../integration/maintenance/pretend-sync.js';

const builds = fetchBuilds();
afterAll(() => {
  if ('folder' in builds) rmSync(builds.folder, { recursive: true, force: true });
});

if ('problem' in builds) {
  // Who asks for this suite wants it tried: what cannot be tried has failed.
  test('a real WordPress is updated to a later one', () => {
    throw new Error(builds.problem);
  });
} else {
  describe('a real WordPress, from Debian’s 6.1 to the newest 6.5', () => {
    let world: World;
    let result: RunnerResult;
    let version: string;

    beforeAll(async () => {
      await ensureBundle();
      world = await createWorld({
        siteFile: {
          maintenance: {
            wp: wpStandIn,
            core: 'major',
            translations: false,
            checks: { paths: ['/', '/tickets/'], maxPages: 8, screenshots: { width: 800 } },
          },
        },
      });
      const core = await makeCoreZip(builds.folder, '6.5');
      ({ version } = core);
      await offerRealCore(world.staging.root, [core]);
      pretendSync(path.join(world.hosts.staging.home, '.understudy/acme/runs', RUN));
      result = await runUnderstudy({ sites: world.sites, workspace: world.workspace }, 'update', 'acme');
    }, 900_000);
    afterAll(async () => world.stop());

    const file = (name: string): string => readFileSync(path.join(world.staging.root, name), 'utf8');
    const item = (): MaintenanceRecord['items'][number] | undefined =>
      (
        JSON.parse(
          readFileSync(path.join(world.workspace, 'acme', RUN, 'maintenance.json'), 'utf8'),
        ) as MaintenanceRecord
      ).items.find(({ kind }) => kind === 'core');

    test('is updated, by WordPress’ own updater', () => {
      expect({ code: result.code, said: result.code === 0 ? '' : result.stderr }).toEqual({
        code: 0,
        said: '',
      });
      expect(item()).toMatchObject({ state: 'updated', from: expect.stringMatching(/^6\.1/), to: version });
      expect(file('wp-includes/version.php')).toContain(`$wp_version = '${version}'`);
    });

    test('has its database brought up to the new version', async () => {
      const wanted = /\$wp_db_version = (\d+)/.exec(file('wp-includes/version.php'))?.[1];
      const has = await world.staging.server.query(
        "SELECT option_value FROM wp_options WHERE option_name = 'db_version'",
        world.staging.database,
      );
      expect(has.trim()).toBe(wanted);
      expect(item()?.tables).toContain('wp_options');
    });

    test('serves its pages', async () => {
      for (const page of ['/', '/tickets/', '/wp-login.php', '/feed/', '/wp-json/'])
        expect([page, (await world.get(world.staging, page)).status]).toEqual([page, 200]);
    });
  });
}
