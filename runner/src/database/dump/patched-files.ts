import { createHash } from 'node:crypto';
import path from 'node:path';
import { shellScript } from '../../commands/command.js';
import {
  FORMER_SCRIPT,
  NO_PATCHES_SCRIPT,
  PATCH_SCRIPT,
  REBUILD_SCRIPT,
} from '../../commands/scripts/patch-scripts.js';
import { UnderstudyError } from '../../errors/index.js';
import { type BackupFile, readManifest } from '../manifest.js';
import { type Basis, type FormerBackup, type Sending } from './former-backup.js';
import { type TransferOrder } from './transfer.js';

/** A shard as what it has beyond rows of a former backup. */
export interface Patch {
  readonly file: BackupFile;
  /** Relative to the folder of the backup, on both hosts. */
  readonly name: string;
  readonly bytes: number;
  /** SHA-256 of the shard's rows, hex. */
  readonly rowsSha256: string;
  readonly basis: Basis;
}

/** A backup that staging keeps: its run, and the checksum of its manifest there. */
export interface KeptBackup {
  readonly run: string;
  readonly manifestSha256: string;
}

const folderOf = (backup: string, run: string): string =>
  path.posix.join(path.posix.dirname(path.posix.dirname(backup)), run, 'backup');

/**
 * The newest of the backups that staging keeps which production has too. That they are the same is not proven here:
 * what is made of them is, file by file.
 * @returns undefined where there is none that can be read
 */
export async function findFormerBackup(
  order: TransferOrder,
  kept: readonly KeptBackup[],
): Promise<FormerBackup | undefined> {
  if (kept.length === 0) return undefined;
  const folder = path.posix.dirname(path.posix.dirname(order.source));
  const { stdout } = await order.client.run(
    shellScript('read', FORMER_SCRIPT, [folder, ...kept.map(({ run }) => run)]),
    { allowedExitCodes: 'any', signal: order.signal, label: 'look for the former backup' },
  );
  const end = stdout.indexOf('\n');
  const run = stdout.toString('utf8', 0, Math.max(0, end));
  const bytes = stdout.subarray(end + 1);
  const onStaging = kept.find((one) => one.run === run);
  if (onStaging === undefined) return undefined;
  try {
    const manifest = readManifest(bytes);
    if (manifest.site !== order.site || manifest.run !== run) return undefined;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { run, manifest, sameFiles: sha256 === onStaging.manifestSha256 };
  } catch (error) {
    // A damaged one is no basis; the backup travels whole.
    if (error instanceof UnderstudyError && error.code === 'MANIFEST_INVALID') return undefined;
    throw error;
  }
}

const words = ({ rawBytes, names }: Basis): string => `${String(rawBytes)} ${names.join(',')}`;

/** Lets production make the patches that are worth it; what has none travels whole. */
export async function makePatches(
  order: TransferOrder,
  former: FormerBackup | undefined,
  { patches }: Sending,
): Promise<readonly Patch[]> {
  if (former === undefined || patches.length === 0) return [];
  const lines = patches.map(
    ({ file, near, wide }) =>
      `${file.sha256} ${String(file.rawBytes)} ${String(file.bytes)} ${file.name} ${words(near)} ${words(wide)}\n`,
  );
  const { stdout } = await order.client.run(
    shellScript(
      'create-backup',
      PATCH_SCRIPT,
      [order.source, folderOf(order.source, former.run)],
      order.source,
    ),
    {
      stdin: lines.join(''),
      // Whatever ends it early: files without a patch travel whole.
      allowedExitCodes: 'any',
      signal: order.signal,
      timeoutSeconds: order.timeoutSeconds,
      job: { name: `${order.run}-transfer-backup`, folder: order.client.workDir },
      label: 'compare the backup with the former one',
    },
  );
  return stdout
    .toString()
    .split('\n')
    .flatMap((line) => patchIn(line, patches));
}

/** Production needs them no longer. What a killed process leaves goes with the backup. */
export async function removePatches({ client, source }: TransferOrder, { patches }: Sending): Promise<void> {
  if (patches.length === 0) return;
  await client.run(shellScript('remove-own-backup', NO_PATCHES_SCRIPT, [source], source), {
    allowedExitCodes: 'any',
    label: 'remove the patches',
  });
}

function patchIn(line: string, patches: Sending['patches']): readonly Patch[] {
  const [, name = '', bytes = '', sha256 = '', used = ''] =
    /^patch (\S+) (\d+) ([0-9a-f]{64}) (\d+ \S+)$/.exec(line) ?? [];
  const order = patches.find(({ file }) => file.name === name);
  const basis = [order?.near, order?.wide].find((one) => one !== undefined && words(one) === used);
  if (order === undefined || basis === undefined) return [];
  const patch = `patches/${path.posix.basename(name)}`;
  return [{ file: order.file, name: patch, bytes: Number(bytes), rowsSha256: sha256, basis }];
}

/**
 * Makes files on staging out of the former backup there: copies, and shards whose patches have arrived.
 * @returns the files that patches gave, with their bytes and checksums as they lie there; those that production's own
 * zstd compressed to other bytes hold the same rows
 */
export async function rebuildFiles(
  order: TransferOrder,
  former: FormerBackup | undefined,
  copies: Sending['copies'],
  patches: readonly Patch[],
): Promise<readonly BackupFile[]> {
  if (former === undefined || copies.length + patches.length === 0) return [];
  const lines = [
    ...copies.map(({ file, from }) => `copy ${file.name} ${from}\n`),
    ...patches.map(({ file, rowsSha256, basis }) => `patch ${file.name} ${rowsSha256} ${words(basis)}\n`),
  ];
  const { stdout } = await order.target.run(
    shellScript('write', REBUILD_SCRIPT, [order.destination, folderOf(order.destination, former.run)]),
    {
      stdin: lines.join(''),
      // What could not be made is found by the comparison with the manifest, and is sent whole then.
      allowedExitCodes: 'any',
      signal: order.signal,
      timeoutSeconds: order.timeoutSeconds,
      label: 'take what staging has already',
    },
  );
  return stdout
    .toString()
    .split('\n')
    .flatMap((line) => {
      const [, name, sha256 = '', bytes = ''] = /^made (\S+) ([0-9a-f]{64}) (\d+)$/.exec(line) ?? [];
      const patch = patches.find(({ file }) => file.name === name);
      return patch === undefined ? [] : [{ ...patch.file, sha256, bytes: Number(bytes) }];
    });
}
