import { shellScript } from '../../commands/command.js';
import { UnderstudyError } from '../../errors/index.js';
import { type WritingHost } from '../../hosts/host.js';
import { type Layout } from '../../wordpress/host-layout.js';

/** The files that an update may touch: those of the item, and the small ones that any update may write. */
export interface ItemPlace {
  readonly kind: 'core' | 'plugin' | 'theme' | 'translations';
  readonly slug: string;
}

/**
 * Lists, one path a line, what belongs to an item; paths relative to $2 (core) and $3 (content), as `core/…` and
 * `content/…`. Besides the item: drop-ins and must-use plugins, which plugins write too.
 */
const LIST = String.raw`
list() {
  case $kind in
    plugin) for p in "plugins/$slug" "plugins/$slug.php"; do [ -e "$content/$p" ] && echo "content/$p"; done ;;
    theme) [ -e "$content/themes/$slug" ] && echo "content/themes/$slug" ;;
    translations) [ -e "$content/languages" ] && echo "content/languages" ;;
    core)
      for p in wp-admin wp-includes; do [ -e "$core/$p" ] && echo "core/$p"; done
      for p in "$core"/*.php "$core"/*.txt "$core"/*.html; do
        [ -f "$p" ] || continue
        case \${p##*/} in wp-config.php|robots.txt) ;; *) echo "core/\${p##*/}" ;; esac
      done
      [ -e "$content/languages" ] && echo "content/languages" ;;
  esac
  [ -e "$content/mu-plugins" ] && echo "content/mu-plugins"
  for p in "$content"/*.php; do [ -f "$p" ] && echo "content/\${p##*/}"; done
  for p in wp-config.php .htaccess; do [ -f "$core/$p" ] && echo "core/$p"; done
  return 0
}
names() {
  for p in "$content"/plugins/* "$content"/themes/* "$content"/mu-plugins "$content"/*.php "$content"/languages; do
    if [ -e "$p" ]; then echo "\${p#"$content"/}"; fi
  done
  if [ "$kind" = core ]; then for p in "$core"/*; do if [ -e "$p" ]; then echo "root/\${p##*/}"; fi; done; fi
}
place() { case $1 in core/*) printf '%s/%s' "$core" "\${1#core/}" ;; *) printf '%s/%s' "$content" "\${1#content/}" ;; esac; }
`.replaceAll('\\${', '${');

/** $1 snapshot folder, $2 core, $3 content, $4 kind, $5 slug. The list is written last: without it there is no snapshot. */
const TAKE = `set -eu
umask 022
snapshot=$1 core=$2 content=$3 kind=$4 slug=$5
${LIST}
rm -rf -- "$snapshot/files"
mkdir -p -- "$snapshot/files"
chmod 700 -- "$snapshot"
list > "$snapshot/list.new"
while IFS= read -r path; do
  mkdir -p -- "$snapshot/files/$(dirname -- "$path")"
  cp -a -- "$(place "$path")" "$snapshot/files/$path"
done < "$snapshot/list.new"
names > "$snapshot/names"
sync -- "$snapshot/files" 2>/dev/null || sync
mv -f -- "$snapshot/list.new" "$snapshot/list"
`;

/**
 * Puts everything back: what is there now goes aside, the kept copy takes its place (a rename on the same filesystem;
 * a copy, so that the snapshot survives a kill). What appeared since goes aside too. May be repeated.
 */
const RESTORE = `set -eu
snapshot=$1 core=$2 content=$3 kind=$4 slug=$5
${LIST}
[ -f "$snapshot/list" ] || { echo 'the snapshot has no list' >&2; exit 1; }
rm -rf -- "$snapshot/ready" "$snapshot/bad"
cp -a -- "$snapshot/files" "$snapshot/ready"
mkdir -p -- "$snapshot/bad"
count=0
while IFS= read -r path; do
  count=$((count + 1))
  live=$(place "$path")
  [ ! -e "$live" ] && [ ! -L "$live" ] || mv -- "$live" "$snapshot/bad/$count"
  mv -- "$snapshot/ready/$path" "$live"
done < "$snapshot/list"
# An updater that died leaves its maintenance page.
[ ! -f "$core/.maintenance" ] || grep -q 'understudy' "$core/.maintenance" || rm -f -- "$core/.maintenance"
names > "$snapshot/names.now"
while IFS= read -r name; do
  grep -q -x -F -- "$name" "$snapshot/names" && continue
  count=$((count + 1))
  case $name in root/*) live=$core/\${name#root/} ;; *) live=$content/$name ;; esac
  mv -- "$live" "$snapshot/bad/$count"
  echo "$name"
done < "$snapshot/names.now"
rm -rf -- "$snapshot/bad" "$snapshot/ready"
`;

const args = (folder: string, layout: Layout, item: ItemPlace): string[] => [
  folder,
  layout.core,
  layout.content,
  item.kind,
  item.slug,
];

/** @param folder of the snapshot, in staging's work folder @throws SNAPSHOT_FAILED */
export async function takeFileSnapshot(
  host: WritingHost,
  layout: Layout,
  item: ItemPlace,
  folder: string,
): Promise<void> {
  const result = await host.run(shellScript('write', TAKE, args(folder, layout, item)), {
    describe: `keep the files of ${item.slug}`,
    okCodes: 'any',
    timeoutSeconds: 1800,
  });
  if (result.code !== 0)
    throw new UnderstudyError('SNAPSHOT_FAILED', `The files of ${item.slug} could not be kept.`, {
      host: host.label,
      stderr: result.stderr,
    });
}

/**
 * No part of WordPress runs for this: a site that died comes back all the same.
 * @returns what had appeared since and was taken away
 * @throws ITEM_NOT_RESTORED
 */
export async function restoreFileSnapshot(
  host: WritingHost,
  layout: Layout,
  item: ItemPlace,
  folder: string,
): Promise<readonly string[]> {
  const result = await host.run(shellScript('write', RESTORE, args(folder, layout, item)), {
    describe: `put the files of ${item.slug} back`,
    okCodes: 'any',
    timeoutSeconds: 1800,
  });
  if (result.code !== 0)
    throw new UnderstudyError('ITEM_NOT_RESTORED', `The files of ${item.slug} could not be put back.`, {
      host: host.label,
      stderr: result.stderr,
    });
  return result.stdout
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}
