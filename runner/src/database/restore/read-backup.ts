import { createHash } from 'node:crypto';
import { CHECKSUM_FUNCTION } from '../../commands/probe.js';
import { decompressArguments } from '../../commands/compress.js';
import { readCommand, shellScript } from '../../commands/command.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { type ReadingHost } from '../../hosts/host.js';
import { readHostFile } from '../../hosts/host-files.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type BackupFile, type BackupManifest, readManifest } from '../manifest.js';

/** A backup folder on a host whose files are, byte for byte, those of its manifest. */
export interface Backup {
  readonly host: ReadingHost;
  /** Absolute. */
  readonly folder: string;
  readonly manifest: BackupManifest;
  /** schema.sql and objects.sql: small, and read by the runner, beside the checksums. */
  readonly texts: Readonly<Record<TextKind, Promise<Buffer>>>;
}

type TextKind = 'schema' | 'objects';

/** Prints `sha256 name` of the files of a folder; a file that is missing has no line. */
const CHECKSUMS = `
cd -- "$1" && shift || exit 1
${CHECKSUM_FUNCTION}
for file in "$@"; do
  [ -f "$file" ] || continue
  sum=$(checksum "$file") || exit 1
  printf '%s %s\\n' "\${sum%% *}" "$file"
done
`;

/**
 * The manifest of a backup folder.
 * @param sha256 of the manifest, hex, where the run record has it: then it is the one that was written on production
 * @throws `missing`, MANIFEST_INVALID
 */
export async function readBackupManifest(
  host: ReadingHost,
  folder: string,
  sha256?: string,
  missing: 'BACKUP_INVALID' | 'MANIFEST_INVALID' = 'BACKUP_INVALID',
): Promise<BackupManifest> {
  return readManifest(await readManifestBytes(host, folder, sha256, missing));
}

/** The same as it is written. */
export async function readManifestBytes(
  host: ReadingHost,
  folder: string,
  sha256?: string,
  missing: 'BACKUP_INVALID' | 'MANIFEST_INVALID' = 'BACKUP_INVALID',
): Promise<Buffer> {
  const bytes = await readHostFile(host, `${folder}/manifest.json`);
  if (bytes === undefined)
    throw new UnderstudyError(missing, `There is no complete backup in ${folder}.`, {
      host: host.label,
    });
  if (sha256 !== undefined && createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw new UnderstudyError('MANIFEST_INVALID', 'The manifest was not written by this run.', {
      host: host.label,
    });
  return bytes;
}

/**
 * Reads the manifest and compares every file with it. Together with the splitter, which lets nothing but INSERTs of
 * literals into a shard, this is what makes the shards safe to hand to a client.
 * @param known checksum of its manifest, or the manifest, as {@link readBackupManifest} gives it
 * @param meanwhile what can be done while the files are read, with nothing of them; the manifest may be on its way
 * @throws BACKUP_INVALID, MANIFEST_INVALID; what `meanwhile` throws
 */
export async function readBackup(
  host: ReadingHost,
  folder: string,
  known?: string | Promise<BackupManifest>,
  meanwhile: (manifest: Promise<BackupManifest>) => Promise<void> = () => Promise.resolve(),
): Promise<Backup> {
  const reading = typeof known === 'object' ? known : readBackupManifest(host, folder, known);
  const beside = meanwhile(reading);
  // What is wrong with the manifest is told first, and nothing is left under way then.
  const manifest = await reading.catch(async (cause: unknown) => {
    await beside.catch(() => undefined);
    throw cause;
  });
  const names = manifest.files.map((file) => file.name);
  const text = (kind: TextKind): Promise<Buffer> => {
    const reading = readText(host, folder, manifest, kind);
    // Told to anyone who waits for it.
    reading.catch(() => undefined);
    return reading;
  };
  const texts = { schema: text('schema'), objects: text('objects') };
  const [result] = await inOneGo([
    host.run(shellScript('read', CHECKSUMS, [folder, ...names]), {
      timeoutSeconds: 0,
      label: `checksums of the backup in ${folder}`,
    }),
    beside,
    Promise.allSettled(Object.values(texts)),
  ]);
  const found = new Map(
    result.stdout
      .toString()
      .split('\n')
      .map((line) => [line.slice(65), line.slice(0, 64)] as const),
  );
  const problems = manifest.files.flatMap((file) => problemOf(file, found.get(file.name)));
  if (problems.length > 0)
    throw new UnderstudyError(
      'BACKUP_INVALID',
      `${String(problems.length)} of ${several(manifest.files.length, 'file')} of the backup ${problems.length === 1 ? 'is' : 'are'} not what the manifest says.`,
      { host: host.label, details: problems },
    );
  return { host, folder, manifest, texts };
}

function problemOf(file: BackupFile, sum: string | undefined): readonly string[] {
  const held = file.tables === undefined ? '' : ` (rows of ${file.tables.join(', ')})`;
  if (sum === undefined) return [`${file.name}${held} is missing`];
  return sum === file.sha256 ? [] : [`${file.name}${held} has another checksum`];
}

async function readText(
  host: ReadingHost,
  folder: string,
  { files, compression }: BackupManifest,
  kind: TextKind,
): Promise<Buffer> {
  const file = files.find((each) => each.kind === kind);
  if (file === undefined) return Buffer.alloc(0);
  const result = await host.run(readCommand(...decompressArguments(compression, `${folder}/${file.name}`)), {
    timeoutSeconds: 600,
    label: `read ${file.name} of the backup`,
  });
  return result.stdout;
}
