import { createHash } from 'node:crypto';
import { readCommand, shellScript } from '../../commands/command.js';
import { sendResumably } from '../../commands/rsync.js';
import { ProgressOutput } from '../../content/rsync/run-rsync.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { writeHostFile } from '../../hosts/host-files.js';
import { nameList } from '../../hosts/route/route.js';
import { inOneGo } from '../connection/in-one-go.js';
import { isRunId } from '../../run/run-id.js';
import { type BackupFile, type BackupManifest, readManifest } from '../manifest.js';
import { readManifestBytes } from '../restore/read-backup.js';
import { totalBytes } from './create-backup.js';
import { planSending } from './former-backup.js';
import {
  formerOnBoth,
  type KeptBackup,
  makePatches,
  readFormerBackups,
  type Rebuilding,
  rebuildLines,
  rebuiltFiles,
  removePatches,
  type BackupOrder,
  type TransferOrder,
} from './patched-files.js';
import { RECEIVE_SCRIPT, UNPACK_SCRIPT, VERIFY_SCRIPT } from '../../commands/scripts/patch-scripts.js';

export interface TransferredBackup {
  /** Of what lies on the target now. */
  readonly manifest: BackupManifest;
  readonly manifestSha256: string;
  readonly bytes: number;
  /** That rsync sent, protocol included. */
  readonly sentBytes: number;
  readonly seconds: number;
}

/** rsync exits after which another attempt goes on where this one ended: the connection broke or stalled. */
const WORTH_ANOTHER = [10, 12, 30, 35, 255];
const ATTEMPTS = 3;
/** What making files out of a former backup needs for a moment: a basis with its rows, and one file. */
const SCRATCH_KILOBYTES = 256 * 1024;

interface ReadManifest {
  readonly manifest: BackupManifest;
  /** Of its file. */
  readonly bytes: number;
}
export type BackupsOnProduction = readonly [ReadManifest, Awaited<ReturnType<typeof readFormerBackups>>];

/** The manifest of what is to be sent, which holds by its checksum, and those that production keeps beside it. */
export const readBackupsOnProduction = (order: BackupOrder): Promise<BackupsOnProduction> =>
  inOneGo([readVerifiedManifest(order), readFormerBackups(order)]);

/** Carries a backup to the target and proves each file there. @throws MANIFEST_INVALID, TRANSFER_FAILED */
export async function transferFiles(
  order: TransferOrder,
  reading: Promise<BackupsOnProduction> = readBackupsOnProduction(order),
): Promise<TransferredBackup> {
  const started = performance.now();
  const [{ manifest, bytes: manifestBytes }, onProduction] = await reading;
  const target = await prepareTarget(order, manifest);
  const former = formerOnBoth(onProduction, target.kept);
  const missing = manifest.files.filter(({ name }) => !target.present.has(name));
  const plan = planSending(manifest, missing, former, target.canPatch);
  const patches = await makePatches(order, former, plan);
  const others = plan.patches
    .map(({ file }) => file)
    .filter((file) => !patches.some((one) => one.file === file));
  const own = { name: MANIFEST, bytes: manifestBytes };
  let sentBytes = await send(order, own, [...plan.whole, ...others, ...patches]);
  const rebuilding = former && { former, copies: plan.copies, patches };
  const [first] = await inOneGo([verify(order, manifest, rebuilding), removePatches(order, plan)]);
  let { arrived, wrong } = first;
  if (wrong.length > 0) {
    // rsync takes a file of the right length as it is; those whose bytes differ were removed and are sent again.
    order.onRetry(
      `${several(wrong.length, 'file differs', 'files differ')} from the manifest (${wrong.join(', ')}), sent again.`,
    );
    sentBytes += await send(
      order,
      own,
      manifest.files.filter(({ name }) => wrong.includes(name)),
    );
    ({ arrived, wrong } = await verify(order, arrived));
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
    manifest: arrived,
    manifestSha256: await keepManifest(order, manifest, arrived),
    bytes: totalBytes(arrived.files),
    sentBytes,
    seconds: (performance.now() - started) / 1000,
  };
}

function withFiles(manifest: BackupManifest, files: readonly BackupFile[]): BackupManifest {
  const others = new Map(files.map((file) => [file.name, file]));
  return { ...manifest, files: manifest.files.map((file) => others.get(file.name) ?? file) };
}

/** The manifest there says what lies there: staging's zstd may compress rows to other bytes. @returns its checksum */
async function keepManifest(
  { target, destination, manifestSha256 }: TransferOrder,
  manifest: BackupManifest,
  arrived: BackupManifest,
): Promise<string> {
  if (arrived.files.every(({ sha256 }, at) => sha256 === manifest.files[at]?.sha256)) return manifestSha256;
  const bytes = Buffer.from(`${JSON.stringify(arrived, null, 1)}\n`);
  await writeHostFile(target, `${destination}/manifest.json`, bytes);
  return createHash('sha256').update(bytes).digest('hex');
}

async function readVerifiedManifest(order: BackupOrder): Promise<ReadManifest> {
  const { client, source, manifestSha256 } = order;
  const bytes = await readManifestBytes(client, source, manifestSha256, 'MANIFEST_INVALID');
  const manifest = readManifest(bytes);
  if (manifest.run !== order.run || manifest.site !== order.site)
    throw new UnderstudyError(
      'MANIFEST_INVALID',
      `The manifest belongs to run ${manifest.run} of ${manifest.site}.`,
    );
  return { manifest, bytes: bytes.length };
}

