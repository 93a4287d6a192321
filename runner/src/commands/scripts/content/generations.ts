import { LINES_IN, CHECKED_NAMES } from './script.js';

/** Removes a tree of Understudy, also where it holds folders that nobody may write in. */
const DISCARD = `discard() {
  [ -d "$1" ] || return 0
  find "$1" -type d ! -perm -0700 -exec chmod u+rwx {} + 2>/dev/null || :
  rm -rf -- "$1"
}
`;

/** Arguments: folder of the run, generation. Fixes what the swap will do, once, before it begins. */
export const BEGIN_SWAP = `set -eu
umask 077
if [ -d "$2/plan" ]; then rm -f -- "$2/undone"; exit 0; fi
[ -f "$1/content/changed" ] || exit 3
mkdir -p "$2/plan.new"
for name in changed deleted emptied modes; do cp -- "$1/content/$name" "$2/plan.new/$name"; done
mv -- "$2/plan.new" "$2/plan"
`;

/** Arguments: generation, folder of the run. Exit 3: nothing is in place. A second undo, see `undone`, does nothing. */
export const BEGIN_UNDO = `set -eu
[ -d "$1/plan" ] && [ ! -e "$1/undone" ] || exit 3
mkdir -p "$2/incoming"
`;

/** Arguments: generation, inventory. After an undo that came to its end; the inventory of the time before comes back. */
export const END_UNDO = `set -eu
if [ -f "$1/inventory" ]; then
  if [ -s "$1/inventory" ]; then cp -- "$1/inventory" "$2.new"; mv -f -- "$2.new" "$2"; else rm -f -- "$2"; fi
fi
: > "$1/undone"
rm -f -- "$1/inventory"
`;

/**
 * Arguments: folder of the run, generation, inventory, generations to keep. After a cutover that stays: what production
 * has now is what syncs brought, but for its settings, so no sync deletes staging's own of that name. May be repeated.
 */
export const FINISH_SWAP = `set -eu
umask 077
LC_ALL=C; export LC_ALL
${DISCARD}${LINES_IN}run=$1 gen=$2 inventory=$3 keep=$4
if [ -f "$run/content/production.list" ]; then
  mkdir -p "$gen"
  if [ ! -f "$gen/inventory" ]; then
    if [ -f "$inventory" ]; then cp -- "$inventory" "$gen/inventory.new"; else : > "$gen/inventory.new"; fi
    mv -- "$gen/inventory.new" "$gen/inventory"
  fi
  : >> "$inventory.settings"
  found=/dev/null
  [ ! -f "$run/content/settings.list" ] || found=$run/content/settings.list
  sort -u "$inventory.settings" "$found" > "$inventory.settings.new"
  mv -f -- "$inventory.settings.new" "$inventory.settings"
  { not_in "$run/content/deleted.list" < "$gen/inventory"; cat "$run/content/production.list"; } | sort -u |
    not_in "$inventory.settings" > "$inventory.new"
  mv -- "$inventory.new" "$inventory"
fi
for name in incoming previous unfinished; do discard "$run/$name"; done
cd "\${gen%/*}" 2>/dev/null || exit 0
ls -1 | LC_ALL=C sort -r | while IFS= read -r name; do
  case $name in ''|.*|*[!A-Za-z0-9._-]*) continue ;; esac
  if [ -e "$name/undone" ]; then discard "./$name"; continue; fi
  keep=$((keep - 1))
  [ "$keep" -ge 0 ] || discard "./$name"
done
`;

/**
 * Arguments: live tree, folder of the run, generation, inventory. Makes room for the files. What an earlier attempt of
 * the run brought becomes \`previous\`, from which the next transfer copies; an empty generation is from an undone
 * cutover. Prints \`previous\`, \`inventory\` (of files that were searched for settings) and the free kibibytes.
 */
export const PREPARE_INCOMING = `set -eu
umask 077
${DISCARD}live=$1 run=$2 gen=$3
[ -d "$live/" ] || { echo "not a folder: $live" >&2; exit 3; }
mkdir -p "$run/content"
rm -f -- "$run/content/changed" "$run/content/deleted" "$run/content/emptied" "$run/content/modes"
if [ -e "$gen/undone" ]; then discard "$gen"; fi
if [ -d "$gen/plan" ]; then echo "the files of this run are in place: $gen" >&2; exit 3; fi
discard "$run/unfinished"
if [ -d "$run/incoming" ]; then
  if [ -n "$(find "$run/incoming" ! -type d | head -n 1)" ]; then
    discard "$run/previous"; mv -- "$run/incoming" "$run/previous"
  else discard "$run/incoming"; fi
fi
mkdir -p "$run/incoming" "$run/unfinished"
if [ -d "$run/previous" ]; then echo previous; fi
rm -f -- "$run/content/settings.list"
if [ -s "$4" ] && [ -f "$4.settings" ]; then echo inventory; fi
df -Pk "$run" | awk 'NR > 1 && NF >= 6 { print "free " $(NF - 2) }'
`;

/** Arguments: folder of the run. After the transfer. */
export const PRUNE_INCOMING = `set -eu
${DISCARD}discard "$1/previous"; discard "$1/unfinished"
`;

/** `within PATH COMMAND…`: COMMAND -- PATH; a folder that is closed to its owner (0555) is opened for that moment. */
const WITHIN = `within() {
  target=$1; shift
  case $target in */*) parent=\${target%/*} ;; *) parent=. ;; esac
  if [ -w "$parent" ] || [ -h "$parent" ] || ! chmod -- u+w "$parent"; then "$@" -- "$target"; return; fi
  "$@" -- "$target" && code=0 || code=$?
  chmod -- u-w "$parent" && return "$code"
}
`;

/** Arguments: live tree, `content` folder of the run. For `content.apply: immediate`: removes what the lists name. */
export const DELETE_LISTED = `set -eu
within='${WITHIN}'
${CHECKED_NAMES}names "$2/deleted"; names "$2/emptied"
cd "$1"
xargs -0 sh -c "$within"'
  [ $# = 0 ] || rm -f -- "$@" 2>/dev/null || for path do within "$path" rm -f || exit 255; done' sh < "$2/deleted"
xargs -0 -n 30 sh -c "$within"'while [ $# -ge 3 ]; do within "$3" rmdir 2>/dev/null; shift 3; done; :' sh < "$2/emptied"
rm -f -- "$2/changed" "$2/deleted" "$2/emptied" "$2/modes"
`;
