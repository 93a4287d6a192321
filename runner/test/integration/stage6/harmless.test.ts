import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type PhpServer } from '../../../../sandbox/servers/php.js';
import { type World } from '../../../../sandbox/world.js';
import { changeSite, emptyStaging, homePage, openWorld, outcome, rows, understudy } from './stage6-world.js';
import { actingPlugin, DUE_TASK, httpTrap, mailTrap, serveStagingWith, smtpTrap } from './traps.js';
import { type MailTrap, type Trap } from './traps.js';

let world: World;
let web: PhpServer;
let payments: Trap;
let allowed: Trap;
let smtp: Trap;
let mails: MailTrap;
let marker: string;
beforeAll(async () => {
  world = await openWorld();
  [payments, allowed, smtp] = await Promise.all([
    httpTrap('127.0.0.98'),
    httpTrap('127.0.0.99'),
    smtpTrap('127.0.0.97'),
  ]);
  mails = mailTrap(world.folder);
  marker = path.join(world.folder, 'acted');
  web = await serveStagingWith(world, mails.command);
  const { production, staging } = world;
  writeFileSync(
    path.join(production.root, 'wp-content/mu-plugins/acme-acts.php'),
    actingPlugin({ http: payments, smtp, marker }),
  );
  await production.server.query(
    `UPDATE wp_options SET option_value = '${DUE_TASK}' WHERE option_name = 'cron';
     CREATE TABLE wp_actionscheduler_actions (action_id bigint unsigned AUTO_INCREMENT PRIMARY KEY, status varchar(20));
     INSERT INTO wp_actionscheduler_actions (status) VALUES ('pending')`,
    production.database,
  );
  // The sandbox keeps WordPress from the network by constants; here the must-use plugin alone has to.
  const config = path.join(staging.root, 'wp-config.php');
  const text = readFileSync(config, 'utf8');
  writeFileSync(config, text.replace(/define\('(WP_HTTP_BLOCK_EXTERNAL|DISABLE_WP_CRON)', true\);/g, ''));
  changeSite(world, (site) => Object.assign(site['staging'] ?? {}, { allowHttp: [allowed.host] }));
}, 300_000);
afterAll(async () => {
  for (const trap of [payments, allowed, smtp]) trap.stop();
  await web.stop();
  await world.stop();
});

async function sync(): Promise<string> {
  const done = await understudy(world, 'sync', 'acme');
  expect(outcome(done)).toEqual({ code: 0 });
  return done.stdout;
}

/** Asks production's plugin, now on staging, to act. @returns what it says came of it */
async function act(what: string): Promise<string> {
  const { body } = await world.get(world.staging, `/?acme_act=${what}`);
  return /answer=(.*)$/s.exec(body)?.[1] ?? `no answer: ${body.slice(0, 300)}`;
}

const nothingCaught = (): void => {
  expect({ http: payments.caught, smtp: smtp.caught, mails: mails.caught() }).toEqual({
    http: [],
    smtp: [],
    mails: '',
  });
  // Production acts as production.
  const acted = existsSync(marker) ? readFileSync(marker, 'utf8').split('\n') : [];
  expect(acted.filter((line) => line.includes(world.staging.database))).toEqual([]);
};

/** All ways of acting, on a site that is no shop. */
async function tryEverything(): Promise<void> {
  expect(await act('wp_mail')).toBe('true');
  expect(await act('phpmailer-mail')).toBe('true');
  await act('phpmailer-sendmail');
  expect(await act('phpmailer-smtp')).toBe('false');
  expect(await act('write')).toBe("'understudy_blocked'");
  expect(await act('purge')).toBe("'understudy_blocked'");
  expect(await act('curl')).toMatch(/connect to 127\.0\.0\.1/);
  expect(await act('plan')).toBe("'not planned'");
  await world.staging.server.query(
    `UPDATE wp_options SET option_value = '${DUE_TASK}' WHERE option_name = 'cron';
     INSERT INTO wp_actionscheduler_actions (status) VALUES ('pending')`,
    world.staging.database,
  );
  expect(await act('due')).toBe('0');
  expect(await act('queue')).toBe("'asked'");
  await homePage(world);
  expect((await world.get(world.staging, '/wp-cron.php?doing_wp_cron')).status).toBe(200);
  nothingCaught();
}

