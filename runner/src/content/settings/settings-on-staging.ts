import { shellScript } from '../../commands/command.js';
import { type ReadingHost } from '../../hosts/host.js';
import { readHostFile } from '../../hosts/host-files.js';
import { inventoryFile, runFolder, type SwapFolders } from '../swap/file-swap.js';
import { KNOWN_SETTINGS } from '../rsync/filters.js';
import { readSmallFiles } from './find-settings.js';
import { decodeName } from '../rsync/parse-rsync.js';

/** Where a site has its settings as a rule. They are only read here, so that a pattern may take in too much. */
const USUAL_PLACES = [
  'config.php',
  '*/config.php',
  'config.inc.php',
  'inc*/config*.php',
  'config/*.php',
  'config/*.y*ml',
  'config/packages/*.y*ml',
  'app/config/*.php',
  'app/etc/*.php',
];

const MOST_FILES = 500;

/** Patterns; prints the files that they mean, each ended by NUL. A blank in a pattern is a blank. */
const LIST = `cd -- "$1" || exit 1
shift; IFS=
for pattern do
  for path in $pattern; do if [ -f "$path" ]; then printf '%s\\0' "$path"; fi; done
done`;

/** @returns the files that the patterns mean, bytes as latin1, each as its pattern begins */
export async function listMatching(
  host: ReadingHost,
  root: string,
  patterns: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { stdout } = await host.run(shellScript('read', LIST, [root, ...patterns]), {
    signal,
    label: `looking for settings on ${host.label}`,
  });
  return stdout.toString('latin1').split('\0').filter(Boolean);
}

export interface SettingsPlaces {
  readonly staging: ReadingHost;
  readonly folders: SwapFolders;
  readonly signal: AbortSignal;
  /** More patterns, relative to the document root or absolute. */
  readonly more: readonly string[];
}

/**
 * The files of staging in which settings are looked for: the usual ones, those that the site file names, and those whose
 * namesakes hold settings on production.
 * @returns content by path
 */
export async function settingsOnStaging(places: SettingsPlaces): Promise<ReadonlyMap<string, Buffer>> {
  const { staging, folders, signal } = places;
  const patterns = [...KNOWN_SETTINGS, ...USUAL_PLACES, ...places.more].map((pattern) =>
    pattern.startsWith('/') ? pattern : `./${pattern}`,
  );
  const listed = await listMatching(staging, folders.live, patterns, signal);
  const recorded = await Promise.all(
    [`${inventoryFile(folders)}.settings`, `${runFolder(folders)}/content/settings.list`].map((file) =>
      readHostFile(staging, file),
    ),
  );
  const named = recorded.flatMap((list) =>
    (list?.toString('latin1') ?? '')
      .split('\n')
      .filter(Boolean)
      .map((name) => `./${decodeName(name).toString('latin1')}`),
  );
  const paths = [...new Set([...listed, ...named])].slice(0, MOST_FILES);
  return readSmallFiles(
    { host: staging, root: folders.live, signal },
    paths.map((path) => Buffer.from(path, 'latin1')),
  );
}
