import { ENVIRONMENT } from './wp-config-program.js';

/** Shell text that finds and prints wp-config.php, and that starts the program which runs it. POSIX sh. */
const PHP_PROGRAMS =
  'php php8.4 php8.3 php8.2 php8.1 php8.0 php7.4 php7.3 php7.2 php7.0 php5.6 php84 php83 php82 php81 php74 /usr/local/bin/php /opt/php/bin/php';

/** Nothing of the site runs with these; `php.ini` may name files that are run before and after every program. */
const QUIET =
  '-d display_errors=0 -d log_errors=0 -d auto_prepend_file= -d auto_append_file= -d opcache.enable=0 -d opcache.enable_cli=0';

const FIND_PHP = `php=
for one in ${PHP_PROGRAMS}; do
  command -v "$one" >/dev/null 2>&1 || continue
  [ "$("$one" -n -r 'echo PHP_SAPI;' 2>/dev/null)" = cli ] && php=$one && break
done`;

/** $1 outer program, $2 inner program, root, URL, nonce, wp-config.php, ABSPATH. 97: PHP has no command line. */
export const RUN_PHP = `${FIND_PHP}
[ -n "$php" ] || exit 97
names=$("$php" ${QUIET} -r '$f = get_defined_functions(); echo implode(",", $f["internal"]);' 2>/dev/null </dev/null)
outer=$1 inner=$2; shift 2
exec "$php" -n -d display_errors=0 -d log_errors=0 -d max_execution_time=60 -d memory_limit=512M -r "$outer" -- "$php" "$inner" "$names" "$@" </dev/null`;

/** Runs a program that loads WordPress itself, with PHP's own settings. $1 program, then root and URL; stdin is the program's. */
export const RUN_WORDPRESS = `${FIND_PHP}
[ -n "$php" ] || exit 97
exec "$php" ${QUIET} -d max_execution_time=60 -r "$1" -- "$2" "$3"`;

/** Folders of a project that web servers serve: Bedrock, Symfony and its kin, hosters. */
const WEB_FOLDERS = ['web', 'public', 'public_html', 'htdocs', 'www'] as const;

/**
 * Finds wp-config.php as wp-load.php does, and prints its text. $1 root, $2 nonce. Lines that begin with the nonce: the file,
 * the root without links, the folder in it that is served, the folder of WordPress, sockets of database servers; then
 * `text`, and the file.
 */
export const PRINT_WP_CONFIG = `root=$1 nonce=$2
say() { printf '%s %s %s\\n' "$nonce" "$1" "$2"; }
top=$(cd -P -- "$root" 2>/dev/null && pwd -P) || top=$root
if [ ! -e "$root/index.php" ] && [ ! -e "$root/wp-load.php" ]; then
  for web in ${WEB_FOLDERS.join(' ')}; do
    [ -f "$root/$web/index.php" ] || continue
    if [ -e "$root/$web/wp-config.php" ] || [ -e "$root/$web/wp-load.php" ]; then say web "$web"; root=$root/$web; break; fi
  done
fi
real=$(cd -P -- "$root" 2>/dev/null && pwd -P) || real=$root
file=
for one in "$root/wp-config.php" "$real/../wp-config.php" "$root/../wp-config.php"; do
  [ -e "$one" ] || continue
  [ "$one" = "$root/wp-config.php" ] || [ ! -e "\${one%/*}/wp-settings.php" ] || continue
  file=$one; break
done
[ -n "$file" ] || { echo 'no wp-config.php' >&2; exit 66; }
[ -f "$file" ] || { echo "$file is not a regular file" >&2; exit 78; }
[ -r "$file" ] || { echo "$file is not readable for this account" >&2; exit 77; }
[ "$(wc -c < "$file")" -le 1000000 ] || { echo "$file is larger than 1,000,000 bytes" >&2; exit 78; }
found=$(readlink -f -- "$file" 2>/dev/null) || found=$(cd -P -- "\${file%/*}" && pwd -P)/wp-config.php
say file "$found"
say root "$top"
for one in "$real/wp-load.php" "$real"/*/wp-load.php; do
  [ ! -e "$one" ] || { say folder "\${one%/*}/"; break; }
done
${FIND_PHP}
[ -z "$php" ] || "$php" ${QUIET} -r 'foreach (array("mysqli.default_socket", "pdo_mysql.default_socket") as $n) if (ini_get($n)) echo ini_get($n), "\\n";' </dev/null 2>/dev/null |
  while IFS= read -r one; do [ ! -S "$one" ] || say socket "$one"; done
for one in /run/mysqld/mysqld.sock /var/run/mysqld/mysqld.sock /var/lib/mysql/mysql.sock /tmp/mysql.sock; do
  [ ! -S "$one" ] || say socket "$one"
done
say text ''
head -c 1000000 < "$file"`;

