import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectExit } from '../../../../sandbox/architectures/observe.js';
import { makeWorldLatin1 } from '../../../../sandbox/architectures/latin1.js';
import { ensureBundle } from '../../../../sandbox/runner.js';
import { createWorld, type World } from '../../../../sandbox/world.js';
import { runPhp } from '../../../../sandbox/world/php.js';

const TITLE = 'Bühne für Größe — naïve 東京 „Öl“';
let world: World;
let schemas: { production: string; staging: string };
beforeAll(async () => {
  await ensureBundle();
  world = await createWorld();
  schemas = await makeWorldLatin1(world);
  // Written by WordPress itself, so that the serialized lengths are those that PHP counts.
  await runPhp(world.production.root, [
    '-r',
    `$_SERVER['HTTP_HOST'] = 'www.acme.test'; require 'wp-load.php';
     update_option('blogname', '${TITLE}');
     update_option('acme_box', array('für' => 'Größe http://www.acme.test/bühne/ ist groß', 'n' => 1.5));`,
  ]);
}, 600_000);
afterAll(async () => world?.stop(), 120_000);

test('keeps the umlauts of a latin1 site through all six stages', async () => {
  const shown = (await world.get(world.production, '/')).body;
  expect(shown).toContain('Bühne für Größe');
  const call = { sites: world.sites, workspace: world.workspace };
  await expectExit(0, call, 'sync', 'acme');

  const page = await world.get(world.staging, '/');
  expect(/<title>(.*?) &#8211;/.exec(page.body)?.[1]).toBe(/<title>(.*?) &#8211;/.exec(shown)?.[1]);
  expect(page.body).toContain('Bühne für Größe');
  expect(page.body).not.toMatch(/www\.acme\.test/i);

  const box = await runPhp(world.staging.root, [
    '-r',
    `$_SERVER['HTTP_HOST'] = 'staging.acme.test'; require 'wp-load.php';
     echo json_encode(get_option('acme_box'), JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);`,
  ]);
  expect(box).toContain('{"für":"Größe http://staging.acme.test/bühne/ ist groß","n":1.5}');

  // Byte for byte: the columns are latin1 on both sides and hold what production has.
  const bytes = "SELECT HEX(option_value) FROM wp_options WHERE option_name = 'blogname'";
  expect(await world.staging.server.query(bytes, schemas.staging)).toBe(
    await world.production.server.query(bytes, schemas.production),
  );
  const charset =
    "SELECT character_set_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'wp_options' AND column_name = 'option_value'";
  expect(await world.staging.server.query(charset, schemas.staging)).toBe('latin1\n');
}, 600_000);
