/**
 * Runs wp-config.php where its text alone does not say enough. Arguments: paths, the URL and the nonce. Syntax of PHP
 * 5.6.
 *
 * The outer process starts the inner one, hands it the contents of files, and prints its report between nonces that the
 * inner one never sees. The inner one runs wp-config.php without WordPress and can change nothing: no file system but
 * what the outer one reads for it, no functions but {@link HARMLESS}, no extensions, no network where namespaces are
 * allowed, and limits.
 */

/** Functions that compute, compare, format, or read through the stream wrapper of the inner process. */
const HARMLESS = String.raw`/^(?:str(?!eam_)|substr|uc(?:first|words)|lcfirst|l?r?trim$|chop$|explode|implode|join$|nl2br|html|number_format|v?s?printf$|md5$|sha1$|crc32$|hash|base64_|bin2hex|hex2bin|(?:raw)?url|parse_|http_build_query|json_|(?:un)?serialize$|array|count$|sizeof|in_array|range$|compact|extract|current$|key|next$|prev$|reset$|end$|each$|min$|max$|abs$|floor$|ceil$|round$|pow$|intdiv|fmod|(?:int|float|bool|str|double)val$|settype|gettype|get_debug_type|is_|var_|print_r|define|constant$|(?:function|class|interface|trait|enum|method|property)_exists|call_user_func|func_|get_(?:class|object_vars|parent_class|called_class|include_path|current_user|cfg_var|loaded|resource|defined_constants|defined_vars)|getcwd|gethostname|getmy|iterator_|spl_|ctype_|mb_(?!send_mail)|preg_|date|gmdate|idate|time$|timezone_|mktime|gmmktime|strtotime|microtime|hrtime|checkdate|mt_|rand$|random_|uniqid|getenv|putenv|getopt|dirname|basename|pathinfo|fnmatch|realpath$|glob$|file_exists|file(?:size|mtime|perms|owner|group|type)$|(?:l)?stat$|file$|file_get_contents|readfile|fopen|fread|fgets|fgetc|fclose|feof|fseek|ftell|rewind|fwrite|fputs|fflush|scandir|opendir|readdir|closedir|dir$|chdir|version_compare|phpversion|php_sapi_name|php_uname|zend_version|memory_|error_reporting|error_get_last|error_clear_last|(?:set|restore)_(?:error|exception)_handler|set_include_path|trigger_error|user_error|register_shutdown_function|ob_|flush|header|http_response_code|ini_get|extension_loaded|setlocale|localeconv|filter_|ip2long|long2ip|inet_|iconv|utf8_|gc_|debug_|sys_getloadavg|[un]?a?k?r?sort$|natsort|natcasesort|shuffle|array_multisort|usort|stream_(?:wrapper_(?:un)?register|get_wrappers|context_create|get_contents|is_local)|forward_static_call|levenshtein|similar_text|soundex|metaphone|wordwrap|chunk_split|addslashes|addcslashes|stripslashes|stripcslashes|quotemeta|chr$|ord$|nl_langinfo|money_format|sscanf|vprintf|octdec|hexdec|bindec|dec(?:bin|oct|hex)|base_convert|assert$|libxml_)/`;

