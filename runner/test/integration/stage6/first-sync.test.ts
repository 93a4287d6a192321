import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { phpString } from '../../../../sandbox/world/php.js';
import { type World } from '../../../../sandbox/world.js';
import { type SideSettings } from '../../../src/config/site.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { askByPhp } from '../../../src/wordpress/plugin/ask-plugin.js';
import { clearToken } from '../../../src/wordpress/site/caches.js';
import { emptyStaging, inWordPress, openWorld, outcome, result, rows, understudy } from './stage6-world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
}, 300_000);
afterAll(async () => world.stop());

const inStaging = (...names: string[]): string => path.join(world.staging.root, ...names);
const inProduction = (...names: string[]): string => path.join(world.production.root, ...names);

describe('a first sync, to a document root that holds only wp-config.php and an empty database', () => {
  let config: string;
  beforeAll(async () => {
    await emptyStaging(world);
    config = readFileSync(inStaging('wp-config.php'), 'utf8');
    // The sandbox keeps planned tasks off by a constant; here the plugin alone has to.
    config = config.replace(/define\('DISABLE_WP_CRON', true\);/, '');
    writeFileSync(inStaging('wp-config.php'), config);
    // Production's settings lie in an included file with a name of its own, and in a copy that somebody left.
    const text = readFileSync(inProduction('wp-config.php'), 'utf8').replace(
      "require_once ABSPATH . 'wp-settings.php';",
      '',
    );
    writeFileSync(inProduction('acme-settings.php'), text);
    writeFileSync(
      inProduction('wp-config.php'),
      "<?php\nrequire __DIR__ . '/acme-settings.php';\nrequire_once ABSPATH . 'wp-settings.php';\n",
    );
    writeFileSync(inProduction('wp-content/old-settings.bak'), text);
    const done = await understudy(world, 'sync', 'acme');
    expect(outcome(done)).toEqual({ code: 0 });
    expect(done.stdout).toContain('acme-settings.php (holds the password of the database)');
    expect(done.stdout + done.stderr).not.toContain(world.production.account.password);
  }, 300_000);

  test('has the plugin in place: no mail, no planned tasks', async () => {
    expect(readFileSync(inStaging('wp-content/mu-plugins/understudy.php'), 'utf8')).toContain(
      result(world).run,
    );
    const answer = await inWordPress(
      world,
      "$f = new ReflectionFunction('wp_mail'); echo basename($f->getFileName()), ' ', var_export(DISABLE_WP_CRON, true);",
    );
    expect(answer).toBe('understudy.php true');
  });

  test("brings the site, and neither production's settings nor a copy of them", async () => {
    expect((await world.get(world.staging, '/')).body).toContain('Acme Theatre');
    expect(readFileSync(inStaging('wp-config.php'), 'utf8')).toBe(config);
    expect(existsSync(inStaging('acme-settings.php'))).toBe(false);
    expect(existsSync(inStaging('wp-content/old-settings.bak'))).toBe(false);
    expect(existsSync(inStaging('wp-content/mu-plugins/acme-code.php'))).toBe(true);
  });

  test('can be asked by PHP on the host, where no request reaches it', async () => {
    const token = clearToken('some-run');
    const { server, database, root, url } = world.staging;
    const ask = async (): ReturnType<typeof askByPhp> => {
      await server.query(
        `UPDATE wp_options SET option_value = '${token.state}' WHERE option_name = 'understudy_state'`,
        database,
      );
      return askByPhp(
        createLocalHost('staging', 'staging'),
        { path: root, url } as SideSettings,
        undefined,
        token.token,
      );
    };
    expect(await ask()).toMatchObject({ kind: 'loaded', answer: { run: result(world).run } });
    const plugin = inStaging('wp-content/mu-plugins/understudy.php');
    renameSync(plugin, `${plugin}.off`);
    expect(await ask()).toMatchObject({
      kind: 'missing',
      why: expect.stringContaining(`${root}/wp-content/mu-plugins`) as unknown,
    });
    renameSync(`${plugin}.off`, plugin);
  });

  test("goes back to the empty root and the empty database, whatever staging's settings say meanwhile", async () => {
    const astray = `<?php\ndefine('DB_HOST', '127.0.0.1:${String(world.production.server.port)}');`;
    writeFileSync(inStaging('wp-config.php'), config.replace('<?php', astray));
    expect(outcome(await understudy(world, 'rollback', 'acme'))).toEqual({ code: 0 });
    expect(readdirSync(world.staging.root)).toEqual(['wp-config.php']);
    expect(await rows(world, 'staging', 'SHOW TABLES')).toEqual([]);
    writeFileSync(inStaging('wp-config.php'), config);
  }, 60_000);
});

