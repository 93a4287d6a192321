import { randomBytes } from 'node:crypto';
import { type ServerAddress } from '../../config/site.js';
import { type Secret } from '../../errors/index.js';

/** What a new wp-config.php of staging needs. */
export interface NewConfig {
  readonly database: {
    readonly name: string;
    readonly user: string;
    readonly password: Secret;
    /** As PHP sees it; undefined: PHP's own socket. */
    readonly server: ServerAddress | undefined;
    /** Those of production. */
    readonly charset: string;
    readonly collate: string;
  };
  readonly prefix: string;
  readonly https: boolean;
  /** WordPress' own folder below the document root; '' is the root. */
  readonly core: string;
  /** Folders that production has elsewhere than usual: constant → path below the document root. */
  readonly folders: Readonly<Record<string, string>>;
  /** A network: its domain on staging, and how its sites are told apart. */
  readonly network?: { readonly domain: string; readonly path: string; readonly subdomains: boolean };
}

const KEYS = ['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'];

/** A PHP string in single quotes: nothing in it is read as anything else. */
const text = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const define = (name: string, php: string): string => `define( '${name}', ${php} );`;
/** 64 characters of 48 random bytes. */
const salt = (): string => randomBytes(48).toString('base64');

/** `DB_HOST` as WordPress reads it. */
function databaseHost(server: ServerAddress | undefined): string {
  if (server === undefined) return 'localhost';
  if (server.kind === 'socket') return `localhost:${server.path}`;
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  return server.port === 3306 ? host : `${host}:${String(server.port)}`;
}

/**
 * The text of a wp-config.php for staging, with salts of its own. It holds the password: it goes into a file on staging
 * and nowhere else.
 */
export function configText({ database, prefix, https, core, folders, network }: NewConfig): string {
  const lines = [
    '<?php',
    '// Staging. Written by understudy prepare; a sync never sends or deletes this file.',
    define('DB_NAME', text(database.name)),
    define('DB_USER', text(database.user)),
    define('DB_PASSWORD', text(database.password.reveal())),
    define('DB_HOST', text(databaseHost(database.server))),
    define('DB_CHARSET', text(database.charset)),
    define('DB_COLLATE', text(database.collate)),
    '',
    ...KEYS.flatMap((key) => [define(`${key}_KEY`, text(salt())), define(`${key}_SALT`, text(salt()))]),
    '',
    '// Plugins and Understudy itself ask this.',
    define('WP_ENVIRONMENT_TYPE', "'staging'"),
    ...(https
      ? [
          '// Behind a proxy that ends TLS, WordPress would redirect to itself for ever.',
          "if ( ( $_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '' ) === 'https' ) { $_SERVER['HTTPS'] = 'on'; }",
        ]
      : []),
    ...Object.entries(folders).map(([name, path]) => define(name, `__DIR__ . ${text(`/${path}`)}`)),
    ...(network === undefined
      ? []
      : [
          '',
          define('MULTISITE', 'true'),
          define('SUBDOMAIN_INSTALL', String(network.subdomains)),
          define('DOMAIN_CURRENT_SITE', text(network.domain)),
          define('PATH_CURRENT_SITE', text(network.path)),
          define('SITE_ID_CURRENT_SITE', '1'),
          define('BLOG_ID_CURRENT_SITE', '1'),
        ]),
    '',
    `$table_prefix = ${text(prefix)};`,
    `if ( ! defined( 'ABSPATH' ) ) { define( 'ABSPATH', __DIR__ . ${text(core === '' ? '/' : `/${core}/`)} ); }`,
    "require_once ABSPATH . 'wp-settings.php';",
    '',
  ];
  return lines.join('\n');
}

/**
 * Apache's rules for permalinks: those that WordPress writes itself
 * (developer.wordpress.org/advanced-administration/server/web-server/httpd/).
 * @param base path of the site's address, with a slash at its end
 */
export function htaccessText(base: string, network: NewConfig['network']): string {
  const rules =
    network === undefined
      ? [
          'RewriteRule ^index\\.php$ - [L]',
          'RewriteCond %{REQUEST_FILENAME} !-f',
          'RewriteCond %{REQUEST_FILENAME} !-d',
          `RewriteRule . ${base}index.php [L]`,
        ]
      : networkRules(network.subdomains);
  return [
    '# BEGIN WordPress',
    '<IfModule mod_rewrite.c>',
    'RewriteEngine On',
    'RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]',
    `RewriteBase ${base}`,
    ...rules,
    '</IfModule>',
    '# END WordPress',
    '',
  ].join('\n');
}

const networkRules = (subdomains: boolean): string[] => {
  const site = subdomains ? '' : '([_0-9a-zA-Z-]+/)?';
  const [inside, rest] = subdomains ? ['$1', '^'] : ['$2', '^([_0-9a-zA-Z-]+/)?'];
  return [
    'RewriteRule ^index\\.php$ - [L]',
    ...(subdomains ? [] : [`RewriteRule ^${site}wp-admin$ $1wp-admin/ [R=301,L]`]),
    'RewriteCond %{REQUEST_FILENAME} -f [OR]',
    'RewriteCond %{REQUEST_FILENAME} -d',
    'RewriteRule ^ - [L]',
    `RewriteRule ${rest}(wp-(content|admin|includes).*) ${inside} [L]`,
    `RewriteRule ${rest}(.*\\.php)$ ${inside} [L]`,
    'RewriteRule . index.php [L]',
  ];
};

/** What the server block of staging needs in nginx. @param base path of the site's address, with a slash at its end */
export const nginxLines = (base: string): readonly string[] => [
  `location ${base} { try_files $uri $uri/ ${base}index.php?$args; }`,
];
