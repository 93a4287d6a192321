import { createHash } from 'node:crypto';
import { shellScript } from '../../commands/command.js';
import { sendResumably } from '../../commands/rsync.js';
import { ProgressOutput } from '../../content/rsync/run-rsync.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { type ReadingHost, type WritingHost } from '../../hosts/host.js';
import { readHostFile } from '../../hosts/host-files.js';
import { type Route } from '../../hosts/route/route.js';
import { type OnProgress } from '../../run/progress.js';
import { type BackupFile, type BackupManifest, readManifest } from '../manifest.js';
import { totalBytes } from './create-backup.js';
import { RECEIVE_SCRIPT, VERIFY_SCRIPT } from './transfer-scripts.js';

export interface TransferOrder {
  /** Production's database host: has the backup, runs rsync. */
  readonly client: ReadingHost & { readonly workDir: string };
  readonly target: WritingHost;
  readonly route: Route;
  /** Folder of the backup on the client, and where it goes on the target; absolute. */
  readonly source: string;
  readonly destination: string;
  /** As the run record has it: hex SHA-256 of manifest.json. */
  readonly manifestSha256: string;
  readonly run: string;
  readonly site: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  readonly onRetry: (why: string) => void;
  readonly timeoutSeconds: number;
}

export interface TransferredBackup {
  readonly manifest: BackupManifest;
  readonly manifestBytes: Buffer;
  readonly bytes: number;
  readonly seconds: number;
}

/** rsync exits after which another attempt goes on where this one ended: the connection broke or stalled. */
const WORTH_ANOTHER = [10, 12, 30, 35, 255];
const ATTEMPTS = 3;

/**
 * Carries a backup to the target and proves it there, file by file, against the manifest. What an earlier attempt left
 * is completed, not sent again.
 * @throws UnderstudyError MANIFEST_INVALID, TRANSFER_FAILED naming the files
 */
export async function transferFiles(order: TransferOrder): Promise<TransferredBackup> {
  const started = performance.now();
  const manifestBytes = await readVerifiedManifest(order);
  const manifest = readManifest(manifestBytes);
  if (manifest.run !== order.run || manifest.site !== order.site)
    throw new UnderstudyError(
      'MANIFEST_INVALID',
      `The manifest belongs to run ${manifest.run} of ${manifest.site}.`,
    );
  await prepareTarget(order, manifest);
  await send(order, manifest);
  let wrong = await verify(order, manifest);
  if (wrong.length > 0) {
    // rsync takes a file of the right length as it is; those whose bytes differ were removed and are sent again.
    order.onRetry(
      `${several(wrong.length, 'file differs', 'files differ')} from the manifest (${wrong.join(', ')}), sent again.`,
    );
    await send(order, manifest);
    wrong = await verify(order, manifest);
  }
  if (wrong.length > 0)
    throw new UnderstudyError(
      'TRANSFER_FAILED',
      `${several(wrong.length, 'file of the backup is', 'files of the backup are')} not what the manifest says.`,
      {
        host: order.target.label,
        details: wrong,
      },
    );
  return {
    manifest,
    manifestBytes,
    bytes: totalBytes(manifest.files),
    seconds: (performance.now() - started) / 1000,
  };
}

async function readVerifiedManifest(order: TransferOrder): Promise<Buffer> {
  const bytes = await readHostFile(order.client, `${order.source}/manifest.json`);
  if (bytes === undefined)
    throw new UnderstudyError('MANIFEST_INVALID', `There is no complete backup in ${order.source}.`, {
      host: order.client.label,
    });
  const sum = createHash('sha256').update(bytes).digest('hex');
  if (sum !== order.manifestSha256)
    throw new UnderstudyError('MANIFEST_INVALID', 'The manifest was not written by this run.', {
      host: order.client.label,
    });
  return bytes;
}

const expectedLines = (files: readonly BackupFile[]): string =>
  files.map(({ name, bytes, sha256 }) => `${sha256} ${String(bytes)} ${name}\n`).join('');

/** The folder exists, holds nothing that is not part of this backup, and has room. */
async function prepareTarget(order: TransferOrder, manifest: BackupManifest): Promise<void> {
  const { stdout } = await order.target.run(shellScript('write', RECEIVE_SCRIPT, [order.destination]), {
    stdin: ['manifest.json', ...manifest.files.map(({ name }) => name)].map((name) => `${name}\n`).join(''),
    signal: order.signal,
    label: `prepare ${order.destination}`,
  });
  const [free = 0, present = 0] = stdout.toString().trim().split(' ').map(Number);
  const missing = totalBytes(manifest.files) / 1024 - present;
  if (free > 0 && free < missing)
    throw new UnderstudyError(
      'TRANSFER_FAILED',
      `The backup needs ${String(Math.ceil(missing / 1024))} MB more, and ${order.destination} has ${String(Math.floor(free / 1024))} MB.`,
      { host: order.target.label, next: 'Free space on staging; then start the build again.' },
    );
}

async function send(order: TransferOrder, manifest: BackupManifest): Promise<void> {
  const command = sendResumably({ route: order.route, source: order.source, target: order.destination });
  const total = totalBytes(manifest.files);
  for (let attempt = 1; ; attempt++) {
    const output = new ProgressOutput(order.onProgress, total);
    const { code, stderr } = await order.route.run(command, {
      allowedExitCodes: 'any',
      stdout: output,
      signal: order.signal,
      timeoutSeconds: order.timeoutSeconds,
      job: { name: `${order.run}-transfer-backup`, folder: order.client.workDir },
      label: 'rsync',
    });
    if (!output.writableEnded) output.end();
    if (code === 0) return;
    if (!WORTH_ANOTHER.includes(code) || attempt === ATTEMPTS)
      throw new UnderstudyError('TRANSFER_FAILED', `rsync ended with exit code ${String(code)}.`, {
        host: order.client.label,
        command: command.argv.join(' '),
        stderr,
      });
    order.onRetry(
      `The connection was lost (rsync exit code ${String(code)}); the transfer resumes where it stopped.`,
    );
  }
}

/** @returns names of the files that are missing or wrong; wrong ones were removed */
async function verify(order: TransferOrder, manifest: BackupManifest): Promise<string[]> {
  const { stdout } = await order.target.run(shellScript('write', VERIFY_SCRIPT, [order.destination]), {
    stdin: `${expectedLines(manifest.files)}${order.manifestSha256} - manifest.json\n`,
    signal: order.signal,
    timeoutSeconds: order.timeoutSeconds,
    label: 'verify the checksums of the backup',
  });
  const lines = stdout.toString().split('\n');
  if (!lines.includes('verified'))
    throw new UnderstudyError('TRANSFER_FAILED', 'The checksums could not be verified.', {
      host: order.target.label,
    });
  return lines.filter((line) => line.startsWith('wrong ')).map((line) => line.slice('wrong '.length));
}
