import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Browser, pageTitle } from '../../../../sandbox/world/browser.js';
import { type Page, type World } from '../../../../sandbox/world.js';
import { changeSite, openWorld, outcome, rows, understudy } from '../../integration/stage6/stage6-world.js';
import { actingPlugin, DUE_TASK, httpTrap, type Trap } from '../../integration/stage6/traps.js';

let world: World;
let trap: Trap;
beforeAll(async () => {
  [world, trap] = await Promise.all([openWorld({ multisite: true }), httpTrap('127.0.0.98')]);
  const { production, staging } = world;
  writeFileSync(
    path.join(production.root, 'wp-content/mu-plugins/acme-acts.php'),
    actingPlugin({ http: trap, smtp: trap, marker: path.join(world.folder, 'acted') }),
  );
  // An administrator of one site; later he goes, and the director gets another password.
  await production.server.query(
    `UPDATE wp_2_options SET option_value = '${DUE_TASK}' WHERE option_name = 'cron';
     UPDATE wp_3_options SET option_value = '1' WHERE option_name = 'blog_public';
     INSERT INTO wp_users (user_login, user_pass, user_nicename, user_email) VALUES ('northerner', 'x', 'n', 'n@acme.test');
     INSERT INTO wp_usermeta (user_id, meta_key, meta_value)
       SELECT ID, 'wp_2_capabilities', 'a:1:{s:13:"administrator";b:1;}' FROM wp_users WHERE user_login = 'northerner'`,
    production.database,
  );
  // The sandbox keeps WordPress from the network by constants; here the must-use plugin alone has to.
  const config = path.join(staging.root, 'wp-config.php');
  const text = readFileSync(config, 'utf8');
  writeFileSync(config, text.replace(/define\('(WP_HTTP_BLOCK_EXTERNAL|DISABLE_WP_CRON)', true\);/g, ''));
}, 180_000);
afterAll(async () => {
  trap.stop();
  await world.stop();
});

const logins = async (): Promise<string[]> =>
  (await rows(world, 'staging', 'SELECT user_login FROM wp_users')).filter((login) =>
    ['director', 'stagehand', 'northerner'].includes(login),
  );

/** Every site of the network acts on nobody. */
async function expectHarmless(host: string, folder: string, id: number): Promise<void> {
  const act = async (what: string): Promise<string> =>
    /answer=(.*)$/s.exec((await page(host, `${folder}?acme_act=${what}`)).body)?.[1] ?? '(none)';
  expect(await act('write')).toBe("'understudy_blocked'");
  expect(await act('plan')).toBe("'not planned'");
  expect(await act('due')).toBe('0');
  expect(await act('wp_mail')).toBe('true');
  expect(trap.caught).toEqual([]);
  expect((await page(host, folder)).headers.get('x-robots-tag')).toBe('noindex, nofollow');
  const options = `SELECT option_value FROM wp_${String(id)}_options WHERE option_name = `;
  expect(await rows(world, 'staging', `${options}'blog_public'`)).toEqual(['0']);
  expect((await rows(world, 'staging', `${options}'cron'`)).join('')).not.toContain('acme_nightly');
}

const page = (host: string, target = '/'): Promise<Page> =>
  world.get({ ...world.staging, url: `http://${host}` }, target);

function changeConfig(side: 'production' | 'staging', from: string, to: string): void {
  const file = path.join(world[side].root, 'wp-config.php');
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  writeFileSync(file, text.replace(from, to));
}

const PRODUCTION = /www\.acme\.test|\bnorth\.acme\.test|southern\.test/i;

