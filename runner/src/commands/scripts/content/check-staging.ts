/** How many bytes of names each list may have: a tree can hold a million of them. */
const NAMES = 100_000;

/**
 * The last of what both scripts print: records `KIND PATH`, each ended by NUL, because a name may hold a line's end.
 * `unreadable`: files and folders that the account cannot read (asked of each that not everybody can). `odd`: names with
 * bytes beyond ASCII, UTF-8 or not. `$@` begins with what find passes over.
 */
const UNREADABLE = `printf '\\0'
find . "$@" \\( -type f ! -perm -0444 -o -type d ! -perm -0555 \\) -exec sh -c '
for f do [ -r "$f" ] && { [ ! -d "$f" ] || [ -x "$f" ]; } || printf "unreadable %s\\0" "$f"; done' sh {} + 2>/dev/null | head -c ${String(NAMES)}
printf '\\0'
find . "$@" -name '*[! -~]*' -exec printf 'odd %s\\0' {} + 2>/dev/null | head -c ${String(NAMES)}
`;

/** `sealed`: files and folders that nobody can rename or remove (`chattr +i`, `+a`), where attributes are known. */
const SEALED = `printf '\\0'
if lsattr -d . >/dev/null 2>&1; then
  find . "$@" \\( -type f -o -type d \\) -exec lsattr -d {} + 2>/dev/null | sed -n 's/^[^ ]*[ia][^ ]* */sealed /p' | head -c ${String(NAMES)} | tr '\\n' '\\0'
fi
`;

/**
 * Arguments: live tree, work folder, then media folders relative to the live tree. Reads only. Prints lines:
 * `missing` (no live tree), `device LIVE WORK` (ids of the filesystems; the work folder's nearest parent that exists), `mounts differ`,
 * `real LIVE WORK` (each in its own line: `live …`, `work …`), `free KIBIBYTES`, `inodes FREE`, `user ID`,
 * `closed PATH` (folders that may not be written in, at most 20), `vcs PATH` (at most 20); then, see above, `sealed PATH`.
 */
export const CHECK_STAGING = `set -u
LC_ALL=C; export LC_ALL
live=$1 work=$2; shift 2
[ -d "$live/" ] && cd "$live/" 2>/dev/null || { echo missing; exit 0; }
near=$work
while [ ! -d "$near" ]; do case $near in */?*) near=\${near%/*}; [ -n "$near" ] || near=/ ;; *) near=/ ;; esac; done
# The same device can be mounted twice, and nothing is renamed from one mount to another.
mount() { df -P "$1" | awk 'NR > 1 { $1 = $2 = $3 = $4 = $5 = ""; print }'; }
echo "device $(stat -L -c %d -- "$live") $(stat -L -c %d -- "$near")"
[ "$(mount "$live")" = "$(mount "$near")" ] || echo 'mounts differ'
echo "live $(pwd -P)"
( cd "$near" && echo "work $(pwd -P)\${work#"$near"}" )
df -Pk "$near" | awk 'NR > 1 && NF >= 6 { print "free " $(NF - 2) }'
df -Pi "$near" 2>/dev/null | awk 'NR > 1 && NF >= 6 { print "inodes " $(NF - 2) }'
[ -w "$near" ] || echo "closed $near"
me=$(id -u)
if [ "$me" != 0 ]; then
  find . -type d ! -user "$me" -exec sh -c 'for d do [ -w "$d" ] || printf "closed %s\\n" "$d"; done' sh {} + 2>/dev/null | head -n 20
fi
set -f
skip=
for path do set -- "$@" -path "./$path" -prune -o; shift; done
find . "$@" \\( -name .git -o -name .svn -o -name .hg \\) -print -prune 2>/dev/null | head -n 20 | sed 's/^/vcs /'
${SEALED}:
`;

/** Arguments: document root, then media folders. For production: `missing`, `vcs PATH`; then `unreadable PATH`, `odd PATH`. */
export const CHECK_PRODUCTION = `set -u
LC_ALL=C; export LC_ALL
live=$1; shift
[ -d "$live/" ] && cd "$live/" 2>/dev/null && [ -r . ] || { echo missing; exit 0; }
for path do set -- "$@" -path "./$path" -prune -o; shift; done
find . "$@" \\( -name .git -o -name .svn -o -name .hg \\) -print -prune 2>/dev/null | head -n 20 | sed 's/^/vcs /'
${UNREADABLE}:
`;
