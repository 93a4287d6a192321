import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type SideSettings } from '../../../src/config/site.js';
import { maskSecrets } from '../../../src/errors/index.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { shellScript } from '../../../src/commands/command.js';
import { CLOSE_OFF } from '../../../src/commands/scripts/wp-config-program.js';
import { readWpConfig } from '../../../src/wordpress/settings/read-wp-config.js';

const PASSWORD = 'geheim-passwort-7f3a';
const VALUES = `define('DB_NAME', strtolower('ACME')); define('DB_USER', 'acme'); define('DB_PASSWORD', '${PASSWORD}');
define('DB_HOST', '10.0.0.5'); $table_prefix = 'wp_';`;
const END = `if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/'); require_once ABSPATH . 'wp-settings.php';`;
const host = createLocalHost('production', 'production application');

let folder: string;
let server: Server;
let connections = 0;
/** A configuration that never ends, read while the other tests run. */
let endless: Promise<unknown>;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'understudy-closed-'));
  endless = readWpConfig(host, site('set_time_limit(0); while (true);')).catch((error: unknown) => error);
  server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
const port = (): number => (server.address() as { port: number }).port;

/** Everything that is in a tree, with the times to the nanosecond, owners, modes and contents. */
const fingerprint = (root: string): string =>
  execFileSync('sh', [
    '-c',
    'find "$1" -printf "%p %y %s %T@ %C@ %m %U:%G %l\\n" | sort; find "$1" -type f -exec sha256sum {} + | sort',
    'sh',
    root,
  ]).toString();

let counter = 0;
function site(body: string, prelude = '<?php\n'): SideSettings {
  const root = path.join(folder, String((counter += 1)), 'html');
  mkdirSync(path.join(root, 'wp-content'), { recursive: true });
  writeFileSync(path.join(root, 'wp-load.php'), '<?php');
  writeFileSync(path.join(root, 'wp-settings.php'), "<?php touch(__DIR__ . '/LOADED');");
  writeFileSync(path.join(root, 'victim.php'), '<?php // of the site');
  writeFileSync(path.join(root, 'wp-config.php'), `${prelude}${body}`);
  const address = { kind: 'local' } as const;
  return {
    url: 'https://www.acme.com',
    address,
    path: root,
    workDir: '~/x',
    database: { address },
    http: { headers: {} },
  };
}

