import { describe, expect, test } from '@jest/globals';
import { overlaps, sameKernel } from '../../../src/hosts/guard/same-tree.js';
import { parseTreeIdentity, type TreeIdentity } from '../../../src/hosts/guard/tree-identity.js';

/** A tree on a machine whose inode numbers are made of `machine`, with the mount lines given. */
const tree = (machine: string, real: string, ...mounts: string[]): TreeIdentity => {
  const parts = real.split('/').slice(1);
  const chain = [...parts.map((_, i) => parts.slice(0, parts.length - i).join('/')), ''].map(
    (part) => `${machine}:${part}`,
  );
  return parseTreeIdentity(['path', real, real, chain.join(' '), 'mounts', mounts.join('\n')].join('\0'));
};
const ROOT = '1 0 8:1 / / rw - ext4 /dev/sda1 rw';
const between = (production: TreeIdentity, staging: TreeIdentity, onOneKernel = false): string[] =>
  overlaps(production, staging, onOneKernel).map((overlap) => overlap.text);

describe('two machines', () => {
  test('equal paths on disks of their own', () => {
    expect(between(tree('a', '/srv/site', ROOT), tree('b', '/srv/site', ROOT))).toEqual([]);
  });
  test.each([
    ['EFS, the whole share', 'fs-1.efs.eu:/', 'fs-1.efs.eu:/', 'is'],
    ['another EFS', 'fs-1.efs.eu:/', 'fs-2.efs.eu:/', undefined],
    ['NFS, the same export', '10.0.0.5:/export/www', '10.0.0.5:/export/www', 'is'],
    ['NFS, an export inside the other', '10.0.0.5:/export', '10.0.0.5:/export/www', 'lies in'],
    ['NFS over IPv6', '[fd00::5]:/export', '[fd00::5]:/export', 'is'],
    ['sibling exports', '10.0.0.5:/export/a', '10.0.0.5:/export/ab', undefined],
  ])('%s', (_name, productionSource, stagingSource, how) => {
    const mount = (source: string): string => `2 1 0:40 / /srv rw shared:1 - nfs4 ${source} rw`;
    const found = between(
      tree('a', '/srv', ROOT, mount(productionSource)),
      tree('b', '/srv', ROOT, mount(stagingSource)),
    );
    expect(found).toEqual(how ? [`Staging /srv ${how} production /srv.`] : []);
  });
  test('one NFS share mounted in different places, with a subfolder', () => {
    const production = tree('a', '/var/www/acme', ROOT, '2 1 0:40 /www /var/www rw - nfs nas:/export rw');
    const staging = tree(
      'b',
      '/mnt/nas/www/acme/staging',
      ROOT,
      '2 1 0:41 / /mnt/nas rw - nfs nas:/export rw',
    );
    expect(between(production, staging)).toEqual([
      'Staging /mnt/nas/www/acme/staging lies in production /var/www/acme.',
    ]);
  });
});

test('one kernel: two containers that see one folder under different names', () => {
  const volume = (point: string): string => `2 1 8:1 /var/lib/volumes/site ${point} rw - ext4 /dev/sda1 rw`;
  const overlay = '1 0 0:50 / / rw - overlay overlay rw';
  expect(
    between(tree('a', '/html', overlay, volume('/html')), tree('b', '/site', overlay, volume('/site')), true),
  ).toEqual(['Staging /site is production /html.']);
});
test('the mount that came last is the one that shows', () => {
  const hidden = '2 1 0:40 / /srv rw - nfs nas:/production rw';
  const shown = '3 1 0:41 / /srv rw - nfs nas:/staging rw';
  expect(between(tree('a', '/srv', ROOT, hidden), tree('b', '/srv', ROOT, hidden, shown))).toEqual([]);
});
test('an answer that is cut off is no answer', () => {
  expect(() => parseTreeIdentity('path\0/srv\0/srv\0')).toThrow('cut off');
  expect(() => parseTreeIdentity('path\0/srv\0/srv\x001:2\0mounts\0')).toThrow('incomplete');
});

describe('whether two hosts are one kernel', () => {
  const host = (bootId: string, machineId: string) => ({
    bootId,
    machineId,
    hostname: 'h',
    home: '/',
    user: 'u',
  });
  test.each([
    ['the same boot', host('b1', 'm1'), host('b1', 'm2'), true],
    ['copies of one virtual machine', host('b1', 'm1'), host('b2', 'm1'), false],
    ['no boot id', host('', 'm1'), host('b2', 'm1'), true],
  ])('%s', (_name, one, other, expected) => {
    expect(sameKernel(one, other)).toBe(expected);
  });
  test('nothing to tell by', () => {
    expect(() => sameKernel(host('', ''), host('', ''))).toThrow('neither');
  });
});
