import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureBundle, runUnderstudy, type RunnerResult } from '../../../../sandbox/runner.js';
import { installPlugins, offerUpdates, wpStandIn } from '../../../../sandbox/wordpress-updates/packages.js';
import { createWorld, type World } from '../../../../sandbox/world.js';
import { type MaintenanceRecord, type UpdateItem } from '../../../src/maintenance/maintenance-record.js';
import { runAndSignal } from '../sandbox/kill-at.js';
import { pretendSync, RUN } from './pretend-sync.js';

let world: World;
let stopped: RunnerResult;
let elsewhere: RunnerResult;
let afterStop: { readonly version: string; readonly isLocked: boolean };
let result: RunnerResult;
let record: MaintenanceRecord;
let before: string;

const events = (): Promise<string> =>
  world.staging.server.query(
    "SHOW CREATE TABLE wp_acme_events; SELECT * FROM wp_acme_events; SHOW TABLES LIKE 'wp_acme%'; SELECT option_value FROM wp_options WHERE option_name = 'acme_events_version'",
    world.staging.database,
  );
const item = (slug: string): UpdateItem => {
  const found = record.items.find((each) => each.slug === slug);
  if (found === undefined) throw new Error(`no item ${slug}: ${JSON.stringify(record.items)}`);
  return found;
};
const inRun = (...names: string[]): string => path.join(world.workspace, 'acme', RUN, ...names);
const workFolder = (): string => path.join(world.hosts.staging.home, '.understudy/acme');
const header = (slug: string): string =>
  readFileSync(path.join(world.staging.root, `wp-content/plugins/${slug}/${slug}.php`), 'utf8');

beforeAll(async () => {
  await ensureBundle();
  world = await createWorld({
    siteFile: {
      maintenance: {
        wp: wpStandIn,
        plugins: { pin: { 'acme-pinned': '1.0' } },
        checks: { paths: ['/', '/tickets/'], maxPages: 3, screenshots: { width: 400 } },
      },
    },
  });
  const { root, url } = world.staging;
  await installPlugins(root, url);
  await offerUpdates(root);
  await world.get(world.staging, '/wp-admin/admin-ajax.php?action=install');
  before = await events();
  pretendSync(path.join(world.hosts.staging.home, '.understudy/acme/runs', RUN));
  await stopAtFirstUpdate();
  elsewhere = await updateElsewhere();
  result = await runUnderstudy({ sites: world.sites, workspace: world.workspace }, 'update', 'acme');
  if (!existsSync(inRun('maintenance.json'))) throw new Error(result.stdout + result.stderr);
  record = JSON.parse(readFileSync(inRun('maintenance.json'), 'utf8')) as MaintenanceRecord;
}, 600_000);
afterAll(async () => world.stop());

/** A build that is stopped, impatiently, while an item is being updated; what it leaves, the next update goes on from. */
async function stopAtFirstUpdate(): Promise<void> {
  const call = { sites: world.sites, workspace: world.workspace, again: true };
  const wanted = (event: Readonly<Record<string, unknown>>): boolean =>
    event['type'] === 'step' && String(event['text']).startsWith('Acme Good: 1.0');
  stopped = await runAndSignal('SIGTERM', call, wanted, 'update', 'acme');
  afterStop = { version: header('acme-good'), isLocked: existsSync(path.join(workFolder(), 'lock')) };
}

/** The journal of an item that was cut off, of another server. What it would drop and bring back is not its own. */
async function updateElsewhere(): Promise<RunnerResult> {
  const file = path.join(workFolder(), 'runs', RUN, 'update/journal.json');
  const kept = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const database = { tables: { wp_gone: { rows: '1', structure: '' } }, objects: [] };
  const server = { address: 'staging elsewhere.example:3306', identity: 'elsewhere' };
  const item = { kind: 'plugin', slug: 'acme-good', title: 'Acme Good', from: '1.0', offered: '1.1' };
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ version: 1, ...item, server, database }));
  const refused = await runUnderstudy({ sites: world.sites, workspace: world.workspace }, 'update', 'acme');
  if (kept === undefined) rmSync(file);
  else writeFileSync(file, kept);
  return refused;
}

