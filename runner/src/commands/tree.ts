import { type ReadCommand, shellScript } from './command.js';

/** Goes to `$1`; of the other parameters those stay that are paths there. */
const GIVEN_PATHS = `cd -P -- "$1" || exit 3
shift
for path do
  shift
  if [ -e "./$path" ] || [ -L "./$path" ]; then set -- "$@" "./$path"; fi
done
`;
const WITHOUT_VERSION_CONTROL = '\\( -name .git -o -name .svn -o -name .hg \\) -prune -o';

/**
 * Of files in `$@`: a line for each as sha256sum writes it. openssl is several times as fast (see {@link CHECKSUM_FUNCTION}),
 * but does not escape every name as sha256sum does: batches with such a name are left to that.
 */
const SUMS = `case "$*" in *\\\\*|*"
"*|*"$cr"*) fast= ;; esac
if [ -n "$fast" ]; then openssl dgst -sha256 -r "$@"; else sha256sum -- "$@"; fi`;

/**
 * Reads a tree where it lies. `$1` root, then the paths below it that count, if they exist. Version control is not
 * entered, links are not followed. The failure of any part of a pipe fails the script (POSIX sh has no pipefail: each
 * part tells how it ended on descriptor 4). Format: maintenance/tree/tree-digest.ts.
 */
const READ_TREE = `set -u
LC_ALL=C; export LC_ALL
${GIVEN_PATHS}[ $# -gt 0 ] || { echo end; exit 0; }
exec 3>&1
each() {
  kind=$1 work=$2; shift 2
  ended=$( { { find "$@" ${WITHOUT_VERSION_CONTROL} -type "$kind" -print0; echo "$?" >&4; } |
    xargs -0 -r sh -c "$work" sh >&3 || echo bad >&4; } 4>&1 )
  [ "$ended" = 0 ] || exit 4
}
cr=$(printf "\\r") fast=
if openssl dgst -sha256 -r </dev/null >/dev/null 2>&1; then fast=yes; fi
export cr fast
each f 'echo F; { ${SUMS}; } || exit 255; echo =; stat -c "%a %s" -- "$@" || exit 255; echo .' "$@"
each l 'hex() { od -An -v -tx1 | tr -d " \\n"; }
echo L
for link do
  printf %s "$link" | hex; printf " "
  text=$(readlink "$link" && echo .) || exit 255
  text=\${text%??}; printf %s "$text" | hex; echo
done
echo .' "$@"
echo end`;

export const readTree = (root: string, paths: readonly string[]): ReadCommand =>
  shellScript('read', READ_TREE, [root, ...paths]);

/** Names of files and links, each ended by NUL. `$1` root, then the paths. Opens nothing: on EFS that is slow. */
export const LIST_NAMES = `set -u
${GIVEN_PATHS}[ $# -gt 0 ] || exit 0
exec find "$@" ${WITHOUT_VERSION_CONTROL} \\( -type f -o -type l \\) -print0`;

/** Removes what stdin names (NUL, relative, `./` in front), then the folders of `$2` … that are empty by now. */
export const REMOVE_NAMES = `cd -P -- "$1" && xargs -0 -r rm -f --`;
export const REMOVE_EMPTY = `cd -P -- "$1" && { xargs -0 -r rmdir -- 2>/dev/null; true; }`;

/** `ok` when the folder is there and can be written to. */
export const CHECK_FOLDER = `[ -d "$1" ] || { echo missing; exit 0; }
[ -w "$1" ] && [ -x "$1" ] || { echo unwritable; exit 0; }
for tool in rsync sha256sum find xargs; do command -v "$tool" >/dev/null 2>&1 || { echo "tool $tool"; exit 0; }; done
echo ok`;
