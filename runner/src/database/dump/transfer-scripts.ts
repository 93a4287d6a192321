import { CHECKSUM_FUNCTION } from '../../commands/checksum.js';

/**
 * Makes the folder that receives a backup, and removes what is in it and not named on standard input (one relative name
 * a line): remains of an earlier attempt with another backup. Argument: folder, absolute. Prints free kilobytes of the
 * folder's disk, and kilobytes that the folder has already.
 */
export const RECEIVE_SCRIPT = `
umask 077
mkdir -p -- "$1/data" && chmod 700 -- "$1" "$1/data" && cd -- "$1" || exit 1
names=$(cat)
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
free=$(df -Pk -- "$1" | sed -n '$p' | { read -r _ _ _ free _; echo "$free"; })
used=$(du -sk -- "$1" | { read -r used _; echo "$used"; })
echo "$free $used"
`;

/**
 * Compares the files of a folder with what standard input expects: `sha256 bytes name` a line, `-` for any size.
 * A wrong file is removed, so that the next transfer sends it whole. Prints `wrong NAME` for each, `verified` last.
 */
export const VERIFY_SCRIPT = `
LC_ALL=C; export LC_ALL
cd -- "$1" || exit 1
${CHECKSUM_FUNCTION}while read -r sum bytes name; do
  if [ -f "$name" ] && [ ! -L "$name" ]; then
    if [ "$bytes" = - ] || [ "$(($(wc -c <"$name")))" = "$bytes" ]; then
      found=$(checksum "$name") || exit 1
      [ "\${found%% *}" = "$sum" ] && continue
    fi
  fi
  rm -rf -- "$name"
  echo "wrong $name"
done
echo verified
`;
