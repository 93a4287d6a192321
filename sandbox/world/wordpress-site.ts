import { execFile } from 'node:child_process';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type MariaDbServer } from '../servers/mariadb.js';
import { type Account } from './accounts.js';
import { phpString, runPhp } from './php.js';

const run = promisify(execFile);
const sources = path.join(path.dirname(fileURLToPath(import.meta.url)), '../wordpress');

export interface Administrator {
  readonly user: string;
  readonly password: string;
  readonly email: string;
}

export interface WordPressSite {
  /** Document root. */
  readonly root: string;
  readonly url: string;
  readonly title: string;
  readonly tagline: string;
  readonly administrator: Administrator;
  readonly server: MariaDbServer;
  readonly database: string;
  readonly account: Account;
  readonly environment: 'production' | 'staging';
  readonly multisite: boolean;
  /** Without what makes the files many and the bytes large and is not needed for pages: see {@link HEAVY}. */
  readonly lean?: boolean;
}

/** Themes that nobody has chosen, and what browsers load for the back end and for editors. Patterns of tar. */
const HEAVY = [
  ...['themes/twenty*', 'languages', 'plugins/akismet'].map((name) => `wp-content/${name}`),
  ...['tinymce', 'codemirror', 'dist', 'mediaelement', 'plupload', 'jcrop', 'thickbox'].map(
    (name) => `wp-includes/js/${name}`,
  ),
  ...['jquery/ui', 'media-*', 'customize-*', 'zxcvbn*'].map((name) => `wp-includes/js/${name}`),
  ...['*-rtl.css', '*-rtl.min.css', 'blocks/*/editor.*'].map((name) => `wp-includes/${name}`),
  ...['wp-includes/images', 'wp-admin/images', 'wp-admin/css', 'wp-admin/js'],
];

/** Copies Debian's WordPress to the document root and installs it through its own code. */
export async function installWordPress(site: WordPressSite): Promise<void> {
  await mkdir(site.root, { recursive: true });
  const without = site.lean === true ? HEAVY.map((name) => `--exclude=./${name}`) : [];
  // Debian's package links to libraries elsewhere; a site has files.
  const copy = 'to=$1; shift; tar -C /usr/share/wordpress --dereference -c "$@" . | tar -C "$to" -x';
  await run('sh', ['-c', copy, 'sh', site.root, ...without]);
  await rm(path.join(site.root, '.htaccess'), { force: true });
  await cp(path.join(sources, 'theme'), path.join(site.root, 'wp-content/themes/acme'), { recursive: true });
  await writeConfig(site, false);
  await step(site, 'install');
  if (site.multisite) {
    await step(site, 'network');
    await writeConfig(site, true);
  }
  await step(site, 'content');
  await writeOwnFiles(site);
}

async function step(site: WordPressSite, name: 'install' | 'network' | 'content'): Promise<void> {
  const { url, title, tagline, administrator } = site;
  const wanted = JSON.stringify({ url, title, tagline, ...administrator, step: name });
  const answer = await runPhp(site.root, [
    path.join(sources, 'install.php'),
    Buffer.from(wanted).toString('base64'),
  ]);
  if (!answer.endsWith('ok')) throw new Error(`installing WordPress (${name}): ${answer.slice(0, 2000)}`);
}

/** Production's DB_HOST is computed by PHP, as many hosts do it; staging's is plain. */
async function writeConfig(site: WordPressSite, network: boolean): Promise<void> {
  const { server, account, environment } = site;
  const host =
    environment === 'production'
      ? `sprintf('%s:%d', getenv('ACME_DB_HOST') ?: '127.0.0.1', ${server.port})`
      : phpString(`127.0.0.1:${server.port}`);
  const define = (name: string, value: string): string => `define('${name}', ${value});`;
  const salts = ['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY']
    .flatMap((name) => [name, name.replace('KEY', 'SALT')])
    .map((name) => define(name, phpString(`${environment} ${name} '"\\`)));
  const lines = [
    '<?php',
    define('DB_NAME', phpString(site.database)),
    define('DB_USER', phpString(account.user)),
    define('DB_PASSWORD', phpString(account.password)),
    define('DB_HOST', host),
    define('DB_CHARSET', "'utf8mb4'"),
    define('DB_COLLATE', "''"),
    ...salts,
    define('WP_ENVIRONMENT_TYPE', phpString(environment)),
    define('DISABLE_WP_CRON', 'true'),
    define('WP_HTTP_BLOCK_EXTERNAL', 'true'),
    define('AUTOMATIC_UPDATER_DISABLED', 'true'),
    ...(network ? networkLines(site.url) : []),
    "$table_prefix = 'wp_';",
    "if (!defined('ABSPATH')) { define('ABSPATH', __DIR__ . '/'); }",
    "require_once ABSPATH . 'wp-settings.php';",
    '',
  ];
  await writeFile(path.join(site.root, 'wp-config.php'), lines.join('\n'), { mode: 0o640 });
}

const networkLines = (url: string): string[] => [
  "define('WP_ALLOW_MULTISITE', true);",
  "define('MULTISITE', true);",
  "define('SUBDOMAIN_INSTALL', false);",
  `define('DOMAIN_CURRENT_SITE', ${phpString(new URL(url).host)});`,
  "define('PATH_CURRENT_SITE', '/');",
  "define('SITE_ID_CURRENT_SITE', 1);",
  "define('BLOG_ID_CURRENT_SITE', 1);",
];

/** What belongs to one environment and must never cross. */
async function writeOwnFiles(site: WordPressSite): Promise<void> {
  const mustUse = path.join(site.root, 'wp-content/mu-plugins');
  await mkdir(mustUse, { recursive: true });
  await writeFile(path.join(site.root, '.htaccess'), `# ${site.environment}\n`);
  await writeFile(path.join(site.root, 'robots.txt'), `# ${site.environment}\nUser-agent: *\n`);
  await writeFile(path.join(site.root, '.env'), `ENVIRONMENT=${site.environment}\n`);
  await writeFile(path.join(mustUse, 'acme-code.php'), `<?php // site code, ${site.environment}'s version\n`);
}
