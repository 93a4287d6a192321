import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { writeFileSync } from 'node:fs';
import { ACCOUNT_NUMBER } from '../../../../sandbox/servers/host-view.js';
import { startSshd, type SshServer } from '../../../../sandbox/servers/sshd.js';
import { ensureBundle, runUnderstudy, type RunnerResult } from '../../../../sandbox/runner.js';
import { installPlugins, offerUpdates, wpStandIn } from '../../../../sandbox/wordpress-updates/packages.js';
import { sshSection } from '../../../../sandbox/world/site-files.js';
import { createWorld, type World } from '../../../../sandbox/world.js';
import { type MaintenanceRecord } from '../../../src/maintenance/maintenance-record.js';
import { pretendSync, RUN } from '../../integration/maintenance/pretend-sync.js';

/** `deploy` logs in and is in the group of the files, which are www-data's; updates run as www-data, by a real sudo. */
let world: World;
let ssh: SshServer;
let result: RunnerResult;
let record: MaintenanceRecord;
let modes: string;

/** Of everything that is code, by path: owner, group and mode. */
const owners = (): string =>
  execFileSync('find', ['wp-admin', 'wp-content', 'wp-includes', '-printf', '%u:%g %M %p\\n'], {
    cwd: world.staging.root,
    encoding: 'utf8',
  });
const sh = (script: string, ...words: string[]): string =>
  execFileSync('sh', ['-ec', script, 'sh', ...words], { encoding: 'utf8' });

beforeAll(async () => {
  await ensureBundle();
  world = await createWorld();
  const { root, url } = world.staging;
  await installPlugins(root, url);
  await offerUpdates(root);
  await world.get(world.staging, '/wp-admin/admin-ajax.php?action=install');
  const home = path.join(world.hosts.staging.folder, 'deploy');
  pretendSync(path.join(home, '.understudy/acme/runs', RUN));
  sh(
    `chown -R "$3:$3" "$1"; chown -R www-data:www-data "$2"; chmod -R g+rwX "$2"; find "$2" -type d -exec chmod g+s {} +
    chmod a+x "$4" "$4/hosts" "$5"`,
    ...[home, root, String(ACCOUNT_NUMBER), world.folder, world.hosts.staging.folder],
  );
  ssh = await startSshd({
    folder: path.join(world.folder, 'deploy-sshd'),
    authorizedKeys: [readFileSync(`${world.keyFile}.pub`, 'utf8').trim()],
    address: '127.0.0.13',
    ...{ home, account: 'deploy', groups: ['www-data'], machineId: '3'.repeat(32), shell: '/bin/bash' },
    sudoers: 'deploy ALL=(www-data) NOPASSWD: ALL',
    hide: ['keys', 'secrets', 'sites', 'workspace'].map((name) => path.join(world.folder, name)),
  });
  const file = path.join(world.sites, 'acme.yaml');
  const site = parse(readFileSync(file, 'utf8')) as Record<string, Record<string, unknown>>;
  Object.assign(site['staging'] ?? {}, { ssh: sshSection(world, ssh) });
  const maintenance = {
    wp: wpStandIn,
    runAs: 'www-data',
    plugins: { pin: { 'acme-pinned': '1.0' } },
    checks: { paths: ['/', '/tickets/'], maxPages: 5, screenshots: { width: 800 } },
  };
  writeFileSync(file, stringify({ ...site, maintenance }, { lineWidth: 0 }));
  modes = owners();
  result = await runUnderstudy({ sites: world.sites, workspace: world.workspace }, 'update', 'acme');
  record = JSON.parse(
    readFileSync(path.join(world.workspace, 'acme', RUN, 'maintenance.json'), 'utf8'),
  ) as MaintenanceRecord;
}, 900_000);
afterAll(async () => {
  await ssh?.stop();
  await world?.stop();
});

describe('updates as www-data, by sudo', () => {
  test('end well: what is good is updated, what is bad is taken back', () => {
    expect([result.code, result.stderr]).toEqual([0, '']);
    const states = new Map(record.items.map(({ slug, state }) => [slug, state]));
    expect([states.get('acme-good'), states.get('wordpress')]).toEqual(['updated', 'updated']);
    expect([states.get('acme-fatal'), states.get('acme-events')]).toEqual(['rolled-back', 'rolled-back']);
  });
  test('nothing is root’s or deploy’s afterwards', () => {
    const others = owners()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('www-data:www-data '));
    expect(others).toEqual([]);
  });
  test('what was taken back has the owner, group and mode that it had', () => {
    const of = (text: string, slug: string): string[] =>
      text
        .split('\n')
        .filter((line) => line.includes(`wp-content/plugins/${slug}`))
        .sort();
    for (const slug of ['acme-fatal', 'acme-events']) {
      expect(of(modes, slug).length).toBeGreaterThan(0);
      expect(of(owners(), slug)).toEqual(of(modes, slug));
    }
  });
});
