import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { shellScript } from '../../commands/command.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { type ReadingHost } from '../../hosts/host.js';
import { decodeName } from '../rsync/parse-rsync.js';
import { findSettings, WRITTEN_PASSWORD } from '../../commands/scripts/content/find-settings.js';
import { type Interpreter, twoScripts } from '../../commands/scripts/content/script.js';
import { type SettingsMatcher, type SettingsReason } from './settings-matcher.js';

/** Settings are small, but a framework may cache all it knows in one file; what is larger is data or a backup. */
export const LARGEST_SETTINGS = 8 * 1024 * 1024;

/** Pictures, fonts, films and archives: no program reads settings from them. */
const NO_SETTINGS =
  /\.(?:png|jpe?g|gif|webp|avif|ico|svgz?|woff2?|ttf|otf|eot|mp[34]|webm|ogg|mov|pdf|zip|gz|bz2|xz|zst|7z|mo|psd)$/i;

/** Whether a file of this name and size is looked into. @param path in bytes as latin1 */
export const mayBeSettings = (path: string, size: number): boolean =>
  size > 0 && size <= LARGEST_SETTINGS && !NO_SETTINGS.test(path);

/** How a file of production differs from staging's: new, changed, with other modes only, the same. */
export type ChangeLetter = 'n' | 'u' | 'a' | 's';

export interface StayingFile {
  /** Relative to the document root. */
  readonly path: Buffer;
  readonly change: ChangeLetter;
  readonly size: number;
  /** Undefined: by its name; the comparison did not see it. */
  readonly reason?: SettingsReason;
}

export type FoundSettings = StayingFile & { readonly reason: SettingsReason };

export interface SettingsSearch {
  readonly host: ReadingHost;
  /** The tree, absolute. */
  readonly root: string;
  readonly matcher: SettingsMatcher;
  readonly signal: AbortSignal;
  readonly timeoutSeconds: number;
  readonly interpreter?: Interpreter | undefined;
}

/**
 * Searches files of production for its secrets, on production, in one pass.
 * @param spool lines of {@link searchLine}
 * @throws SETTINGS_SEARCH_FAILED when it did not come to its end
 */
export async function findStayingFiles(
  search: SettingsSearch,
  spool: string,
): Promise<readonly FoundSettings[]> {
  return (await findSettingsIn(search, createReadStream(spool), 'with secrets')).found;
}

/** What the search found, and the names that it could not read. */
export interface SearchedFiles {
  readonly found: readonly FoundSettings[];
  readonly closed: readonly Buffer[];
}

/**
 * One pass over files of a host. What may hold settings is read and looked at again here, with an eye for where a word
 * stands.
 * @param names lines of {@link searchLine}
 * @param mode whether the secrets travel to the one process that searches, by its stdin. Without them it names all files
 * with a password of any kind, or with user and name of the database.
 * @throws SETTINGS_SEARCH_FAILED when it did not come to its end
 */
export async function findSettingsIn(
  search: SettingsSearch,
  names: AsyncIterable<Buffer | string> | Iterable<Buffer | string>,
  mode: 'with secrets' | 'without secrets',
): Promise<SearchedFiles> {
  const { host, root, matcher, signal } = search;
  const interpreter = mode === 'with secrets' ? (search.interpreter ?? 'auto') : 'sh';
  const { stdout } = await host.run(
    twoScripts('read', findSettings, [root, ...WRITTEN_PASSWORD], interpreter),
    {
      stdin: Readable.from(patternsThenNames(matcher, names, mode)),
      signal,
      timeoutSeconds: search.timeoutSeconds,
      label: `searching the files for settings of production on ${host.label}`,
    },
  );
  const lines = stdout.toString('latin1').split('\n');
  if (lines.at(-2) !== '=')
    throw new UnderstudyError(
      'SETTINGS_SEARCH_FAILED',
      'The search for settings of production did not finish.',
      { host: host.label },
    );
  const closed = lines.filter((line) => line.startsWith('! ')).map((line) => line.slice(2));
  const candidates = lines.slice(0, -2).flatMap(parseSearchLine);
  if (candidates.reduce((sum, { size }) => sum + size, 0) > MOST_BYTES)
    throw tooMany(host, candidates.length);
  const contents = await readSmallFiles(
    search,
    candidates.map(({ path }) => path),
  );
  return {
    found: candidates.flatMap((candidate) => {
      const content = contents.get(candidate.path.toString('latin1'));
      const reason = content === undefined ? undefined : matcher.reasonOf(content);
      return reason === undefined ? [] : [{ ...candidate, reason }];
    }),
    closed: closed.flatMap(parseSearchLine).map(({ path }) => path),
  };
}

