import { CHECKSUM_FUNCTION } from '../../commands/checksum.js';
import { REBUILD, TRY_PATCH } from '../../commands/scripts/patch-scripts.js';

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
 * Makes the folder that receives a backup, and removes what is in it and not named on standard input (`sha256 bytes
 * name` a line, `-` for any size): remains of an earlier attempt with another backup. Argument: folder, absolute,
 * `<folder>/<run>/backup`. Prints `have NAME` for files that are there as they shall be, `former RUN SHA256` for the
 * manifests of other runs beside it, newest first, `patches` where zstd can apply patches, and `disk FREE USED`, both in
 * kilobytes: of the folder's disk, and of the folder.
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
 * Makes what can be made of a former backup (REBUILD has the arguments and the first lines of standard input), then
 * compares the files of the folder with what the rest of standard input expects: `sha256 bytes name` a line, `-` for
 * any size. A wrong file is removed, so that the next transfer sends it whole. Prints `wrong NAME` for each, `verified`
 * last.
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