/** The inner process. $argv: root, URL, wp-config.php, ABSPATH. Descriptor 3: requests; 4: their answers. */
const INNER = String.raw`
final class UnderstudyLine {
  private static $out; private static $in;
  public static function open() { self::$out = fopen('php://fd/3', 'w'); self::$in = fopen('php://fd/4', 'r'); }
  public static function ask($what, $about) {
    fwrite(self::$out, $what . ' ' . bin2hex($about) . "\n"); fflush(self::$out);
    $head = fgets(self::$in);
    if ($head === false || $head === "-\n") return null;
    $length = (int) $head; $body = '';
    while (strlen($body) < $length) { $part = fread(self::$in, $length - strlen($body)); if ($part === false || $part === '') break; $body .= $part; }
    return $body;
  }
}
final class UnderstudyReport {
  public static $reached = false;
  private static $done = false;
  private static $names = array('DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_HOST', 'DB_CHARSET', 'DB_COLLATE', 'ABSPATH',
    'MULTISITE', 'SUBDOMAIN_INSTALL', 'DOMAIN_CURRENT_SITE', 'WP_ENVIRONMENT_TYPE', 'WP_ENV',
    'WP_CACHE_KEY_SALT', 'WP_HOME', 'WP_SITEURL', 'WP_CONTENT_DIR', 'UPLOADS',
    'WP_PLUGIN_DIR', 'WPMU_PLUGIN_DIR', 'AUTH_KEY', 'AUTH_SALT', 'SECURE_AUTH_KEY', 'SECURE_AUTH_SALT',
    'LOGGED_IN_KEY', 'LOGGED_IN_SALT', 'NONCE_KEY', 'NONCE_SALT');
  public static function emit() {
    if (self::$done) return;
    self::$done = true;
    $error = error_get_last();
    $fatal = $error !== null && ($error['type'] & (E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_RECOVERABLE_ERROR));
    $constants = array();
    foreach (self::$names as $name) if (defined($name)) $constants[$name] = self::text(constant($name));
    UnderstudyLine::ask('report', json_encode(array('reached' => self::$reached,
      'prefix' => isset($GLOBALS['table_prefix']) ? self::text($GLOBALS['table_prefix']) : null, 'constants' => $constants,
      'fatal' => $fatal ? self::kind($error['message']) : null, 'line' => $fatal ? $error['line'] : null)));
  }
  private static function text($value) {
    return is_bool($value) || $value === null ? $value : (is_scalar($value) ? base64_encode((string) $value) : null);
  }
  /** What kind of error it is: its text may hold anything, a password too. */
  private static function kind($message) {
    $known = '/^(?:syntax error|Uncaught [A-Za-z_\\\\]+(?=:)|(?:Uncaught Error: )?Call to undefined (?:function|method) [\w\\\\:]+\(\)|Maximum execution time|Allowed memory size)/';
    return preg_match($known, $message, $found) ? $found[0] : 'an error';
  }
}
final class UnderstudyFiles {
  public $context;
  private $text = ''; private $at = 0; private $list = array();
  public function stream_open($path, $mode, $options, &$opened) {
    if (!preg_match('/^r[bt]*$/', $mode)) return false;
    if (basename($path) === 'wp-settings.php') { $this->text = '<' . '?php UnderstudyReport::$reached = true; UnderstudyReport::emit(); exit(0);'; return true; }
    $answer = UnderstudyLine::ask('read', $path);
    if ($answer === null) return false;
    $end = strpos($answer, "\n");
    if ($options & STREAM_USE_PATH) $opened = substr($answer, 0, $end);
    $this->text = (string) substr($answer, $end + 1);
    return true;
  }
  public function stream_read($count) { $part = (string) substr($this->text, $this->at, $count); $this->at += strlen($part); return $part; }
  public function stream_eof() { return $this->at >= strlen($this->text); }
  public function stream_stat() { return array('size' => strlen($this->text), 'mode' => 0100444); }
  public function stream_seek($offset, $whence = SEEK_SET) {
    $to = $whence === SEEK_CUR ? $this->at + $offset : ($whence === SEEK_END ? strlen($this->text) + $offset : $offset);
    if ($to < 0) return false;
    $this->at = $to; return true;
  }
  public function stream_tell() { return $this->at; }
  public function stream_write($data) { return 0; }
  public function stream_lock($operation) { return true; }
  public function stream_flush() { return true; }
  public function stream_set_option($option, $one, $two) { return false; }
  public function stream_close() {}
  public function url_stat($path, $flags) {
    $answer = UnderstudyLine::ask('stat', $path);
    return $answer === null ? false : json_decode($answer, true);
  }
  public function dir_opendir($path, $options) {
    $answer = UnderstudyLine::ask('list', $path);
    if ($answer === null) return false;
    $this->list = explode("\0", $answer); return true;
  }
  public function dir_readdir() { $name = current($this->list); next($this->list); return $name; }
  public function dir_rewinddir() { reset($this->list); return true; }
  public function dir_closedir() { return true; }
}
UnderstudyLine::open();
if (PHP_VERSION_ID >= 80000) {
  // A function that is disabled does not exist: calling it would end the file. These answer false and do nothing.
  $understudyStubs = 'function realpath($p) { $a = UnderstudyLine::ask("real", $p); return $a === null ? false : $a; }'
    . 'function glob($p, $f = 0) { $a = UnderstudyLine::ask("glob", $p); return $a === null || $a === "" ? array() : explode("\0", $a); }';
  foreach (explode(',', (string) UnderstudyLine::ask('names', '')) as $understudyName)
    if (!function_exists($understudyName) && preg_match('/^[a-z_]\w*$/', $understudyName) && $understudyName !== 'realpath' && $understudyName !== 'glob')
      $understudyStubs .= 'function ' . $understudyName . '(...$a) { return false; }';
  eval($understudyStubs);
}
list(, $understudyRoot, $understudyUrl, $understudyFile, $understudyPath) = $argv;
$understudyUrl = parse_url($understudyUrl);
$_SERVER['HTTP_HOST'] = $_SERVER['SERVER_NAME'] = $understudyUrl['host'];
if (isset($understudyUrl['port'])) $_SERVER['HTTP_HOST'] .= ':' . $understudyUrl['port'];
$_SERVER['SERVER_PORT'] = isset($understudyUrl['port']) ? (string) $understudyUrl['port'] : ($understudyUrl['scheme'] === 'https' ? '443' : '80');
$_SERVER['REQUEST_URI'] = (isset($understudyUrl['path']) ? rtrim($understudyUrl['path'], '/') : '') . '/';
$_SERVER['REQUEST_METHOD'] = 'GET';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REQUEST_SCHEME'] = $understudyUrl['scheme'];
$_SERVER['REMOTE_ADDR'] = $_SERVER['SERVER_ADDR'] = '127.0.0.1';
$_SERVER['HTTP_USER_AGENT'] = 'Understudy';
$_SERVER['DOCUMENT_ROOT'] = $understudyRoot;
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
$_SERVER['SCRIPT_FILENAME'] = $understudyRoot . '/index.php';
$_SERVER['QUERY_STRING'] = '';
if ($understudyUrl['scheme'] === 'https') { $_SERVER['HTTPS'] = 'on'; $_SERVER['HTTP_X_FORWARDED_PROTO'] = 'https'; }
if ($understudyPath !== '') define('ABSPATH', $understudyPath);
register_shutdown_function(array('UnderstudyReport', 'emit'));
stream_wrapper_unregister('file'); stream_wrapper_register('file', 'UnderstudyFiles');
define('UNDERSTUDY_FILE', $understudyFile);
unset($understudyRoot, $understudyUrl, $understudyFile, $understudyPath, $understudyStubs, $understudyName, $argv, $argc, $_SERVER['argv'], $_SERVER['argc']);
require UNDERSTUDY_FILE;
`;

