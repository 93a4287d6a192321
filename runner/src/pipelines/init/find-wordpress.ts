import { shellScript } from '../../commands/command.js';
import { type ReadingHost } from '../../hosts/host.js';
import { formatBytes } from '../../report/format.js';
import { type SiteText } from './site-file-text.js';

/** What a machine has that looks like a site. */
export interface FoundPlaces {
  /** Document roots that the web server's configuration names for the site's host. */
  readonly served: readonly string[];
  /** Document roots of WordPress installations. */
  readonly wordpress: readonly string[];
  /** Containers with PHP, and the folders of the machine that they show. */
  readonly containers: readonly { readonly name: string; readonly source: string; readonly target: string }[];
  /** Dump programs of the machine. */
  readonly dumps: boolean;
}

/**
 * $1 host name of the site. Reads only. WordPress lies in the document root, in a folder of its own below it
 * (index.php there loads it), or in Bedrock's `web/wp`. Of releases behind a link the link is the place.
 */
const LOOK = `host=$1
for d in /etc/nginx /etc/apache2 /etc/httpd; do
  [ -d "$d" ] && grep -rlF -e "$host" "$d" 2>/dev/null
done | while IFS= read -r file; do
  sed -n 's/^[[:space:]]*root[[:space:]]\\{1,\\}"\\{0,1\\}\\([^;"]*\\)"\\{0,1\\};.*/served \\1/p; s/^[[:space:]]*DocumentRoot[[:space:]]\\{1,\\}"\\{0,1\\}\\([^"]*[^"[:space:]]\\)"\\{0,1\\}[[:space:]]*$/served \\1/p' "$file"
done
set --
for d in /var/www /srv /home /opt /usr/share/nginx /data "$HOME"; do [ -d "$d" ] && set -- "$@" "$d"; done
find "$@" -maxdepth 7 \\( -name uploads -o -name node_modules -o -name .git -o -name proc -o -name .understudy \\) -prune -o -name wp-load.php -type f -print 2>/dev/null | head -n 60 | while IFS= read -r file; do
  d=\${file%/wp-load.php} up=\${file%/*/wp-load.php}
  if [ -f "$up/index.php" ] && [ ! -f "$up/wp-load.php" ] && { grep -q wp-blog-header "$up/index.php" 2>/dev/null || [ -f "$up/wp-config.php" ]; }; then d=$up; fi
  case $d in
    */releases/*)
      base=\${d%%/releases/*} rest=\${d#*/releases/}; release=\${rest%%/*} below=\${rest#"$release"}
      [ "$(cd -P "$base/current" 2>/dev/null && pwd -P)" = "$(cd -P "$base/releases/$release" && pwd -P)" ] || continue
      d=$base/current$below ;;
  esac
  echo "wordpress $d"
done
if command -v mariadb-dump >/dev/null 2>&1 || command -v mysqldump >/dev/null 2>&1; then echo 'dumps yes'; fi
command -v docker >/dev/null 2>&1 || exit 0
docker ps --format '{{.Names}}' 2>/dev/null | head -n 60 | while IFS= read -r name; do
  docker exec "$name" sh -c 'command -v php' >/dev/null 2>&1 </dev/null || continue
  docker inspect -f '{{range .Mounts}}{{println "container" $.Name .Source .Destination}}{{end}}' "$name" 2>/dev/null
done
exit 0`;

/** Characters that a site file takes as a path without more ado. */
const PLAIN = /^\/[\w./@+-]+$/;

/** Looks where a machine has the site. What it prints is only ever offered, or checked by reading it. */
export async function findPlaces(host: ReadingHost, siteHost: string): Promise<FoundPlaces> {
  const { stdout } = await host.run(shellScript('read', LOOK, [siteHost]), {
    allowedExitCodes: 'any',
    timeoutSeconds: 60,
    label: 'look for WordPress',
  });
  const lines = stdout.toString('utf8').split('\n');
  const paths = (kind: string): string[] => [
    ...new Set(
      lines
        .filter((line) => line.startsWith(`${kind} `))
        .map((line) => line.slice(kind.length + 1).replace(/(?<=.)\/+$/, ''))
        .filter((path) => PLAIN.test(path)),
    ),
  ];
  const containers = lines.flatMap((line) => {
    const [kind, name = '', source = '', target = ''] = line.split(' ');
    return kind === 'container' && PLAIN.test(source) && PLAIN.test(target)
      ? [{ name: name.replace(/^\//, ''), source, target }]
      : [];
  });
  return {
    served: paths('served'),
    wordpress: paths('wordpress'),
    containers,
    dumps: lines.includes('dumps yes'),
  };
}

/** The places worth offering, the likeliest first: what is served and is WordPress, then WordPress, then what is served. */
export function likelyRoots({ served, wordpress }: FoundPlaces): readonly string[] {
  const both = served.filter((path) => wordpress.includes(path));
  return both.length > 0 ? both : wordpress.length > 0 ? wordpress : served;
}

/** The container that shows this folder of the machine, and where it has it. */
export function containerOf(
  { containers }: FoundPlaces,
  root: string,
): { readonly name: string; readonly path: string } | undefined {
  for (const { name, source, target } of containers)
    if (root === source || root.startsWith(`${source}/`))
      return { name, path: `${target}${root.slice(source.length)}` };
  return undefined;
}

/** Prints kilobytes and one name when there are pictures in the uploads folder. $1 document root. */
const MEASURE_UPLOADS = `for d in "$1/wp-content/uploads" "$1"/app/uploads "$1"/*/wp-content/uploads "$1"/*/app/uploads; do
  [ -d "$d" ] || continue
  [ -n "$(find "$d" -type f -name '*.*' ! -name 'index.*' ! -name '.*' 2>/dev/null | head -n 1)" ] || continue
  du -sk -- "$d" 2>/dev/null | cut -f1
  exit 0
done`;

/** More is read through from production instead of being copied with every sync. Bytes. */
const COPIED = 2e9;

/** What is best for uploads that lie on production itself; undefined: there are none, they are served from elsewhere. */
export async function mediaOf(production: ReadingHost, root: string): Promise<SiteText['media']> {
  const { stdout } = await production.run(shellScript('read', MEASURE_UPLOADS, [root]), {
    allowedExitCodes: 'any',
    timeoutSeconds: 120,
    label: 'look at the uploads',
  });
  const bytes = Number(stdout.toString().trim()) * 1024;
  if (!(bytes > 0)) return undefined;
  const size = formatBytes(bytes);
  return bytes <= COPIED
    ? { mode: 'sync', why: `Uploads are on production itself (${size}): they are copied.` }
    : {
        mode: 'read-through',
        why: `Uploads are on production itself (${size}): staging shows production's. docs/media.md`,
      };
}
