import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startPhp, type PhpServer } from '../servers/php.js';
import { phpString } from '../world/php.js';
import { type World, type WordPressSide } from '../world.js';

/** A side in the layout of Bedrock (https://roots.io/bedrock/docs/): settings in `.env`, read one folder above the web root. */
export interface BedrockSide {
  /** `web`: what the site file calls the path. */
  readonly root: string;
  /** The folder of the project, with `.env` and `config`. */
  readonly project: string;
  readonly web: PhpServer;
}

/** Moves a side's WordPress to `web/wp`, its content to `web/app`, its settings to `.env`, and serves it from there. */
export async function becomeBedrock(world: World, which: 'production' | 'staging'): Promise<BedrockSide> {
  const side = world[which];
  const { root: project, url } = side;
  const root = path.join(project, 'web');
  const entries = await readdir(project);
  await mkdir(path.join(root, 'wp'), { recursive: true });
  await rename(path.join(project, 'wp-content'), path.join(root, 'app'));
  for (const name of entries)
    if (name !== 'wp-content' && name !== 'wp-config.php' && !name.startsWith('.'))
      await rename(path.join(project, name), path.join(root, 'wp', name));
  const put = async (name: string, text: string): Promise<void> => {
    await mkdir(path.dirname(path.join(project, name)), { recursive: true });
    await writeFile(path.join(project, name), text);
  };
  await rename(path.join(project, 'wp-config.php'), path.join(project, 'former-config.txt'));
  await put('.env', dotenv(side, which));
  await put('config/application.php', APPLICATION);
  for (const name of ['production', 'staging', 'development'])
    await put(
      `config/environments/${name}.php`,
      `<?php\ndefine('ACME_ENVIRONMENT', ${phpString(name)});\ndefine('DISALLOW_INDEXING', ${String(name !== 'production')});\n`,
    );
  await put('web/wp-config.php', WP_CONFIG);
  await put('web/index.php', INDEX);
  await side.server.query(
    `UPDATE wp_options SET option_value = '${url}/wp' WHERE option_name = 'siteurl'`,
    side.database,
  );
  await side.web.stop();
  const { address, port } = side.web;
  const web = await startPhp({ root, address, port, settings: ['opcache.enable=0'] });
  return { root, project, web };
}

const dotenv = ({ database, account, server, url }: WordPressSide, which: string): string => `# ${which}
DB_NAME='${database}'
DB_USER='${account.user}'
DB_PASSWORD="${account.password.replace(/[\\"$]/g, '\\$&')}"
DB_HOST='127.0.0.1:${String(server.port)}'
WP_ENV='${which}'
WP_HOME='${url}'
WP_SITEURL="\${WP_HOME}/wp"
AUTH_KEY='${which} of its own: 9f8a'
`;

/** As Bedrock's own, with its library for `.env` in a few lines. */
const APPLICATION = `<?php
$root_dir = dirname(__DIR__);
$webroot_dir = $root_dir . '/web';
foreach (file($root_dir . '/.env', FILE_IGNORE_NEW_LINES) as $line) {
    if ($line === '' || $line[0] === '#') continue;
    [$name, $value] = explode('=', $line, 2);
    $value = $value[0] === "'" ? substr($value, 1, -1) : preg_replace('/\\\\\\\\(.)/', '$1', substr($value, 1, -1));
    putenv($name . '=' . str_replace('\${WP_HOME}', (string) getenv('WP_HOME'), $value));
}
define('WP_ENV', getenv('WP_ENV') ?: 'production');
define('WP_ENVIRONMENT_TYPE', WP_ENV);
define('WP_HOME', getenv('WP_HOME'));
define('WP_SITEURL', getenv('WP_SITEURL'));
define('CONTENT_DIR', '/app');
define('WP_CONTENT_DIR', $webroot_dir . CONTENT_DIR);
define('WP_CONTENT_URL', WP_HOME . CONTENT_DIR);
define('DB_NAME', getenv('DB_NAME'));
define('DB_USER', getenv('DB_USER'));
define('DB_PASSWORD', getenv('DB_PASSWORD'));
define('DB_HOST', getenv('DB_HOST') ?: 'localhost');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
$table_prefix = getenv('DB_PREFIX') ?: 'wp_';
define('AUTH_KEY', getenv('AUTH_KEY'));
define('WP_HTTP_BLOCK_EXTERNAL', true);
$env_config = __DIR__ . '/environments/' . WP_ENV . '.php';
if (file_exists($env_config)) {
    require_once $env_config;
}
if (!defined('ABSPATH')) {
    define('ABSPATH', $webroot_dir . '/wp/');
}
`;

const WP_CONFIG = `<?php
require_once dirname(__DIR__) . '/config/application.php';
require_once ABSPATH . 'wp-settings.php';
`;

const INDEX = `<?php
define('WP_USE_THEMES', true);
require __DIR__ . '/wp/wp-blog-header.php';
`;
