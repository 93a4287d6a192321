import { shellScript } from '../../commands/command.js';
import { type ReadingHost } from '../../hosts/host.js';
import { type Layout } from '../../wordpress/site/host-layout.js';

/**
 * What the files themselves say. WP-CLI and WordPress have said "Updated" for packages that were not there
 * (wp-cli/extension-command#203), so nothing else is believed.
 */
export interface InstalledVersions {
  readonly core: string;
  /** Slug → version, `''` where the header names none. */
  readonly plugins: ReadonlyMap<string, string>;
  readonly themes: ReadonlyMap<string, string>;
  /** Digest of the names, sizes and times of all translation files. */
  readonly translations: string;
}

/** As get_file_data() reads headers: the first 8 kB, the first line that names the field. */
const SCRIPT = String.raw`
LC_ALL=C; export LC_ALL
core=$1 content=$2 plugins=$3
version=$(sed -n "s/^[ 	]*\\\$wp_version[ 	]*=[ 	]*['\"]\\([^'\"]*\\)['\"].*/core wordpress \\1/p" "$core/wp-includes/version.php" 2>/dev/null | head -n 1)
[ -z "$version" ] || printf '%s\n' "$version"
header() { head -c 8192 -- "$1" | tr '\r' '\n' | sed -n "s:^[ 	/*#@]*Version\\:[ 	]*::p" | sed 's:[ 	]*\*/.*$::; s:[ 	]*$::' | head -n 1; }
seen=
cd -- "$plugins" 2>/dev/null && grep -l -s -i 'Plugin Name:' -- ./*.php ./*/*.php | while IFS= read -r file; do
  file=$(printf %s "$file" | sed 's:^\./::')
  head -c 8192 -- "$file" | grep -q -i '^[ 	/*#@]*Plugin Name:' || continue
  case $file in */*) slug=$(dirname -- "$file") ;; *) slug=$(basename -- "$file" .php) ;; esac
  [ "$slug" = "$seen" ] && continue
  seen=$slug
  printf 'plugin %s %s\n' "$slug" "$(header "$file")"
done
cd -- "$content/themes" 2>/dev/null && for file in ./*/style.css; do
  [ -f "$file" ] || continue
  slug=$(printf %s "$file" | sed 's:^\./::; s:/style\.css$::')
  printf 'theme %s %s\n' "$slug" "$(header "$file")"
done
cd -- "$content/languages" 2>/dev/null && printf 'translations all %s\n' "$(find . -type f -exec cksum {} + | sort | cksum | tr ' ' -)"
exit 0
`;

export async function readVersions(host: ReadingHost, layout: Layout): Promise<InstalledVersions> {
  const result = await host.run(shellScript('read', SCRIPT, [layout.core, layout.content, layout.plugins]), {
    label: 'read the versions that the files name',
    timeoutSeconds: 300,
  });
  return parseVersions(result.stdout.toString('utf8'));
}

export function parseVersions(output: string): InstalledVersions {
  const plugins = new Map<string, string>();
  const themes = new Map<string, string>();
  let [core, translations] = ['', ''];
  for (const line of output.split('\n')) {
    const [, kind, slug = '', version = ''] = /^(\w+) (\S+) ?(.*)$/.exec(line) ?? [];
    if (kind === 'core') core = version;
    else if (kind === 'translations') translations = version;
    else if (kind === 'plugin') plugins.set(slug, version);
    else if (kind === 'theme') themes.set(slug, version);
  }
  return { core, plugins, themes, translations };
}

/** The version of one item; '' where it is not installed or names none. */
export function versionOf(
  versions: InstalledVersions,
  item: { readonly kind: 'core' | 'plugin' | 'theme' | 'translations' | 'composer'; readonly slug: string },
): string {
  if (item.kind === 'core') return versions.core;
  if (item.kind === 'translations') return versions.translations;
  return (item.kind === 'plugin' ? versions.plugins : versions.themes).get(item.slug) ?? '';
}
