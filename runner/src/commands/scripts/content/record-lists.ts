import { AWK_LISTED, LINES_IN } from './script.js';

/**
 * Arguments: `content` folder of the run, inventory of what earlier syncs brought. Stdin: `+` (production has it) or `-`
 * (only staging has it) and a name as rsync escapes it, folders with a slash at the end; `=` last, without which nothing
 * is written. Where there is an inventory, production's names are those that differ.
 *
 * Writes, sorted, `production.list`, and of what only staging has `deleted.list` (a sync brought it; no settings) and
 * `kept.list`. Prints the number and first names of both, and where most is deleted: `deleted-in 12 wp-content/plugins`.
 */
export const RECORD_LISTS = `set -eu
umask 077
LC_ALL=C; export LC_ALL
${LINES_IN}folder=$1 inventory=$2
mkdir -p "$folder"
sort > "$folder/all.list"
[ "$(tail -n 1 "$folder/all.list")" = = ] || { rm -f "$folder/all.list"; echo 'the list was cut off' >&2; exit 9; }
sed -n 's/^+//p' "$folder/all.list" > "$folder/production.list"
sed -n 's/^-//p' "$folder/all.list" > "$folder/only-on-staging.list"
rm -f "$folder/all.list"
[ -f "$inventory" ] || inventory=/dev/null
settings=$folder/settings-before.list
if [ -f "$2.settings" ]; then sort "$2.settings" > "$settings"; else : > "$settings"; fi
also_in "$inventory" < "$folder/only-on-staging.list" | not_in "$settings" > "$folder/deleted.list"
not_in "$folder/deleted.list" < "$folder/only-on-staging.list" > "$folder/kept.list"
rm -f "$folder/only-on-staging.list" "$settings"
if [ ! -s "$folder/production.list" ] && [ ! -s "$folder/deleted.list" ]; then
  # Nothing changes places at the cutover.
  for name in modes emptied deleted changed; do : > "$folder/$name"; done
fi
for name in deleted kept; do
  echo "$name $(grep -vc '/$' "$folder/$name.list" || :)"
  most=10
  [ "$name" = kept ] || most=200
  grep -v '/$' "$folder/$name.list" | head -n "$most" | sed "s/^/$name: /"
done
grep -v '/$' "$folder/deleted.list" | awk -F/ '
  { place = NF < 2 ? "." : NF == 2 ? $1 : $1 "/" $2; count[place]++ }
  END { for (place in count) print "deleted-in " count[place] " " place }' | sort -k 2,2nr | head -n 200
`;

/** Arguments: inventory. As above for a plan: reads the lines with \`-\` alone, writes nothing. */
export const COMPARE_WITH_INVENTORY = `set -eu
LC_ALL=C; export LC_ALL
inventory=$1
[ -f "$inventory" ] || inventory=/dev/null
sed -n 's/^-//p' | sort | grep -v '/$' | awk '
  ${AWK_LISTED}
  listed($0) { deleted++; if (deleted <= 10) print "deleted: " $0; next }
  { kept++; if (kept <= 10) print "kept: " $0 }
  END { print "deleted " deleted + 0; print "kept " kept + 0 }' "$inventory" -
`;
