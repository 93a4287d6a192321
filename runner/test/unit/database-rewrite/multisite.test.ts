import { expect, test } from '@jest/globals';
import { type Site } from '../../../src/config/site.js';
import { namesColumn } from '../../../src/database/rewrite/rules.js';
import { isMoved, networkTarget, unmappedSites } from '../../../src/wordpress/settings/multisite.js';

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
  ['bücher.example', 'xn--bcher-kva.example'],
  ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
])('an international domain is the same in both ways of writing: %s', (domain) => {
  const other = {
    ...site,
    production: { url: 'https://bücher.example' },
    rewrite: { network: {} },
  } as unknown as Site;
  expect(networkTarget(other, { domain, path: '/x/' })).toEqual({ domain: 'staging.acme.com', path: '/x/' });
});
test('sites without a target are named', () => {
  const [other, known] = [
    { domain: 'other.acme.com', path: '/' },
    { domain: 'www.acme.com', path: '/blog/' },
  ];
  expect(unmappedSites(site, [known, other])).toEqual([other]);
});
test.each([
  ['staging.acme.com', '/', 'https://staging.acme.com', true],
  ['www.acme.com', '/', 'https://staging.acme.com', false],
  ['STAGING.acme.com', '/blog/', 'https://staging.acme.com', true],
  // Staging may lie below production: the same domain, another folder.
  ['www.acme.com', '/', 'https://www.acme.com/staging', false],
  ['www.acme.com', '/staging/', 'https://www.acme.com/staging', true],
  ['www.acme.com', '/staging/blog/', 'https://www.acme.com/staging', true],
])('%s%s is at %s already: %p', (domain, path, url, moved) => {
  const other = { ...site, staging: { url }, rewrite: { network: {} } } as unknown as Site;
  expect(isMoved(other, { domain, path })).toBe(moved);
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
