import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Browser, pageTitle } from '../../../../sandbox/world/browser.js';
import { type World } from '../../../../sandbox/world.js';
import {
  changeSite,
  openWorld,
  outcome,
  result,
  rows,
  stagingNow,
  understudy,
} from '../../integration/stage6/stage6-world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld({ stagingMode: 'replace' });
  changeSite(world, ({ staging }) =>
    Object.assign(staging ?? {}, { keepOptions: ['acme_licence', 'acme_mode_*'] }),
  );
  const option = (name: string, value: string): string =>
    `INSERT INTO wp_options (option_name, option_value) VALUES ('${name}', '${value}')`;
  const { staging, production } = world;
  await staging.server.query(
    [option('acme_licence', 'staging-licence'), option('acme_mode_payment', 'test')].join(';'),
    staging.database,
  );
  await production.server.query(
    [
      option('acme_licence', 'production-licence'),
      option('acme_mode_payment', 'live'),
      option('acme_mode_new', 'live'),
    ].join(';'),
    production.database,
  );
}, 180_000);
afterAll(async () => world.stop());

describe('replace mode', () => {
  test('shows the maintenance page between stage 4 and the end, and then the copy', async () => {
    for (const stage of ['sync-content', 'backup-database', 'transfer-backup', 'drop-database'])
      expect(outcome(await understudy(world, 'stage', stage, 'acme'))).toEqual({ code: 0 });
    expect((await world.get(world.staging, '/')).status).toBe(503);
    // Started again, it must not take production's half-imported rows for staging's own.
    expect(outcome(await understudy(world, 'stage', 'import-database', 'acme'))).toEqual({ code: 0 });
    expect(outcome(await understudy(world, 'stage', 'drop-database', 'acme'))).toEqual({ code: 0 });
    expect(outcome(await understudy(world, 'stage', 'import-database', 'acme'))).toEqual({ code: 0 });
    expect((await world.get(world.staging, '/')).status).toBe(503);
    const last = await understudy(world, 'stage', 'rewrite-urls', 'acme');
    expect(outcome(last)).toEqual({ code: 0 });
    expect(last.stdout).not.toMatch(/AFTER_CUTOVER_FAILED|CACHES_NOT_CLEARED|GENERATIONS_NOT_REMOVED/);
    expect(pageTitle(await world.get(world.staging, '/'))).toContain('Acme Theatre – ');
  }, 300_000);

  test("keeps staging's options, and drops production's that staging did not have", async () => {
    const kept =
      "SELECT option_name, option_value FROM wp_options WHERE option_name LIKE 'acme\\_%' ORDER BY 1";
    const found = (await rows(world, 'staging', kept)).filter((line) => /licence|mode/.test(line));
    expect(found).toEqual(['acme_licence\tstaging-licence', 'acme_mode_payment\ttest']);
  });

  test("lets staging's administrator in, with the password of staging", async () => {
    const { user, password } = world.staging.administrator;
    expect(pageTitle(await new Browser(world, world.staging).logIn(user, password))).toContain('Dashboard');
    const count = "SELECT COUNT(*) FROM wp_users WHERE user_login = 'stagehand'";
    expect(await rows(world, 'staging', count)).toEqual(['1']);
  });

  test('leaves nothing of what was put aside, and no page', async () => {
    const names = await readdir(world.hosts.staging.home, { recursive: true });
    expect(names.filter((name) => /kept\.json|journal\.json/.test(name))).toEqual([]);
    expect(existsSync(path.join(world.staging.root, '.maintenance'))).toBe(false);
  });

  test('goes back, files and tables, when the copy runs without the plugin', async () => {
    const config = path.join(world.staging.root, 'wp-config.php');
    const own = readFileSync(config, 'utf8');
    const file = path.join(world.production.root, 'plugins-dir.php');
    writeFileSync(
      config,
      own.replace(
        '<?php',
        "<?php\nif (is_file(__DIR__ . '/plugins-dir.php')) { require __DIR__ . '/plugins-dir.php'; }",
      ),
    );
    writeFileSync(file, "<?php define('WPMU_PLUGIN_DIR', __DIR__ . '/other-plugins');");
    const before = await stagingNow(world);
    const done = await understudy(world, 'sync', 'acme');
    expect(outcome(done, 4)).toEqual({ code: 4 });
    expect(done.stderr).toContain('PLUGIN_NOT_LOADED');
    expect(await stagingNow(world)).toBe(before);
    expect(existsSync(path.join(world.staging.root, '.maintenance'))).toBe(false);
    rmSync(file);
    writeFileSync(config, own);
  }, 300_000);

  test('does not rewrite the former staging after the staging backup is back', async () => {
    for (const stage of [
      'sync-content',
      'backup-database',
      'transfer-backup',
      'drop-database',
      'import-database',
    ])
      expect(outcome(await understudy(world, 'stage', stage, 'acme'))).toEqual({ code: 0 });
    expect(outcome(await understudy(world, 'unlock', 'acme', '--run', result(world).run))).toEqual({
      code: 0,
    });
    expect(outcome(await understudy(world, 'recover', 'acme'))).toEqual({ code: 0 });
    await world.staging.server.query(
      "UPDATE wp_options SET option_value = 'Mine' WHERE option_name = 'blogname'",
      world.staging.database,
    );
    const late = await understudy(world, 'stage', 'rewrite-urls', 'acme');
    expect(outcome(late, 3)).toEqual({ code: 3 });
    expect(late.stderr).toContain('stage import-database acme --run ');
    expect(pageTitle(await world.get(world.staging, '/'))).toContain('Mine');
  }, 300_000);
});
