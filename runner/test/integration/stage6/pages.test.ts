import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pageTitle } from '../../../../sandbox/world/browser.js';
import { type World } from '../../../../sandbox/world.js';
import { changeSite, homePage, openWorld, outcome, result, understudy } from './stage6-world.js';

const LEAKING =
  '<?php add_action("wp_footer", function () { echo "<a href=\\"http://www." . "acme.test/old/\\">old</a>"; });';
let world: World;
let plugin: string;
let git: string;
beforeAll(async () => {
  world = await openWorld();
  plugin = path.join(world.staging.root, 'wp-content/mu-plugins/staging-leak.php');
  git = path.join(world.staging.root, '.git');
}, 180_000);
afterAll(async () => world.stop());
beforeEach(() => {
  rmSync(plugin, { force: true });
  rmSync(git, { recursive: true, force: true });
});

const record = (): { readonly state: string; readonly stages: Record<string, { readonly state: string }> } =>
  JSON.parse(
    readFileSync(path.join(world.workspace, 'acme', newestRun(), 'record.json'), 'utf8'),
  ) as ReturnType<typeof record>;
let lastRun = '';
const newestRun = (): string => lastRun;
async function sync(): ReturnType<typeof understudy> {
  const done = await understudy(world, 'sync', 'acme');
  lastRun = /acme\/(\w+-\w+)\/report\.html/.exec(done.stdout)?.[1] ?? '';
  return done;
}

describe('pages after the cutover', () => {
  test('that name production only in identities (feeds, REST) are fine', async () => {
    const done = await sync();
    expect(outcome(done)).toEqual({ code: 0 });
    expect(done.stdout).not.toMatch(/AFTER_CUTOVER_FAILED|CACHES_NOT_CLEARED|GIT_EXPOSED|PAGES_UNREAD/);
    expect((await world.get(world.staging, '/feed/')).body).toContain('http://www.acme.test/?p=');
  }, 240_000);

  test('that leak leave the new staging up: the run is complete, the command ends with 5', async () => {
    writeFileSync(plugin, LEAKING);
    await world.staging.server.query(
      "UPDATE wp_options SET option_value = 'Before' WHERE option_name = 'blogname'",
      world.staging.database,
    );
    const done = await sync();
    expect(outcome(done, 5)).toEqual({ code: 5 });
    expect(done.stderr).toContain('PAGE_LEAK_FOUND');
    expect(done.stderr).toContain('understudy rollback acme');
    expect(result(world)).toMatchObject({ exitCode: 5, error: { code: 'PAGE_LEAK_FOUND' } });
    expect(pageTitle(await homePage(world))).toContain('Acme Theatre – ');
    expect(record()).toMatchObject({ state: 'complete', stages: { 'rewrite-urls': { state: 'complete' } } });
    const report = readFileSync(path.join(world.workspace, 'acme', newestRun(), 'report.md'), 'utf8');
    expect(report).toContain('PAGE_LEAK_FOUND');
    // The lock is free, and what was found can still be undone.
    expect(outcome(await understudy(world, 'rollback', 'acme'))).toEqual({ code: 0 });
    expect(pageTitle(await homePage(world))).toContain('Before');
  }, 240_000);

  test('are looked at by understudy leaks too', async () => {
    writeFileSync(plugin, LEAKING);
    const done = await understudy(world, 'leaks', 'acme');
    expect(outcome(done, 5)).toEqual({ code: 5 });
    expect(done.stderr).toContain('www.acme.test');
  }, 120_000);

  test('that leak bring the former staging back where the site file says so', async () => {
    writeFileSync(plugin, LEAKING);
    changeSite(world, (site) => Object.assign(site, { rewrite: { onPageLeak: 'roll-back' } }));
    const done = await sync();
    expect(outcome(done, 5)).toEqual({ code: 5 });
    expect(done.stderr).toContain('The former staging was restored');
    expect(pageTitle(await homePage(world))).toContain('Before');
    changeSite(world, (site) => {
      delete site['rewrite'];
    });
  }, 240_000);

  test('warn of a .git that everybody can read', async () => {
    mkdirSync(git);
    writeFileSync(path.join(git, 'HEAD'), 'ref: refs/heads/main\n');
    const lenient = await sync();
    expect(outcome(lenient)).toEqual({ code: 0 });
    expect(lenient.stdout).toContain('GIT_EXPOSED: http://staging.acme.test/.git/HEAD');
  }, 240_000);

  test('that nobody can read are a warning, and no proof for understudy leaks', async () => {
    changeSite(world, ({ staging }) => Object.assign(staging ?? {}, { http: { resolve: '127.0.0.13:9' } }));
    const done = await understudy(world, 'leaks', 'acme');
    expect(outcome(done, 5)).toEqual({ code: 5 });
    expect(done.stderr).toContain('PAGES_UNREAD');
  }, 120_000);
});
