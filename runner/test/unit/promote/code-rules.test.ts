import { describe, expect, test } from '@jest/globals';
import { createInvalidation, startInstanceRefresh } from '../../../src/commands/aws.js';
import { pullFiles } from '../../../src/commands/rsync.js';
import { type Site } from '../../../src/config/site.js';
import { codeRules } from '../../../src/maintenance/tree/code-rules.js';
import { pathFilter } from '../../../src/content/rsync/path-filter.js';

const site = {
  type: 'wordpress',
  content: {
    media: ['wp-content/uploads'],
    keepOnStaging: ['/wp-content/mu-plugins/banner.php'],
    exclude: ['*.log'],
  },
  maintenance: {
    promote: ['assets', 'wp-content/mu-plugins/deep'],
    checks: { slowerThan: '20s' },
    approve: { timeout: '1h' },
  },
} as unknown as Site;

const isCode = (path: string, kept: readonly string[] = []): boolean => {
  const { roots, filters } = codeRules(site, kept);
  return roots.some((root) => path === root || path.startsWith(`${root}/`)) && pathFilter(filters)(path);
};

describe('codeRules: what a promotion may carry', () => {
  test.each([
    'index.php',
    'wp-load.php',
    'wp-admin/admin.php',
    'wp-includes/version.php',
    'wp-content/plugins/akismet/akismet.php',
    'wp-content/plugins/akismet/.htaccess',
    'wp-content/plugins/cachy/templates/object-cache.php',
    'wp-content/themes/acme/style.css',
    'wp-content/mu-plugins/acme.php',
    'wp-content/languages/de_DE.mo',
    'assets/app.js',
  ])('%s', (path) => {
    expect(isCode(path)).toBe(true);
  });

  test.each([
    'wp-config.php',
    'wp-salt.php',
    '.env',
    '.htaccess',
    'robots.txt',
    '.maintenance',
    'wp-content/uploads/a.jpg',
    'wp-content/cache/x',
    'wp-content/object-cache.php',
    'wp-content/mu-plugins/understudy.php',
    'wp-content/mu-plugins/banner.php',
    'wp-content/plugins/akismet/.git/HEAD',
    'wp-content/plugins/akismet/error_log',
    'wp-content/plugins/akismet/x.log',
    'wp-content/upgrade/x.php',
    'private/notes.txt',
  ])('never %s', (path) => {
    expect(isCode(path)).toBe(false);
  });

  test('leaves out what only staging has, taken literally', () => {
    expect(isCode('wp-content/themes/acme/a[1].php', ['wp-content/themes/acme/a[1].php'])).toBe(false);
    expect(isCode('wp-content/themes/acme/a1.php', ['wp-content/themes/acme/a[1].php'])).toBe(true);
  });

  test('looks through no folder twice', () => {
    expect(codeRules(site).roots).not.toContain('wp-content/mu-plugins/deep');
  });
});

test('pullFiles fetches named files into a folder', () => {
  const command = pullFiles({
    route: { remoteShell: 'ssh -p 7', remote: 'deploy@understudy-staging' },
    source: '/srv/acme',
    target: '/home/deploy/incoming',
    unfinished: '/home/deploy/unfinished',
  });
  expect(command.argv.join(' ')).toBe(
    'rsync -lpt --omit-dir-times --sparse --from0 --files-from=- --whole-file --temp-dir=/home/deploy/unfinished --info=progress2 --stats -s --no-h --timeout=300 -e ssh -p 7 -- deploy@understudy-staging:/srv/acme/ /home/deploy/incoming/',
  );
  expect(command.effect).toBe('write');
});

test.each(['', '/', 'relative', '/a/../b'])('pullFiles works in no folder like %j', (target) => {
  expect(() =>
    pullFiles({ route: { remoteShell: undefined, remote: '' }, source: '/a', target, unfinished: '/b' }),
  ).toThrow('not a folder');
});

test('the aws commands', () => {
  expect(createInvalidation('E1', ['/*', '/x']).argv.join(' ')).toBe(
    'aws cloudfront create-invalidation --distribution-id E1 --output json --paths /* /x',
  );
  expect(startInstanceRefresh('web', 'eu-central-1').argv.join(' ')).toBe(
    'aws autoscaling start-instance-refresh --region eu-central-1 --auto-scaling-group-name web --output json',
  );
});
