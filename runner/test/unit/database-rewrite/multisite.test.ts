import { expect, test } from '@jest/globals';
import { type Site } from '../../../src/config/site.js';
import { namesColumn } from '../../../src/database/rewrite/rules.js';
import { networkTarget } from '../../../src/wordpress/multisite.js';

const site = {
  production: { url: 'https://www.acme.com' },
  staging: { url: 'https://staging.acme.com' },
  rewrite: {
    network: {
      'shop.acme.com': 'shop.staging.acme.com',
      'mapped.io': 'staging.acme.com/mapped',
      'www.acme.com/de': 'de.staging.acme.com',
    },
  },
} as unknown as Site;

test.each([
  ['www.acme.com', '/', 'staging.acme.com', '/'],
  ['acme.com', '/blog/', 'staging.acme.com', '/blog/'],
  ['shop.acme.com', '/', 'shop.staging.acme.com', '/'],
  ['mapped.io', '/x/', 'staging.acme.com', '/mapped/x/'],
  ['www.acme.com', '/de/', 'de.staging.acme.com', '/'],
])('%s%s belongs on %s%s', (domain, path, toDomain, toPath) => {
  expect(networkTarget(site, { domain, path })).toEqual({ domain: toDomain, path: toPath });
});
test('a site that the map does not name has no target', () => {
  expect(networkTarget(site, { domain: 'other.acme.com', path: '/' })).toBeUndefined();
});
test.each([
  ['posts.guid', 'wp_2_posts', 'guid', true],
  ['wp_2_posts.guid', 'wp_2_posts', 'guid', true],
  ['*.meta_key', 'wp_postmeta', 'meta_key', true],
  ['stat?.ref*', 'wp_stats', 'referrer', true],
  ['posts.guid', 'wp_posts', 'post_content', false],
  ['a.b', 'wp_axb', '', false],
])('%s names %s.%s: %p', (pattern, table, column, expected) => {
  expect(namesColumn(pattern, table, column, 'wp_')).toBe(expected);
});
