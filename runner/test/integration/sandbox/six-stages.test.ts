import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, lstatSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import {
  ensureBundle,
  runUnderstudy,
  type RunnerCall,
  type RunnerResult,
} from '../../../../sandbox/runner.js';
import { Network } from '../../../../sandbox/servers/network.js';
import { Browser, pageTitle } from '../../../../sandbox/world/browser.js';
import { databaseFingerprint, filesFingerprint } from '../../../../sandbox/world/fingerprint.js';
import { createWorld, type World } from '../../../../sandbox/world.js';
import { STAGES } from '../../../src/config/stage-list.js';
import { watchCarriedBytes } from './carried-bytes.js';
import { processesOfHosts } from './host-processes.js';
import { newestRun, runAndSignal } from './kill-at.js';

const network = new Network();
let world: World;
beforeAll(async () => {
  await ensureBundle();
  world = await createWorld({ size: 'small', lean: true, network });
}, 180_000);
afterAll(async () => world.stop());

const call = (): RunnerCall => ({ sites: world.sites, workspace: world.workspace });
const understudy = (...words: string[]): Promise<RunnerResult> => understudyWith({}, ...words);

/** Fails with what the runner said, not with a number alone. */
async function understudyWith(change: Partial<RunnerCall>, ...words: string[]): Promise<RunnerResult> {
  const result = await runUnderstudy({ ...call(), ...change }, ...words);
  if (result.code !== 0) {
    throw new Error(
      `understudy ${words.join(' ')}: exit code ${result.code}\n${result.stdout}\n${result.stderr}`,
    );
  }
  return result;
}

async function productionFingerprint(): Promise<string> {
  const { production } = world;
  return `${await filesFingerprint(production.root)}${await databaseFingerprint(production)}`;
}

const inStaging = (name: string): string => path.join(world.staging.root, name);
const count = async (side: 'production' | 'staging', table: string): Promise<string> =>
  world[side].server.query(`SELECT COUNT(*) FROM ${table}`, world[side].database);

const HOSTILE = `ini_set('log_errors','On'); ini_set('error_log', __DIR__.'/wp-content/php-errors.log'); $u = $_SERVER['NO_SUCH_KEY'];
session_start(); exec('touch '.__DIR__.'/touched'); file_put_contents(__DIR__.'/written', 'x'); echo str_repeat('x', 1000000);`;

describe('plan', () => {
  test('says what would happen, masked, and changes nothing anywhere', async () => {
    const homes = Object.values(world.hosts).map(({ home }) => home);
    const everything = async (): Promise<string[]> =>
      Promise.all([
        productionFingerprint(),
        filesFingerprint(world.staging.root),
        databaseFingerprint(world.staging),
        ...homes.map(filesFingerprint),
      ]);
    // wp-config.php is code: what it would do when it is run must not happen.
    const config = path.join(world.production.root, 'wp-config.php');
    const usual = readFileSync(config, 'utf8');
    writeFileSync(config, usual.replace('<?php', `<?php ${HOSTILE}`));
    const before = await everything();
    const { stdout, stderr } = await understudy('plan', 'acme');
    await understudy('doctor', 'acme');
    expect(await everything()).toEqual(before);
    expect(stdout).toContain('was run by PHP, closed off');
    writeFileSync(config, usual);
    for (const { label } of STAGES) expect(stdout).toContain(label);
    expect(stdout).toContain('swap');
    for (const { account } of [world.production, world.staging]) {
      expect(stdout + stderr).not.toContain(account.password);
    }
  }, 120_000);
});