describe('without Understudy', () => {
  test('the traps catch what the plugin does', async () => {
    writeFileSync(
      path.join(world.staging.root, 'wp-content/mu-plugins/acme-acts.php'),
      actingPlugin({ http: payments, smtp, marker }),
    );
    await world.staging.server.query(
      `UPDATE wp_options SET option_value = '${DUE_TASK}' WHERE option_name = 'cron';
       CREATE TABLE wp_actionscheduler_actions (action_id bigint unsigned AUTO_INCREMENT PRIMARY KEY, status varchar(20));
       INSERT INTO wp_actionscheduler_actions (status) VALUES ('pending')`,
      world.staging.database,
    );
    for (const what of ['wp_mail', 'phpmailer-mail', 'phpmailer-sendmail', 'mail']) {
      await act(what);
      expect([what, mails.caught()]).toEqual([what, expect.stringContaining('customer@people.example')]);
    }
    await act('phpmailer-smtp');
    for (const what of ['read', 'write', 'purge', 'curl']) expect(await act(what)).toBe("'hello'");
    expect(payments.caught.splice(0)).toEqual(['GET /read', 'POST /write', 'PURGE /purge', 'POST /curl']);
    expect(smtp.caught.splice(0)).toEqual(['connection']);
    await act('queue');
    await world.get(world.staging, '/wp-cron.php?doing_wp_cron');
    expect(readFileSync(marker, 'utf8')).toMatch(/action 1[\s\S]*planned task/);
    // Requests that were answered may still be at work.
    await web.stop();
    web = await serveStagingWith(world, mails.command);
    rmSync(marker);
  }, 120_000);
});

describe('after a first sync, to an empty staging', () => {
  let said: string;
  beforeAll(async () => {
    await emptyStaging(world);
    said = await sync();
  }, 300_000);

  test('nothing acts on the outside but reads', async () => {
    await tryEverything();
    expect(await act('read')).toBe("'hello'");
    expect(payments.caught.splice(0)).toEqual(['GET /read']);
  }, 120_000);

  test("mail past WordPress goes out, and the report says how to close PHP's mail()", async () => {
    expect(await act('mail')).toBe('true');
    expect(mails.caught()).toContain('past WordPress');
    expect(said).toContain(`reaches ${mails.command} on staging`);
    expect(said).toContain('sendmail_path = /bin/true');
  });

  test('tells search engines to stay away', async () => {
    const page = await homePage(world);
    expect(page.headers.get('x-robots-tag')).toBe('noindex, nofollow');
    expect(page.body).toMatch(/<meta name='robots' content='[^']*noindex/);
    expect((await world.get(world.staging, '/feed/')).headers.get('x-robots-tag')).toContain('noindex');
  });

  test('forgets the one-time token with its use, and answers nobody else', async () => {
    const state = await rows(
      world,
      'staging',
      "SELECT option_value FROM wp_options WHERE option_name = 'understudy_state'",
    );
    expect(state.join('')).toMatch(/^\{"run":"[^"]+"\}$/);
    const headers = { 'X-Understudy-Token': 'a'.repeat(48) };
    const answer = await world.get(world.staging, '/wp-login.php', { headers });
    expect(answer.body).not.toContain('"understudy"');
  });
});

describe('after a later sync, of a shop, with mail() closed on the host', () => {
  let said: string;
  beforeAll(async () => {
    const plugin = path.join(world.production.root, 'wp-content/plugins/woocommerce');
    mkdirSync(plugin, { recursive: true });
    writeFileSync(path.join(plugin, 'woocommerce.php'), '<?php /* Plugin Name: WooCommerce */');
    await world.production.server.query(
      `UPDATE wp_options SET option_value = 'a:1:{i:0;s:27:"woocommerce/woocommerce.php";}' WHERE option_name = 'active_plugins'`,
      world.production.database,
    );
    await web.stop();
    web = await serveStagingWith(world, '/bin/true');
    changeSite(world, (site) => Object.assign(site, { content: { media: { mode: 'read-through' } } }));
    said = await sync();
  }, 300_000);

  test('nothing acts on the outside, and nothing is read there either', async () => {
    expect(said).toContain('foreign hosts blocked');
    expect(said).not.toContain('STAGING_CAN_SEND');
    await tryEverything();
    expect(await act('read')).toBe("'understudy_blocked'");
    await act('mail');
    nothingCaught();
  }, 120_000);

  test('a missing upload is answered by production, anything else missing is not', async () => {
    const location = async (path: string): Promise<[number, string | null]> => {
      const { status, headers } = await world.get(world.staging, path, { redirect: 'manual' });
      return [status, headers.get('location')];
    };
    expect(await location('/index.php/wp-content/uploads/2024/05/none.png?v=1')).toEqual([
      302,
      'http://www.acme.test/index.php/wp-content/uploads/2024/05/none.png?v=1',
    ]);
    for (const path of [
      '/index.php/wp-content/uploads/x.php',
      '/index.php/wp-content/uploads/',
      '/no-such-page/',
    ])
      expect((await location(path))[1] ?? '').not.toContain('www.acme.test');
  });

  test('what staging.allowHttp names is reached', async () => {
    const file = path.join(world.staging.root, 'wp-content/mu-plugins/acme-acts.php');
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replaceAll(`${payments.host}:${String(payments.port)}`, `${allowed.host}:${String(allowed.port)}`),
    );
    for (const what of ['read', 'write', 'curl']) expect(await act(what)).toBe("'hello'");
    expect(allowed.caught).toEqual(['GET /read', 'POST /write', 'POST /curl']);
  });
});
