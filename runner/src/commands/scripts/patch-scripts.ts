import { WHOLE_INPUT } from './whole-input.js';
import { CHECKSUM_FUNCTION } from '../probe.js';
import { ZSTD } from '../compress.js';

/**
 * A backup sent as what it has beyond a former one that both hosts keep: shell programs, POSIX sh. `zstd --patch-from`
 * (zstd 1.4.5 and later) compresses a shard with the former shards' rows as what came before it, so that rows that are
 * in them cost next to nothing, wherever they stand. Both ends try it before they rely on it.
 */

/** `former_rows SIZE SHARDS`: writes rows of shards of `$former`, SIZE bytes, to `$own/former`. Follows no links. */
const FORMER_ROWS = `
former_rows() {
  (
    cd -- "$former" || exit 1
    IFS=,
    set -- $2
    unset IFS
    for shard in "$@"; do [ -f "$shard" ] && [ ! -L "$shard" ] || exit 1; done
    $low zstd -q -d -c -- "$@" 2>/dev/null
  ) </dev/null | head -c "$1" >"$own/former"
  [ "$(($(wc -c <"$own/former")))" = "$1" ]
}
`;

/** Succeeds where zstd can make patches and apply them. Works in `patches`. */
const TRY_PATCH = `
try_patch() {
  echo rows >patches/try
  found=$(zstd -q -c --patch-from=patches/try --stream-size=5 <patches/try 2>/dev/null | zstd -q -d -c --patch-from=patches/try 2>/dev/null)
  rm -f patches/try
  [ "$found" = rows ]
}
`;

/** Arguments: work folder, a run to leave out. Prints manifests of the newest backups, `run length` before each. */
export const FORMER_SCRIPT = `
cd -- "$1" && found=0 || exit 1
for run in $(ls -1 | LC_ALL=C sort -r); do
  file=$run/backup/manifest.json
  [ "$run" != "$2" ] && [ -f "$file" ] && [ ! -L "$file" ] || continue
  size=$(($(wc -c <"$file")))
  [ "$size" -le 16777216 ] || continue
  echo "$run $size"
  head -c "$size" "$file"
  found=$((found + 1))
  [ "$found" -lt 3 ] || break
done
`;

/**
 * Makes patches of shards, on production. Arguments: folder of the backup, folder of the former one. Stdin, a shard a
 * line: `sha256 rawBytes bytes name size shards size shards`: the former shards that should do, and more of them for a
 * patch above a tenth of the shard's bytes. Prints `patch name bytes sha256 size shards` with the checksum of the rows.
 * What has no line is to be sent whole.
 */
export const PATCH_SCRIPT = `
umask 077
LC_ALL=C; export LC_ALL
cd -- "$1" || exit 1
former=$2 own=patches
rm -rf patches && mkdir patches || exit 1
trap 'rm -f patches/former patches/rows' EXIT
# As a dump, it leaves a tenth of the disk free; what it needs for a moment is at most 128 MB.
df -Pk . | sed -n '$p' | { read -r _ total _ free _; [ "$free" -gt "$((total / 10 + 262144))" ]; } || exit 0
low=
command -v nice >/dev/null 2>&1 && low='nice -n 10'
${CHECKSUM_FUNCTION}${FORMER_ROWS}${TRY_PATCH}try_patch || exit 0
patch() {
  size=$bytes
  former_rows "$1" "$2" || return 1
  $low zstd -1 -q -c --patch-from=patches/former --stream-size="$raw" <patches/rows >"patches/\${name##*/}" 2>/dev/null || return 1
  size=$(($(wc -c <"patches/\${name##*/}"))) used="$1 $2"
}
while read -r sum raw bytes name near_size near wide_size wide; do
  found=$(checksum "$name") && [ "\${found%% *}" = "$sum" ] && $low zstd -q -d -c -- "$name" >patches/rows || continue
  checksum patches/rows >patches/sum &
  patch "$near_size" "$near"
  [ "$size" -le "$((bytes / 10))" ] || [ "$wide" = "$near" ] || patch "$wide_size" "$wide"
  wait "$!" && read -r found _ <patches/sum || continue
  [ "$size" -le "$((bytes / 2))" ] && echo "patch $name $size $found $used"
done
exit 0
`;

/** Removes the patches, which have arrived. Argument: folder of the backup. */
export const NO_PATCHES_SCRIPT = `
rm -rf -- "$1/patches"
`;

/**
 * Makes files of a backup out of a former one, on staging. Arguments: folder of the backup, folder of the former one.
 * Stdin, up to an empty line: `copy name former-name`, or `patch name sha256 size shards` as PATCH_SCRIPT printed it.
 * Prints `made name sha256 bytes` where the rows had the checksum; another zstd may compress them to other bytes. What
 * cannot be made is left out. Files are copies, never links. A script may follow that reads the rest of stdin, and
 * these lines in `$made`.
 */
