import { type Command, type ReadCommand, readCommand } from './command.js';
import { farRsync, type FarWork, JOINED_SHELL } from './joined-rsync.js';
import { quoteForAnyShell } from './quote.js';

/**
 * Every rsync command line of the program. The client is always the more trusted host (production in a sync), so
 * what a command writes lies at the far end of the route, and for the host that runs it the command only reads.
 */
interface RsyncRoute {
  /** Value of `-e`; undefined when both ends are the same machine. */
  readonly remoteShell: string | undefined;
  /** What stands before the colon of the far path; '' on the same machine. */
  readonly remote: string;
  /** At most, where the client's link is to be spared. */
  readonly megabitsPerSecond?: number | undefined;
}

interface Ends {
  readonly route: RsyncRoute;
  /** Absolute path on the client. */
  readonly source: string;
  /** Absolute path at the far end of the route. */
  readonly target: string;
  /** Both ends give up after this many seconds without a byte. Default 300; with `checksum` 3600. */
  readonly timeoutSeconds?: number;
  /** Files are the same when their checksums are. Without it: size and time, to the second. */
  readonly checksum?: boolean;
}

/** The oldest rsync that knows `--info=progress2` and `--ignore-missing-args`. */
export const OLDEST_RSYNC = '3.1.0';

/**
 * What every command has. `-s`: names travel inside the protocol, no shell on the way sees them. `LC_ALL=C` and
 * `--no-h`: the output has plain digits and every odd byte as `\#ooo`, whatever the host's language.
 */
const common = ({ route, checksum = false, timeoutSeconds = checksum ? 3600 : 300 }: Ends): string[] => [
  '-s',
  '--no-h',
  ...(checksum ? ['--checksum'] : []),
  `--timeout=${String(timeoutSeconds)}`,
  // In units of 1,024 bytes (rsync(1)).
  ...(route.megabitsPerSecond === undefined
    ? []
    : [`--bwlimit=${String(Math.max(1, Math.floor((route.megabitsPerSecond * 125_000) / 1024)))}`]),
  ...(route.remoteShell === undefined ? [] : ['-e', route.remoteShell]),
  // rsync's end of a pipe does not block, which cat takes for an error as soon as rsync is slower.
  ...(route.remoteShell === JOINED_SHELL ? ['--blocking-io'] : []),
];

/**
 * What a sync carries: folders, links as links, modes, times. Not: owner and group, devices, pipes, sockets, hard links
 * (they become files of their own), ACLs, extended attributes, times of folders. No `--keep-dirlinks`: a link on
 * staging in the place of a folder could lead out of staging.
 */
const ATTRIBUTES = ['-lpt', '--omit-dir-times'] as const;

const ITEMIZED = '--out-format=%i %l %n%L';
const PLAIN_OUTPUT = { LC_ALL: 'C' } as const;

const withPlainOutput = (...argv: [string, ...string[]]): ReadCommand => ({
  ...readCommand(...argv),
  environment: PLAIN_OUTPUT,
});

/** rsync as the client runs it, and what starts it at the far end where no ssh of the client's does. */
export interface RsyncCommand extends Command {
  readonly far: Command<'read' | 'write'>;
}

const rsync = (far: FarWork, ...words: string[]): ReadCommand & RsyncCommand => ({
  ...withPlainOutput('rsync', ...words),
  far: farRsync(far),
});

/**
 * rsync sends its list of files in portions of a thousand, and waits for an answer between them: at a distance that is
 * three times as long for 20,000 files (80 ms: 4.4 s, 1.5 s with the whole list at once; at 0 ms the same).
 */
const wholeList = ({ route }: Ends): string[] =>
  route.remoteShell === undefined ? [] : ['--no-inc-recursive'];

export interface CompareTrees extends Ends {
  /** rsync filter rules, first match wins (content/rsync/filters.ts). */
  readonly filters: readonly string[];
  /** Name unchanged entries as well; without it only what differs. */
  readonly all: boolean;
}

/**
 * One pass over both trees that writes nothing: each entry of production with what differs, and each unprotected entry that only staging has. Costs what a plain rsync with nothing to do costs;
 * `--compare-dest` into an empty folder costs twice that since rsync 3.4 opens each part of a path for itself.
 */
