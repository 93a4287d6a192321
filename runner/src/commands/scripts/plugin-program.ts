import { ENVIRONMENT } from './wp-config-program.js';

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