/**
 * Limits and namespaces, as far as this host allows them to this account, then the inner process. $1 root of the site. No
 * byte of a file can be written under `ulimit -f 0`; where user namespaces exist, every mount is read-only and there
 * is no network.
 */
export const CLOSE_OFF = `ulimit -c 0 -f 0 2>/dev/null || { ulimit -c 0; ulimit -f 0; } 2>/dev/null
# A write is refused (EFBIG) instead of ending the process.
trap '' 25 2>/dev/null
ulimit -t 10 2>/dev/null; ulimit -v 2000000 2>/dev/null
root=$1; shift
ro='mount --make-rprivate /
while read -r _ _ _ _ at how _; do mount -o "remount,bind,$how,ro" "$(printf "%b" "$at")"; done </proc/self/mountinfo'
exec 2>/dev/null
if unshare -Urmn sh -c "$ro; [ ! -w "'"$1" ]' sh "$root"; then exec unshare -Urmn sh -c "$ro; exec "'"$@"' sh "$@"
elif unshare -Urn true; then exec unshare -Urn "$@"; fi
exec "$@"`;

/** Variables that a web server would hand to PHP, for programs that run on the command line. */
export const ENVIRONMENT = String.raw`
final class UnderstudyEnvironment {
  public static $from = array();
  /** Names of variables that wp-config.php asks the environment for and that are not set here. */
  public static function unsetNames($file) {
    preg_match_all('/\b(?:getenv|getenv_docker|env)\s*\(\s*[\'"](\w+)[\'"]|\$_(?:ENV|SERVER)\s*\[\s*[\'"](\w+)[\'"]/', (string) @file_get_contents($file), $found);
    return array_values(array_filter(array_unique(array_filter(array_merge($found[1], $found[2]))), function ($name) {
      return getenv($name) === false && !isset($_SERVER[$name]) && !isset($_ENV[$name])
        && !preg_match('/^(HTTP_|REQUEST_|REMOTE_|SERVER_|DOCUMENT_|SCRIPT_|QUERY_|PHP_|HTTPS$|PATH_)/', $name);
    }));
  }
  /** Variables that the web server or PHP-FPM would set, and a command line does not have. */
  public static function fill($root, $names) {
    if (!$names) return;
    $found = array();
    foreach (self::candidates($root) as $file => $pattern)
      if (preg_match_all($pattern, (string) @file_get_contents($file), $lines, PREG_SET_ORDER))
        foreach ($lines as $line) if (in_array($line[1], $names, true)) $found[$line[1]][$file] = self::value($line[2]);
    foreach ($found as $name => $values) {
      if (count(array_unique($values)) > 1) continue;
      putenv($name . '=' . reset($values));
      $_ENV[$name] = $_SERVER[$name] = reset($values);
    }
  }
  private static function candidates($root) {
    $files = array();
    foreach (array('/etc/php/*/fpm/pool.d/*.conf', '/etc/php-fpm.d/*.conf', '/usr/local/etc/php-fpm.d/*.conf') as $place)
      foreach ((array) glob($place) as $file) $files[$file] = '/^\s*env\[(\w+)\]\s*=\s*(.*?)\s*$/m';
    foreach (array('/etc/apache2/sites-enabled/*', '/etc/httpd/conf.d/*.conf') as $place)
      foreach ((array) glob($place) as $file) if (self::mentions($file, $root)) $files[$file] = '/^\s*SetEnv\s+(\w+)\s+(.*?)\s*$/mi';
    foreach (array('/etc/nginx/sites-enabled/*', '/etc/nginx/conf.d/*.conf') as $place)
      foreach ((array) glob($place) as $file) if (self::mentions($file, $root)) $files[$file] = '/^\s*fastcgi_param\s+(\w+)\s+(.*?)\s*;/m';
    if (is_file($root . '/.htaccess')) $files[$root . '/.htaccess'] = '/^\s*SetEnv\s+(\w+)\s+(.*?)\s*$/mi';
    return array_filter($files, 'is_file', ARRAY_FILTER_USE_KEY);
  }
  private static function mentions($file, $root) { return is_file($file) && strpos((string) @file_get_contents($file), $root) !== false; }
  private static function value($text) { return preg_match('/^(["\'])(.*)\1$/', $text, $quoted) ? $quoted[2] : $text; }
}
`;