describe('a network of folders', () => {
  test('moves every site of it', async () => {
    expect(outcome(await understudy(world, 'sync', 'acme'))).toEqual({ code: 0 });
    expect(await rows(world, 'staging', 'SELECT domain, path FROM wp_blogs ORDER BY blog_id')).toEqual([
      'staging.acme.test\t/',
      'staging.acme.test\t/north/',
      'staging.acme.test\t/south/',
    ]);
    expect(await rows(world, 'staging', 'SELECT domain, path FROM wp_site')).toEqual([
      'staging.acme.test\t/',
    ]);
    const home = "SELECT option_value FROM wp_2_options WHERE option_name IN ('home', 'siteurl')";
    expect(await rows(world, 'staging', home)).toEqual(Array(2).fill('http://staging.acme.test/north'));
  }, 240_000);

  test.each(['north', 'south'])('serves its site %s under staging', async (name) => {
    const { status, body } = await page('staging.acme.test', `/${name}/`);
    expect(status).toBe(200);
    expect(body).toContain(`News from the ${name}`);
    expect(body).toContain(`http://staging.acme.test/${name}/about/`);
    expect(body).not.toMatch(PRODUCTION);
  });

  test('acts on nobody, whichever site is asked, and knows which copy it is', async () => {
    await expectHarmless('staging.acme.test', '/north/', 2);
    await expectHarmless('staging.acme.test', '/south/', 3);
    const state = "SELECT option_value FROM wp_options WHERE option_name = 'understudy_state'";
    expect((await rows(world, 'staging', state)).join('')).toMatch(/^\{"run":"[^"]+"\}$/);
    expect((await logins()).sort()).toEqual(['director', 'northerner', 'stagehand']);
  });

  test("keeps staging's super administrator beside production's", async () => {
    const [admins] = await rows(
      world,
      'staging',
      "SELECT meta_value FROM wp_sitemeta WHERE meta_key = 'site_admins'",
    );
    expect(admins).toContain('s:8:"director"');
    expect(admins).toContain('s:9:"stagehand"');
    const browser = new Browser(world, world.staging);
    const { user, password } = world.staging.administrator;
    await browser.logIn(user, password);
    const network = await browser.open('/wp-admin/network/');
    expect(network.status).toBe(200);
    expect(pageTitle(network)).toContain('Network Admin');
  });
});

describe('a network of subdomains with a mapped domain', () => {
  const NETWORK = {
    'north.acme.test': 'north.staging.acme.test',
    'www.southern.test': 'south.staging.acme.test',
  };

  beforeAll(async () => {
    const move = (id: number, host: string, folder: string): string =>
      `UPDATE wp_blogs SET domain = '${host}', path = '/' WHERE blog_id = ${id};
       UPDATE wp_${id}_options SET option_value = 'http://${host}' WHERE option_name IN ('home', 'siteurl');
       UPDATE wp_${id}_posts SET post_content = REPLACE(post_content, 'http://www.acme.test/${folder}', 'http://${host}');`;
    await world.production.server.query(
      `${move(2, 'north.acme.test', 'north')} ${move(3, 'www.southern.test', 'south')}
       UPDATE wp_sitemeta SET meta_value = '1' WHERE meta_key = 'subdomain_install';
       DELETE FROM wp_users WHERE user_login = 'northerner';
       UPDATE wp_users SET user_pass = 'changed on production' WHERE user_login = 'director';
       UPDATE wp_posts SET post_content = CONCAT(post_content, ' <a href="https://www.southern.test/x">south</a>') WHERE post_name = 'tickets';`,
      world.production.database,
    );
    changeConfig('production', "'SUBDOMAIN_INSTALL', false", "'SUBDOMAIN_INSTALL', true");
  });

  test('is refused while staging is a network of another kind', async () => {
    const done = await understudy(world, 'sync', 'acme');
    expect(outcome(done, 3)).toEqual({ code: 3 });
    expect(done.stderr).toContain("define( 'SUBDOMAIN_INSTALL', true )");
    changeConfig('staging', "'SUBDOMAIN_INSTALL', false", "'SUBDOMAIN_INSTALL', true");
  }, 120_000);

  test('is refused while its sites have no address on staging; what to write is said', async () => {
    const done = await understudy(world, 'sync', 'acme');
    expect(outcome(done, 3)).toEqual({ code: 3 });
    expect(done.stderr).toContain('"north.acme.test": <its staging address>, "www.southern.test"');
    changeSite(world, (site) => Object.assign(site, { rewrite: { network: NETWORK } }));
  }, 120_000);

  test('is refused while DOMAIN_CURRENT_SITE is not the host of staging.url', async () => {
    changeConfig(
      'staging',
      "'DOMAIN_CURRENT_SITE', 'staging.acme.test'",
      "'DOMAIN_CURRENT_SITE', 'www.acme.test'",
    );
    const done = await understudy(world, 'sync', 'acme');
    changeConfig(
      'staging',
      "'DOMAIN_CURRENT_SITE', 'www.acme.test'",
      "'DOMAIN_CURRENT_SITE', 'staging.acme.test'",
    );
    expect(outcome(done, 3)).toEqual({ code: 3 });
    expect(done.stderr).toContain("define( 'DOMAIN_CURRENT_SITE', 'staging.acme.test' )");
  }, 120_000);

  test('moves each site to its own staging address', async () => {
    expect(outcome(await understudy(world, 'sync', 'acme'))).toEqual({ code: 0 });
    expect(await rows(world, 'staging', 'SELECT domain, path FROM wp_blogs ORDER BY blog_id')).toEqual([
      'staging.acme.test\t/',
      'north.staging.acme.test\t/',
      'south.staging.acme.test\t/',
    ]);
    const tickets = await page('staging.acme.test', '/tickets/');
    expect(tickets.body).toContain('http://south.staging.acme.test/x');
  }, 240_000);

  test.each(['north', 'south'])('serves its site %s under its own host', async (name) => {
    const { status, body } = await page(`${name}.staging.acme.test`);
    expect(status).toBe(200);
    expect(body).toContain(`News from the ${name}`);
    expect(body).toContain(`http://${name}.staging.acme.test/about/`);
    expect(body).not.toMatch(PRODUCTION);
  });

  test('has the users that production has now, and its own', async () => {
    expect((await logins()).sort()).toEqual(['director', 'stagehand']);
    const pass = "SELECT user_pass FROM wp_users WHERE user_login = 'director'";
    expect(await rows(world, 'staging', pass)).toEqual(['changed on production']);
    await expectHarmless('north.staging.acme.test', '/', 2);
    await expectHarmless('south.staging.acme.test', '/', 3);
  });
});