export const compareTrees = (options: CompareTrees): ReadCommand & RsyncCommand =>
  rsync(
    'compares',
    '--dry-run',
    '-r',
    ...ATTRIBUTES,
    '--delete',
    ...wholeList(options),
    options.all ? '-ii' : '-i',
    ITEMIZED,
    '--stats',
    ...options.filters.map((rule) => `--filter=${rule}`),
    ...common(options),
    '--',
    ...folders(options),
  );

export interface SendFiles extends Ends {
  /** Trees at the far end that content can be taken from instead of being sent; absolute. */
  readonly basis?: readonly string[];
  /** Folder at the far end, on the same filesystem as `target`, where files lie until they are whole. */
  readonly unfinished: string;
  /** Words that start rsync at the far end for the client's ssh; default `rsync`. Other routes start it under the fence themselves. */
  readonly farProgram?: readonly string[];
}

/**
 * Sends the entries that stdin names (relative to `source`, each ended by NUL; folders without what is in them).
 * `--copy-dest`, not `--compare-dest`: every entry arrives in `target`, also where a linked folder in `basis` shows
 * equal files. An entry that vanished meanwhile is passed over. With `checksum` what a basis has is judged by it too:
 * by size and time alone, rsync would take staging's own bytes for production's.
 */
export const sendFiles = (options: SendFiles): ReadCommand & RsyncCommand =>
  rsync(
    'receives',
    ...ATTRIBUTES,
    // A file with holes keeps them: a database of a search plugin may be many times its size otherwise.
    '--sparse',
    '--from0',
    '--files-from=-',
    '--ignore-missing-args',
    ...(options.farProgram === undefined ? [] : [`--rsync-path=${quoteForAnyShell(options.farProgram)}`]),
    `--temp-dir=${folderForRsync(options.unfinished)}`,
    ...(options.basis ?? []).map((tree) => `--copy-dest=${folderForRsync(tree)}`),
    '--info=progress2',
    '--stats',
    ...common(options),
    '--',
    ...folders(options),
  );

/**
 * Sends the files that stdin names (relative to `source`, one a line); a second attempt goes on where the first was cut
 * off. For files that do not change (backups): one of the right length is taken as it is, so the caller compares
 * checksums and removes what is wrong. Folders become 0700, files 0600.
 */
export const sendResumably = (options: Ends): ReadCommand & RsyncCommand =>
  rsync(
    'receives',
    '-t',
    '--files-from=-',
    '--append-verify',
    '--partial',
    '--perms',
    '--chmod=D0700,F0600',
    '--info=progress2',
    '--stats',
    ...common(options),
    '--',
    ...folders(options),
  );

export const rsyncVersion = (): ReadCommand => withPlainOutput('rsync', '--version');

export interface PullFiles extends Ends {
  /** Folder on the client's disk of `target` where files lie until they are whole; default: beside where they go. */
  readonly unfinished?: string;
  /** Compare no times and sizes: send every named file. For files that differ and look the same. */
  readonly everything?: boolean;
}

/**
 * The other way round, for a client that is more trusted than the source: fetches the entries that stdin names
 * (relative, each ended by NUL). Never owners, devices or what stdin does not name. Whole files: what the target has
 * lies on EFS, where each that is read costs.
 * @param options `source` is the far end's here, and `target` the client's
 */
export const pullFiles = (options: PullFiles): Command<'write'> & RsyncCommand => ({
  ...rsync(
    'sends',
    ...ATTRIBUTES,
    '--sparse',
    '--from0',
    '--files-from=-',
    '--whole-file',
    ...(options.everything === true ? ['--ignore-times'] : []),
    ...(options.unfinished === undefined ? [] : [`--temp-dir=${folderForRsync(options.unfinished)}`]),
    '--info=progress2',
    '--stats',
    ...common(options),
    '--',
    ...folders({ ...options, source: options.target, target: options.source }).toReversed(),
  ),
  effect: 'write',
});

/** Both folders with exactly one slash at the end: the content of one becomes the content of the other. */
const folders = ({ route, source, target }: Ends): [string, string] => [
  `${folderForRsync(source)}/`,
  route.remote === '' ? `${folderForRsync(target)}/` : `${route.remote}:${folderForRsync(target)}/`,
];

/** Without a slash at the end. @throws TypeError for `/` and for what depends on where rsync was started */
function folderForRsync(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  if (!trimmed.startsWith('/') || trimmed.split('/').some((part) => part === '..' || part === '.'))
    throw new TypeError(`not a folder that rsync may work in: ${JSON.stringify(path)}`);
  return trimmed;
}
