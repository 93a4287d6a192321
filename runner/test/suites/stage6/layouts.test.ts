import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { becomeBedrock, type BedrockSide } from '../../../../sandbox/architectures/bedrock.js';
import { type World } from '../../../../sandbox/world.js';
import {
  changeSite,
  homePage,
  inWordPress,
  openWorld,
  outcome,
  result,
  rows,
  understudy,
} from '../../integration/stage6/stage6-world.js';

/** Sites of WordPress whose settings are not where the sandbox has them, and media that travel. */
let world: World;
beforeAll(async () => {
  world = await openWorld();
}, 300_000);
afterAll(async () => world?.stop());

const TAGLINE = "UPDATE wp_options SET option_value = '%' WHERE option_name = 'blogdescription'";
let changes = 0;
/** A sync succeeds, and what happens on production afterwards does not show on staging. */
async function expectOwnCopy(): Promise<void> {
  changes += 1;
  const said = (text: string): string => TAGLINE.replace('%', `${text} ${String(changes)}`);
  await world.production.server.query(said('before sync'), world.production.database);
  const done = await understudy(world, 'sync', 'acme');
  expect(outcome(done)).toEqual({ code: 0 });
  await world.production.server.query(said('after sync'), world.production.database);
  const page = await homePage(world);
  expect(page.status).toBe(200);
  expect(page.body).toContain(`before sync ${String(changes)}`);
  expect(page.body).not.toMatch(/after sync|www\.acme\.test/);
}

describe('wp-config.php one folder above the document root', () => {
  const config = (side: 'production' | 'staging', up: boolean): string =>
    path.join(world[side].root, up ? '..' : '.', 'wp-config.php');
  const move = (side: 'production' | 'staging', up: boolean): void =>
    renameSync(config(side, !up), config(side, up));
  const sides = [['staging'], ['production'], ['production', 'staging']] as const;

  afterEach(() => {
    for (const side of ['production', 'staging'] as const)
      if (existsSync(config(side, true))) move(side, false);
  });

  test.each(sides.map((list) => [list.join(' and '), list] as const))(
    'on %s: each side keeps its own',
    async (_name, list) => {
      for (const side of list) move(side, true);
      const [production, staging] = (['production', 'staging'] as const).map((side) =>
        config(side, (list as readonly string[]).includes(side)),
      );
      const own = readFileSync(staging ?? '', 'utf8');
      await expectOwnCopy();
      expect(readFileSync(staging ?? '', 'utf8')).toBe(own);
      expect(existsSync(config('staging', !(list as readonly string[]).includes('staging')))).toBe(false);
      expect(existsSync(production ?? '')).toBe(true);
    },
    300_000,
  );
});

describe('content.media', () => {
  const uploads = (side: 'production' | 'staging', name: string): string =>
    path.join(world[side].root, 'wp-content/uploads/2026', name);

  test('mode sync: copies new and changed files, deletes what it brought, keeps what staging has itself', async () => {
    changeSite(world, (site) => Object.assign(site, { content: { media: { mode: 'sync' } } }));
    const put = (side: 'production' | 'staging', name: string, text: string): void => {
      mkdirSync(path.dirname(uploads(side, name)), { recursive: true });
      writeFileSync(uploads(side, name), text);
    };
    put('production', 'pic.png', 'first');
    put('production', 'gone.png', 'goes later');
    put('staging', 'own.png', 'only on staging');
    await expectOwnCopy();
    expect(readFileSync(uploads('staging', 'pic.png'), 'utf8')).toBe('first');
    put('production', 'pic.png', 'second, longer');
    rmSync(uploads('production', 'gone.png'));
    await expectOwnCopy();
    expect(readFileSync(uploads('staging', 'pic.png'), 'utf8')).toBe('second, longer');
    expect(existsSync(uploads('staging', 'gone.png'))).toBe(false);
    expect(readFileSync(uploads('staging', 'own.png'), 'utf8')).toBe('only on staging');
    expect(outcome(await understudy(world, 'rollback', 'acme'))).toEqual({ code: 0 });
    expect(readFileSync(uploads('staging', 'pic.png'), 'utf8')).toBe('first');
    expect(existsSync(uploads('staging', 'gone.png'))).toBe(true);
    changeSite(world, (site) => delete site['content']);
  }, 600_000);
});

