import path from 'node:path';
import { createHash } from 'node:crypto';
import { shellScript } from '../../commands/command.js';
import { FORMER_SCRIPT, NO_PATCHES_SCRIPT, PATCH_SCRIPT } from '../../commands/scripts/patch-scripts.js';
import { UnderstudyError } from '../../errors/index.js';
import { type BackupFile, type BackupManifest, readManifest } from '../manifest.js';
import { type Basis, type FormerBackup, type Sending } from './former-backup.js';
import { type ProductionHost, type WritingHost } from '../../hosts/host.js';
import { type Route } from '../../hosts/route/route.js';
import { type OnProgress } from '../../run/progress.js';

/** A backup as production has it. */
export interface BackupOrder {
  /** Production's database host: has the backup, runs rsync. */
  readonly client: ProductionHost;
  /** Its folder on the client; absolute, `<folder>/<run>/backup`. */
  readonly source: string;
  /** As the run record has it: hex SHA-256 of manifest.json. */
  readonly manifestSha256: string;
  readonly run: string;
  readonly site: string;
  readonly signal: AbortSignal;
}

export interface TransferOrder extends BackupOrder {
  readonly target: WritingHost;
  readonly route: Route;
  /** Where it goes on the target, likewise. */
  readonly destination: string;
  readonly onProgress: OnProgress;
  readonly onRetry: (why: string) => void;
  readonly timeoutSeconds: number;
}

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

/** Backups that production keeps beside the one that is sent, newest first. Damaged ones are no basis, and are left out. */
export async function readFormerBackups(
  order: BackupOrder,
): Promise<readonly { readonly manifest: BackupManifest; readonly sha256: string }[]> {
  const folder = path.posix.dirname(path.posix.dirname(order.source));
  const { stdout } = await order.client.run(shellScript('read', FORMER_SCRIPT, [folder, order.run]), {
    allowedExitCodes: 'any',
    signal: order.signal,
    label: 'look for former backups',
  });
  const found: { manifest: BackupManifest; sha256: string }[] = [];
  for (let at = 0; at < stdout.length;) {
    const end = stdout.indexOf('\n', at);
    const [run, size] = stdout.toString('utf8', at, Math.max(at, end)).split(' ');
    at = end + 1 + Number(size);
    if (end < 0 || !Number.isSafeInteger(at)) break;
    const bytes = stdout.subarray(end + 1, at);
    const manifest = manifestIn(bytes);
    if (manifest?.site === order.site && manifest.run === run)
      found.push({ manifest, sha256: createHash('sha256').update(bytes).digest('hex') });
  }
  return found;
}

function manifestIn(bytes: Buffer): BackupManifest | undefined {
  try {
    return readManifest(bytes);
  } catch (error) {
    if (error instanceof UnderstudyError && error.code === 'MANIFEST_INVALID') return undefined;
    throw error;
  }
}

/**
 * The newest backup that both hosts keep. That they are the same is not proven here: what is made of it is, file by file.
 */
export function formerOnBoth(
  onProduction: Awaited<ReturnType<typeof readFormerBackups>>,
  onStaging: readonly KeptBackup[],
): FormerBackup | undefined {
  for (const { manifest, sha256 } of onProduction) {
    const kept = onStaging.find(({ run }) => run === manifest.run);
    if (kept !== undefined) return { manifest, sameFiles: kept.manifestSha256 === sha256 };
  }
  return undefined;
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
      [order.source, folderOf(order.source, former.manifest.run)],
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

/** What staging makes out of a former backup. */
export interface Rebuilding {
  readonly former: FormerBackup;
  readonly copies: Sending['copies'];
  readonly patches: readonly Patch[];
}

/** Second argument and first lines for REBUILD. */
export function rebuildLines(
  { destination }: TransferOrder,
  rebuilding: Rebuilding | undefined,
): { readonly folder: string; readonly lines: string } {
  if (rebuilding === undefined) return { folder: '', lines: '\n' };
  const { former, copies, patches } = rebuilding;
  const lines = [
    ...copies.map(({ file, from }) => `copy ${file.name} ${from}\n`),
    ...patches.map(({ file, rowsSha256, basis }) => `patch ${file.name} ${rowsSha256} ${words(basis)}\n`),
    '\n',
  ];
  return { folder: folderOf(destination, former.manifest.run), lines: lines.join('') };
}

/** Files that patches gave, with their bytes and checksums as they lie on staging. */
export const rebuiltFiles = (output: string, patches: readonly Patch[]): readonly BackupFile[] =>
  output.split('\n').flatMap((line) => {
    const [, name, sha256 = '', bytes = ''] = /^made (\S+) ([0-9a-f]{64}) (\d+)$/.exec(line) ?? [];
    const patch = patches.find(({ file }) => file.name === name);
    return patch === undefined ? [] : [{ ...patch.file, sha256, bytes: Number(bytes) }];
  });
