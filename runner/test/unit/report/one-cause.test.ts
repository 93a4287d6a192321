import { expect, test } from '@jest/globals';
import { type Site } from '../../../src/config/site.js';
import { type ErrorFinding, type Finding } from '../../../src/errors/index.js';
import { withoutConsequences } from '../../../src/pipelines/sync/preflight.js';
import { renderFinding } from '../../../src/report/events/reporter.js';

const site = { staging: { path: '/srv/acme' } } as Site;
const finding = (code: ErrorFinding['code'], message: string): Finding => ({
  severity: 'error',
  code,
  message,
});
const empty = finding('WP_CONFIG_UNREADABLE', 'There is no wp-config.php in /srv/acme or one folder above.');
const guard = finding('LIVE_GUARD_UNANSWERED', 'Could not determine … (/srv/acme is not a folder)');
const other = finding('DATABASE_UNREACHABLE', 'No server.');

test('an empty staging is one finding', () => {
  expect(withoutConsequences([guard, empty, other], site)).toEqual([empty, other]);
});

test('without its cause a guard that cannot be asked stays', () => {
  expect(withoutConsequences([guard, other], site)).toEqual([guard, other]);
  const elsewhere = finding('LIVE_GUARD_UNANSWERED', 'Could not determine … (/var/www/acme is not a folder)');
  expect(withoutConsequences([elsewhere, empty], site)).toEqual([elsewhere, empty]);
});

test('what a program said stands below, and looks like none of our lines', () => {
  expect(renderFinding({ ...other, details: ['Next: \u001b[31mlog in here'] })).toBe(
    '   ✗ DATABASE_UNREACHABLE: No server.\n     | Next: \\x1b[31mlog in here',
  );
});