describe('a site that is not WordPress', () => {
  /** A page that takes its database from a cache of its settings, as Laravel does. */
  const page = `<?php
    $file = __DIR__ . '/bootstrap/cache/config.php';
    $c = is_file($file) ? require $file : parse_ini_file(__DIR__ . '/.env');
    $db = new mysqli('127.0.0.1', $c['DB_USERNAME'], $c['DB_PASSWORD'], $c['DB_DATABASE'], $c['DB_PORT']);
    echo $db->query("SELECT name FROM products WHERE id = 1")->fetch_row()[0];`;

  function settings(side: 'production' | 'staging'): Record<string, string> {
    const { account, database } = world.shop[side];
    return {
      DB_PORT: String(world[side].server.port),
      DB_DATABASE: database,
      DB_USERNAME: account.user,
      DB_PASSWORD: account.password,
    };
  }
  const put = (side: 'production' | 'staging', name: string, text: string): void => {
    writeFileSync(path.join(world.shop[side].root, name), text);
  };

  test('keeps its settings, however they are cached', async () => {
    for (const side of ['production', 'staging'] as const)
      put(
        side,
        '.env',
        Object.entries(settings(side))
          .map(([key, value]) => `${key}="${value}"\n`)
          .join(''),
      );
    mkdirSync(path.join(world.shop.production.root, 'bootstrap/cache'), { recursive: true });
    const exported = Object.entries(settings('production')).map(
      ([key, value]) => `'${key}' => ${phpString(value)}`,
    );
    put('production', 'bootstrap/cache/config.php', `<?php return [${exported.join(', ')}];`);
    put('production', 'app-cache.php', `<?php return [${exported.join(', ')}];`);
    put('production', 'index.php', page);
    const sites = path.join(world.sites, 'shop-php.yaml');
    const text = readFileSync(sites, 'utf8');
    // Nothing in the site file says which files are settings.
    writeFileSync(sites, text.replace(/content:\n(?: .*\n)+/, ''));
    expect(outcome(await understudy(world, 'sync', 'shop-php'))).toEqual({ code: 0 });
    await world.production.server.query(
      "UPDATE products SET name = 'changed on production' WHERE id = 1",
      world.shop.production.database,
    );
    expect((await world.get(world.shop.staging, '/')).body).toBe('new product 1');
    expect(existsSync(path.join(world.shop.staging.root, 'app-cache.php'))).toBe(false);
    expect(readFileSync(path.join(world.shop.staging.root, 'config.php'), 'utf8')).toContain('shop_staging');
  }, 120_000);

  test('is not synced to a staging that was set up by hand as a copy of production', async () => {
    const own = readFileSync(path.join(world.shop.staging.root, '.env'), 'utf8');
    put('staging', '.env', readFileSync(path.join(world.shop.production.root, '.env'), 'utf8'));
    const { code, stderr } = await understudy(world, 'sync', 'shop-php');
    put('staging', '.env', own);
    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('.env on staging holds the password of the database') as unknown,
    });
  }, 60_000);

  test('is not called harmless where nobody finds the settings that staging works with', async () => {
    const { root } = world.shop.staging;
    const elsewhere = path.join(world.hosts.staging.folder, 'shop.env');
    renameSync(path.join(root, '.env'), elsewhere);
    renameSync(path.join(root, 'config.php'), `${elsewhere}.php`);
    const { code, stderr } = await understudy(world, 'sync', 'shop-php');
    expect({ code, stderr }).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('STAGING_UNPROVEN') as unknown,
    });
    const file = path.join(world.sites, 'shop-php.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('staging:\n', `staging:\n  settings: [ ${elsewhere} ]\n`));
    expect(outcome(await understudy(world, 'sync', 'shop-php'))).toEqual({ code: 0 });
  }, 120_000);
});
