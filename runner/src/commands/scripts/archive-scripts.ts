/**
 * Names of files and links below the given paths, each ended by NUL. `$1` root, then the paths. Asks for no sizes and
 * opens nothing: on EFS each of that is a round trip per file.
 */
export const LIST_NAMES = `set -u
cd -P -- "$1" || exit 3
shift
for path do
  shift
  if [ -e "./$path" ] || [ -L "./$path" ]; then set -- "$@" "./$path"; fi
done
[ $# -gt 0 ] || exit 0
exec find "$@" \\( -name .git -o -name .svn -o -name .hg \\) -prune -o \\( -type f -o -type l \\) -print0`;

/** Removes what stdin names (NUL, relative, `./` in front), then the folders of `$2` … that are empty by now. */
export const REMOVE_NAMES = `cd -P -- "$1" && xargs -0 -r rm -f --`;
export const REMOVE_EMPTY = `cd -P -- "$1" && { xargs -0 -r rmdir -- 2>/dev/null; true; }`;

/** `ok` when the folder is there and can be written to. */
export const CHECK_FOLDER = `[ -d "$1" ] || { echo missing; exit 0; }
[ -w "$1" ] && [ -x "$1" ] || { echo unwritable; exit 0; }
for tool in rsync sha256sum find xargs; do command -v "$tool" >/dev/null 2>&1 || { echo "tool $tool"; exit 0; }; done
echo ok`;