const expectedLines = (order: TransferOrder, { files }: BackupManifest): string =>
  [
    ...files.map(({ name, bytes, sha256 }) => `${sha256} ${String(bytes)} ${name}\n`),
    `${order.manifestSha256} - ${MANIFEST}\n`,
  ].join('');

const MANIFEST = 'manifest.json';

interface Target {
  /** Names of files that are there already, whole. */
  readonly present: ReadonlySet<string>;
  /** Newest first. */
  readonly kept: readonly KeptBackup[];
  readonly canPatch: boolean;
}

/** The folder exists, holds nothing that is not part of this backup, and has room. */
async function prepareTarget(order: TransferOrder, manifest: BackupManifest): Promise<Target> {
  const { stdout } = await order.target.run(shellScript('write', RECEIVE_SCRIPT, [order.destination]), {
    stdin: expectedLines(order, manifest),
    signal: order.signal,
    timeoutSeconds: order.timeoutSeconds,
    label: `prepare ${order.destination}`,
  });
  const lines = stdout
    .toString()
    .split('\n')
    .map((line) => line.split(' '));
  const all = (key: string) => lines.filter(([word]) => word === key).map(([, ...rest]) => rest);
  const [free = 0, used = 0] = (all('disk')[0] ?? []).map(Number);
  const missing = totalBytes(manifest.files) / 1024 - used;
  if (free > 0 && free < missing)
    throw new UnderstudyError(
      'TRANSFER_FAILED',
      `The backup needs ${String(Math.ceil(missing / 1024))} MB more, and ${order.destination} has ${String(Math.floor(free / 1024))} MB.`,
      { host: order.target.label, next: 'Free space on staging; then start the build again.' },
    );
  return {
    present: new Set(all('have').map(([name = '']) => name)),
    kept: all('former').flatMap(([run = '', manifestSha256 = '']) =>
      isRunId(run) ? [{ run, manifestSha256 }] : [],
    ),
    // On one machine copying takes less time than comparing.
    canPatch:
      order.route.kind !== 'local' && all('patches').length > 0 && free >= missing + SCRATCH_KILOBYTES,
  };
}

interface SentFile {
  readonly name: string;
  readonly bytes: number;
}

/** Bytes. rsync talks for eleven round trips; a stream of as little takes two. */
const SMALL_BYTES = 1024 * 1024;

/** All files in one stream; who sends them again begins at the beginning. @returns whether they are there */
async function sendSmall(order: TransferOrder, files: readonly SentFile[]): Promise<boolean> {
  const { route, source, destination, signal, timeoutSeconds } = order;
  const total = totalBytes(files);
  // On a link that is to be spared, rsync holds back.
  if (route.carry === undefined || route.megabitsPerSecond !== undefined || total > SMALL_BYTES) return false;
  const from = readCommand('cat', '--', ...files.map(({ name }) => `${source}/${name}`));
  const words = files.flatMap(({ name, bytes }) => [String(bytes), name]);
  try {
    await route.carry(from, shellScript('write', UNPACK_SCRIPT, [destination, String(total), ...words]), {
      signal,
      timeoutSeconds,
    });
    order.onProgress({ done: total, total, unit: 'bytes' });
    return true;
  } catch (cause) {
    if (signal.aborted) throw cause;
    return false;
  }
}

/** @returns bytes that were sent, rsync's own as far as it said so */
async function send(order: TransferOrder, manifest: SentFile, files: readonly SentFile[]): Promise<number> {
  const all = [...files, manifest];
  if (await sendSmall(order, all)) return totalBytes(all);
  const command = sendResumably({ route: order.route, source: order.source, target: order.destination });
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let sent = 0;
  for (let attempt = 1; ; attempt++) {
    let done = 0;
    const output = new ProgressOutput((progress) => {
      done = progress.done;
      order.onProgress(progress);
    }, total);
    const { code, stderr } = await order.route.run(command, {
      allowedExitCodes: 'any',
      names: nameList([MANIFEST, ...files.map(({ name }) => name)].map((name) => `${name}\n`).join('')),
      stdout: output,
      signal: order.signal,
      timeoutSeconds: order.timeoutSeconds,
      job: { name: `${order.run}-transfer-backup`, folder: order.client.workDir },
      label: 'rsync',
    });
    if (!output.writableEnded) output.end();
    sent += output.stats.get('Total bytes sent') ?? done;
    if (code === 0) return sent;
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

/** Makes what staging can make itself, and compares every file. @returns names of those that are missing or removed */
async function verify(
  order: TransferOrder,
  manifest: BackupManifest,
  rebuilding?: Rebuilding,
): Promise<{ readonly wrong: readonly string[]; readonly arrived: BackupManifest }> {
  const { folder, lines: rebuild } = rebuildLines(order, rebuilding);
  const { stdout } = await order.target.run(
    shellScript('write', VERIFY_SCRIPT, [order.destination, folder]),
    {
      stdin: `${rebuild}${expectedLines(order, manifest)}`,
      signal: order.signal,
      timeoutSeconds: order.timeoutSeconds,
      label: 'verify the checksums of the backup',
    },
  );
  const output = stdout.toString();
  const lines = output.split('\n');
  if (!lines.includes('verified'))
    throw new UnderstudyError('TRANSFER_FAILED', 'The checksums could not be verified.', {
      host: order.target.label,
    });
  const wrong = lines.filter((line) => line.startsWith('wrong ')).map((line) => line.slice('wrong '.length));
  return { wrong, arrived: withFiles(manifest, rebuiltFiles(output, rebuilding?.patches ?? [])) };
}
