/**
 * The PHP program that runs wp-config.php without WordPress and prints what it says. A constant: the document root,
 * the URL and the marker are its arguments. Syntax of PHP 5.6, so that old servers understand it.
 *
 * How: for the time of the program, files are opened through a stream wrapper of ours. It hands out every file as it
 * is (so `__DIR__`, `__FILE__` and relative includes are right), refuses to write, and gives an own text for any
 * `wp-settings.php`: that text prints the report and ends. wp-config.php may therefore compute, include and print
 * what it likes, and may lie one folder above the root, as wp-load.php allows.
 */
export const WP_CONFIG_PROGRAM = String.raw`
final class UnderstudyReport {
  public static $root = '';
  public static $marker = '';
  public static $file = '';
  public static $reached = false;
  public static $environmentFrom = array();
  private static $done = false;

  private static $names = array('DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_HOST', 'DB_CHARSET', 'DB_COLLATE', 'ABSPATH',
    'MULTISITE', 'SUBDOMAIN_INSTALL', 'DOMAIN_CURRENT_SITE', 'PATH_CURRENT_SITE', 'WP_ENVIRONMENT_TYPE', 'WP_ENV',
    'WP_CACHE_KEY_SALT', 'WP_HOME', 'WP_SITEURL', 'WP_CONTENT_DIR', 'UPLOADS', 'CUSTOM_USER_TABLE',
    'CUSTOM_USER_META_TABLE', 'WPMU_PLUGIN_DIR', 'AUTH_KEY', 'AUTH_SALT', 'SECURE_AUTH_KEY', 'SECURE_AUTH_SALT',
    'LOGGED_IN_KEY', 'LOGGED_IN_SALT', 'NONCE_KEY', 'NONCE_SALT');

  public static function emit() {
    if (self::$done) return;
    self::$done = true;
    while (ob_get_level() > 0 && @ob_end_clean());
    $error = error_get_last();
    $report = array('file' => self::text(self::$file), 'reached' => self::$reached, 'php' => PHP_VERSION,
      'prefix' => isset($GLOBALS['table_prefix']) ? self::text($GLOBALS['table_prefix']) : null,
      'constants' => self::constants(), 'unset' => self::unsetNames(), 'environmentFrom' => self::$environmentFrom,
      'fatal' => $error !== null && ($error['type'] & (E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_RECOVERABLE_ERROR))
        ? self::text(strtok($error['message'], "\n")) : null,
      'line' => $error === null ? null : $error['line'],
      'sockets' => self::sockets(), 'address' => self::address());
    fwrite(STDOUT, "\n" . self::$marker . json_encode($report) . self::$marker . "\n");
  }

  private static function text($value) {
    return is_bool($value) || $value === null ? $value : (is_scalar($value) ? base64_encode((string) $value) : null);
  }

  private static function constants() {
    $found = array();
    foreach (self::$names as $name) if (defined($name)) $found[$name] = self::text(constant($name));
    return $found;
  }

  /** Names of variables that wp-config.php asks the environment for and that are not set here. */
  public static function unsetNames() {
    $source = (string) @file_get_contents(self::$file);
    preg_match_all('/\b(?:getenv|getenv_docker|env)\s*\(\s*[\'"](\w+)[\'"]|\$_(?:ENV|SERVER)\s*\[\s*[\'"](\w+)[\'"]/', $source, $found);
    $names = array_unique(array_filter(array_merge($found[1], $found[2])));
    return array_values(array_filter($names, function ($name) {
      return getenv($name) === false && !isset($_SERVER[$name]) && !isset($_ENV[$name])
        && !preg_match('/^(HTTP_|REQUEST_|REMOTE_|SERVER_|DOCUMENT_|SCRIPT_|QUERY_|PHP_|HTTPS$|PATH_)/', $name);
    }));
  }

  private static function sockets() {
    $paths = array(ini_get('mysqli.default_socket'), ini_get('pdo_mysql.default_socket'), '/run/mysqld/mysqld.sock',
      '/var/run/mysqld/mysqld.sock', '/var/lib/mysql/mysql.sock', '/tmp/mysql.sock');
    return array_values(array_unique(array_filter($paths, function ($path) { return $path && @file_exists($path); })));
  }

  /** What the database's name means here: inside a container other names are known than outside. */
  private static function address() {
    $host = defined('DB_HOST') && is_string(DB_HOST) ? preg_replace('/^p:/', '', DB_HOST) : '';
    $name = preg_replace('/:.*$/', '', $host);
    if ($name === '' || $name === 'localhost' || strpos($host, '[') === 0) return null;
    $address = @gethostbyname($name);
    return filter_var($address, FILTER_VALIDATE_IP) ? $address : null;
  }
}

final class UnderstudyFiles {
  public $context;
  private $handle;
  private $text;
  private $at = 0;

  public static function take() { stream_wrapper_unregister('file'); stream_wrapper_register('file', 'UnderstudyFiles'); }

  private static function plain($work) {
    stream_wrapper_restore('file');
    try { $result = $work(); } catch (Exception $error) { self::take(); throw $error; }
    self::take();
    return $result;
  }

  public function stream_open($path, $mode, $options, &$opened) {
    if (!preg_match('/^r[bt]*$/', $mode)) return false;
    if (basename($path) === 'wp-settings.php') {
      $this->text = '<' . '?php UnderstudyReport::$reached = true; UnderstudyReport::emit(); exit(0);';
      return true;
    }
    $useInclude = (bool) ($options & STREAM_USE_PATH);
    $this->handle = self::plain(function () use ($path, $mode, $useInclude) { return @fopen($path, $mode, $useInclude); });
    if ($this->handle && ($real = self::plain(function () use ($path) { return realpath($path); }))) $opened = $real;
    return (bool) $this->handle;
  }
  public function stream_read($count) {
    if ($this->text === null) return fread($this->handle, $count);
    $part = (string) substr($this->text, $this->at, $count);
    $this->at += strlen($part);
    return $part;
  }
  public function stream_eof() { return $this->text === null ? feof($this->handle) : $this->at >= strlen($this->text); }
  public function stream_stat() { return $this->text === null ? fstat($this->handle) : array('size' => strlen($this->text), 'mode' => 0100444); }
  public function stream_seek($offset, $whence = SEEK_SET) { return $this->text === null && fseek($this->handle, $offset, $whence) === 0; }
  public function stream_tell() { return $this->text === null ? ftell($this->handle) : $this->at; }
  public function stream_lock($operation) { return true; }
  public function stream_flush() { return true; }
  public function stream_set_option($option, $one, $two) { return false; }
  public function stream_cast($as) { return $this->handle ? $this->handle : false; }
  public function stream_close() { if ($this->handle) fclose($this->handle); }
  public function url_stat($path, $flags) {
    return self::plain(function () use ($path, $flags) { return $flags & STREAM_URL_STAT_LINK ? @lstat($path) : @stat($path); });
  }
  public function dir_opendir($path, $options) {
    $this->handle = self::plain(function () use ($path) { return @opendir($path); });
    return (bool) $this->handle;
  }
  public function dir_readdir() { return readdir($this->handle); }
  public function dir_rewinddir() { rewinddir($this->handle); return true; }
  public function dir_closedir() { closedir($this->handle); $this->handle = null; return true; }
  public function mkdir($path, $mode, $options) { return false; }
  public function rmdir($path, $options) { return false; }
  public function rename($from, $to) { return false; }
  public function unlink($path) { return false; }
  public function stream_metadata($path, $option, $value) { return false; }
}

/** Variables that the web server or PHP-FPM would set, and a command line does not have. */
final class UnderstudyEnvironment {
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
      UnderstudyReport::$environmentFrom[] = $name . ' from ' . key($values);
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
    $files[$root . '/.htaccess'] = '/^\s*SetEnv\s+(\w+)\s+(.*?)\s*$/mi';
    return $files;
  }
  private static function mentions($file, $root) { return strpos((string) @file_get_contents($file), $root) !== false; }
  private static function value($text) { return preg_match('/^(["\'])(.*)\1$/', $text, $quoted) ? $quoted[2] : $text; }
}

$understudyRoot = rtrim($argv[1], '/');
$understudyReal = realpath($understudyRoot) ? realpath($understudyRoot) : $understudyRoot;
UnderstudyReport::$marker = $argv[3];
UnderstudyReport::$root = $understudyRoot;
foreach (array($understudyRoot . '/wp-config.php', $understudyReal . '/../wp-config.php', $understudyRoot . '/../wp-config.php') as $understudyTry)
  if (@file_exists($understudyTry) && ($understudyTry === $understudyRoot . '/wp-config.php' || !@file_exists(dirname($understudyTry) . '/wp-settings.php'))) {
    UnderstudyReport::$file = realpath($understudyTry);
    break;
  }
if (UnderstudyReport::$file === '') { fwrite(STDERR, "no wp-config.php\n"); exit(66); }
if (!is_readable(UnderstudyReport::$file)) { fwrite(STDERR, UnderstudyReport::$file . " is not readable for this account\n"); exit(77); }

$understudyUrl = parse_url($argv[2]);
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
UnderstudyEnvironment::fill($understudyRoot, UnderstudyReport::unsetNames());

$understudyLoad = array_merge(array($understudyReal . '/wp-load.php'), (array) glob($understudyReal . '/*/wp-load.php'));
foreach ($understudyLoad as $understudyTry)
  if (@file_exists($understudyTry)) { define('ABSPATH', dirname($understudyTry) . '/'); break; }
chdir($understudyReal);
register_shutdown_function(array('UnderstudyReport', 'emit'));
ob_start();
UnderstudyFiles::take();
unset($understudyTry, $understudyLoad, $understudyUrl, $understudyReal, $understudyRoot);
require UnderstudyReport::$file;
`;

