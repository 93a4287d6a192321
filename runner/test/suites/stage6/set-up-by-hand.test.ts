import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type World } from '../../../../sandbox/world.js';
import {
  inWordPress,
  openWorld,
  outcome,
  result,
  stagingNow,
  understudy,
} from '../../integration/stage6/stage6-world.js';

/** A staging that was set up by hand. A first sync to an empty one is in the integration tests. */
let world: World;
beforeAll(async () => {
  world = await openWorld();
}, 300_000);
afterAll(async () => world.stop());

const inStaging = (...names: string[]): string => path.join(world.staging.root, ...names);
const inProduction = (...names: string[]): string => path.join(world.production.root, ...names);

test('gets the plugin where production has must-use plugins and staging has no folder for them', async () => {
  expect(existsSync(inProduction('wp-content/mu-plugins'))).toBe(true);
  rmSync(inStaging('wp-content/mu-plugins'), { recursive: true, force: true });
  expect(outcome(await understudy(world, 'sync', 'acme'))).toEqual({ code: 0 });
  const plugin = readFileSync(inStaging('wp-content/mu-plugins/understudy.php'), 'utf8');
  expect(plugin).toContain(result(world).run);
  expect(existsSync(inStaging('wp-content/mu-plugins/acme-code.php'))).toBe(true);
  const mailer = "echo basename((new ReflectionFunction('wp_mail'))->getFileName());";
  expect(await inWordPress(world, mailer)).toBe('understudy.php');
}, 300_000);

describe('a file that changes what staging works with', () => {
  let own: string;
  beforeEach(() => {
    own = readFileSync(inStaging('wp-config.php'), 'utf8');
  });

  /** staging's wp-config.php includes a file that production has and staging has not. */
  async function syncWith(name: string, code: string): Promise<void> {
    writeFileSync(
      inStaging('wp-config.php'),
      own.replace('<?php', `<?php\nif (is_file(__DIR__ . '/${name}')) { require __DIR__ . '/${name}'; }`),
    );
    writeFileSync(inProduction(name), `<?php\n${code}\n`);
    try {
      const before = await stagingNow(world);
      const { code: exit, stderr, stdout } = await understudy(world, 'sync', 'acme');
      said = stdout + stderr;
      expect({ exit, said: exit === 4 ? '' : said }).toEqual({ exit: 4, said: '' });
      expect(await stagingNow(world)).toBe(before);
    } finally {
      rmSync(inProduction(name));
      writeFileSync(inStaging('wp-config.php'), own);
    }
  }
  let said: string;

  test('is named, and files and tables go back: another server', async () => {
    await syncWith('where.php', `define('DB_HOST', '127.0.0.1:${String(world.production.server.port)}');`);
    expect(said).toContain('SETTINGS_CHANGED');
    expect(said).toContain('where.php, which this sync brought');
  }, 300_000);

  test('is refused: WordPress loads must-use plugins from elsewhere', async () => {
    await syncWith('plugins-dir.php', `define('WPMU_PLUGIN_DIR', __DIR__ . '/other-plugins');`);
    expect(said).toContain('PLUGIN_NOT_LOADED');
  }, 300_000);
});
