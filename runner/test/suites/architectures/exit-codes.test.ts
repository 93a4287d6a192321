import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expectExit, leftovers, served } from '../../../../sandbox/architectures/observe.js';
import { ensureBundle, type RunnerCall, type RunnerResult } from '../../../../sandbox/runner.js';
import { createWorld, type World } from '../../../../sandbox/world.js';
import { eventLines, runAndKill } from '../../integration/sandbox/kill-at.js';

let world: World;
let call: RunnerCall;
beforeAll(async () => {
  await ensureBundle();
  world = await createWorld({ stagingMode: 'replace' });
  call = { sites: world.sites, workspace: world.workspace };
}, 600_000);
afterAll(async () => world?.stop(), 120_000);

/** The last lines of the log begin with the code and end with what to do. */
function expectFailure(result: RunnerResult, code: string, next: RegExp): void {
  const lines = result.stderr.trim().split('\n');
  expect(lines.find((line) => line.startsWith(`${code}: `))).toBeDefined();
  const last = lines.slice(lines.findIndex((line) => line.startsWith('Next: '))).join('\n');
  expect(last).toMatch(next);
}

const newestRun = (): string =>
  (JSON.parse(eventLines(world.workspace).at(-1) ?? '{}') as { run?: string }).run ?? '';

test('1: a bug says that it is one', async () => {
  const poison = path.join(world.folder, 'poison.cjs');
  await writeFile(poison, "require('node:crypto').createHash = () => { throw new TypeError('planted'); };\n");
  const environment = { NODE_OPTIONS: `--require=${poison}` };
  const { stderr } = await expectExit(1, { ...call, environment }, 'sync', 'acme');
  expect(stderr).toMatch(/^BUG: TypeError: planted/);
  expect(stderr).toContain('please report it');
}, 300_000);

test('2: a site that does not exist, an unknown option', async () => {
  expectFailure(await expectExit(2, call, 'sync', 'acne'), 'SITE_UNKNOWN', /sites folder/);
  expectFailure(await expectExit(2, call, 'sync', 'acme', '--force'), 'USAGE', /understudy help/);
}, 300_000);

test('4: a value that has no room for the new address stops the stage, and staging is as it was', async () => {
  const { server, database } = world.production;
  await server.query(
    `CREATE TABLE wp_short (id int PRIMARY KEY, address varchar(20) NOT NULL);
     INSERT INTO wp_short VALUES (1, 'http://www.acme.test')`,
    database,
  );
  const before = await served(world);
  const result = await expectExit(4, call, 'sync', 'acme');
  expectFailure(result, 'REWRITE_VALUE_REFUSED', /\S/);
  expect(result.stderr).toContain('wp_short');
  expect(await served(world)).toEqual(before);
  expect(await leftovers(world)).toEqual([]);
  await server.query('DROP TABLE wp_short', database);
}, 900_000);

test("5: a page that names production out of the site's code", async () => {
  const file = path.join(world.production.root, 'wp-content/mu-plugins/hard-coded.php');
  await writeFile(
    file,
    "<?php add_action('wp_footer', function () { echo '<a href=\"http://www.acme.test/from-code\">x</a>'; });\n",
  );
  const result = await expectExit(5, call, 'sync', 'acme');
  expectFailure(result, 'PAGE_LEAK_FOUND', /understudy rollback acme/);
  expect((await world.get(world.staging, '/')).body).toContain('This is production');
  await rm(file);
}, 900_000);

test('6: another run holds the site', async () => {
  await expectExit(0, call, 'stage', 'sync-content', 'acme');
  const holder = newestRun();
  const result = await expectExit(6, call, 'sync', 'acme');
  expectFailure(result, 'LOCKED', new RegExp(holder));
  await expectExit(0, call, 'unlock', 'acme', '--run', holder);
}, 600_000);

test('7: a staging that can neither go on nor back says which command repairs it', async () => {
  const isImporting = (event: Readonly<Record<string, unknown>>): boolean =>
    event['stage'] === 'import-database' && event['type'] === 'progress';
  const killed = await runAndKill(call, isImporting, 'sync', 'acme');
  expect(killed.code).toBe(137);
  const safety = path.join(world.hosts.staging.home, '.understudy/acme/safety');
  const newest = readdirSync(safety).sort((a, b) => Number(b) - Number(a))[0] ?? '';
  const manifest = path.join(safety, newest, 'manifest.json');
  const text = await readFile(manifest, 'utf8');
  await rm(manifest);
  // The lease of the killed run would have to end first.
  await expectExit(0, call, 'unlock', 'acme', '--run', newestRun());
  const result = await expectExit(7, call, 'recover', 'acme');
  expect(result.stderr).toMatch(/Next: .*understudy recover acme/s);
  // With the staging backup back, the command that was named repairs it.
  await writeFile(manifest, text, { mode: 0o600 });
  await expectExit(0, call, 'recover', 'acme');
  expect((await served(world))['/']).toMatch(/^200 /);
  expect(await leftovers(world)).toEqual([]);
}, 900_000);

test('0: all is well', async () => {
  await expectExit(0, call, 'validate');
  await expectExit(0, call, 'sync', 'acme');
}, 600_000);