describe('uploads that options of the database have moved', () => {
  const option = (name: string, value: string): Promise<string> =>
    world.production.server.query(
      `DELETE FROM wp_options WHERE option_name = '${name}';
       INSERT INTO wp_options (option_name, option_value, autoload) VALUES ('${name}', '${value}', 'yes')`,
      world.production.database,
    );
  const put = (side: 'production' | 'staging', name: string): void => {
    const file = path.join(world[side].root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, side);
  };
  const has = (name: string): boolean => existsSync(path.join(world.staging.root, name));
  const uploadsOfStaging = (): Promise<string> => inWordPress(world, 'echo wp_upload_dir()["basedir"];');
  afterAll(async () => {
    changeSite(world, (site) => delete site['content']);
    for (const name of ['upload_path', 'upload_url_path']) await option(name, '');
  });

  test('a folder in the site: is not sent and not deleted, and is read through', async () => {
    changeSite(world, (site) => Object.assign(site, { content: { media: { mode: 'read-through' } } }));
    await option('upload_path', 'media');
    await option('upload_url_path', 'https://www.acme.test/files');
    put('production', 'media/2026/pic.png');
    put('staging', 'media/2026/own.png');
    await expectOwnCopy();
    expect([has('media/2026/pic.png'), has('media/2026/own.png')]).toEqual([false, true]);
    const location = async (folder: string): Promise<string> => {
      const address = `/index.php/${folder}/2026/pic.png`;
      const { headers } = await world.get(world.staging, address, { redirect: 'manual' });
      return headers.get('location') ?? '';
    };
    for (const folder of ['media', 'files'])
      expect(await location(folder)).toContain(`www.acme.test/index.php/${folder}/2026/pic.png`);
    expect(await location('elsewhere')).not.toContain('www.acme.test');
    expect(await uploadsOfStaging()).toBe(path.join(world.staging.root, 'media'));
  }, 300_000);

  test('mode sync copies them', async () => {
    changeSite(world, (site) => Object.assign(site, { content: { media: { mode: 'sync' } } }));
    await expectOwnCopy();
    expect(has('media/2026/pic.png')).toBe(true);
    changeSite(world, (site) => delete site['content']);
  }, 300_000);

  test("an absolute path of production's becomes staging's", async () => {
    await option('upload_path', path.join(world.production.root, 'pictures'));
    put('production', 'pictures/a.png');
    await expectOwnCopy();
    expect(has('pictures/a.png')).toBe(false);
    expect(await uploadsOfStaging()).toBe(path.join(world.staging.root, 'pictures'));
  }, 300_000);

  test.each(['../shared', '/mnt/shared'])(
    '%s leads out of the site: is not written to by staging',
    async (folder) => {
      await option('upload_path', folder);
      await expectOwnCopy();
      const plan = await understudy(world, 'doctor', 'acme');
      expect(plan.stdout + plan.stderr).toMatch(/keeps uploads outside of .*upload_path is/);
      expect(await uploadsOfStaging()).toBe(path.join(world.staging.root, 'wp-content/uploads'));
    },
    300_000,
  );

  test('a folder that holds code is no folder of media', async () => {
    await option('upload_path', 'wp-content');
    put('production', 'wp-content/plugins/acme-late/acme-late.php');
    await expectOwnCopy();
    expect(has('wp-content/plugins/acme-late/acme-late.php')).toBe(true);
  }, 300_000);
});

describe('Bedrock', () => {
  let sides: Record<'production' | 'staging', BedrockSide>;
  beforeAll(async () => {
    sides = {
      production: await becomeBedrock(world, 'production'),
      staging: await becomeBedrock(world, 'staging'),
    };
    changeSite(world, (site) => {
      Object.assign(site['production'] ?? {}, { path: sides.production.root });
      Object.assign(site['staging'] ?? {}, { path: sides.staging.root });
      Object.assign(site, { content: { media: ['app/uploads'] } });
    });
  }, 60_000);
  afterAll(async () => Promise.all([sides?.production.web.stop(), sides?.staging.web.stop()]));

  test('keeps .env and config of each side, and gets the plugin where Bedrock loads it', async () => {
    const own = readFileSync(path.join(sides.staging.project, '.env'), 'utf8');
    await expectOwnCopy();
    expect(readFileSync(path.join(sides.staging.project, '.env'), 'utf8')).toBe(own);
    const plugin = readFileSync(path.join(sides.staging.root, 'app/mu-plugins/understudy.php'), 'utf8');
    expect(plugin).toContain(result(world).run);
    const home = "SELECT option_value FROM wp_options WHERE option_name = 'siteurl'";
    expect(await rows(world, 'staging', home)).toEqual(['http://staging.acme.test/wp']);
  }, 300_000);
});