const REBUILD = `
umask 077
former=$2 low= made= lines=
${FORMER_ROWS}
# A folder in its place would take the file in.
put_in_place() { rm -rf -- "$name" && mv -f -- "$own/whole" "$name"; }
make_file() {
  rm -f "$own/former" "$own/rows" "$own/whole"
  if [ "$kind" = copy ]; then
    [ -f "$former/$sum" ] && [ ! -L "$former/$sum" ] && cp -- "$former/$sum" "$own/whole" && put_in_place
    return
  fi
  former_rows "$size" "$shards" || return
  zstd -q -d -c --patch-from="$own/former" "patches/\${name##*/}" >"$own/rows" 2>/dev/null || return
  found=$(checksum "$own/rows") && [ "\${found%% *}" = "$sum" ] || return
  ${ZSTD} <"$own/rows" >"$own/whole" || return
  found=$(checksum "$own/whole") && size=$(($(wc -c <"$own/whole"))) && put_in_place || return
  echo "made $name \${found%% *} $size" | tee -a "$own/made"
}
every_second() {
  own=patches/$1 at=0
  mkdir -p "$own" || return
  printf %s "$lines" | while read -r kind name sum size shards; do
    at=$((at + 1))
    [ "$((at % 2))" != "$1" ] || make_file
  done
}
while read -r line; do
  [ -n "$line" ] || break
  lines="$lines$line
"
done
if [ -n "$lines" ]; then
  every_second 0 &
  every_second 1
  wait
  made=$(cat patches/?/made 2>/dev/null)
fi
rm -rf patches
`;

/** Shell function: the file `$name` has the `$bytes` and the `$sum` that are expected of it. */
const IS_EXPECTED = `
is_expected() {
  [ -f "$name" ] && [ ! -L "$name" ] || return 1
  [ "$bytes" = - ] || [ "$(($(wc -c <"$name")))" = "$bytes" ] || return 1
  found=$(checksum "$name") || exit 1
  [ "\${found%% *}" = "$sum" ]
}
`;

/**
 * Makes the folder that receives a backup (argument; absolute, `<folder>/<run>/backup`) and removes what is in it and
 * not named on stdin (`sha256 bytes name` a line, `-` for any size). Prints `have NAME` for files that are right,
 * `former RUN SHA256` for the manifests of other runs, newest first, `patches` where zstd can apply them, and `disk
 * FREE USED`, kilobytes of the disk and of the folder.
 */
export const RECEIVE_SCRIPT = `
LC_ALL=C; export LC_ALL
umask 077
mkdir -p -- "$1/data" && chmod 700 -- "$1" "$1/data" && cd -- "$1" || exit 1
expected=$(cat)
each() { printf '%s\\n' "$expected" | while read -r sum bytes name; do "$1"; done; }
print_name() { printf '%s\\n' "$name"; }
names=$(each print_name)
for file in * .[!.]* data/* data/.[!.]*; do
  [ -e "$file" ] || [ -L "$file" ] || continue
  [ "$file" = data ] && [ ! -L data ] && continue
  case "
$names
" in *"
$file
"*) [ -L "$file" ] || continue ;; esac
  rm -rf -- "$file"
done
${CHECKSUM_FUNCTION}${IS_EXPECTED}print_present() { is_expected && echo "have $name"; }
each print_present
${TRY_PATCH}mkdir patches && try_patch && echo patches
rm -rf patches
free=$(df -Pk -- "$1" | sed -n '$p' | { read -r _ _ _ free _; echo "$free"; })
used=$(du -sk -- "$1" | { read -r used _; echo "$used"; })
echo "disk $free $used"
own=$(dirname -- "$1"); own=\${own##*/}
cd -- "$1/../.." && ls -1 | sort -r | while IFS= read -r run; do
  file=$run/backup/manifest.json
  [ "$run" != "$own" ] && [ -f "$file" ] && [ ! -L "$file" ] && [ ! -L "$run" ] && [ ! -L "$run/backup" ] || continue
  sum=$(checksum "$file") && echo "former $run \${sum%% *}"
done
exit 0
`;

/**
 * Takes files of a backup from stdin, one behind the other. Arguments: folder of the backup, bytes of all, then `bytes
 * name` of each. A stream that was cut off leaves no file.
 */
export const UNPACK_SCRIPT = `
${WHOLE_INPUT}LC_ALL=C; export LC_ALL
umask 077
cd -- "$1" || exit 1
all=arriving.$$ total=$2 at=1
shift 2
trap 'rm -f -- "$all"' EXIT
trap 'exit 1' HUP INT TERM
whole "$all" "$total" || exit 1
while [ "$#" -gt 1 ]; do
  case $2 in */*) mkdir -p -- "\${2%/*}" || exit 1 ;; esac
  rm -rf -- "$2" && tail -c "+$at" "$all" | head -c "$1" >"$2" && [ "$(($(wc -c <"$2")))" = "$1" ] || exit 1
  at=$((at + $1))
  shift 2
done
`;

/**
 * REBUILD (arguments and first lines of stdin), then compares the files with the rest of stdin, `sha256 bytes name` a
 * line, `-` for any size. A wrong file is removed, so that the next transfer sends it whole. Prints `wrong NAME`,
 * `verified` last.
 */
export const VERIFY_SCRIPT = `
LC_ALL=C; export LC_ALL
cd -- "$1" || exit 1
${CHECKSUM_FUNCTION}${REBUILD}${IS_EXPECTED}while read -r sum bytes name; do
  is_expected && continue
  case $made in *"made $name "*) continue ;; esac
  rm -rf -- "$name"
  echo "wrong $name"
done
echo verified
`;