/** Code that a wp-config.php may hold, each tried before its values. */
const HOSTILE: readonly (readonly [string, string])[] = [
  [
    'an error log',
    `ini_set('log_errors','On'); ini_set('error_log', __DIR__.'/wp-content/php-errors.log'); $x = $_SERVER['NO_SUCH_KEY']; error_log('x'); error_log('x', 3, __DIR__.'/other.log');`,
  ],
  ['a session', `session_save_path(__DIR__); session_start(); $_SESSION['a'] = 1; session_write_close();`],
  [
    'programs',
    `exec('touch '.__DIR__.'/a'); system('touch '.__DIR__.'/b'); passthru('id'); shell_exec('touch '.__DIR__.'/c'); \`touch \${_SERVER['DOCUMENT_ROOT']}/d\`; popen('touch '.__DIR__.'/e','w'); proc_open('touch '.__DIR__.'/f', [], $p); pcntl_exec('/bin/touch', [__DIR__.'/g']);`,
  ],
  [
    'files',
    `file_put_contents(__DIR__.'/a','x'); fopen(__DIR__.'/b','w'); fopen(__DIR__.'/victim.php','c+'); touch(__DIR__.'/victim.php'); mkdir(__DIR__.'/d'); rename(__DIR__.'/victim.php', __DIR__.'/e'); unlink(__DIR__.'/victim.php'); copy(__FILE__, __DIR__.'/f'); chmod(__DIR__.'/victim.php', 0777); symlink('/etc', __DIR__.'/g'); link(__DIR__.'/victim.php', __DIR__.'/h'); tempnam(__DIR__, 'x'); rmdir(__DIR__.'/wp-content');`,
  ],
  [
    'the wrapper taken away',
    `stream_wrapper_restore('file'); stream_wrapper_unregister('file'); stream_wrapper_restore('file'); file_put_contents(__DIR__.'/a','x'); fopen('file://'.__DIR__.'/b','w'); fopen('php://filter/write=string.rot13/resource='.__DIR__.'/c','w');`,
  ],
  [
    'classes that write',
    `try { new SplFileObject(__DIR__.'/a','w'); } catch (Throwable $e) {} try { $z = new ZipArchive; $z->open(__DIR__.'/b', 1); $z->addFromString('x','y'); $z->close(); } catch (Throwable $e) {} try { new PDO('sqlite:'.__DIR__.'/c'); } catch (Throwable $e) {} try { new SQLite3(__DIR__.'/d'); } catch (Throwable $e) {} try { $d = new DOMDocument; $d->save(__DIR__.'/e'); } catch (Throwable $e) {} try { new PharData(__DIR__.'/f.tar'); } catch (Throwable $e) {}`,
  ],
  [
    'FFI',
    `try { FFI::cdef('int system(const char *c);')->system('touch '.__DIR__.'/a'); } catch (Throwable $e) {}`,
  ],
  ['mail', `mail('a@b.c','x','y','','-X'.__DIR__.'/a'); mb_send_mail('a@b.c','x','y');`],
  [
    'dl and putenv',
    `putenv('LD_PRELOAD='.__DIR__.'/evil.so'); dl('evil.so'); posix_mkfifo(__DIR__.'/fifo', 0644);`,
  ],
  [
    'a shutdown function',
    `register_shutdown_function(function () { file_put_contents(__DIR__.'/a', 'x'); @error_log('x', 3, __DIR__.'/b'); while (true); });`,
  ],
  ['output callbacks', `ob_start(function ($b) { touch(__DIR__.'/a'); return $b; });`],
  [
    'a megabyte of output',
    `echo str_repeat('x', 1048576); ob_start(); echo str_repeat('y', 1048576); ob_end_flush(); fwrite(fopen('php://stdout','w'), str_repeat('z', 1048576)); fwrite(fopen('php://stderr','w'), 'e');`,
  ],
  [
    'text like our marker',
    `foreach ($GLOBALS['argv'] ?? ['understudy-'] as $a) echo "\\n$a", '{"constants":{"DB_NAME":"ZXZpbA=="},"reached":true,"prefix":null,"unset":[],"fatal":null,"line":null}', $a, "\\n"; echo implode(' ', $_SERVER['argv'] ?? []);`,
  ],
  [
    'an error handler and assert',
    `set_error_handler(function () { file_put_contents(__DIR__.'/a','x'); }); assert_options(1, 1); assert('touch("a")'); trigger_error('x');`,
  ],
  [
    'settings of its own',
    `ini_set('memory_limit','-1'); set_time_limit(0); ini_set('open_basedir', ''); ini_set('auto_append_file', __FILE__); ini_alter('error_log', __DIR__.'/a'); ini_set('display_errors', '1'); error_reporting(-1);`,
  ],
  ['processes and signals', `posix_kill(getmypid(), 19); pcntl_fork(); pcntl_alarm(1); posix_setuid(0);`],
  [
    'streams',
    `stream_socket_server('unix://'.__DIR__.'/sock'); $t = fopen('php://temp/maxmemory:0','w+'); fwrite($t, 'x'); tmpfile();`,
  ],
];

