/** Arguments: live tree, incoming. What replaces a file keeps its mode, but for staging's executable bits. */
export const ADOPT_MODES = `set -u
cd -- "$2" || exit 3
live=$1; export live
find . -type d ! -name . -exec sh -c 'for path do
  if [ -d "$live/$path" ] && [ ! -L "$live/$path" ]; then chmod "$(stat -c %a -- "$live/$path")" "$path" || exit 1; fi
done' sh {} + || exit 3
find . -type f -exec sh -c 'for path do
  if [ -f "$live/$path" ] && [ ! -L "$live/$path" ]; then
    mode=$(stat -c %a -- "$live/$path"); new=$(stat -c %a -- "$path"); run=-x was=-x
    case $new in [1357]??|?[1357]??) run=+x ;; esac
    case $mode in [1357]??|?[1357]??) was=+x ;; esac
    chmod "$mode" "$path" || exit 1
    [ "$run" = "$was" ] || chmod "a$run" "$path" || exit 1
  fi
done' sh {} + || exit 3`;

/**
 * Arguments: live tree, a folder of the work folder, then folders of code in the tree. Prints \`apart FOLDER\` for
 * those on another disk, \`free KIB\` and \`total KIB\` of the disk, \`rsync VERSION\`, \`same\` when both lie on one
 * filesystem (else files cannot change places in an instant), \`writable\`, \`page\` when a maintenance page is there.
 */
export const SURVEY = `set -u
live=$1 work=$2; shift 2
while [ ! -d "$work" ]; do work=\${work%/*}; work=\${work:-/}; done
[ "$(stat -c %d -- "$live/.")" = "$(stat -c %d -- "$work")" ] && echo same
for path do
  [ ! -d "$live/$path" ] || [ "$(stat -c %d -- "$live/$path/.")" = "$(stat -c %d -- "$work")" ] || echo "apart $path"
done
[ -w "$live/." ] && echo writable
df -Pk "$work" | awk 'NR > 1 && NF >= 6 { print "free " $(NF - 2); print "total " $(NF - 4) }'
rsync --version 2>/dev/null | sed -n '1s/.*version *\\([0-9.]*\\).*/rsync \\1/p'
for program in wp wp-cli /usr/local/bin/wp; do
  if command -v "$program" >/dev/null 2>&1; then echo "wp $(command -v "$program")"; break; fi
done
exit 0`;

/** Arguments: document root, content folder in it. Page caches are made again when a page is asked for; nothing else is touched. */
export const CLEAR_PAGE_CACHES = `set -u
for folder in "$2/cache" "$2/litespeed"; do
  [ -d "$1/$folder" ] && [ ! -L "$1/$folder" ] && [ ! -L "$1/$2" ] || continue
  find "$1/$folder" -xdev -mindepth 1 -delete 2>/dev/null
done
exit 0`;

/** Stdin: a folder. \`$1\`: seconds. Waits until no process has it in its command line. Exit 5: one is still there. */
export const WAIT_UNTIL_QUIET = `read -r folder; left=$1
while :; do
  busy=
  for file in /proc/[0-9]*/cmdline; do
    if grep -qsF -- "$folder" "$file"; then busy=$file; break; fi
  done
  [ -n "$busy" ] || exit 0
  [ "$left" -gt 0 ] || { echo "$busy" >&2; exit 5; }
  left=$((left - 1)); sleep 1
done`;
