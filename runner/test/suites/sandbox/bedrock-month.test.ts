import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { reportFolder, runMonth, type Month } from '../../../../sandbox/month/month.js';
import { createMonthWorld, type MonthWorld } from '../../../../sandbox/month/month-world.js';
import { ensureBundle } from '../../../../sandbox/runner.js';
import { type MaintenanceRecord } from '../../../src/maintenance/maintenance-record.js';

let world: MonthWorld;
let month: Month;
let record: MaintenanceRecord;
const said: string[] = [];

beforeAll(async () => {
  await ensureBundle();
  world = await createMonthWorld({ bedrock: true, maintenance: { composer: 'composer' } });
  for (const side of ['production', 'staging'] as const)
    writeFileSync(path.join(world[side].root, 'web/app/uploads', `of-${side}.png`), side);
  month = await runMonth(world, {
    say: (text) => said.push(text),
    lookAt: () => Promise.resolve(),
    counts: '5 updates are on production, 2 were undone on staging',
  });
  record = JSON.parse(
    readFileSync(path.join(reportFolder(world, month.run), 'maintenance.json'), 'utf8'),
  ) as MaintenanceRecord;
}, 1_200_000);
afterAll(async () => world.stop(), 600_000);

const failed = (): string =>
  month.commands
    .filter(({ result }) => result.code !== 0)
    .map(({ words, result }) => `${words.join(' ')}\n${result.stdout}${result.stderr}`)
    .join('\n');
const versionIn = (root: string, slug: string): string | undefined =>
  /Version: (\S+)/.exec(readFileSync(path.join(root, 'web/app/plugins', slug, `${slug}.php`), 'utf8'))?.[1];
const locked = (root: string): Record<string, string> => {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'composer.lock'), 'utf8')) as {
    packages: { name: string; version: string }[];
  };
  return Object.fromEntries(packages.map(({ name, version }) => [name, version]));
};

describe('a month of a Bedrock site', () => {
  test('runs from the sync to the commit', () => {
    expect(failed()).toBe('');
    expect(month.looks.filter(({ good }) => !good)).toEqual([]);
    expect(month.commands.map(({ words }) => words[0])).toEqual([
      'sync',
      'update',
      'hold',
      'promote',
      'archive',
      'publish',
      'finish',
      'month',
    ]);
  });

  test('updates packages one at a time, and takes back what breaks the site', () => {
    const states = Object.fromEntries(record.items.map(({ title, state, to }) => [title, `${state} ${to}`]));
    expect(states).toMatchObject({
      'wpackagist-plugin/acme-good': 'updated 1.1',
      'wpackagist-plugin/acme-seats': 'updated 1.1',
      'wpackagist-plugin/acme-fatal': 'rolled-back 1.0',
      'wpackagist-plugin/acme-events': 'rolled-back 1.0',
      'wpackagist-theme/acme': 'updated 1.1.0',
      'acme/bedrock-parts': 'updated 1.1.0',
      'roots/wordpress-no-content': expect.stringMatching(/^updated .*\.99$/),
    });
  });

  test.each(['promoted to every instance', 'archived', 'published'])(
    'lock file, vendor, config, core and plugins are %s',
    (where) => {
      const clone = path.join(world.folder, 'clone');
      if (!existsSync(clone)) execFileSync('git', ['clone', '-q', world.git.repository, clone]);
      const roots = {
        'promoted to every instance': world.instances.map(({ root }) => root),
        archived: [world.archive.efs],
        published: [clone],
      }[where];
      for (const root of roots ?? []) {
        expect(locked(root)).toMatchObject({
          'wpackagist-plugin/acme-good': '1.1',
          'wpackagist-plugin/acme-fatal': '1.0',
          'acme/bedrock-parts': '1.1.0',
        });
        expect(readFileSync(path.join(root, 'vendor/acme/bedrock-parts/parts.php'), 'utf8')).toContain(
          '// 1.1.0',
        );
        expect(existsSync(path.join(root, 'config/application.php'))).toBe(true);
        expect(['acme-good', 'acme-fatal', 'acme-seats'].map((slug) => versionIn(root, slug))).toEqual([
          '1.1',
          '1.0',
          '1.1',
        ]);
        expect(readFileSync(path.join(root, 'web/wp/wp-includes/version.php'), 'utf8')).toContain('.99');
      }
      expect(existsSync(path.join(clone, '.env'))).toBe(false);
      expect(existsSync(path.join(clone, 'README.md'))).toBe(true);
    },
  );

  test('serves the new code on every instance, each with its own settings, and media stayed where they are', async () => {
    for (const { root, page } of world.instances) {
      const home = await page('/');
      expect([home.status, home.body.includes('<meta name="acme-good" content="1.1">')]).toEqual([200, true]);
      expect((await page('/wp/wp-login.php')).status).toBe(200);
      expect(readFileSync(path.join(root, '.env'), 'utf8')).toContain("WP_ENV='production'");
      expect(existsSync(path.join(root, 'web/wp/.maintenance'))).toBe(false);
      expect(existsSync(path.join(root, 'web/app/mu-plugins/understudy.php'))).toBe(false);
    }
    expect(readFileSync(path.join(world.staging.root, '.env'), 'utf8')).toContain("WP_ENV='staging'");
    expect(existsSync(path.join(world.staging.root, 'web/app/mu-plugins/understudy.php'))).toBe(true);
    const upload = (root: string, name: string): string => path.join(root, 'web/app/uploads', name);
    expect(existsSync(upload(world.staging.root, 'of-production.png'))).toBe(false);
    expect(existsSync(upload(world.staging.root, 'of-staging.png'))).toBe(true);
    expect(existsSync(upload(world.production.root, 'of-staging.png'))).toBe(false);
    expect(existsSync(upload(world.production.root, 'of-production.png'))).toBe(true);
  });
});
