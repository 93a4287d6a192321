import { describe, expect, test } from '@jest/globals';
import { farRsync, JOINED_REMOTE, JOINED_SHELL } from '../../../src/commands/joined-rsync.js';
import {
  compareTrees,
  pullFiles,
  rsyncVersion,
  sendFiles,
  sendResumably,
} from '../../../src/commands/rsync.js';

const overSsh = { remoteShell: 'ssh -p 2222 -o HostKeyAlias=staging', remote: 'deploy@staging' };
const local = { remoteShell: undefined, remote: '' };

describe('rsync commands', () => {
  test('compares without writing', () => {
    const command = compareTrees({
      route: overSsh,
      source: '/var/www/acme',
      target: '/srv/acme/html',
      filters: ['- .git', '- /wp-content/uploads'],
      all: true,
    });
    expect(command).toEqual({
      effect: 'read',
      far: farRsync('compares'),
      environment: { LC_ALL: 'C' },
      argv: [
        'rsync',
        '--dry-run',
        '-r',
        '-lpt',
        '--omit-dir-times',
        '--delete',
        '--no-inc-recursive',
        '-ii',
        '--out-format=%i %l %n%L',
        '--stats',
        '--filter=- .git',
        '--filter=- /wp-content/uploads',
        '-s',
        '--no-h',
        '--timeout=300',
        '-e',
        'ssh -p 2222 -o HostKeyAlias=staging',
        '--',
        '/var/www/acme/',
        'deploy@staging:/srv/acme/html/',
      ],
    });
  });

  test('reads at the far end or writes there, as it does itself', () => {
    const route = { remoteShell: JOINED_SHELL, remote: JOINED_REMOTE };
    const ends = { route, source: '/a', target: '/b' };
    const compares = compareTrees({ ...ends, filters: [], all: false });
    const sends = sendFiles({ ...ends, unfinished: '/c' });
    const pulls = pullFiles(ends);
    expect([compares, sends, pulls].map(({ effect, far }) => [effect, far.effect])).toEqual([
      ['read', 'read'],
      ['read', 'write'],
      ['write', 'read'],
    ]);
    expect([sends, pulls].map(({ far }) => far.argv.includes('--sender'))).toEqual([false, true]);
    // rsync's end of the pipe would not wait for cat.
    expect(compares.argv).toContain('--blocking-io');
    expect(compareTrees({ ...ends, route: overSsh, filters: [], all: false }).argv).not.toContain(
      '--blocking-io',
    );
  });

  test('sends no more than the route may carry, in units of 1,024 bytes per second', () => {
    const words = (megabitsPerSecond: number): readonly string[] => {
      const ends = { route: { ...overSsh, megabitsPerSecond }, source: '/backup', target: '/srv/backup' };
      const all = [
        sendResumably(ends),
        sendFiles({ ...ends, unfinished: '/srv/unfinished' }),
        compareTrees({ ...ends, filters: [], all: false }),
      ];
      return all.flatMap(({ argv }) => argv.filter((word) => word.startsWith('--bwlimit=')));
    };
    expect(words(8)).toEqual(Array.from({ length: 3 }, () => '--bwlimit=976'));
    // rsync takes 0 for no limit.
    expect(words(0.001)).toEqual(Array.from({ length: 3 }, () => '--bwlimit=1'));
  });

  test('sends the named entries beside the live tree', () => {
    const command = sendFiles({
      route: overSsh,
      source: '/var/www/acme/',
      target: '/srv/staging/runs/1/incoming',
      basis: ['/srv/staging/runs/1/previous', '/srv/acme/html'],
      unfinished: '/srv/staging/runs/1/unfinished',
      timeoutSeconds: 60,
    });
    expect(command.argv).toEqual([
      'rsync',
      '-lpt',
      '--omit-dir-times',
      '--sparse',
      '--from0',
      '--files-from=-',
      '--ignore-missing-args',
      '--temp-dir=/srv/staging/runs/1/unfinished',
      '--copy-dest=/srv/staging/runs/1/previous',
      '--copy-dest=/srv/acme/html',
      '--info=progress2',
      '--stats',
      '-s',
      '--no-h',
      '--timeout=60',
      '-e',
      'ssh -p 2222 -o HostKeyAlias=staging',
      '--',
      '/var/www/acme/',
      'deploy@staging:/srv/staging/runs/1/incoming/',
    ]);
  });

  test('sends a backup so that it can go on later', () => {
    const command = sendResumably({ route: local, source: '/p/backup', target: '/s/backup' });
    expect(command.argv).toEqual([
      'rsync',
      '-t',
      '--files-from=-',
      '--append-verify',
      '--partial',
      '--perms',
      '--chmod=D0700,F0600',
      '--info=progress2',
      '--stats',
      '-s',
      '--no-h',
      '--timeout=300',
      '--',
      '/p/backup/',
      '/s/backup/',
    ]);
  });

  test('asks for the version', () => {
    expect(rsyncVersion().argv).toEqual(['rsync', '--version']);
  });

  test.each(['', '/', '//', 'html', './html', '/srv/../etc', '/srv/./x', '-rf', '~/x'])(
    'refuses the folder %j on either end',
    (path) => {
      const ends = { route: local, filters: [], all: false };
      expect(() => compareTrees({ ...ends, source: path, target: '/srv/acme' })).toThrow(TypeError);
      expect(() => compareTrees({ ...ends, source: '/srv/acme', target: path })).toThrow(TypeError);
    },
  );

  test('deletes nowhere: --delete stands only beside --dry-run', () => {
    const ends = { route: local, source: '/a', target: '/b' };
    for (const command of [sendFiles({ ...ends, unfinished: '/c' }), sendResumably(ends)])
      expect(command.argv.some((word) => word.startsWith('--del'))).toBe(false);
    expect(compareTrees({ ...ends, filters: [], all: false }).argv[1]).toBe('--dry-run');
  });
});
