import { type BackupFile, type BackupManifest } from '../manifest.js';

/** A backup of the same site that both hosts keep. */
export interface FormerBackup {
  /** As production has it. */
  readonly manifest: BackupManifest;
  /** Staging's files are the same byte for byte, not only in their rows. */
  readonly sameFiles: boolean;
}

/** Shards of the former backup whose rows a patch is made against. */
export interface Basis {
  readonly names: readonly string[];
  /** Of their rows. */
  readonly rawBytes: number;
}

interface PatchOrder {
  readonly file: BackupFile;
  /** What should do, and the same with its neighbours, in case rows have moved. */
  readonly near: Basis;
  readonly wide: Basis;
}

/** How each file that staging does not have yet comes there. */
export interface Sending {
  readonly whole: readonly BackupFile[];
  /** Copied from the former backup, which has a file with the same checksum. */
  readonly copies: readonly { readonly file: BackupFile; readonly from: string }[];
  /** To be tried. */
  readonly patches: readonly PatchOrder[];
}

/** zstd takes a window of 128 MB without being told to; basis and rows must fit into it. */
const WINDOW = 128 * 1024 * 1024;
/** A patch of less would cost more than it spares. */
const WORTH_BYTES = 16 * 1024;

/** What of `files`, which staging does not have, has to travel. @param canPatch staging's zstd applies patches */
export function planSending(
  manifest: BackupManifest,
  files: readonly BackupFile[],
  former: FormerBackup | undefined,
  canPatch: boolean,
): Sending {
  const sums = new Map(former?.manifest.files.map(({ sha256, name }) => [sha256, name]));
  const bothZstd = manifest.compression === 'zstd' && former?.manifest.compression === 'zstd';
  const whole: BackupFile[] = [];
  const copies: { file: BackupFile; from: string }[] = [];
  const patches: PatchOrder[] = [];
  for (const file of files) {
    const same = former?.sameFiles === true ? sums.get(file.sha256) : undefined;
    const worth = canPatch && bothZstd && file.bytes >= WORTH_BYTES;
    const bases = worth ? basesOf(file, manifest, former.manifest) : undefined;
    if (same !== undefined) copies.push({ file, from: same });
    else if (bases !== undefined) patches.push({ file, ...bases });
    else whole.push(file);
  }
  return { whole, copies, patches };
}

/** Numbers of shards say nothing: what counts is where rows stand among those of their table, then and now. */
function basesOf(
  file: BackupFile,
  manifest: BackupManifest,
  former: BackupManifest,
): { readonly near: Basis; readonly wide: Basis } | undefined {
  const table = largestTable(file, manifest);
  const alike = ({ kind, tables }: BackupFile) =>
    kind === file.kind && (table === undefined || tables?.includes(table) === true);
  const was = former.files.filter(alike);
  const start = bytesOf(manifest.files.filter(alike).filter(({ name }) => name < file.name));
  const end = start + file.rawBytes;
  let at = 0;
  const overlaps = was.map(({ rawBytes }) => {
    const from = at;
    at += rawBytes;
    return Math.min(end, at) - Math.max(start, from);
  });
  // Less than a tenth of a shard is what the wider basis is for. What was appended is most like what stands last.
  const first = overlaps.findIndex((bytes) => bytes > file.rawBytes / 10);
  const last = overlaps.findLastIndex((bytes) => bytes > file.rawBytes / 10);
  const from = first < 0 ? was.length - 1 : first;
  const to = first < 0 ? was.length - 1 : last;
  const near = basisOf(was.slice(Math.max(0, from), to + 1));
  const wide = basisOf(was.slice(Math.max(0, from - 1), to + 2));
  if (near.names.length === 0 || near.rawBytes + file.rawBytes > WINDOW) return undefined;
  return { near, wide: wide.rawBytes + file.rawBytes > WINDOW ? near : wide };
}

function largestTable(file: BackupFile, { tables }: BackupManifest): string | undefined {
  const held = tables.filter(({ name }) => file.tables?.includes(name));
  return held.sort((a, b) => b.rawBytes - a.rawBytes)[0]?.name;
}

const bytesOf = (files: readonly BackupFile[]): number =>
  files.reduce((sum, { rawBytes }) => sum + rawBytes, 0);

const basisOf = (files: readonly BackupFile[]): Basis => ({
  names: files.map(({ name }) => name),
  rawBytes: bytesOf(files),
});
