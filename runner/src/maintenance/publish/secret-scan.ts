import { linesIn } from '../../basics/lines.js';
import { shellScript } from '../../commands/command.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { readHostFile } from '../../hosts/host-files.js';
import { type RunOptions, type WritingHost } from '../../hosts/host.js';
import { nulList } from '../../commands/file-names.js';
import { pathFilter } from '../../content/rsync/path-filter.js';
import { type TreeEntry } from '../tree/site-tree.js';
import { COARSE, SECRET_PATTERNS, secretName } from './secret-patterns.js';

/** GitHub refuses a push with a larger file (docs.github.com: About large files on GitHub). */
const LARGEST_FILE = 100 * 1024 * 1024;
/** What a file that may hold a secret is read up to; keys and configuration are small. */
const LARGEST_READ = 4 * 1024 * 1024;

/** Names of the files that the coarse expression finds; exit 1 is "none", 123 is xargs' word for it. */
const GREP = `cd -P -- "$1" || exit 3
LC_ALL=C; export LC_ALL
xargs -0 -r grep -laE -e "$2" -- 
code=$?
case $code in 0|1|123) exit 0 ;; esac
exit "$code"`;

export interface ScanOptions {
  readonly host: WritingHost;
  readonly root: string;
  /** All files that would be published: their names are looked at. */
  readonly entries: readonly TreeEntry[];
  /** Those whose content is not in the repository yet. */
  readonly changed: readonly TreeEntry[];
  /** rsync patterns of places where everything is harmless. */
  readonly allow: readonly string[];
  readonly run?: RunOptions;
}

/**
 * Refuses what must not reach the repository. Says where and what kind, never the secret itself.
 * @throws PUBLISH_SECRETS, PUBLISH_TOO_LARGE with a line per file
 */
export async function scanTree(options: ScanOptions): Promise<void> {
  const { entries, changed, allow, host } = options;
  refuseLarge(entries, host.label);
  const isWatched = pathFilter(allow.map((pattern) => `- ${pattern}`));
  const named = entries.flatMap(({ path }) => {
    const kind = secretName(path);
    return kind === undefined || !isWatched(path) ? [] : [`${path}: ${kind}, by its name`];
  });
  const files = changed.filter(({ type, path }) => type === 'file' && isWatched(path));
  const found = [...named, ...(await scanContents(options, files))];
  if (found.length === 0) return;
  throw new UnderstudyError(
    'PUBLISH_SECRETS',
    `${several(found.length, 'file holds', 'files hold')} what looks like secrets.`,
    {
      host: host.label,
      details: shown(found),
    },
  );
}

const shown = (lines: readonly string[]): readonly string[] =>
  lines.length <= 30 ? lines : [...lines.slice(0, 30), `… and ${String(lines.length - 30)} more`];

function refuseLarge(entries: readonly TreeEntry[], host: string): void {
  const large = entries.filter(({ bytes }) => bytes > LARGEST_FILE);
  if (large.length === 0) return;
  const lines = large.map(({ path, bytes }) => `${path}: ${(bytes / 1024 / 1024).toFixed(0)} MB`);
  throw new UnderstudyError(
    'PUBLISH_TOO_LARGE',
    `${several(large.length, 'file is', 'files are')} over GitHub's limit of 100 MB.`,
    { host, details: shown(lines) },
  );
}

async function scanContents(options: ScanOptions, files: readonly TreeEntry[]): Promise<string[]> {
  if (files.length === 0) return [];
  const { host, root, run } = options;
  const { stdout } = await host.run(shellScript('read', GREP, [root, COARSE]), {
    timeoutSeconds: 3600,
    ...run,
    stdin: nulList(files.map(({ path }) => `./${path}`)),
    label: 'look for secrets',
  });
  const sizes = new Map(files.map(({ path, bytes }) => [path, bytes]));
  const found: string[] = [];
  for (const name of linesIn(stdout)) {
    const path = name.replace(/^\.\//, '');
    const size = sizes.get(path);
    // A name with a line break comes in pieces: then nothing can be said of it, and it is not let through.
    if (size === undefined) found.push(`${JSON.stringify(path)}: a name that cannot be checked`);
    else if (size > LARGEST_READ) continue;
    else found.push(...judge(path, (await readHostFile(host, `${root}/${path}`))?.toString('latin1') ?? ''));
  }
  return found;
}

const judge = (path: string, text: string): string[] =>
  SECRET_PATTERNS.filter(({ finds }) => finds(text, path)).map(({ name }) => `${path}: ${name}`);
