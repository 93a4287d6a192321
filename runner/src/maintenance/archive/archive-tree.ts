import { shellScript } from '../../commands/command.js';
import { pullFiles } from '../../commands/rsync.js';
import { RsyncComplaints } from '../../content/rsync/rsync-problems.js';
import { ProgressOutput } from '../../content/rsync/run-rsync.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { type ReadingHost, type RunOptions, type WritingHost } from '../../hosts/host.js';
import { nameList, type Route } from '../../hosts/route/route.js';
import { type Reporter } from '../../report/events/reporter.js';
import { type CodeRules } from '../tree/code-rules.js';
import { pathFilter } from '../../content/rsync/path-filter.js';
import { compareTrees, describeDifference, isSame, type Tree } from '../tree/site-tree.js';
import { treeDigest } from '../tree/tree-digest.js';
import { namesIn, nulList } from '../../commands/file-names.js';
import { CHECK_FOLDER, LIST_NAMES, REMOVE_EMPTY, REMOVE_NAMES } from '../../commands/tree.js';

export interface ArchiveEnds {
  readonly staging: ReadingHost;
  /** Document root on staging, absolute. */
  readonly stagingPath: string;
  readonly archive: WritingHost;
  /** The site's folder on EFS, absolute; it has to exist. */
  readonly archivePath: string;
  /** Work folder on the archive host, absolute. */
  readonly archiveWorkDir: string;
  /** From the archive host to staging. */
  readonly route: Pick<Route, 'run' | 'remote' | 'remoteShell'>;
  readonly rules: CodeRules;
  /** 0 to 100: share of the archive's files that may be deleted. */
  readonly maxDeletePercent: number;
  readonly reporter: Pick<Reporter, 'step' | 'progress'>;
  readonly signal: AbortSignal;
}

interface ArchiveOutcome {
  /** As read on the archive host, after the copy. */
  readonly tree: Tree;
  /** Files that were not there before. */
  readonly created: number;
  readonly deleted: number;
}

/** Fewer deletions than this are never unusual. */
const ALWAYS_ALLOWED_DELETIONS = 100;
const TIMEOUT_SECONDS = 4 * 3600;

/**
 * Makes the archive's folder hold exactly staging's code, and proves it by reading it again there.
 *
 * In place: nobody serves from the archive, publish notices a half-written one by its digest, and a second tree would cost
 * EFS a round trip per file. Sizes and times decide what is sent; files that differ by digest afterwards are sent
 * whatever they look like. Killed halfway, the next run sends what is missing.
 * @throws ARCHIVE_FOLDER_MISSING, ARCHIVE_DELETES_TOO_MUCH, ARCHIVE_COPY_FAILED, ARCHIVE_INCOMPLETE
 */
export async function archiveTree(ends: ArchiveEnds): Promise<ArchiveOutcome> {
  await checkFolder(ends);
  const wanted = await treeDigest(ends.staging, ends.stagingPath, ends);
  if (wanted.files === 0)
    throw new UnderstudyError('ARCHIVE_COPY_FAILED', 'There is no code on staging.', {
      host: ends.staging.label,
    });
  assertSafeNames(wanted, ends.staging.label);
  const present = await listNames(ends);
  const paths = new Set(wanted.entries.map(({ path }) => path));
  const surplus = present.filter((path) => !paths.has(path));
  checkDeletions(ends, surplus, present.length);
  await remove(ends, surplus);
  await pull(ends, [...paths], wanted.bytes, false);
  const tree = await prove(ends, wanted);
  const before = new Set(present);
  return { tree, created: [...paths].filter((path) => !before.has(path)).length, deleted: surplus.length };
}

/** What {@link archiveTree} would do, as lines to read; writes nothing. */
export async function planArchive(ends: ArchiveEnds): Promise<readonly string[]> {
  await checkFolder(ends);
  const [wanted, present] = await Promise.all([
    treeDigest(ends.staging, ends.stagingPath, ends),
    treeDigest(ends.archive, ends.archivePath, ends),
  ]);
  return describeDifference(compareTrees(present, wanted));
}

async function checkFolder({ archive, archivePath }: ArchiveEnds): Promise<void> {
  const { stdout } = await archive.run(shellScript('read', CHECK_FOLDER, [archivePath]), {
    label: `look at ${archivePath}`,
  });
  const answer = stdout.toString().trim();
  if (answer === 'ok') return;
  if (answer.startsWith('tool '))
    throw new UnderstudyError('ARCHIVE_COPY_FAILED', `${answer.slice(5)} is missing on the archive host.`, {
      host: archive.label,
      next: `Install ${answer.slice(5)} there.`,
    });
  throw new UnderstudyError(
    'ARCHIVE_FOLDER_MISSING',
    answer === 'missing'
      ? `${archivePath} does not exist, or the file system is not mounted.`
      : `${archivePath} cannot be written to.`,
    {
      host: archive.label,
      ...(answer === 'missing' ? {} : { next: 'Give the account the right to write there.' }),
    },
  );
}