/**
 * Finds PHP's command line in the usual places and runs the program; 97 says that there is none. Which program it is,
 * PHP tells without its settings (-n): it then starts several times faster.
 */
export const RUN_PHP = `for php in php php8.4 php8.3 php8.2 php8.1 php8.0 php7.4 php7.3 php7.2 php7.0 php5.6 php84 php83 php82 php81 php74 /usr/local/bin/php /opt/php/bin/php; do
  command -v "$php" >/dev/null 2>&1 || continue
  [ "$("$php" -n -r 'echo PHP_SAPI;' 2>/dev/null)" = cli ] || continue
  exec "$php" -d display_errors=0 -d log_errors=0 -d auto_prepend_file= -d auto_append_file= -d opcache.enable=0 -d opcache.enable_cli=0 -d max_execution_time=30 -r "$1" -- "$2" "$3" "$4"
done
exit 97`;

/** Prints wp-config.php where there is no PHP: first the name of the file, then its text. */
export const PRINT_WP_CONFIG = `root=$1
if [ -e "$root/wp-config.php" ]; then file=$root/wp-config.php
elif [ -e "$root/../wp-config.php" ] && [ ! -e "$root/../wp-settings.php" ]; then file=$root/../wp-config.php
else echo 'no wp-config.php' >&2; exit 66; fi
[ -r "$file" ] || { echo "$file is not readable for this account" >&2; exit 77; }
printf '%s\\n' "$file"
cat "$file"`;
