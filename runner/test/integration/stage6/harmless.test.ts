import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import path from 'node:path';
import { runPhp } from '../../../../sandbox/world/php.js';
import { type World } from '../../../../sandbox/world.js';
import { changeSite, homePage, openWorld, outcome, rows, understudy } from './stage6-world.js';

/** A server of somebody else: notes who asked for what. */
interface Foreign {
  readonly url: string;
  readonly asked: string[];
  stop(): void;
}

async function foreign(address: string): Promise<Foreign> {
  const asked: string[] = [];
  const server: Server = createServer((request, answer) => {
    asked.push(request.url ?? '');
    answer.end('hello');
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://${address}:${String(port)}/`, asked, stop: () => server.close() };
}

let world: World;
let payments: Foreign;
let allowed: Foreign;
let mails: string;
beforeAll(async () => {
  world = await openWorld();
  [payments, allowed] = await Promise.all([foreign('127.0.0.98'), foreign('127.0.0.99')]);
  mails = path.join(world.folder, 'mails');
  const { production, staging } = world;
  const plugin = path.join(production.root, 'wp-content/plugins/woocommerce');
  mkdirSync(plugin, { recursive: true });
  writeFileSync(path.join(plugin, 'woocommerce.php'), '<?php /* Plugin Name: WooCommerce */');
  await production.server.query(
    `UPDATE wp_options SET option_value = 'a:1:{i:0;s:27:"woocommerce/woocommerce.php";}' WHERE option_name = 'active_plugins'`,
    production.database,
  );
  // The sandbox keeps WordPress from the network by a constant; here the must-use plugin alone has to.
  const config = path.join(staging.root, 'wp-config.php');
  const text = readFileSync(config, 'utf8');
  writeFileSync(config, text.replace(/define\('(WP_HTTP_BLOCK_EXTERNAL|DISABLE_WP_CRON)', true\);/g, ''));
  changeSite(world, (site) => Object.assign(site['staging'] ?? {}, { allowHttp: ['127.0.0.99'] }));
  const done = await understudy(world, 'sync', 'acme');
  expect(outcome(done)).toEqual({ code: 0 });
  expect(done.stdout).toContain('foreign hosts blocked');
}, 300_000);
afterAll(async () => {
  payments.stop();
  allowed.stop();
  await world.stop();
});

/** Runs PHP inside staging's WordPress; what would be mailed goes into a file. */
function inWordPress(code: string): Promise<string> {
  const recorder = `/bin/sh -c "cat >> '${mails}'"`;
  const start =
    "$_SERVER['HTTP_HOST'] = 'staging.acme.test'; $_SERVER['REQUEST_URI'] = '/'; require 'wp-load.php';";
  return runPhp(world.staging.root, ['-d', `sendmail_path=${recorder}`, '-r', `${start} ${code}`]);
}

describe('staging of a shop, in its own WordPress', () => {
  it('sends no mail, and plugins think that it does', async () => {
    const mail = 'var_export(wp_mail("someone@people.example", "Your order", "is on its way"));';
    expect(await inWordPress(mail)).toBe('true');
    expect(existsSync(mails)).toBe(false);
    await inWordPress('mail("someone@people.example", "past WordPress", "this recorder works");');
    expect(readFileSync(mails, 'utf8')).toContain('this recorder works');
    rmSync(mails);
  });

  it('talks to no foreign host', async () => {
    const ask = (url: string): Promise<string> =>
      inWordPress(
        `$a = wp_remote_get('${url}'); echo is_wp_error($a) ? $a->get_error_code() : wp_remote_retrieve_body($a);`,
      );
    expect(await ask(`${payments.url}v1/charges`)).toBe('understudy_blocked');
    expect(payments.asked).toEqual([]);
    expect(await ask(`${allowed.url}ping`)).toBe('hello');
    expect(allowed.asked).toEqual(['/ping']);
  });

  it('tells search engines to stay away', async () => {
    const page = await homePage(world);
    expect(page.headers.get('x-robots-tag')).toBe('noindex, nofollow');
    expect(page.body).toMatch(/<meta name='robots' content='[^']*noindex/);
    expect((await world.get(world.staging, '/feed/')).headers.get('x-robots-tag')).toContain('noindex');
  });

  it('runs no planned task, not even one that is due', async () => {
    const witness = path.join(world.folder, 'ran');
    writeFileSync(
      path.join(world.staging.root, 'wp-content/mu-plugins/staging-task.php'),
      `<?php add_action('staging_task', function () { touch('${witness}'); });`,
    );
    await inWordPress("wp_schedule_single_event(time() - 60, 'staging_task');");
    const due = await rows(
      world,
      'staging',
      "SELECT option_value LIKE '%staging_task%' FROM wp_options WHERE option_name = 'cron'",
    );
    expect(due).toEqual(['1']);
    await homePage(world);
    expect((await world.get(world.staging, '/wp-cron.php?doing_wp_cron')).status).toBe(200);
    expect(await inWordPress('echo count(wp_get_ready_cron_jobs());')).toBe('0');
    expect(existsSync(witness)).toBe(false);
  });

  it('forgets the one-time token with its use, and answers nobody else', async () => {
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
