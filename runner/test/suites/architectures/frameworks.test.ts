import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
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

const run = async (site: FrameworkSite, wanted: number): Promise<string> => {
  const { code, stdout, stderr } = await runUnderstudy(site.call, '--verbose', 'sync', 'shop-php');
  expect({ code, said: code === wanted ? '' : stdout + stderr }).toEqual({ code: wanted, said: '' });
  return stdout + stderr;
};

describe.each(Object.entries(layouts))('an application like %s', (name, layout) => {
  let site: FrameworkSite;
  beforeAll(async () => {
    site = await makeFrameworkSite(world, name, layout);
  }, 120_000);
  afterAll(async () => site?.stop());

  const page = async (side: 'production' | 'staging', query = ''): Promise<string> =>
    (await getPage(site[side], `/${query}`)).body;
  const change = (side: 'production' | 'staging', sql: string): Promise<string> =>
    world[side].server.query(sql, site[side].database.name);

  test('works on its own database on both sides', async () => {
    expect(await page('production')).toContain(`new code in ${name}_production: production's first row`);
    expect(await page('staging')).toContain(`former code in ${name}_staging: staging's first row`);
  });

  test('is copied, and staging goes on with its own database', async () => {
    await run(site, 0);
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

  test('is refused while staging has a cache of production’s settings, and served nothing new', async () => {
    const cache = layout.cache(site.production.database);
    await write(site.staging.root, cache);
    expect(await page('staging')).toContain(`in ${name}_production`);
    const said = await run(site, 3);
    for (const file of Object.keys(cache)) expect(said).toContain(file);
    expect(said).not.toContain('Pr0d/');
    await remove(site.staging.root, cache);
    await run(site, 0);
    expect(await page('staging')).toContain('changed on production');
  }, 240_000);
});

const homemade = layouts['homemade'];
if (homemade === undefined) throw new Error('no layout');

test('knows the settings of production where the site file has an account that only reads', async () => {
  const site = await makeFrameworkSite(world, 'reader', homemade, { dumpAccount: true });
  try {
    await write(site.production.root, {
      'inc/more.php': `<?php return ['dbname' => 'reader_production', 'password' => 'x'];`,
    });
    const said = await run(site, 0);
    expect(said).toMatch(/inc\/connection\.yml \(holds the name of the database beside a password\)/);
    expect(said).toMatch(/inc\/more\.php \(holds/);
    expect((await getPage(site.staging, '/')).body).toContain(
      "new code in reader_staging: production's first row",
    );
    await write(site.staging.root, homemade.cache(site.production.database));
    expect(await run(site, 3)).toContain('tmp/compiled.json');
  } finally {
    await site.stop();
  }
}, 300_000);

test('does not end well where settings of production would look like those of staging', async () => {
  const site = await makeFrameworkSite(world, 'alike', homemade, { sameAccounts: true });
  try {
    const said = await run(site, 5);
    expect(said).toContain('STAGING_UNPROVEN');
    expect(said).toContain('the same name, user and password');
  } finally {
    await site.stop();
  }
}, 300_000);