/** $1 nonce, then words: \`f PATH\` or \`e NAME\`. Prints, after a line \`nonce kind word\`, what is there; nothing for what is not. */
export const PRINT_MORE = `nonce=$1; shift
while [ $# -gt 1 ]; do
  case $1 in
    f) if [ -f "$2" ] && [ -r "$2" ] && [ "$(wc -c < "$2")" -le 1000000 ]; then
         printf '\\n%s f %s\\n' "$nonce" "$(readlink -f -- "$2" 2>/dev/null || printf %s "$2")"; head -c 1000000 < "$2"
       else printf '\\n%s - \\n' "$nonce"; fi ;;
    e) if value=$(printenv "$2"; printf x) && [ "$value" != x ]; then printf '\\n%s e\\n' "$nonce"; printf %s "\${value%x}"
       else printf '\\n%s - \\n' "$nonce"; fi ;;
  esac
  shift 2
done`;

/** The address that a name has in a container; other names are known there than outside. $1 name. */
export const RESOLVE_NAME = `getent ahostsv4 "$1" 2>/dev/null || getent hosts "$1" 2>/dev/null || php -n -r 'echo gethostbyname($argv[1]), "\\n";' -- "$1"`;

/**
 * Loads WordPress up to its must-use plugins, with the one-time token of the first line of stdin as a request brings it.
 * $argv: root, URL. The plugin of Understudy answers as it answers a request. Where it is not loaded, the program says from
 * where WordPress loads plugins of that kind, and ends before any other plugin runs. Syntax of PHP 5.6.
 */
export const PLUGIN_PROGRAM = String.raw`${ENVIRONMENT}
$understudyRoot = realpath($argv[1]) ? realpath($argv[1]) : rtrim($argv[1], '/');
$understudyUrl = parse_url($argv[2]);
$_SERVER['HTTP_HOST'] = $_SERVER['SERVER_NAME'] = $understudyUrl['host'];
if (isset($understudyUrl['port'])) $_SERVER['HTTP_HOST'] .= ':' . $understudyUrl['port'];
$_SERVER['REQUEST_URI'] = (isset($understudyUrl['path']) ? rtrim($understudyUrl['path'], '/') : '') . '/';
$_SERVER['REQUEST_METHOD'] = 'GET';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REMOTE_ADDR'] = '127.0.0.1';
$_SERVER['DOCUMENT_ROOT'] = $understudyRoot;
if ($understudyUrl['scheme'] === 'https') { $_SERVER['HTTPS'] = 'on'; $_SERVER['HTTP_X_FORWARDED_PROTO'] = 'https'; }
$_SERVER['HTTP_X_UNDERSTUDY_TOKEN'] = trim((string) fgets(STDIN));
foreach (array($understudyRoot . '/wp-config.php', dirname($understudyRoot) . '/wp-config.php') as $understudyTry)
  if (is_file($understudyTry)) { UnderstudyEnvironment::fill($understudyRoot, UnderstudyEnvironment::unsetNames($understudyTry)); break; }
function understudy_not_loaded() {
  echo "\n", json_encode(array('understudy' => 'not loaded', 'folder' => base64_encode(WPMU_PLUGIN_DIR))), "\n";
  exit(0);
}
$wp_filter = array('muplugins_loaded' => array(-PHP_INT_MAX => array('understudy' =>
  array('function' => 'understudy_not_loaded', 'accepted_args' => 0))));
chdir($understudyRoot);
foreach (array_merge(array($understudyRoot . '/wp-load.php'), (array) glob($understudyRoot . '/*/wp-load.php')) as $understudyTry)
  if (is_file($understudyTry)) { require $understudyTry; exit(0); }
fwrite(STDERR, "no wp-load.php\n");
exit(67);
`;
