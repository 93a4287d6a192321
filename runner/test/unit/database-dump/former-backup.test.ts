import { describe, expect, test } from '@jest/globals';
import { type FormerBackup, planSending } from '../../../src/database/dump/former-backup.js';
import { type BackupFile, type BackupManifest } from '../../../src/database/manifest.js';

const MB = 1024 * 1024;

/** Shards as `posts 16`: table and megabytes of SQL; `sum` gives equal files equal checksums. */
function manifestOf(
  shards: readonly string[],
  sum = 'x',
  compression: 'zstd' | 'gzip' = 'zstd',
): BackupManifest {
  const data = shards.map((text, at): BackupFile => {
    const [table = '', size = '', own = `${sum}${String(at)}`] = text.split(' ');
    const name = `data/${String(at + 1).padStart(4, '0')}.sql.zst`;
    return {
      name,
      kind: 'data',
      tables: table.split('+'),
      bytes: Number(size) * 200_000,
      rawBytes: Number(size) * MB,
      sha256: own,
    };
  });
  const small = (kind: 'schema' | 'objects'): BackupFile => ({
    name: `${kind}.sql.zst`,
    kind,
    bytes: 900,
    rawBytes: 9000,
    sha256: kind + sum,
  });
  const names = [...new Set(data.flatMap(({ tables = [] }) => tables))];
  const tables = names.map((name, at) => ({ name, engine: 'InnoDB', rows: 1, rawBytes: MB * (at + 1) }));
  return {
    compression,
    files: [small('schema'), ...data, small('objects')],
    tables,
  } as unknown as BackupManifest;
}

const former = (manifest: BackupManifest, sameFiles = true): FormerBackup => ({
  manifest,
  sameFiles,
});

/** `0002: 0001,0002 | 0001,0002,0003` per shard that is to be patched. */
function patchesOf(now: BackupManifest, was: BackupManifest): string[] {
  const short = (names: readonly string[]) => names.map((name) => name.replace(/\D/g, '')).join();
  return planSending(now, now.files, former(was), true).patches.map(
    ({ file, near, wide }) => `${short([file.name])}: ${short(near.names)} | ${short(wide.names)}`,
  );
}

describe('what of a backup travels', () => {
  const was = manifestOf(['users 4', 'posts 16', 'posts 16', 'posts 16', 'meta 8'], 'old');

  test('without a former backup, all of it', () => {
    const plan = planSending(was, was.files, undefined, true);
    expect(plan).toEqual({ whole: was.files, copies: [], patches: [] });
  });

  test('files with the same checksum are copied, whatever their number is', () => {
    const now = manifestOf(['new 4', 'users 4 old0', 'posts 16'], 'new');
    const { copies, whole } = planSending(now, now.files, former(was), true);
    expect(copies.map(({ file, from }) => `${file.name} ${from}`)).toEqual([
      'data/0002.sql.zst data/0001.sql.zst',
    ]);
    // Too small for a patch, and a table that was not there.
    expect(whole.map(({ name }) => name)).toEqual(['schema.sql.zst', 'data/0001.sql.zst', 'objects.sql.zst']);
  });

  test('files that staging compressed anew are patched, not copied', () => {
    const { copies, patches } = planSending(was, was.files, former(was, false), true);
    expect(copies).toEqual([]);
    expect(patches).toHaveLength(5);
  });

  test('where staging cannot patch or one of them is gzip, what changed travels whole', () => {
    const now = manifestOf(['users 4', 'posts 16 old1'], 'new');
    const gzip = manifestOf(['users 4', 'posts 16 old1'], 'old', 'gzip');
    for (const plan of [
      planSending(now, now.files, former(was), false),
      planSending(now, now.files, former(gzip), true),
    ])
      expect([plan.whole.length, plan.patches.length]).toEqual([3, 0]);
  });

  test('a shard is compared with where its rows stood in their table, though the numbers have moved', () => {
    const now = manifestOf(
      ['users 4', 'users 4', 'posts 16', 'posts 16', 'posts 17', 'posts 1', 'meta 8'],
      'new',
    );
    expect(patchesOf(now, was)).toEqual([
      '0001: 0001 | 0001',
      '0002: 0001 | 0001',
      '0003: 0002 | 0002,0003',
      '0004: 0003 | 0002,0003,0004',
      '0005: 0004 | 0003,0004',
      '0006: 0004 | 0003,0004',
      '0007: 0005 | 0005',
    ]);
  });

  test('other sizes of shards, and a basis that would not fit into the window of zstd', () => {
    expect(patchesOf(manifestOf(['posts 24', 'posts 24'], 'new'), was)).toEqual([
      '0001: 0002,0003 | 0002,0003,0004',
      '0002: 0003,0004 | 0002,0003,0004',
    ]);
    const large = manifestOf(['posts 40', 'posts 40', 'posts 100'], 'old');
    expect(patchesOf(manifestOf(['posts 40', 'posts 40', 'posts 100'], 'new'), large)).toEqual([
      '0001: 0001 | 0001,0002',
      '0002: 0002 | 0002',
    ]);
  });

  test('the largest table of a shard counts', () => {
    const mixed = manifestOf(['a+b+c 5', 'd 5'], 'old');
    expect(patchesOf(manifestOf(['a 5', 'b+c 5', 'd 5'], 'new'), mixed)).toEqual([
      '0001: 0001 | 0001',
      '0002: 0001 | 0001',
      '0003: 0002 | 0002',
    ]);
  });
});
