import { describe, expect, test } from '@jest/globals';
import { type ListedItem, listIn } from '../../../src/commands/wp.js';
import { compareVersions, decideCore, decideItem } from '../../../src/maintenance/update/policy.js';
import { parseVersions } from '../../../src/maintenance/update/installed-versions.js';

const rules = { exclude: [], pin: {}, securityOnly: false };
const item = (more: Partial<ListedItem> = {}): ListedItem => ({
  name: 'shop',
  title: 'Shop',
  status: 'active',
  update: 'available',
  version: '5.3.1',
  update_version: '5.3.2',
  update_package: 'https://downloads.wordpress.org/plugin/shop.5.3.2.zip',
  ...more,
});
const decide = (more: Partial<ListedItem> = {}, with_: Partial<typeof rules> | object = {}) => {
  const decision = decideItem('plugin', item(more), '5.3.1', { ...rules, ...with_ });
  if (decision === undefined) return 'nothing';
  return 'update' in decision ? `update to ${decision.update.offered}` : decision.stays.state;
};

describe('a plugin', () => {
  test.each([
    ['is updated', {}, {}, 'update to 5.3.2'],
    ['is current', { update: 'none', update_version: '', update_package: '' }, {}, 'nothing'],
    ['is excluded', {}, { exclude: ['shop'] }, 'excluded'],
    ['is pinned to what is installed', {}, { pin: { shop: '5.3.1' } }, 'pinned'],
    ['is pinned to another version', {}, { pin: { shop: '5.2.0' } }, 'update to 5.2.0'],
    ['has no package', { update_package: '' }, {}, 'no-package'],
    ['needs a newer PHP', { update: 'unavailable' }, {}, 'excluded'],
    ['stays within its minor version', {}, { securityOnly: true }, 'update to 5.3.2'],
    ['would leave its minor version', { update_version: '5.4.0' }, { securityOnly: true }, 'excluded'],
    ['must be used', { status: 'must-use' }, {}, 'nothing'],
  ])('%s', (_, more, with_, expected) => {
    expect(decide(more, with_)).toBe(expected);
  });
  test('has a changelog only where wordpress.org delivers it', () => {
    const of = (update_package: string) => {
      const decision = decideItem('plugin', item({ update_package }), '5.3.1', rules);
      return decision !== undefined && 'update' in decision ? decision.update.changelog : 'stays';
    };
    expect(of('https://downloads.wordpress.org/plugin/shop.zip')).toBe(
      'https://wordpress.org/plugins/shop/#developers',
    );
    expect(of('https://vendor.example/shop.zip')).toBeUndefined();
  });
});

describe('WordPress', () => {
  const offers = [
    { version: '6.6', update_type: 'major', package_url: 'x' },
    { version: '6.5.10', update_type: 'minor', package_url: 'x' },
    { version: '6.5.9', update_type: 'minor', package_url: 'x' },
  ] as const;
  const decide = (policy: 'minor' | 'major' | 'none', installed = '6.5.2') => {
    const decision = decideCore(offers, installed, policy);
    if (decision === undefined) return 'nothing';
    return 'update' in decision ? decision.update.offered : decision.stays.state;
  };
  test.each([
    ['minor', '6.5.10'],
    ['major', '6.6'],
    ['none', 'excluded'],
  ] as const)('%s: %s', (policy, expected) => {
    expect(decide(policy)).toBe(expected);
  });
  test('stays when only a major version is newer', () => {
    expect(decide('minor', '6.5.10')).toBe('excluded');
    expect(decide('major', '6.6')).toBe('nothing');
  });
});

test.each([
  ['6.10', '6.9', 1],
  ['2.0', '2.0-rc1', 1],
  ['2.0-beta2', '2.0-rc1', -1],
  ['1.0', '1.0', 0],
  ['5.3.1', '5.3', 1],
  ['1.0.0-alpha', '1.0.0-dev', 1],
])('%s is compared with %s as PHP does', (a, b, order) => {
  expect(Math.sign(compareVersions(a, b))).toBe(order);
});

describe('what WP-CLI prints', () => {
  test('is the last list, whatever plugins print around it', () => {
    const output = '[21-Nov-2026] PHP Warning: x\nDeprecated: y\n[{"name":"a"}]\n';
    expect(listIn(output)).toEqual([{ name: 'a' }]);
  });
  test('is an empty list when there is nothing to say', () => {
    expect(listIn('')).toEqual([]);
    expect(listIn('Success: WordPress is at the latest version.\n')).toEqual([]);
  });
  test('is no list when something else went wrong', () => {
    expect(listIn('<p>There has been a critical error</p>')).toBeUndefined();
  });
});

test('versions are read line by line; a header without a version is ignored', () => {
  const versions = parseVersions(
    'core wordpress 6.5.2\nplugin shop 5.3.1\nplugin hello \ntheme acme 1.0 beta\n',
  );
  expect(versions.core).toBe('6.5.2');
  expect([...versions.plugins]).toEqual([
    ['shop', '5.3.1'],
    ['hello', ''],
  ]);
  expect(versions.themes.get('acme')).toBe('1.0 beta');
});
