import { shellScript } from '../../commands/command.js';
import { type ReadingHost } from '../host.js';

/** A place of a tree: itself, a mount in it, the folder that a link leads to, the folder of a file that a link leads to. */
export interface TreeRoot {
  readonly why: 'path' | 'mount' | 'link' | 'file-link';
  /** As it was found in the tree; for a link its own path. */
  readonly found: string;
  /** Without symbolic links. */
  readonly real: string;
  /** `device:inode` of `real` and of each folder above it, up to `/`. */
  readonly chain: readonly string[];
}

export interface Mount {
  /** `major:minor` of the filesystem (proc(5), mountinfo field 3). */
  readonly device: string;
  /** What of the filesystem is mounted: `/` or the folder of a bind mount. */
  readonly root: string;
  readonly point: string;
  readonly type: string;
  /** `/dev/sda1`, `fs-0a1b.efs.eu-west-1.amazonaws.com:/`, `10.0.0.5:/export` … */
  readonly source: string;
}

export interface TreeIdentity {
  readonly roots: readonly TreeRoot[];
  readonly mounts: readonly Mount[];
}

/** Prints, NUL-separated, `why found real chain` for the tree and its links to outside, then the mount table. */
const SCRIPT = `tree=$1
real_of() { (cd -P -- "$1" 2>/dev/null && pwd -P); }
report() {
  why=$1 found=$2
  real=$(real_of "$3") || return 1
  at=$real
  set -- "$at"
  while [ "$at" != / ]; do
    at=\${at%/*}
    at=\${at:-/}
    set -- "$@" "$at"
  done
  chain=$(stat -c %d:%i -- "$@") || return 1
  printf '%s\\0%s\\0%s\\0%s\\0' "$why" "$found" "$real" "$chain"
}
unescape() { printf '%b.' "$(printf '%s' "$1" | sed 's/\\\\\\([0-7][0-7][0-7]\\)/\\\\0\\1/g')"; }
[ -d "$tree" ] || { echo "$tree is not a folder" >&2; exit 45; }
top=$(real_of "$tree") || { echo "$tree cannot be entered" >&2; exit 46; }
report path "$tree" "$tree" || exit 46
[ -r /proc/self/mountinfo ] || { echo 'there is no /proc/self/mountinfo' >&2; exit 47; }
while read -r id parent device root point rest; do
  case $point in *\\\\*) point=$(unescape "$point"); point=\${point%.} ;; esac
  case $point in
    "$top"/*) if [ -d "$point" ]; then report mount "$point" "$point" || exit 46; fi ;;
  esac
done </proc/self/mountinfo
find "$top" -xdev -type l -print 2>/dev/null | {
  while IFS= read -r link; do
    target=$link why=link
    if [ ! -d "$link" ]; then
      [ -e "$link" ] || continue
      file=$(readlink -f -- "$link") || exit 46
      target=\${file%/*}
      target=\${target:-/}
      why=file-link
    fi
    there=$(real_of "$target") || continue
    case $there/ in "$top"/*) continue ;; esac
    report "$why" "$link" "$target" || exit 46
  done
} || exit 46
printf 'mounts\\0'
cat /proc/self/mountinfo`;

/** What a host tells about a tree. Throws when it cannot tell everything. */
export async function readTreeIdentity(host: ReadingHost, path: string): Promise<TreeIdentity> {
  const { stdout } = await host.run(shellScript('read', SCRIPT, [path]), {
    timeoutSeconds: 300,
    label: `look at where ${path} lies`,
  });
  return parseTreeIdentity(stdout.toString());
}

export function parseTreeIdentity(text: string): TreeIdentity {
  const fields = text.split('\0');
  const roots: TreeRoot[] = [];
  let at = 0;
  for (; fields[at] !== 'mounts'; at += 4) {
    const [why, found = '', real = '', chain = ''] = fields.slice(at, at + 4);
    if (why !== 'path' && why !== 'mount' && why !== 'link' && why !== 'file-link')
      throw new Error('the answer is cut off');
    roots.push({ why, found, real, chain: chain.trim().split(/\s+/) });
  }
  const mounts = (fields[at + 1] ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map(parseMount);
  if (roots.length === 0 || mounts.length === 0) throw new Error('the answer is incomplete');
  return { roots, mounts };
}

/** proc(5): `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw` with octal escapes. */
function parseMount(line: string): Mount {
  const [before = '', after = ''] = line.split(' - ');
  const [, , device = '', root = '', point = ''] = before.split(' ').map(unescapeOctal);
  const [type = '', source = ''] = after.split(' ').map(unescapeOctal);
  return { device, root, point, type, source };
}

const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