/** The outer process. $argv: PHP, the inner program, names of all functions, root, URL, nonce, wp-config.php, ABSPATH. */
export const OUTER_PROGRAM = String.raw`
list(, $php, $inner, $names, $root, $url, $nonce, $file, $path) = $argv;
${ENVIRONMENT}
$understudyRead = array($file);
function understudyAnswer($what, $about, $names, $root) {
  if ($about !== '' && $about[0] !== '/') $about = $root . '/' . $about;
  $about = preg_replace('~^file://~', '', $about);
  switch ($what) {
    case 'names': return $names;
    case 'real': $real = realpath($about); return $real === false ? null : $real;
    case 'glob': return implode("\0", array_slice((array) glob($about), 0, 1000));
    case 'list': $found = is_dir($about) ? @scandir($about) : false; return $found === false ? null : implode("\0", array_slice($found, 0, 10000));
    case 'stat': $found = @stat($about); return $found === false ? null : json_encode($found);
    case 'read':
      if (!is_file($about) || filesize($about) > 4000000) return null;
      $text = @file_get_contents($about, false, null, 0, 4000000);
      if ($text === false) return null;
      $GLOBALS['understudyRead'][] = realpath($about);
      return realpath($about) . "\n" . $text;
  }
  return null;
}
$real = realpath($root) ? realpath($root) : $root;
UnderstudyEnvironment::fill($root, UnderstudyEnvironment::unsetNames($file));
$loaded = get_defined_functions(); $loaded = $loaded['internal'];
$all = array_unique(array_merge($loaded, explode(',', $names)));
$off = array_filter($all, function ($name) { return !preg_match('${HARMLESS}', $name); });
if (PHP_VERSION_ID >= 80000) array_push($off, 'realpath', 'glob');
$classes = array_filter(array_merge(get_declared_classes(), array('PDO', 'mysqli', 'SQLite3', 'FFI', 'ZipArchive', 'Phar', 'PharData', 'SoapClient')), function ($name) {
  return $name !== 'UnderstudyEnvironment' && !preg_match('/^(?:stdClass|Closure|Generator|Fiber|WeakMap|WeakReference|Array|Date|Iterator|Spl(?!File|TempFile)|__PHP_Incomplete|Attribute|Return|Allow|Sensitive|Override|Internal|Random|Deprecated|php_user_filter|Directory$)|(?:Exception|Error|Iterator)$/', $name);
});
$words = array($php, '-n', '-d', 'display_errors=0', '-d', 'log_errors=0', '-d', 'error_log=', '-d', 'memory_limit=256M',
  '-d', 'max_execution_time=10', '-d', 'allow_url_fopen=0', '-d', 'allow_url_include=0', '-d', 'enable_dl=0', '-d', 'opcache.enable_cli=0',
  '-d', 'ffi.enable=false', '-d', 'phar.readonly=1', '-d', 'zend.assertions=-1', '-d', 'register_argc_argv=1',
  '-d', 'disable_functions=' . implode(',', $off));
if (PHP_VERSION_ID >= 80000) array_push($words, '-d', 'open_basedir=/understudy-nothing');
if (PHP_VERSION_ID < 80500) array_push($words, '-d', 'disable_classes=' . implode(',', $classes));
foreach (array('mbstring' => 'mb_strlen', 'ctype' => 'ctype_alpha', 'json' => 'json_encode', 'iconv' => 'iconv') as $extension => $function)
  if (!function_exists($function) && in_array($function, $all, true)) array_push($words, '-d', 'extension=' . $extension . (PHP_VERSION_ID < 70200 ? '.so' : ''));
array_push($words, '-r', $inner, '--', $root, $url, $file, $path);
$command = 'exec ' . implode(' ', array_map('escapeshellarg', array_merge(array('sh', '-c', ${phpText(CLOSE_OFF)}, 'sh', $real), $words)));
$null = array('file', '/dev/null', 'r+');
$child = proc_open($command, array(0 => $null, 1 => $null, 2 => $null, 3 => array('pipe', 'w'), 4 => array('pipe', 'r')), $pipes, $real);
if (!$child) { fwrite(STDERR, "a process cannot be started\n"); exit(98); }
stream_set_blocking($pipes[3], false);
$until = microtime(true) + 15; $line = ''; $asked = 0; $report = null;
while ($report === null && microtime(true) < $until && strlen($line) < 2000000 && $asked < 5000) {
  $ready = array($pipes[3]); $none = null;
  if (!@stream_select($ready, $none, $none, 1)) continue;
  $part = fread($pipes[3], 65536);
  if (($part === '' || $part === false) && feof($pipes[3])) break;
  $line .= $part;
  while (($end = strpos($line, "\n")) !== false && $report === null) {
    list($what, $about) = explode(' ', substr($line, 0, $end) . ' ');
    $line = (string) substr($line, $end + 1); $asked++;
    $about = (string) @hex2bin($about);
    if ($what === 'report') { $report = $about; break; }
    $answer = understudyAnswer($what, $about, $names, $real);
    @fwrite($pipes[4], $answer === null ? "-\n" : strlen($answer) . "\n" . $answer);
  }
}
proc_terminate($child, 9);
$report = json_decode((string) $report, true);
if (!is_array($report)) { fwrite(STDERR, 'PHP ended without a report' . (microtime(true) >= $until ? ' within 15 s' : '') . "\n"); exit(98); }
$report['unset'] = UnderstudyEnvironment::unsetNames($file);
$report['included'] = array_map('base64_encode', array_values(array_unique($understudyRead)));
echo "\n", $nonce, json_encode($report), $nonce, "\n";
`;

export const INNER_PROGRAM = INNER;

function phpText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