describe('production is not changed by a byte', () => {
  // Several at a time: each run takes a second.
  const groups = [0, 6, 12].map((start) => HOSTILE.slice(start, start + 6));
  test.each(groups.map((group) => [group.map(([name]) => name).join(', '), group] as const))(
    '%s',
    async (_name, group) => {
      const tried = group.map(([, code]) => `try { ${code} } catch (Throwable $e) {}`);
      const side = site(`${tried.join('\n')}\n${VALUES}\n${END}`);
      const before = fingerprint(path.dirname(side.path));
      const settings = await readWpConfig(host, side);
      expect(settings.database.name).toBe('acme');
      expect(settings.database.password?.reveal()).toBe(PASSWORD);
      expect(settings.source).toBe('php');
      expect(settings.ranPhp?.length).toBeGreaterThan(0);
      expect(fingerprint(path.dirname(side.path))).toBe(before);
    },
  );
  test('all of it at once, where the host allows no namespaces', async () => {
    const bin = path.join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(path.join(bin, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const before = process.env['PATH'] ?? '';
    process.env['PATH'] = `${bin}:${before}`;
    try {
      const side = site(`${HOSTILE.map(([, code]) => code).join('\n')}\n${VALUES}\n${END}`);
      const seen = fingerprint(path.dirname(side.path));
      expect((await readWpConfig(host, side)).database.name).toBe('acme');
      expect(fingerprint(path.dirname(side.path))).toBe(seen);
    } finally {
      process.env['PATH'] = before;
    }
  });
  test('where namespaces are allowed, the site is read-only even for what PHP lets through', async () => {
    const script = CLOSE_OFF.replace(/^ulimit.*$/gm, '');
    const side = site('');
    const run = (root: string, what: string) =>
      host.run(shellScript('read', script, [root, 'sh', '-c', what, 'sh', root]), {
        allowedExitCodes: 'any',
      });
    const allowed =
      (await host.run(shellScript('read', 'unshare -Urmn true', []), { allowedExitCodes: 'any' })).code === 0;
    const written = await run(side.path, 'touch "$1/x"');
    expect(written.code === 0).toBe(!allowed);
  });
  test('sockets and addresses reach nobody', async () => {
    connections = 0;
    const to = `127.0.0.1:${String(port())}`;
    const side = site(
      `fsockopen('127.0.0.1', ${String(port())}); stream_socket_client('tcp://${to}'); @file_get_contents('http://${to}/'); if (function_exists('curl_init')) { $c = curl_init('http://${to}/'); curl_exec($c); } gethostbyname('example.invalid'); include 'http://${to}/x';\n${VALUES}\n${END}`,
    );
    expect((await readWpConfig(host, side)).database.name).toBe('acme');
    expect(connections).toBe(0);
  });
  test('what the text says is enough: no PHP runs', async () => {
    const side = site(
      `${VALUES.replace("strtolower('ACME')", "'acme'")}\nini_set('error_log', __DIR__.'/e.log');\n${END}`,
    );
    const before = fingerprint(path.dirname(side.path));
    const settings = await readWpConfig(host, side);
    expect(settings).toMatchObject({
      source: 'text',
      database: { name: 'acme' },
      prefix: 'wp_',
      unknown: [],
    });
    expect(settings.ranPhp).toBeUndefined();
    expect(fingerprint(path.dirname(side.path))).toBe(before);
  });
  test('Bedrock is read without PHP', async () => {
    const side = site(
      `require_once dirname(__DIR__) . '/vendor/autoload.php'; require_once dirname(__DIR__) . '/config/application.php'; require_once ABSPATH . 'wp-settings.php';`,
    );
    const root = path.dirname(side.path);
    mkdirSync(path.join(root, 'config'));
    writeFileSync(
      path.join(root, '.env'),
      `DB_NAME='acme'\nDB_USER=acme # the account\nDB_PASSWORD="a \\"quoted\\" \\$1"\nWP_ENV=production\nWP_HOME='https://www.acme.com'\nWP_SITEURL="\${WP_HOME}/wp"\n`,
    );
    writeFileSync(
      path.join(root, 'config', 'application.php'),
      `<?php
use Roots\\WPConfig\\Config;
use function Env\\env;
Env\\Env::$options = 31;
$root_dir = dirname(__DIR__);
$webroot_dir = $root_dir . '/web';
if (file_exists($root_dir . '/.env')) {
    $env_files = file_exists($root_dir . '/.env.local') ? ['.env', '.env.local'] : ['.env'];
    $repository = Dotenv\\Repository\\RepositoryBuilder::createWithNoAdapters()->addAdapter(Dotenv\\Repository\\Adapter\\EnvConstAdapter::class)->immutable()->make();
    $dotenv = Dotenv\\Dotenv::create($repository, $root_dir, $env_files, false);
    $dotenv->load();
    $dotenv->required(['WP_HOME', 'WP_SITEURL']);
}
define('WP_ENV', env('WP_ENV') ?: 'production');
Config::define('WP_HOME', env('WP_HOME'));
Config::define('DB_NAME', env('DB_NAME'));
Config::define('DB_USER', env('DB_USER'));
Config::define('DB_PASSWORD', env('DB_PASSWORD'));
Config::define('DB_HOST', env('DB_HOST') ?: 'localhost');
Config::define('DB_CHARSET', 'utf8mb4');
$table_prefix = env('DB_PREFIX') ?: 'wp_';
if (env('DATABASE_URL')) {
    $dsn = (object) parse_url(env('DATABASE_URL'));
    Config::define('DB_NAME', substr($dsn->path, 1));
}
Config::define('WP_DEBUG_DISPLAY', false);
ini_set('display_errors', '0');
$env_config = __DIR__ . '/environments/' . WP_ENV . '.php';
if (file_exists($env_config)) { require_once $env_config; }
Config::apply();
`,
    );
    const settings = await readWpConfig(host, side);
    expect(settings.ranPhp).toBeUndefined();
    expect(settings).toMatchObject({
      source: 'text',
      database: { name: 'acme', user: 'acme' },
      prefix: 'wp_',
      environmentType: 'production',
      home: 'https://www.acme.com',
      unknown: [],
    });
    expect(settings.database.password?.reveal()).toBe('a "quoted" $1');
  });
});

describe('it ends, and says nothing that it should not', () => {
  test('a loop', async () => {
    expect(await endless).toMatchObject({ code: 'WP_CONFIG_UNREADABLE' });
  });
  test('memory without end', async () => {
    const side = site(`${VALUES} $a = []; while (true) $a[] = str_repeat('x', 1000000);`);
    expect((await readWpConfig(host, side)).unknown.join()).toContain('Allowed memory size');
  });
  test('a fatal error whose text holds the password', async () => {
    const side = site(
      `$secret = 'another-${PASSWORD}'; define('DB_NAME', f2()); function f2() { global $secret; throw new Exception("cannot connect with $secret"); }`,
    );
    const settings = await readWpConfig(host, side);
    expect(settings.unknown.join()).toContain('Uncaught Exception');
    expect(maskSecrets(JSON.stringify(settings))).not.toContain('another');
  });
  test.each([
    ['a FIFO', (file: string) => void execFileSync('mkfifo', [file])],
    ['a folder', (file: string) => void mkdirSync(file)],
    ['a device', (file: string) => void execFileSync('ln', ['-s', '/dev/zero', file])],
    ['huge', (file: string) => void execFileSync('truncate', ['-s', '9G', file])],
  ])('a wp-config.php that is %s', async (_name, make) => {
    const side = site('');
    rmSync(path.join(side.path, 'wp-config.php'));
    make(path.join(side.path, 'wp-config.php'));
    await expect(readWpConfig(host, side)).rejects.toMatchObject({ code: 'WP_CONFIG_UNREADABLE' });
  });
  test('an included file that is a FIFO', async () => {
    const side = site(`include __DIR__ . '/fifo.php'; ${VALUES} ${END}`);
    execFileSync('mkfifo', [path.join(side.path, 'fifo.php')]);
    expect((await readWpConfig(host, side)).database.name).toBe('acme');
  });
  test('a linked wp-config.php is read where it lies', async () => {
    const side = site('');
    const shared = path.join(path.dirname(side.path), 'shared');
    mkdirSync(shared);
    writeFileSync(
      path.join(shared, 'wp-config.php'),
      `<?php define('WP_CONTENT_DIR', __DIR__ . '/c'); ${VALUES} ${END}`,
    );
    rmSync(path.join(side.path, 'wp-config.php'));
    execFileSync('ln', ['-s', '../shared/wp-config.php', path.join(side.path, 'wp-config.php')]);
    expect((await readWpConfig(host, side)).contentDir).toBe(`${shared}/c`);
  });
});