describe('six stages, each a process of its own', () => {
  let production: string;
  let own: string;
  const carried = new Map<string, number>();
  const roundTrips = new Map<string, number>();
  let listed = 0;

  beforeAll(async () => {
    await smallTables('CREATE TABLE %s (id int PRIMARY KEY, note text); INSERT INTO %s VALUES (1, 2);');
    production = await productionFingerprint();
    own = ownFiles();
    const before = await rowsListed();
    // Questions that are asked at once go out before the first answer is back, also on a busy machine.
    // While rsync compares and copies, both ends talk all the time: as many round trips as go into that time.
    for (const { name } of STAGES) {
      network.set({ roundTripMs: name === 'sync-content' ? 30 : 10 });
      const former = network.traffic().roundTrips;
      carried.set(name, await runStage(name));
      roundTrips.set(name, network.traffic().roundTrips - former);
    }
    network.set({ roundTripMs: 0 });
    listed = (await rowsListed()) - before;
  }, 300_000);

  /** Rows that production's server put together since it was started, of lists of its schemas most of all. */
  async function rowsListed(): Promise<number> {
    const status = await world.production.server.query("SHOW GLOBAL STATUS LIKE 'Handler_tmp_write'");
    return Number(status.split('\t')[1]);
  }

  afterAll(() => smallTables('DROP TABLE %s;'));

  /** Enough that one round trip for each of them shows. */
  async function smallTables(statement: string): Promise<void> {
    const names = Array.from({ length: 200 }, (_, index) => `wp_acme_small_${String(index)}`);
    const sql = names.map((name) => statement.replaceAll('%s', name)).join('\n');
    await world.production.server.query(sql, world.production.database);
  }

  test('wait for a number of round trips that does not grow with the tables', () => {
    const most = {
      'sync-content': 155,
      'backup-database': 80,
      'transfer-backup': 130,
      'drop-database': 80,
      'import-database': 120,
      'rewrite-urls': 250,
    };
    const over = STAGES.filter(({ name }) => (roundTrips.get(name) ?? Infinity) > most[name]);
    expect(
      over.map(({ name }) => `${name}: ${String(roundTrips.get(name))} > ${String(most[name])}`),
    ).toEqual([]);
  });

  test('ask production for lists of its tables a number of times, not once for each table', () => {
    expect({ listed, isMany: listed > 40_000 }).toEqual({ listed, isMany: false });
  });

  /** @returns the bytes that the runner's process read and wrote */
  async function runStage(name: string): Promise<number> {
    let watch: ReturnType<typeof watchCarriedBytes> | undefined;
    try {
      await understudyWith({ onStart: (pid) => (watch = watchCarriedBytes(pid)) }, 'stage', name, 'acme');
      return watch?.bytes() ?? Number.NaN;
    } finally {
      watch?.stop();
    }
  }

  test('carry the backup through the tunnel of stage 3 alone, and no data in stages 2, 4 and 5', async () => {
    const backup = await backupBytes();
    const of = (name: string): number => (carried.get(name) ?? Number.NaN) / backup;
    expect(backup).toBeGreaterThan(1_000_000);
    // The emptying moves no data at all: what it reads and writes is the program itself and a few commands.
    const beside = of('drop-database');
    for (const name of ['backup-database', 'import-database']) expect(of(name) - beside).toBeLessThan(0.3);
    // In at one connection, out at the other.
    expect(of('transfer-backup') - beside).toBeGreaterThan(1.7);
    expect(of('transfer-backup') - beside).toBeLessThan(2.5);
  });

  /** The backup as it was brought to staging. */
  async function backupBytes(): Promise<number> {
    const runs = path.join(world.hosts.staging.home, '.understudy/acme/runs');
    const names = await readdir(runs, { recursive: true });
    return names
      .filter((name) => name.includes('/backup/'))
      .map((name) => statSync(path.join(runs, name)))
      .reduce((sum, { size }) => sum + size, 0);
  }

  test("show production's content under staging's address", async () => {
    const page = await new Browser(world, world.staging).open('/');
    expect(page.status).toBe(200);
    expect(pageTitle(page)).toContain("Acme Theatre – This is production's own database");
    expect(page.body).toContain('http://staging.acme.test/wp-content/uploads/2024/05/photo-5.png');
    expect(page.body).not.toMatch(/www\.acme\.test/i);
    expect((await new Browser(world, world.staging).open('/on-stage/')).body).not.toMatch(/www\.acme\.test/i);
  });

  test('copy every row', async () => {
    for (const table of [
      'posts',
      'postmeta',
      'comments',
      'wc_orders',
      'wc_order_items',
      'acme_log',
      'acme_visits',
    ]) {
      expect([table, await count('staging', `wp_${table}`)]).toEqual([
        table,
        await count('production', `wp_${table}`),
      ]);
    }
    const digest = 'SELECT MD5(GROUP_CONCAT(MD5(body), HEX(digest) ORDER BY id)) FROM wp_acme_files';
    expect(await world.staging.server.query(digest, world.staging.database)).toBe(
      await world.production.server.query(digest, world.production.database),
    );
    expect(await count('staging', '`wp_acme odd-"name```')).toBe('200\n');
  });

  test("let staging's own administrator in with the old password", async () => {
    const { user, password } = world.staging.administrator;
    expect(pageTitle(await new Browser(world, world.staging).logIn(user, password))).toContain('Dashboard');
  });

  test('bring views, triggers, routines and foreign keys, and events that do not run', async () => {
    const { server, database } = world.staging;
    const named = (sql: string): Promise<string> => server.query(sql, database);
    expect(await named('SELECT latest FROM wp_acme_summary')).toBe('10\n');
    expect(await named('SELECT wp_acme_twice(21)')).toBe('42\n');
    expect(await named("CALL wp_acme_report('wc-refunded')")).toMatch(/^\d+\n$/);
    expect(
      await named(
        "INSERT INTO wp_wc_orders (status, currency, total_amount, date_created_gmt) VALUES ('new', 'EUR', 10, NOW());" +
          "SELECT value > 0 FROM wp_acme_counters WHERE name = 'orders'; SELECT tax FROM wp_wc_orders WHERE status = 'new';" +
          "DELETE FROM wp_wc_orders WHERE status = 'new'",
      ),
    ).toBe('1\n1.90000000\n');
    expect(
      await named('SELECT status FROM information_schema.events WHERE event_schema = DATABASE()'),
    ).toMatch(/^(SLAVESIDE_)?DISABLED\n$/);
    expect(
      await named(
        'SELECT constraint_name FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE()',
      ),
    ).toBe('wp_items_order\n');
    expect(await named("SHOW TABLES LIKE 'wp\\_last\\_season'")).toBe('');
  });

  test('bring the files, but neither media nor what belongs to one environment nor version control', async () => {
    const plugin = 'wp-content/plugins/acme-plugin-01/a name (1) with späces & $signs.css';
    expect(readFileSync(inStaging(plugin), 'utf8')).toBe('p { color: red }\n');
    expect(readFileSync(inStaging('wp-content/mu-plugins/acme-code.php'), 'utf8')).toContain(
      "production's version",
    );
    expect(lstatSync(inStaging('wp-content/plugins/linked')).isSymbolicLink()).toBe(true);
    expect(existsSync(inStaging('wp-content/plugins/acme-plugin-14'))).toBe(true);
    expect(existsSync(inStaging('wp-content/plugins/acme-plugin-02/.git'))).toBe(false);
    expect(existsSync(inStaging('wp-content/mu-plugins/staging-banner.php'))).toBe(true);
    expect(ownFiles()).toBe(own);
  });

  test('leave production as it was but for its own work folder, and no key and no process on any host', async () => {
    expect(await productionFingerprint()).toBe(production);
    for (const { home } of Object.values(world.hosts)) {
      const names = await readdir(home, { recursive: true });
      expect(names.filter((name) => /(^|\/)(id_|.*\.pem$|\.ssh\/)/.test(name))).toEqual([]);
      const text = await filesFingerprint(home);
      expect(text).not.toContain('PRIVATE KEY');
    }
    expect(await processesOfHosts(world)).toEqual([]);
  });

  /** `wp-config.php` and its like, with their content. */
  function ownFiles(): string {
    return ['wp-config.php', '.htaccess', 'robots.txt', '.env']
      .map((name) => `${name}: ${readFileSync(inStaging(name), 'utf8')}`)
      .join('\n');
  }
});

