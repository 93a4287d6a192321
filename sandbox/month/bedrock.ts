import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { startPhp, type PhpServer } from '../servers/php.js';
import { hostFolder } from '../world/hosts.js';
import { plugins } from '../wordpress-updates/packages.js';
import { type WordPressSide, type World } from '../world.js';

const run = promisify(execFile);
const sh = async (script: string, ...args: string[]): Promise<void> => {
  await run('sh', ['-ec', script, 'sh', ...args], { maxBuffer: 2 ** 26 });
};

/** What Composer manages in this world; the rest of the plugins are plain files, as some sites have them too. */
const MANAGED = ['acme-good', 'acme-fatal', 'acme-seats', 'acme-events'] as const;

/**
 * Makes a Bedrock project (roots.io/bedrock) of both sides: `web/wp`, `web/app`, `config`, `vendor`, `.env`, installed by
 * the real Composer from packages on disk; then offers the month's updates there.
 * @returns web servers of the new document roots, in the order production, staging
 */
export async function intoBedrock(world: World): Promise<readonly PhpServer[]> {
  const { production, staging } = world;
  const shop = path.join(hostFolder(world.folder, 'staging'), 'packages');
  await mkdir(shop, { recursive: true });
  await Promise.all([production.web.stop(), staging.web.stop()]);
  await offerFirst(production.root, shop);
  await layOut(production.root);
  await writeProject(production.root, shop);
  await composer(production.root, 'install');
  await layOut(staging.root);
  const same =
    'cd "$1" && cp -a composer.json composer.lock config vendor "$2/" && rm -rf "$2/web/wp" && cp -a web/wp "$2/web/"';
  await sh(same, production.root, staging.root);
  for (const slug of MANAGED)
    await sh(
      'rm -rf "$2/web/app/plugins/$3" && cp -a "$1/web/app/plugins/$3" "$2/web/app/plugins/"',
      production.root,
      staging.root,
      slug,
    );
  await sh(
    'rm -rf "$2/web/app/themes/acme" && cp -a "$1/web/app/themes/acme" "$2/web/app/themes/"',
    production.root,
    staging.root,
  );
  for (const side of [production, staging]) await writeOwn(side);
  await offerNext(production.root, shop);
  return Promise.all([production, staging].map((side) => serve(side)));
}

const serve = ({ root, web }: WordPressSide): Promise<PhpServer> =>
  startPhp({
    root: path.join(root, 'web'),
    address: web.address,
    port: web.port,
    settings: ['opcache.enable=0'],
  });

const composer = (root: string, ...words: string[]): Promise<unknown> =>
  run('composer', [...words, '--no-interaction', '--no-dev', `--working-dir=${root}`], {
    env: {
      ...process.env,
      COMPOSER_ALLOW_SUPERUSER: '1',
      COMPOSER_HOME: path.join(root, '../composer-home'),
    },
    maxBuffer: 2 ** 26,
  });

/** WordPress into `web/wp`, its content folder to `web/app`; wp-config.php becomes three lines. */
async function layOut(root: string): Promise<void> {
  await sh(
    `cd "$1" && mkdir -p web/wp && for name in *; do
  case $name in web|wp-content|wp-config.php) ;; robots.txt) mv "$name" web/ ;; *) mv "$name" web/wp/ ;; esac
done
mv wp-content web/app; [ ! -e .htaccess ] || mv .htaccess web/; mv wp-config.php ../wp-config.before`,
    root,
  );
  await writeFile(
    path.join(root, 'web/index.php'),
    "<?php define('WP_USE_THEMES', true); require __DIR__ . '/wp/wp-blog-header.php';\n",
  );
  await writeFile(
    path.join(root, 'web/wp-config.php'),
    `<?php
require_once dirname(__DIR__) . '/vendor/autoload.php';
require_once dirname(__DIR__) . '/config/application.php';
require_once ABSPATH . 'wp-settings.php';
`,
  );
}

