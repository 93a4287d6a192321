import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expectExit, leftovers } from '../../../../sandbox/architectures/observe.js';
import { writeArchitecture, type Change } from '../../../../sandbox/architectures/site-file.js';
import { ensureBundle, type RunnerCall } from '../../../../sandbox/runner.js';
import { createWorld, type World } from '../../../../sandbox/world.js';
import { runAndSignal } from './signal-at.js';

let world: World;
beforeAll(async () => {
  await ensureBundle();
  world = await createWorld();
  const { root } = world.shop.staging;
  const log = path.join(world.hosts.staging.folder, 'page.log');
  await writeFile(
    path.join(root, 'page.sh'),
    `case $1 in down) : >closed ;; up) rm -f closed ;; esac\necho "$1" >>${log}\n`,
  );
}, 600_000);
afterAll(async () => world?.stop(), 120_000);

const pageLog = async (): Promise<string[]> => {
  const file = path.join(world.hosts.staging.folder, 'page.log');
  const text = existsSync(file) ? await readFile(file, 'utf8') : '';
  await rm(file, { force: true });
  return text.split('\n').filter(Boolean);
};

const closed = (): boolean => existsSync(path.join(world.shop.staging.root, 'closed'));

async function shop(mode: 'swap' | 'replace', change: Change = {}): Promise<RunnerCall> {
  const call = await writeArchitecture(
    world,
    mode,
    {
      database: { mode },
      staging: {
        maintenance: { on: ['sh', 'page.sh', 'down'], off: ['sh', 'page.sh', 'up'] },
        scrub: { sql: ['scrub.sql'] },
      },
      content: { keepOnStaging: ['/config.php', '/page.sh', '/closed'] },
      ...change,
    },
    'shop-php',
  );
  await writeFile(
    path.join(call.sites, 'scrub.sql'),
    "UPDATE customers SET email = CONCAT('customer', id, '@example.invalid');\n",
  );
  return call;
}

const emails = (): Promise<string> =>
  world.staging.server.query(
    "SELECT COUNT(*), SUM(email LIKE '%@example.invalid') FROM customers",
    world.shop.staging.database,
  );

test('is copied behind its own maintenance page in replace mode, scrubbed', async () => {
  const call = await shop('replace');
  const { stdout } = await expectExit(0, call, 'sync', 'shop-php');
  expect(stdout).not.toContain('Rewrite URLs');
  const page = await world.get(world.shop.staging, '/');
  expect(page.body).toContain('new product 60');
  expect(page.body).toContain('code new');
  expect(page.body).toContain('Props, staging');
  expect(await emails()).toBe('20\t20\n');
  const said = await pageLog();
  expect([said[0], said.at(-1)]).toEqual(['down', 'up']);
  expect(closed()).toBe(false);
  expect(await leftovers(world)).toEqual([]);
}, 600_000);

test('gives back what it replaced when it is aborted behind the page', async () => {
  const { server } = world.staging;
  const { database } = world.shop.staging;
  await server.query("UPDATE products SET name = 'kept product' WHERE id = 60", database);
  const call = await shop('replace');
  const result = await runAndSignal(call, 'SIGTERM', { stage: 'import-database' }, 'sync', 'shop-php');
  expect({ code: result.code, said: result.code === 130 ? '' : result.stdout + result.stderr }).toEqual({
    code: 130,
    said: '',
  });
  expect((await world.get(world.shop.staging, '/')).body).toContain('kept product');
  expect(closed()).toBe(false);
  expect(await leftovers(world)).toEqual([]);
}, 600_000);

test('is copied in swap mode, scrubbed before it is activated', async () => {
  const call = await shop('swap');
  await expectExit(0, call, 'sync', 'shop-php');
  expect((await world.get(world.shop.staging, '/')).body).toContain('new product 60');
  expect(await emails()).toBe('20\t20\n');
}, 600_000);
