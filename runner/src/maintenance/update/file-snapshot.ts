import { linesIn } from '../../basics/lines.js';
import { shellScript } from '../../commands/command.js';
import { type WritingHost } from '../../hosts/host.js';
import { type Layout } from '../../wordpress/site/host-layout.js';
import { runSnapshotCommand } from './snapshot-command.js';

/** The files that an update may touch: those of the item, and the small ones that any update may write. */
export interface ItemTarget {
  readonly kind: 'core' | 'plugin' | 'theme' | 'translations' | 'composer';
  readonly slug: string;
}

/**
 * Lists, one path a line, what belongs to an item, each below one of the folders of the site: `root/…`, `core/…`,
 * `content/…`, `plugins/…`, and `must` for all must-use plugins. Besides the item: drop-ins and must-use plugins, which
 * plugins write too. With Composer everything that it installs is one item.
 */
export const LIST = String.raw`
list_core() {
  for p in wp-admin wp-includes; do [ -e "$core/$p" ] && echo "core/$p"; done
  for p in "$core"/*.php "$core"/*.txt "$core"/*.html; do
    [ -f "$p" ] || continue
    case \${p##*/} in wp-config.php|robots.txt) ;; *) echo "core/\${p##*/}" ;; esac
  done
  [ "$content" != "$core/wp-content" ] && [ -e "$core/wp-content" ] && echo core/wp-content
  [ -e "$content/languages" ] && echo "content/languages"
  return 0
}
list() {
  case $kind in
    plugin) for p in "$slug" "$slug.php"; do [ -e "$plugins/$p" ] && echo "plugins/$p"; done ;;
    theme) [ -e "$content/themes/$slug" ] && echo "content/themes/$slug" ;;
    translations) [ -e "$content/languages" ] && echo "content/languages" ;;
    core) list_core ;;
    composer)
      for p in composer.json composer.lock vendor; do [ -e "$root/$p" ] && echo "root/$p"; done
      list_core
      for p in "$plugins"/*; do [ -e "$p" ] && echo "plugins/\${p##*/}"; done
      for p in "$content"/themes/*; do [ -e "$p" ] && echo "content/themes/\${p##*/}"; done ;;
  esac
  [ -e "$must" ] && echo must
  for p in "$content"/*.php; do [ -f "$p" ] && echo "content/\${p##*/}"; done
  for p in wp-config.php .htaccess; do [ -f "$core/$p" ] && echo "core/$p"; done
  return 0
}
names() {
  for p in "$plugins"/*; do if [ -e "$p" ]; then echo "plugins/\${p##*/}"; fi; done
  for p in "$content"/themes/* "$content"/*.php "$content"/languages; do
    if [ -e "$p" ]; then echo "content/\${p#"$content"/}"; fi
  done
  [ ! -e "$must" ] || echo must
  case $kind in core|composer) for p in "$core"/*; do if [ -e "$p" ]; then echo "core/\${p##*/}"; fi; done ;; esac
  return 0
}
place() {
  case $1 in
    must) printf '%s' "$must" ;;
    must/*) printf '%s/%s' "$must" "\${1#must/}" ;;
    root/*) printf '%s/%s' "$root" "\${1#root/}" ;;
    core/*) printf '%s/%s' "$core" "\${1#core/}" ;;
    plugins/*) printf '%s/%s' "$plugins" "\${1#plugins/}" ;;
    *) printf '%s/%s' "$content" "\${1#content/}" ;;
  esac
}
`.replaceAll('\\${', '${');

/** Every script begins with these arguments. */
export const ARGUMENTS = 'snapshot=$1 root=$2 core=$3 content=$4 plugins=$5 must=$6 kind=$7 slug=$8';

/**
 * The list is written last: without it there is no snapshot. `setgid`: folders whose group what is made in them takes
 * over, which a copy by an account that is not the owner does not keep.
 */
const TAKE = `set -eu
umask 022
${ARGUMENTS}
${LIST}
rm -rf -- "$snapshot/files"
mkdir -p -- "$snapshot/files"
chmod 700 -- "$snapshot"
list > "$snapshot/list.new"
: > "$snapshot/setgid"
while IFS= read -r path; do
  mkdir -p -- "$snapshot/files/$(dirname -- "$path")"
  live=$(place "$path")
  cp -a -- "$live" "$snapshot/files/$path"
  [ -d "$live" ] && [ ! -L "$live" ] || continue
  (cd -- "$live" && find . -type d -perm -2000) | while IFS= read -r folder; do
    printf '%s\n' "$path/$folder"
  done >> "$snapshot/setgid"
done < "$snapshot/list.new"
names > "$snapshot/names"
sync -- "$snapshot/files" 2>/dev/null || sync
mv -f -- "$snapshot/list.new" "$snapshot/list"
`;

/** What appeared since goes aside, into `$snapshot/bad`; each is printed. `$count`: what lies there already. */
export const TAKE_AWAY = `# An updater that died leaves its maintenance page.
[ ! -f "$core/.maintenance" ] || grep -q 'understudy' "$core/.maintenance" || rm -f -- "$core/.maintenance"
names > "$snapshot/names.now"
while IFS= read -r name; do
  grep -q -x -F -- "$name" "$snapshot/names" && continue
  count=$((count + 1))
  mv -- "$(place "$name")" "$snapshot/bad/$count"
  echo "\${name#content/}"
done < "$snapshot/names.now"`;

/**
 * Puts everything back: what is there now goes aside, the kept copy takes its place (a rename on the same filesystem;
 * a copy, so that the snapshot survives a kill). What appeared since goes aside too. May be repeated.
 */
const RESTORE = `set -eu
${ARGUMENTS}
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
${TAKE_AWAY}
rm -rf -- "$snapshot/bad" "$snapshot/ready"
`;

type Places = Pick<Layout, 'root' | 'core' | 'content' | 'plugins' | 'mustUse'>;

/** For {@link ARGUMENTS}. @param layout as seen where the script runs */
export const snapshotArguments = (folder: string, layout: Places, item: ItemTarget): string[] => [
  folder,
  layout.root,
  layout.core,
  layout.content,
  layout.plugins,
  layout.mustUse,
  item.kind,
  item.slug,
];

/** @param folder of the snapshot, in staging's work folder @throws SNAPSHOT_FAILED */
export async function takeFileSnapshot(
  host: WritingHost,
  layout: Layout,
  item: ItemTarget,
  folder: string,
): Promise<void> {
  const command = shellScript('write', TAKE, snapshotArguments(folder, layout, item));
  const failed = `The files of ${item.slug} could not be saved.`;
  await runSnapshotCommand(host, command, 'SNAPSHOT_FAILED', failed, {
    label: `keep the files of ${item.slug}`,
    timeoutSeconds: 1800,
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
  item: ItemTarget,
  folder: string,
): Promise<readonly string[]> {
  const command = shellScript('write', RESTORE, snapshotArguments(folder, layout, item));
  const failed = `The files of ${item.slug} could not be restored.`;
  const { stdout } = await runSnapshotCommand(host, command, 'ITEM_NOT_RESTORED', failed, {
    label: `put the files of ${item.slug} back`,
    timeoutSeconds: 1800,
  });
  return removedNames(stdout);
}

export const removedNames = (stdout: Buffer): readonly string[] => linesIn(stdout);
