import { shellScript } from '../../commands/command.js';
import { type ReadingHost } from '../../hosts/host.js';
import {
  findSettingsIn,
  type FoundSettings,
  LARGEST_SETTINGS,
  mayBeSettings,
  searchLine,
} from './find-settings.js';
import { encodeName, showName } from '../rsync/parse-rsync.js';
import { type SettingsMatcher } from './settings-matcher.js';

export interface TreeSearch {
  readonly staging: ReadingHost;
  /** Staging's live tree, absolute. */
  readonly root: string;
  /** Folders that are not looked into, relative to it: media. */
  readonly without: readonly string[];
  /** Production's secrets that are not staging's own as well. */
  readonly foreign: SettingsMatcher;
  readonly signal: AbortSignal;
  readonly timeoutSeconds: number;
}

export interface TreeFindings {
  /** Files that hold production's secrets. */
  readonly foreign: readonly FoundSettings[];
  /** Files and folders that the account may not read. */
  readonly closed: readonly string[];
}

/**
 * $1 tree, $2 largest size in blocks of 512 bytes, then patterns of folders that are left out. Prints the files, each ended by
 * NUL. Links lead to shared folders of a deployment as a rule: those are looked into once, unless they hold the tree itself.
 */
const LIST = `LC_ALL=C; export LC_ALL; cd -- "$1" || exit 1
size=$2; shift 2
for folder do set -- "$@" -path "$folder" -prune -o; shift; done
list() {
  find "$@" \\( -name .git -o -name .svn -o -name .hg -o -name node_modules \\) -prune -o -type f ! -size 0 -size "-$size" -print0 || :
}
list . "$@"
find . "$@" -type l -print0 | xargs -0 sh -c 'size=$1; shift; here=$(pwd -P)
for link do
  if [ -f "$link" ]; then printf "%s\\0" "$link"; continue; fi
  there=$(cd -- "$link" 2>/dev/null && pwd -P) || continue
  case $here/ in "\${there%/}"/*) continue ;; esac
  case $there/ in "$here"/*) continue ;; esac
  find "$link/" -type f ! -size 0 -size "-$size" -print0 || :
done' sh "$size"
`;

/** What an application writes and never reads its settings from. */
const DATA = /\.(?:log|sql)(?:\.\d+)?$/i;

/**
 * Looks for production's secrets in all of staging's files, also where no sync writes: in caches of settings that
 * somebody has copied by hand, and in files that staging alone has. The secrets do not go to staging for that: what may
 * hold settings is read, and compared here.
 */
export async function searchStagingTree(search: TreeSearch): Promise<TreeFindings> {
  const { staging: host, root, without, foreign, ...how } = search;
  const patterns = without.map((folder) => `./${folder.replace(/[\\*?[\]]/g, '\\$&')}`);
  const blocks = String(LARGEST_SETTINGS / 512 + 1);
  const { stdout, stderr } = await host.run(shellScript('read', LIST, [root, blocks, ...patterns]), {
    signal: how.signal,
    timeoutSeconds: how.timeoutSeconds,
    label: "listing staging's files",
  });
  const names = stdout
    .toString('latin1')
    .split('\0')
    .filter((name) => name !== '' && mayBeSettings(name, 1) && !DATA.test(name))
    .map((name) =>
      searchLine('s', ASSUMED_BYTES, encodeName(Buffer.from(name.replace(/^\.\//, ''), 'latin1'))),
    );
  const { found, closed } = await findSettingsIn(
    { host, root, matcher: foreign, ...how },
    names,
    'without secrets',
  );
  return { foreign: found, closed: [...closedFolders(stderr), ...closed.map(showName)] };
}

/** `find: './var/cache': Permission denied`, in the quotes of whichever find. */
const closedFolders = (stderr: string): string[] =>
  [...stderr.matchAll(/^find: \W?\.?\/?(.*?)\W?: Permission denied$/gm)].map(([, name = '']) => name || '.');

/** The size of a file that may hold settings, to judge how much would be read. */
const ASSUMED_BYTES = 16 * 1024;