/** As Bedrock ships it, without what this site does not use. */
const APPLICATION = `<?php
use Roots\\WPConfig\\Config;
use function Env\\env;
Env\\Env::$options = 31;
$root_dir = dirname(__DIR__);
$webroot_dir = $root_dir . '/web';
if (file_exists($root_dir . '/.env')) {
    $dotenv = Dotenv\\Dotenv::createImmutable($root_dir);
    $dotenv->load();
    $dotenv->required(['WP_HOME', 'WP_SITEURL']);
}
define('WP_ENV', env('WP_ENV') ?: 'production');
if (!env('WP_ENVIRONMENT_TYPE') && in_array(WP_ENV, ['production', 'staging', 'development', 'local'])) {
    Config::define('WP_ENVIRONMENT_TYPE', WP_ENV);
}
Config::define('WP_HOME', env('WP_HOME'));
Config::define('WP_SITEURL', env('WP_SITEURL'));
Config::define('CONTENT_DIR', '/app');
Config::define('WP_CONTENT_DIR', $webroot_dir . Config::get('CONTENT_DIR'));
Config::define('WP_CONTENT_URL', Config::get('WP_HOME') . Config::get('CONTENT_DIR'));
Config::define('DB_NAME', env('DB_NAME'));
Config::define('DB_USER', env('DB_USER'));
Config::define('DB_PASSWORD', env('DB_PASSWORD'));
Config::define('DB_HOST', env('DB_HOST') ?: 'localhost');
Config::define('DB_CHARSET', 'utf8mb4');
Config::define('DB_COLLATE', '');
$table_prefix = env('DB_PREFIX') ?: 'wp_';
foreach_salts();
Config::define('AUTOMATIC_UPDATER_DISABLED', true);
Config::define('DISABLE_WP_CRON', true);
Config::define('DISALLOW_FILE_EDIT', true);
Config::define('WP_HTTP_BLOCK_EXTERNAL', true);
Config::apply();
if (!defined('ABSPATH')) {
    define('ABSPATH', $webroot_dir . '/wp/');
}
`;
const SALTS = ['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY'].flatMap((name) => [
  name,
  name.replace('KEY', 'SALT'),
]);

/** The little of roots/wp-config, oscarotero/env and vlucas/phpdotenv that the file above calls. */
const PARTS = `<?php
namespace Roots\\WPConfig { class Config {
    private static $all = [];
    public static function define($name, $value) { self::$all[$name] = $value; }
    public static function get($name) { return self::$all[$name]; }
    public static function apply() { foreach (self::$all as $name => $value) { defined($name) || define($name, $value); } }
} }
namespace Env {
    class Env { public static $options = 0; }
    function env($name) { return $_ENV[$name] ?? null; }
}
namespace Dotenv { class Dotenv {
    private function __construct(private string $folder) {}
    public static function createImmutable($folder) { return new self($folder); }
    public function load() {
        foreach (file($this->folder . '/.env', FILE_IGNORE_NEW_LINES) as $line) {
            if (preg_match('/^([A-Z_]+)=\\'(.*)\\'$/', $line, $m)) { $_ENV[$m[1]] = $m[2]; }
        }
    }
    public function required($names) {}
} }
`;

async function writeProject(root: string, shop: string): Promise<void> {
  const own = Object.fromEntries(MANAGED.map((slug) => [`wpackagist-plugin/${slug}`, '*']));
  const project = {
    name: 'acme/website',
    type: 'project',
    repositories: [{ type: 'artifact', url: shop }, { 'packagist.org': false }],
    require: {
      'acme/installers': '^1.0',
      'acme/bedrock-parts': '^1.0',
      'roots/wordpress-no-content': '^6.1',
      'wpackagist-theme/acme': '*',
      ...own,
    },
    config: { 'allow-plugins': { 'acme/installers': true } },
  };
  await writeFile(path.join(root, 'composer.json'), `${JSON.stringify(project, null, 2)}\n`);
  await mkdir(path.join(root, 'config'), { recursive: true });
  const salts = SALTS.map((name) => `Config::define('${name}', env('${name}'));`).join('\n');
  await writeFile(path.join(root, 'config/application.php'), APPLICATION.replace('foreach_salts();', salts));
}

async function writeOwn({ root, url, database, account, server }: WordPressSide): Promise<void> {
  const environment = database.endsWith('production') ? 'production' : 'staging';
  const lines = {
    WP_ENV: environment,
    WP_HOME: url,
    WP_SITEURL: `${url}/wp`,
    DB_NAME: database,
    DB_USER: account.user,
    DB_PASSWORD: account.password,
    DB_HOST: `127.0.0.1:${String(server.port)}`,
    ...Object.fromEntries(SALTS.map((name) => [name, `${environment} of ${name} for Bedrock`])),
  };
  const text = Object.entries(lines).map(([name, value]) => `${name}='${value}'\n`);
  await writeFile(path.join(root, '.env'), text.join(''));
  await server.query(
    `UPDATE wp_options SET option_value = '${url}/wp' WHERE option_name = 'siteurl'`,
    database,
  );
}

/** An artifact of Composer: a zip with a composer.json that names its version. */
async function artifact(
  shop: string,
  about: Readonly<Record<string, unknown>> & { readonly name: string; readonly version: string },
  files: string | Readonly<Record<string, string>>,
): Promise<void> {
  const folder = path.join(shop, '../packing');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  if (typeof files === 'string') await sh('cp -a "$1/." "$2/"', files, folder);
  else
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), text);
    }
  await writeFile(path.join(folder, 'composer.json'), JSON.stringify(about));
  const zip = path.join(shop, `${about.name.replace('/', '-')}-${about.version}.zip`);
  await run('php', [
    '-r',
    `$zip = new ZipArchive(); $zip->open($argv[1], ZipArchive::CREATE | ZipArchive::OVERWRITE);
     foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator($argv[2], FilesystemIterator::SKIP_DOTS)) as $file)
       { $zip->addFile($file, substr($file, strlen($argv[2]) + 1)); } $zip->close();`,
    zip,
    folder,
  ]);
  await rm(folder, { recursive: true, force: true });
}

