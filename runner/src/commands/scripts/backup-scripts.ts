import { WHOLE_INPUT } from './whole-input.js';
import { CHECKSUM_FUNCTION } from '../probe.js';

/** Shell programs of the backup: POSIX sh, tried with dash. Constants; values come as positional parameters. */

/** Makes the folder of a backup, empty: what an earlier attempt of the same run left is no backup. */
export const PREPARE_SCRIPT = `
umask 077
rm -rf -- "$1" && mkdir -p -- "$1" && chmod 700 -- "$1"
`;

/**
 * Dump, splitter and checksums. Standard input: the option file with the account. Arguments: folder, compressor, ending,
 * bytes per shard, kilobytes to keep free, tables without rows, perl or awk, the splitter, container, the client
 * script, tag, bytes per second at most (0: as many as there are), then the dump command. Prints the splitter's lines
 * and `H bytes sha256 file`.
 * Exit code: 10 the dump program failed, 11 the splitter, 12 a compressor, 13 the checksums.
 */
export const DUMP_SCRIPT = `
umask 077
LC_ALL=C; export LC_ALL
cd -- "$1" || exit 1
compressor=$2 ending=$3 shard=$4 keep=$5 skip=$6 language=$7 splitter=$8 container=$9
shift 9
client=$1 tag=$2 rate=$3; shift 3
account=$(cat)
exec </dev/null
# Ending \`docker exec\` leaves the program in the container running: it is found there by its mark.
end_inside='for each in /proc/[0-9]*; do
  tr "\\000" "\\n" <"$each/environ" 2>/dev/null | grep -qx "UNDERSTUDY_JOB=$1" && kill "\${each#/proc/}"
done'
if [ -n "$container" ]; then
  trap 'docker exec "$container" sh -c "$end_inside" understudy "$tag" >/dev/null 2>&1; exit 143' HUP INT TERM
fi
low=
command -v nice >/dev/null 2>&1 && low='nice -n 10'
command -v ionice >/dev/null 2>&1 && ionice -c 2 -n 7 true 2>/dev/null && low="$low ionice -c 2 -n 7"
dump() {
  if [ -n "$container" ]; then printf '%s\\n\\n' "$account" | docker exec -i "$container" sh -c "$client" understudy '' "$tag" "$@"
  else printf '%s\\n\\n' "$account" | $low sh -c "$client" understudy . "$tag" "$@"; fi
}
split() {
  case $language in
    perl) $low perl -e "$splitter" -- "$compressor" "$ending" "$shard" "$keep" "$skip" "$rate" ;;
    *) $low awk "$splitter" "$compressor" "$ending" "$shard" "$keep" "$skip" "$rate" ;;
  esac
}
{ { dump "$@"; echo "dump=$?" >&4; } | { split; echo "split=$?" >&4; }; } 4>status
dump=1 split=1
. ./status
rm -f status
[ "$split" = 0 ] || exit 11
[ "$dump" = 0 ] || exit 10
[ ! -e failed ] || { echo "the compressor failed for $(cat failed)" >&2; exit 12; }
${CHECKSUM_FUNCTION}for file in schema.sql."$ending" objects.sql."$ending" data/*.sql."$ending"; do
  [ -f "$file" ] || continue
  sum=$(checksum "$file") || exit 13
  echo "H $(($(wc -c <"$file"))) \${sum%% *} $file"
done
exit 0
`;

/**
 * The manifest, last of all, to the disk, then its name. `sync` of it alone: not of all that production writes. Arguments:
 * folder, bytes.
 */
export const MANIFEST_SCRIPT = `
${WHOLE_INPUT}umask 077
cd -- "$1" || exit 1
whole manifest.json.part "$2" && { sync -- manifest.json.part 2>/dev/null || sync; } && mv -f -- manifest.json.part manifest.json
`;

/** Prints one file of a backup, decompressed. Arguments: folder, program, file. */
export const READ_SCRIPT = `
cd -- "$1" && exec "$2" -d -c -q -- "$3"
`;

/**
 * Removes backups of runs that are no longer kept: folders below $1 named like a run id that hold a backup, or the
 * remains of one, newest $2 kept. $3: what to remove in each (`.` the folder itself, `backup` the folder in it).
 */
export const PRUNE_SCRIPT = `
cd -- "$1" 2>/dev/null || exit 0
keep=$2 newest=yes
ls -1 | LC_ALL=C sort -r | while IFS= read -r run; do
  case $run in
    [0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]) ;;
    *) continue ;;
  esac
  [ -d "$run/backup" ] && [ ! -L "$run" ] && [ ! -L "$run/backup" ] || continue
  # The newest stays as it is; older ones without a manifest are no backups and take no place.
  if [ -n "$newest" ] || [ -f "$run/backup/manifest.json" ]; then
    newest=
    if [ "$keep" -gt 0 ]; then keep=$((keep - 1)); continue; fi
  fi
  rm -rf -- "$run/backup" && echo "removed $run"
  [ "$3" = . ] && rmdir -- "$run" 2>/dev/null
done
exit 0
`;