describe('sync as a whole', () => {
  /** Without the list of schemas: a half imported one stays for who starts the run again. */
  const servedDatabase = async (): Promise<string[]> =>
    (await databaseFingerprint(world.staging)).split('---\n').slice(3);

  test('stops when it is asked to: exit code 130, staging as it was, nothing left running, the lock free', async () => {
    const before = await servedDatabase();
    const files = await filesFingerprint(world.staging.root);
    const importing = (event: Readonly<Record<string, unknown>>): boolean =>
      event['stage'] === 'import-database' && event['type'] === 'progress';
    const { code, stdout } = await runAndSignal('SIGTERM', call(), importing, 'sync', 'acme');
    expect({ code, stdout: code === 130 ? '' : stdout }).toEqual({ code: 130, stdout: '' });
    expect(await processesOfHosts(world)).toEqual([]);
    expect(await servedDatabase()).toEqual(before);
    expect(await filesFingerprint(world.staging.root)).toBe(files);
    expect(existsSync(path.join(world.hosts.staging.home, '.understudy/acme/lock'))).toBe(false);
  }, 300_000);

  test('is cleaned up after: nothing of the stopped run stays on any host, all of the complete one does', async () => {
    const stopped = newestRun(world.workspace);
    const runs = path.join(world.hosts.staging.home, '.understudy/acme/runs');
    const complete = (await readdir(runs)).filter((id) => stateOf(path.join(runs, id)) === 'complete');
    const served = await servedDatabase();
    expect(complete).toHaveLength(1);
    expect(await hostsThatHold(stopped)).toEqual(['production-db', 'staging']);
    expect(await incomingSchemas()).toBe(`${world.staging.database}_understudy_in_${stopped.slice(-6)}\n`);
    await understudy('clean', 'acme');
    expect(await hostsThatHold(stopped)).toEqual([]);
    expect(await incomingSchemas()).toBe('');
    expect(await readdir(runs)).toEqual(complete);
    const { stdout } = await understudy('runs', 'acme');
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(new RegExp(`^${String(complete[0])} .* complete +6 of 6 stages$`)),
      'The lock is free.',
      '',
    ]);
    expect(await servedDatabase()).toEqual(served);
    expect(existsSync(path.join(world.hosts.staging.home, '.understudy/acme/lock'))).toBe(false);
  }, 120_000);

  const incomingSchemas = (): Promise<string> =>
    world.staging.server.query("SHOW DATABASES LIKE '%understudy\\_in\\_%'");

  const stateOf = (folder: string): unknown =>
    (JSON.parse(readFileSync(path.join(folder, 'record.json'), 'utf8')) as { state?: unknown }).state;

  async function hostsThatHold(run: string): Promise<string[]> {
    const holding: string[] = [];
    for (const [name, { home }] of Object.entries(world.hosts))
      if ((await readdir(home, { recursive: true })).some((file) => file.includes(run))) holding.push(name);
    return holding;
  }

  test('copies again, no file of which nothing changed, and rollback brings back what was there before', async () => {
    const { server, database } = world.staging;
    await server.query(
      "UPDATE wp_options SET option_value = 'Changed on staging' WHERE option_name = 'blogname'",
      database,
    );
    const changed = [
      'posts SET post_content = %s WHERE ID',
      'comments SET comment_content = %s WHERE comment_ID',
    ].map((text) => `UPDATE wp_${text.replace('%s', "REPLACE(UUID(), '-', ' changed ')")} % 100 = 0;`);
    await world.production.server.query(changed.join('\n'), world.production.database);
    const { stdout } = await understudy('sync', 'acme');
    expect(stdout).toContain('No file differs.');
    // One row in a hundred: a tenth of the bytes at most.
    const [, sent, whole] =
      /; ([\d.]+) kB of ([\d.]+) MB sent, the rest was on staging already/.exec(stdout) ?? [];
    expect(Number(sent) / 1000).toBeLessThan(Number(whole) / 10);
    expect(pageTitle(await world.get(world.staging, '/'))).toContain('Acme Theatre – ');
    await understudy('rollback', 'acme');
    expect(pageTitle(await world.get(world.staging, '/'))).toContain('Changed on staging');
  }, 300_000);

  test('syncs a site that is not WordPress in five stages', async () => {
    const { stdout } = await understudy('sync', 'shop-php');
    const page = await world.get(world.shop.staging, '/');
    expect(page.body).toContain('new product 60');
    expect(page.body).toContain('code new');
    expect(page.body).toContain('Props, staging');
    expect(stdout).not.toContain('Rewrite URLs');
  }, 120_000);

  test('deletes what production deleted, also when the sync that brought it was rolled back and forwards again', async () => {
    const [poster, copy] = [world.shop.production, world.shop.staging].map(({ root }) =>
      path.join(root, 'poster.txt'),
    ) as [string, string];
    // One of a few is within content.maxDeletePercent.
    for (const name of ['poster.txt', 'cast.txt', 'dates.txt', 'prices.txt'])
      writeFileSync(path.join(world.shop.production.root, name), 'next season');
    await understudy('sync', 'shop-php');
    await understudy('rollback', 'shop-php');
    expect(existsSync(copy)).toBe(false);
    await understudy('rollback', 'shop-php');
    expect(existsSync(copy)).toBe(true);
    rmSync(poster);
    await understudy('sync', 'shop-php', '--keep-lock');
    expect(existsSync(copy)).toBe(false);
    const runs = path.join(world.hosts.staging.home, '.understudy/shop-php/runs');
    expect(
      readdirSync(runs, { recursive: true })
        .map(String)
        .filter((name) => name.endsWith('/incoming')),
    ).toEqual([]);
  }, 300_000);

  test('leaves staging locked for the maintenance when it was asked to, until that ends', async () => {
    const { code, stderr } = await runUnderstudy(call(), 'sync', 'shop-php');
    expect(code).toBe(6);
    expect(stderr).toContain('LOCKED');
    const file = path.join(world.workspace, 'shop-php/result.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ exitCode: 6, error: { code: 'LOCKED' } });
    const lock = path.join(world.hosts.staging.home, '.understudy/shop-php/lock');
    const run = readFileSync(path.join(lock, 'run'), 'utf8').trim();
    await understudy('finish', 'shop-php', '--run', run);
    expect(existsSync(lock)).toBe(false);
  }, 120_000);
});