/** Where each kind of package goes, which composer/installers tells Composer elsewhere. */
const INSTALLERS = `<?php
namespace Acme;
use Composer\\Composer; use Composer\\IO\\IOInterface; use Composer\\Installer\\LibraryInstaller;
use Composer\\Package\\PackageInterface; use Composer\\Plugin\\PluginInterface;
class Installers implements PluginInterface {
    public function activate(Composer $composer, IOInterface $io) { $composer->getInstallationManager()->addInstaller(new Places($io, $composer, null)); }
    public function deactivate(Composer $composer, IOInterface $io) {}
    public function uninstall(Composer $composer, IOInterface $io) {}
}
class Places extends LibraryInstaller {
    private const PLACES = ['wordpress-core' => 'web/wp', 'wordpress-plugin' => 'web/app/plugins/', 'wordpress-theme' => 'web/app/themes/'];
    public function supports(string $type) { return isset(self::PLACES[$type]); }
    public function getInstallPath(PackageInterface $package) {
        $place = self::PLACES[$package->getType()];
        return substr($place, -1) === '/' ? $place . basename($package->getName()) : $place;
    }
}
`;

async function offerFirst(root: string, shop: string): Promise<void> {
  await artifact(
    shop,
    {
      name: 'acme/installers',
      version: '1.0.0',
      type: 'composer-plugin',
      require: { 'composer-plugin-api': '^2.0' },
      autoload: { classmap: ['src/'] },
      extra: { class: 'Acme\\Installers' },
    },
    { 'src/Installers.php': INSTALLERS },
  );
  await library(shop, '1.0.0');
  for (const slug of MANAGED) await plugin(shop, slug, 0);
  await theme(root, shop, '1.0.0');
  const version = await coreVersion(path.join(root, 'wp-includes/version.php'));
  const core = path.join(shop, '../core');
  await sh(
    'rm -rf "$2" && mkdir "$2" && cd "$1" && for name in *; do case $name in wp-content|wp-config.php|robots.txt) ;; *) cp -a "$name" "$2/" ;; esac; done',
    root,
    core,
  );
  await artifact(shop, { name: 'roots/wordpress-no-content', version, type: 'wordpress-core' }, core);
}

/** One of each kind: good, fatal, with tables; the theme, WordPress itself, and a library. */
async function offerNext(root: string, shop: string): Promise<void> {
  for (const slug of MANAGED) await plugin(shop, slug, 1);
  await library(shop, '1.1.0');
  await theme(path.join(root, 'web'), shop, '1.1.0');
  const core = path.join(shop, '../core');
  const file = path.join(core, 'wp-includes/version.php');
  const version = await coreVersion(file);
  const next = `${version.split('.').slice(0, 2).join('.')}.99`;
  await writeFile(file, (await readFile(file, 'utf8')).replace(version, next));
  await artifact(shop, { name: 'roots/wordpress-no-content', version: next, type: 'wordpress-core' }, core);
  await rm(core, { recursive: true, force: true });
}

const coreVersion = async (file: string): Promise<string> =>
  /\$wp_version = '([^']+)'/.exec(await readFile(file, 'utf8'))?.[1] ?? '6.1';

const library = (shop: string, version: string): Promise<void> =>
  artifact(
    shop,
    { name: 'acme/bedrock-parts', version, type: 'library', autoload: { files: ['parts.php'] } },
    { 'parts.php': PARTS.replace('<?php', `<?php // ${version}`) },
  );

const plugin = (shop: string, slug: (typeof MANAGED)[number], which: 0 | 1): Promise<void> => {
  const one = plugins[slug];
  if (one === undefined) throw new Error(slug);
  const [text, version] = which === 0 ? [one.from, one.version[0]] : [one.to, one.version[1]];
  return artifact(
    shop,
    { name: `wpackagist-plugin/${slug}`, version, type: 'wordpress-plugin' },
    { [`${slug}.php`]: text },
  );
};

async function theme(root: string, shop: string, version: string): Promise<void> {
  const content = existsSync(path.join(root, 'app')) ? 'app' : 'wp-content';
  const from = path.join(root, content, 'themes/acme');
  const files: Record<string, string> = {};
  for (const name of ['style.css', 'functions.php', 'index.php'])
    files[name] = await readFile(path.join(from, name), 'utf8');
  files['style.css'] = (files['style.css'] ?? '').replace(/Version: \S+/, `Version: ${version}`);
  await artifact(shop, { name: 'wpackagist-theme/acme', version, type: 'wordpress-theme' }, files);
}
