import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  layouts,
  makeFrameworkSite,
  remove,
  write,
  type FrameworkSite,
} from '../../../../sandbox/architectures/framework-sites.js';
import { ensureBundle, runUnderstudy } from '../../../../sandbox/runner.js';
import { getPage } from '../../../../sandbox/world/get-page.js';
import { createWorld, type World } from '../../../../sandbox/world.js';

let world: World;
beforeAll(async () => {
  await ensureBundle();
  world = await createWorld();
}, 600_000);
afterAll(async () => world?.stop(), 120_000);

describe.each(Object.entries(layouts))('an application like %s', (name, layout) => {
  let site: FrameworkSite;
  beforeAll(async () => {
    site = await makeFrameworkSite(world, name, layout);
  }, 120_000);
  afterAll(async () => site?.stop());

  const page = async (side: 'production' | 'staging', query = ''): Promise<string> =>
    (await getPage(site[side], `/${query}`)).body;
  async function sync(wanted: number): Promise<string> {
    const { code, stdout, stderr } = await runUnderstudy(site.call, 'sync', 'shop-php');
    expect({ code, said: code === wanted ? '' : stdout + stderr }).toEqual({ code: wanted, said: '' });
    return stdout + stderr;
  }
  const change = (side: 'production' | 'staging', sql: string): Promise<string> =>
    world[side].server.query(sql, site[side].database.name);

  it('works on its own database on both sides', async () => {
    expect(await page('production')).toContain(`new code in ${name}_production: production's first row`);
    expect(await page('staging')).toContain(`former code in ${name}_staging: staging's first row`);
  });

  it('is copied, and staging goes on with its own database', async () => {
    await sync(0);
    await change('production', "UPDATE items SET name = 'changed on production' WHERE id = 2");
    const served = await page('staging', '?write');
    expect(served).toContain(`new code in ${name}_staging: production's first row; second row; written`);
    expect(await page('production')).not.toContain('written through staging');
    const secrets = await Promise.all(
      Object.keys(layout.settings(site.staging.database)).map((file) =>
        readFile(path.join(site.staging.root, file), 'utf8'),
      ),
    );
    expect(secrets.join('')).not.toContain(`${name}_production`);
  }, 240_000);

  it('is refused while staging has a cache of production’s settings, and served nothing new', async () => {
    const cache = layout.cache(site.production.database);
    await write(site.staging.root, cache);
    expect(await page('staging')).toContain(`in ${name}_production`);
    const said = await sync(3);
    for (const file of Object.keys(cache)) expect(said).toContain(file);
    expect(said).not.toContain('Pr0d/');
    await remove(site.staging.root, cache);
    await sync(0);
    expect(await page('staging')).toContain('changed on production');
  }, 240_000);
});
