import { CHECKSUM_FUNCTION } from '../checksum.js';
import { ZSTD } from '../compress.js';

/**
 * A backup sent as what it has beyond a former one that both hosts keep: shell programs, POSIX sh. `zstd --patch-from`
 * (zstd 1.4.5 and later) compresses a shard with the former shards' rows as what came before it, so that rows that are
 * in them cost next to nothing, wherever they stand. Both ends try it before they rely on it.
 */

/**
 * Shell function `former_rows SIZE SHARDS`: writes the rows of shards (separated by commas) of the folder `$former` to
 * `patches/former`, which must have SIZE bytes then. What lies there may be anything: links are not followed, and no
 * more than SIZE bytes are written.
 */
const FORMER_ROWS = `
former_rows() {
  (
    cd -- "$former" || exit 1
    IFS=,
    set -- $2
    unset IFS
    for shard in "$@"; do [ -f "$shard" ] && [ ! -L "$shard" ] || exit 1; done
    $low zstd -q -d -c -- "$@" 2>/dev/null
  ) </dev/null | head -c "$1" >patches/former
  [ "$(($(wc -c <patches/former)))" = "$1" ]
}
`;

/** Succeeds where zstd can make patches and apply them. Works in `patches`. */
export const TRY_PATCH = `
try_patch() {
  echo rows >patches/try
  found=$(zstd -q -c --patch-from=patches/try --stream-size=5 <patches/try 2>/dev/null | zstd -q -d -c --patch-from=patches/try 2>/dev/null)
  rm -f patches/try
  [ "$found" = rows ]
}
`;

/**
 * Prints the manifests of the newest backups in a folder. Arguments: work folder, a run that is left out. Before each:
 * `run length`, then that many bytes.
 */
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
 * Makes patches of shards, on production. Arguments: folder of the backup, folder of the former one. Standard input, a
 * shard a line: `sha256 rawBytes bytes name size shards size shards`, the former shards that should do and more of
 * them, which are tried when a patch has more than a tenth of the shard's bytes. Prints `patch name bytes sha256 size
 * shards` with the checksum of the shard's rows. What has no line is to be sent whole: the disk is nearly full, zstd
 * is too old, the shard is not what the manifest says, or a patch would not be much smaller.
 */
export const PATCH_SCRIPT = `
umask 077
LC_ALL=C; export LC_ALL
cd -- "$1" || exit 1
former=$2
rm -rf patches && mkdir patches || exit 1
trap 'rm -f patches/former' EXIT
# As a dump, it leaves a tenth of the disk free; what it needs for a moment is at most 128 MB.
df -Pk . | sed -n '$p' | { read -r _ total _ free _; [ "$free" -gt "$((total / 10 + 262144))" ]; } || exit 0
low=
command -v nice >/dev/null 2>&1 && low='nice -n 10'
${CHECKSUM_FUNCTION}${FORMER_ROWS}${TRY_PATCH}try_patch || exit 0
patch() {
  size=$bytes
  former_rows "$3" "$4" || return 1
  zstd -q -d -c -- "$1" | $low zstd -1 -q -c --patch-from=patches/former --stream-size="$2" >"patches/\${1##*/}" 2>/dev/null || return 1
  size=$(($(wc -c <"patches/\${1##*/}"))) used="$3 $4"
}
while read -r sum raw bytes name near_size near wide_size wide; do
  found=$(checksum "$name") && [ "\${found%% *}" = "$sum" ] || continue
  patch "$name" "$raw" "$near_size" "$near"
  [ "$size" -le "$((bytes / 10))" ] || [ "$wide" = "$near" ] || patch "$name" "$raw" "$wide_size" "$wide"
  [ "$size" -le "$((bytes / 2))" ] || continue
  found=$(zstd -q -d -c -- "$name" | checksum /dev/stdin) || continue
  echo "patch $name $size \${found%% *} $used"
done
exit 0
`;

/** Removes the patches, which have arrived. Argument: folder of the backup. */
export const NO_PATCHES_SCRIPT = `
rm -rf -- "$1/patches"
`;

/**
 * Makes files of a backup out of a former one, on staging. Arguments: folder of the backup, folder of the former one.
 * Standard input, up to an empty line: `copy name former-name`, or `patch name sha256 size shards` as PATCH_SCRIPT
 * printed it. Prints `made name sha256 bytes` for what a patch gave, whose rows had the checksum; another version of
 * zstd may have compressed them to other bytes than production's. What cannot be made is left out. Files are copies,
 * never links. To be put before a script that reads the rest of standard input; leaves the names in `$made`.
 */
export const REBUILD = `
umask 077
former=$2 low= made=
${FORMER_ROWS}
make_file() {
  rm -f patches/former patches/rows patches/whole
  if [ "$kind" = copy ]; then
    [ -f "$former/$sum" ] && [ ! -L "$former/$sum" ] && cp -- "$former/$sum" patches/whole && mv -f -- patches/whole "$name"
    return
  fi
  former_rows "$size" "$shards" || return
  zstd -q -d -c --patch-from=patches/former "patches/\${name##*/}" >patches/rows 2>/dev/null || return
  ${ZSTD} <patches/rows >patches/whole &
  found=$(checksum patches/rows)
  wait "$!" && [ "\${found%% *}" = "$sum" ] || return
  found=$(checksum patches/whole) && size=$(($(wc -c <patches/whole))) && mv -f -- patches/whole "$name" || return
  echo "made $name \${found%% *} $size"
  made="$made $name "
}
while read -r kind name sum size shards; do
  [ -n "$kind" ] || break
  mkdir -p patches && make_file
done
rm -rf patches
`;
