import { describe, expect, test } from '@jest/globals';
import { rsyncProblem } from '../../../src/content/checks/preflight.js';
import { judgeRsyncExit, RsyncComplaints } from '../../../src/content/rsync/rsync-problems.js';
import { checkDeletions, checkSpace } from '../../../src/content/checks/check-changes.js';
import { leadsOutside } from '../../../src/content/rsync/change-list.js';
import { type UnderstudyError } from '../../../src/errors/index.js';

function judge(code: number, stderr = ''): string {
  const complaints = new RsyncComplaints();
  complaints.write(Buffer.from(stderr, 'latin1'));
  complaints.end();
  try {
    const findings = judgeRsyncExit(code, complaints, 'staging');
    return findings.map((finding) => `${finding.severity} ${finding.message}`).join('; ');
  } catch (error) {
    const { code: name, message, details } = error as UnderstudyError;
    return [`${name}: ${message}`, ...details].join(' | ');
  }
}

describe('exit codes of rsync', () => {
  test.each([
    [0, '', ''],
    [
      24,
      'file has vanished: "/p/a\\#012b"\nrsync warning: some files vanished\n',
      'warning Files disappeared from production while they were copied: /p/a\\#012b.',
    ],
    [
      23,
      'rsync: [sender] send_files failed to open "/p/secret": Permission denied (13)\nrsync error: some files (code 23)',
      'CONTENT_FILES_UNREADABLE: rsync could not copy 1 file (exit code 23). | send_files failed to open "/p/secret": Permission denied (13)',
    ],
    [
      23,
      'could not make way for new symlink: wp-content\n',
      'CONTENT_IN_THE_WAY: Production has a file or a link where staging has a folder with files of its own: wp-content. | wp-content',
    ],
    [
      23,
      'rsync: [sender] change_dir "/nowhere" failed: No such file or directory (2)\n',
      'CONTENT_SOURCE_MISSING: rsync cannot enter the folder: change_dir "/nowhere" failed: No such file or directory (2). | change_dir "/nowhere" failed: No such file or directory (2)',
    ],
    [
      11,
      'rsync: [receiver] write failed on "/s/x": No space left on device (28)\n',
      'CONTENT_DISK_FULL: The disk filled up while files were copied.',
    ],
    [
      12,
      'rsync: connection unexpectedly closed\n',
      'CONTENT_LINK_BROKEN: The connection of rsync broke, or rsync could not be started on the other host (exit code 12).',
    ],
    [20, '', 'CONTENT_KILLED: rsync was ended by a signal (exit code 20).'],
    [30, '', 'CONTENT_STALLED: rsync waited too long for data (exit code 30).'],
    [127, 'sh: rsync: not found', 'RSYNC_UNSUITABLE: rsync was not found (exit code 127).'],
    [137, '', 'CONTENT_KILLED: rsync was ended by signal 9.'],
    [
      255,
      'Permission denied (publickey).',
      'CONTENT_LINK_BROKEN: ssh could not connect production with staging (exit code 255).',
    ],
    [99, '', 'CONTENT_SYNC_FAILED: rsync failed (exit code 99).'],
  ])('%d %j', (code, stderr, expected) => {
    expect(judge(code, stderr)).toBe(expected);
  });
});

describe('what rsync --version says', () => {
  test.each([
    ['rsync  version 3.5.0  protocol version 32\n', undefined],
    ['rsync  version v3.2.7  protocol version 31\n', undefined],
    ['rsync  version 3.1.3  protocol version 31\n', undefined],
    ['rsync  version 3.0.9  protocol version 30\n', 'rsync 3.0.9 is older than 3.1.0'],
    ['rsync  version 2.6.9  protocol version 29\n', 'rsync 2.6.9 is older than 3.1.0'],
    [
      'openrsync: protocol version 29\nrsync version 2.6.9 compatible\n',
      'openrsync knows too few options; rsync itself is needed',
    ],
    ['', 'The version of rsync cannot be read'],
  ])('%j', (output, problem) => {
    expect(rsyncProblem(output)).toBe(problem);
  });
});

describe('limits', () => {
  const counts = {
    production: 10,
    staging: 8,
    created: 0,
    updated: 0,
    onlyOnStaging: 0,
    folders: 0,
    bytes: 0,
    room: 1,
  };
  const lists = { deleted: 2, kept: 0, deletedNames: ['a'], preservedNames: [], deletedIn: new Map() };
  test.each([
    [25, false],
    [24, true],
    [100, false],
    [0, true],
  ])('2 of 8 files with maxDeletePercent %d: stops %s', (percent, stops) => {
    const check = (): void => {
      checkDeletions(counts, lists, percent, 'staging');
    };
    if (stops) expect(check).toThrow("2 of staging's 8 files (25.0 %)");
    else expect(check).not.toThrow();
  });
  test('needs the room of the files and a reserve', () => {
    const mebi = 1024 * 1024;
    expect(() => {
      checkSpace({ ...counts, room: mebi }, 65 * mebi, 's');
    }).not.toThrow();
    expect(() => {
      checkSpace({ ...counts, room: mebi + 1 }, 65 * mebi, 's');
    }).toThrow('free');
    expect(() => {
      checkSpace({ ...counts, room: 0 }, 0, 's');
    }).not.toThrow();
  });
});

describe('links that lead out of the site', () => {
  test.each([
    ['a', 'b', false],
    ['a/b', '../c', false],
    ['a/b', '../../c', true],
    ['a', '..', true],
    ['a', '../x', true],
    ['a', '/etc', true],
    ['a/b', '..hidden', false],
    ['a', './x/../y', false],
  ])('%s → %s: %s', (path, target, outside) => {
    expect(leadsOutside(Buffer.from(path), Buffer.from(target))).toBe(outside);
  });
});