async function listNames(ends: ArchiveEnds): Promise<string[]> {
  const { archive, archivePath, rules, signal } = ends;
  const { stdout } = await archive.run(shellScript('read', LIST_NAMES, [archivePath, ...rules.roots]), {
    label: `list ${archivePath}`,
    timeoutSeconds: TIMEOUT_SECONDS,
    signal,
  });
  const isArchived = pathFilter(rules.filters);
  return namesIn(stdout)
    .map((name) => name.replace(/^\.\//, ''))
    .filter((name) => name !== '' && isArchived(name));
}

function checkDeletions(ends: ArchiveEnds, surplus: readonly string[], present: number): void {
  const limit = Math.max(ALWAYS_ALLOWED_DELETIONS, (present * ends.maxDeletePercent) / 100);
  if (surplus.length <= limit) return;
  throw new UnderstudyError(
    'ARCHIVE_DELETES_TOO_MUCH',
    `${String(surplus.length)} of the archive's ${several(present, 'file')} would be deleted.`,
    { host: ends.archive.label, details: describeDifference({ added: [], changed: [], removed: surplus }) },
  );
}

const longJob = ({ archiveWorkDir, signal }: ArchiveEnds): RunOptions => ({
  timeoutSeconds: TIMEOUT_SECONDS,
  signal,
  job: { name: 'archive', folder: archiveWorkDir },
});

async function remove(ends: ArchiveEnds, surplus: readonly string[]): Promise<void> {
  if (surplus.length === 0) return;
  const { archive, archivePath, reporter } = ends;
  reporter.step(`Deleting ${several(surplus.length, 'file')} from the archive`);
  await archive.run(shellScript('write', REMOVE_NAMES, [archivePath]), {
    ...longJob(ends),
    stdin: nulList(surplus.map((name) => `./${name}`)),
    label: 'delete files from the archive',
  });
  await archive.run(shellScript('write', REMOVE_EMPTY, [archivePath]), {
    ...longJob(ends),
    stdin: nulList(foldersOf(surplus).map((name) => `./${name}`)),
    label: 'remove empty folders from the archive',
  });
}

async function pull(
  ends: ArchiveEnds,
  names: readonly string[],
  bytes: number,
  everything: boolean,
): Promise<void> {
  const { route, stagingPath, archivePath, archive, staging, reporter } = ends;
  reporter.step(
    everything
      ? `Sending ${several(names.length, 'file')} again`
      : `Comparing ${several(names.length, 'file')} with the archive`,
  );
  const complaints = new RsyncComplaints();
  const command = pullFiles({ route, source: stagingPath, target: archivePath, everything });
  const { code } = await route.run(command, {
    ...longJob(ends),
    allowedExitCodes: 'any',
    names: nameList(nulList(names)),
    stdout: new ProgressOutput(reporter.progress, bytes),
    onStderr: (chunk) => {
      complaints.write(chunk);
    },
    label: 'rsync',
  });
  complaints.end();
  // 24: files vanished. The digest decides whether that matters.
  if (code === 0 || code === 24) return;
  throw new UnderstudyError(
    'ARCHIVE_COPY_FAILED',
    complaints.diskFull
      ? 'The archive is full.'
      : `rsync ended with exit code ${String(code)}${complaints.failed[0] === undefined ? '' : `: ${complaints.failed[0]}`}.`,
    { host: `${staging.label} → ${archive.label}`, stderr: complaints.lines.join('\n') },
  );
}

/** Reads the archive; what differs although rsync saw no difference is sent once more. */
async function prove(ends: ArchiveEnds, wanted: Tree): Promise<Tree> {
  const { archive, archivePath, reporter } = ends;
  reporter.step('Reading the archive to compare digests');
  const tree = await treeDigest(archive, archivePath, ends);
  if (tree.digest === wanted.digest) return tree;
  const { added, changed, removed } = compareTrees(tree, wanted);
  await remove(ends, removed);
  await pull(ends, [...added, ...changed], 0, true);
  const second = await treeDigest(archive, archivePath, ends);
  const difference = compareTrees(wanted, second);
  if (isSame(difference)) return second;
  throw new UnderstudyError('ARCHIVE_INCOMPLETE', undefined, {
    host: archive.label,
    details: describeDifference(difference),
  });
}

/**
 * Staging is trusted less than the archive: what it calls its files must not lead out of the archive's folder, into
 * version control, or through a link.
 * @throws ARCHIVE_COPY_FAILED naming them
 */
function assertSafeNames({ entries }: Pick<Tree, 'entries'>, host: string): void {
  const all = new Set(entries.map(({ path }) => path));
  const unsafe = entries
    .map(({ path }) => path)
    .filter((path) => !isInside(path) || hasEntryAbove(path, all));
  if (unsafe.length > 0)
    throw new UnderstudyError('ARCHIVE_COPY_FAILED', 'Staging names files that cannot be archived.', {
      host,
      details: unsafe.slice(0, 20).map((path) => JSON.stringify(path)),
      next: 'Someone may have tampered with staging. Nothing was archived.',
    });
}

const isInside = (path: string): boolean =>
  path !== '' &&
  path
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git');

const foldersAbove = (path: string): string[] => {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
};
const hasEntryAbove = (path: string, all: ReadonlySet<string>): boolean =>
  foldersAbove(path).some((folder) => all.has(folder));

/** Every folder above the given files, deepest first: what may have become empty. */
const foldersOf = (paths: readonly string[]): string[] =>
  [...new Set(paths.flatMap(foldersAbove))].sort((a, b) => b.split('/').length - a.split('/').length);