describe('one update at a time', () => {
  test('ends in order when it is stopped again and again: the item is put back or done, the lock is free', () => {
    expect([stopped.code, stopped.stderr]).toEqual([130, expect.stringContaining('INTERRUPTED')]);
    expect(afterStop.version).toMatch(/Version: 1\.[01]/);
    expect(afterStop.isLocked).toBe(false);
  });

  test('puts back nothing that was kept of another server', () => {
    expect(elsewhere.stdout + elsewhere.stderr).toContain(
      'another database server (staging elsewhere.example:3306)',
    );
    expect(elsewhere.stdout + elsewhere.stderr).toContain('understudy sync acme');
    expect(elsewhere.code).not.toBe(0);
  });

  test('ends well, because everything bad was taken back', () => {
    expect(result.stdout + result.stderr).toContain('nothing broken');
    expect([result.code, record.checks?.newFailures]).toEqual([0, 0]);
  });

  test('updates what is good: plugin, theme, WordPress', () => {
    expect(item('acme-good')).toMatchObject({ state: 'updated', from: '1.0', to: '1.1' });
    expect(item('acme')).toMatchObject({ kind: 'theme', state: 'updated', from: '1.0', to: '1.1' });
    expect(item('wordpress')).toMatchObject({ state: 'updated', to: '6.1.99' });
    expect(header('acme-good')).toContain('Version: 1.1');
    expect(item('acme-seats')).toMatchObject({ state: 'updated', to: '1.1' });
    expect(item('acme-seats').tables).toContain('wp_acme_seats');
  });

  test('remembers what the updates brought, so that the next sync takes away what production does not get', () => {
    const brought = new Set(readFileSync(path.join(workFolder(), 'inventory'), 'utf8').split('\n'));
    // A file of WordPress that production does not have, and the files of a plugin; not those of what was taken back.
    expect(existsSync(path.join(world.staging.root, 'license.txt'))).toBe(true);
    expect(existsSync(path.join(world.production.root, 'license.txt'))).toBe(false);
    expect([...brought]).toEqual(
      expect.arrayContaining([
        'license.txt',
        'wp-content/plugins/acme-good/',
        'wp-content/plugins/acme-good/acme-good.php',
      ]),
    );
    expect([...brought].filter((name) => name.includes('acme-fatal'))).toEqual([]);
  });

  test('takes a fatal error back and names it', async () => {
    expect(item('acme-fatal')).toMatchObject({
      state: 'rolled-back',
      from: '1.0',
      to: '1.0',
      offered: '2.0',
    });
    expect(item('acme-fatal').evidence.join('\n')).toContain('500');
    expect(header('acme-fatal')).toContain('Version: 1.0');
    expect((await world.get(world.staging, '/')).status).toBe(200);
  });

  test('takes back what only looks wrong, with the pictures side by side', () => {
    const banner = item('acme-banner');
    expect(banner).toMatchObject({ state: 'rolled-back', to: '1.0' });
    expect(banner.evidence.join('\n')).toContain('looks different');
    expect(banner.pictures?.length).toBeGreaterThan(0);
    for (const picture of banner.pictures ?? []) expect(existsSync(inRun(picture))).toBe(true);
  });

  test('takes changes of the database back exactly', async () => {
    expect(item('acme-events').state).toBe('rolled-back');
    expect(item('acme-events').tables).toEqual(
      expect.arrayContaining(['wp_acme_events', 'wp_acme_events_log', 'wp_options']),
    );
    expect(await events()).toBe(before);
  });

  test('reports what has no package, what is pinned, and an updater that lies', () => {
    expect(item('acme-premium')).toMatchObject({ state: 'no-package', to: '3.0', offered: '3.1' });
    expect(item('acme-pinned')).toMatchObject({ state: 'pinned', to: '1.0' });
    expect(item('acme-liar')).toMatchObject({ state: 'failed', to: '1.0' });
    expect(item('acme-liar').evidence.join('\n')).toContain('Success: Updated 1 of 1');
  });

  test('says the verdict first, in every form of the report', () => {
    const html = readFileSync(inRun('maintenance.html'), 'utf8');
    expect(html).not.toContain('<script');
    for (const match of html.matchAll(/<img src="([^"]+)"/g))
      expect(existsSync(inRun(match[1] ?? ''))).toBe(true);
    expect(readFileSync(inRun('maintenance.md'), 'utf8').split('\n')[0]).toContain('4 updated');
    expect(readFileSync(inRun('maintenance-junit.xml'), 'utf8')).toContain('type="rolled-back"');
    const { verdict } = JSON.parse(readFileSync(inRun('maintenance-report.json'), 'utf8')) as {
      verdict: string;
    };
    expect(verdict).toContain('3 rolled back');
  });

  test('keeps staging locked for the approval, and nothing of its snapshots', async () => {
    const workDir = workFolder();
    expect(readFileSync(path.join(workDir, 'lock/run'), 'utf8').trim()).toBe(RUN);
    expect(existsSync(path.join(workDir, 'runs', RUN, 'update'))).toBe(false);
  });

  test('another agent, which has nothing of it in its workspace, writes the same report for the approval', async () => {
    const workspace = path.join(world.workspace, 'other-agent');
    mkdirSync(workspace, { recursive: true });
    const environment = { UNDERSTUDY_PARAMETERS: '{"site":"acme"}' };
    const call = { sites: world.sites, workspace, environment };
    const { code, stderr } = await runUnderstudy(call, 'hold', 'acme', '--run', RUN, '--hours', '1');
    expect([code, stderr]).toEqual([0, '']);
    const other = (name: string): string => readFileSync(path.join(workspace, 'acme', RUN, name), 'utf8');
    for (const name of [
      'maintenance-junit.xml',
      'maintenance-report.json',
      'maintenance.md',
      'maintenance.html',
    ])
      expect(other(name)).toBe(readFileSync(inRun(name), 'utf8'));
  });
});
