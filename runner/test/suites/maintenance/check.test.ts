import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureBundle, runUnderstudy, type RunnerResult } from '../../../../sandbox/runner.js';
import { createWorld, type World } from '../../../../sandbox/world.js';

let world: World;
const mustUse = (): string => path.join(world.staging.root, 'wp-content/mu-plugins/acme-test.php');
const check = (words: readonly string[] = [], browser = true): Promise<RunnerResult> =>
  runUnderstudy(
    {
      sites: world.sites,
      workspace: world.workspace,
      ...(browser ? {} : { environment: { UNDERSTUDY_CHROMIUM: 'none' } }),
    },
    ...['check', 'acme', ...words],
  );
const report = (side: string): string => path.join(world.workspace, 'acme', `check-${side}`, 'checks.html');
/** Media lie elsewhere than on this staging; that is told, and is not what is looked at here. */
const failures = ({ stdout }: RunnerResult): string[] =>
  stdout.split('\n').filter((line) => line.startsWith('   ✗ /') && !line.includes('/uploads/'));

beforeAll(async () => {
  await ensureBundle();
  world = await createWorld({
    siteFile: {
      maintenance: {
        checks: {
          paths: ['/', '/tickets/'],
          maxPages: 8,
          screenshots: { width: 800 },
          text: [{ path: '/tickets/', must: ['Tickets'] }],
          forms: [{ path: '/wp-login.php', selector: 'p.submit > input:first-child' }],
        },
      },
    },
  });
}, 180_000);
afterAll(async () => world.stop());

describe('understudy check, by hand', () => {
  test('names the pages, finds nothing wrong with them, makes pictures, and says where the report is', async () => {
    const result = await check();
    expect(failures(result)).toEqual([]);
    for (const page of [
      '/ (declared)',
      '/tickets/ (declared)',
      '/wp-login.php (',
      '/feed/ (feed)',
      '/wp-json/ (REST)',
    ])
      expect(result.stdout).toContain(page);
    expect(result.stdout).toContain(`Report: ${report('staging')}`);
    const html = readFileSync(report('staging'), 'utf8');
    const pictures = [...html.matchAll(/<img [^>]*src="([^"]+)"/g)].map(([, file = '']) => file);
    expect(pictures.length).toBeGreaterThan(3);
    for (const file of pictures)
      expect(existsSync(path.join(path.dirname(report('staging')), file))).toBe(true);
  }, 120_000);

  test('of production, where it takes no lock and changes nothing', async () => {
    const result = await check(['--side', 'production']);
    expect(failures(result)).toEqual([]);
    expect(result.stdout).toContain('── Checks of production');
    expect(existsSync(path.join(world.hosts.staging.home, '.understudy/acme/lock'))).toBe(false);
  }, 120_000);

  test('without a browser says what it then does not look at', async () => {
    const result = await check([], false);
    expect(failures(result)).toEqual([]);
    expect(result.stdout).toContain('No Chromium on the runner');
    expect(readFileSync(report('staging'), 'utf8')).not.toContain('<img');
  }, 120_000);

  test('tells each failure once: a fatal error, a warning on a page, and what only the browser sees', async () => {
    writeFileSync(
      mustUse(),
      `<?php ini_set('display_errors', '1');
add_action('wp_head', function () { if (!is_feed()) { trigger_error('odd', E_USER_WARNING); echo '<script>nobody()</script>'; } });
add_action('template_redirect', function () { if (is_page('tickets')) { nobody_made_this(); } });`,
    );
    const result = await check();
    rmSync(mustUse());
    const reported = failures(result).join('\n');
    expect(reported).toContain('/tickets/: broken: answered with 500');
    expect(reported).toContain('/: shows an error: PHP Warning: odd in wp-content/mu-plugins/acme-test.php');
    expect(reported).toContain('/: error in the console: nobody is not defined');
    expect(result.code).toBe(5);
    const all = `${result.stdout}${result.stderr}`;
    expect(all.split('/tickets/: broken')).toHaveLength(2);
    expect(result.stderr).toContain(`Next: Open ${report('staging')}`);
  }, 120_000);
});