/** A name as the search takes it. @param encoded in rsync's escaped form */
export const searchLine = (change: ChangeLetter, size: number, encoded: string): string =>
  `${change} ${String(size)} ${encoded}\n`;

function parseSearchLine(line: string): Omit<StayingFile, 'reason'>[] {
  const [, change, size, name] = /^([nuas]) (\d+) (.*)$/s.exec(line) ?? [];
  if (change === undefined || name === undefined) return [];
  return [{ change: change as ChangeLetter, size: Number(size), path: decodeName(name) }];
}

async function* patternsThenNames(
  { patterns }: SettingsMatcher,
  names: AsyncIterable<Buffer | string> | Iterable<Buffer | string>,
  mode: 'with secrets' | 'without secrets',
): AsyncGenerator<Buffer> {
  const lines = (kind: string, forms: readonly string[]): string =>
    forms.map((form) => `${kind} ${Buffer.from(form, 'latin1').toString('hex')}\n`).join('');
  const secret = lines('S', patterns.strong) + lines('P', patterns.password);
  const accounts =
    lines('U', patterns.user) + lines('N', patterns.name) + lines('D', patterns.besidePassword);
  yield Buffer.from(`${mode === 'with secrets' ? secret : 'L\n'}${accounts}.\n`);
  for await (const chunk of names) yield typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk;
}

/** All that a host is asked for at once: a site whose every file looks like settings has words for secrets. */
const MOST_BYTES = 64 * 1024 * 1024;

/** NUL-separated names on stdin; prints each as `SIZE`, newline, bytes. -1: not there, or too large for settings. */
const READ_FILES = `cd -- "$1" || exit 1
xargs -0 sh -c 'for path do
  size=-1
  if [ -f "$path" ] && [ -r "$path" ]; then size=$(wc -c < "$path"); size=$((size)); fi
  if [ "$size" -gt ${String(LARGEST_SETTINGS)} ]; then size=-1; fi
  printf "%s\\n" "$size"
  if [ "$size" -gt 0 ]; then head -c "$size" < "$path"; fi
done' sh`;

const HERE = Buffer.from('./');
const SLASH = 0x2f;

/** @returns content by path (bytes as latin1); files that are not there are left out */
export async function readSmallFiles(
  { host, root, signal }: Pick<SettingsSearch, 'host' | 'root' | 'signal'>,
  paths: readonly Buffer[],
): Promise<ReadonlyMap<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  if (paths.length === 0) return contents;
  const { stdout } = await host.run(shellScript('read', READ_FILES, [root]), {
    stdin: Buffer.concat(
      paths.flatMap((path) => [path[0] === SLASH ? path : Buffer.concat([HERE, path]), Buffer.of(0)]),
    ),
    signal,
    timeoutSeconds: 600,
    label: 'reading files that may be settings',
  });
  let at = 0;
  for (const path of paths) {
    const end = stdout.indexOf('\n', at);
    if (end < 0) throw tooMany(host, paths.length);
    const size = Number(stdout.subarray(at, end).toString());
    at = end + 1;
    if (size < 0) continue;
    contents.set(path.toString('latin1'), stdout.subarray(at, at + size));
    at += size;
  }
  return contents;
}

const tooMany = (host: ReadingHost, files: number): UnderstudyError =>
  new UnderstudyError(
    'SETTINGS_SEARCH_FAILED',
    `${several(files, 'file')} may hold settings of production, and not all could be read.`,
    { host: host.label },
  );
