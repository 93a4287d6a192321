import { compact } from '../../config/mapping.js';
import { Secret } from '../../errors/index.js';
import { parseDatabaseHost } from './database-host.js';
import { type Constants, type WordPressSettings } from './wordpress-settings.js';

const SALTS = ['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'].flatMap((name) => [
  `${name}_KEY`,
  `${name}_SALT`,
]);

/** WordPress makes 64 characters; what is much shorter is a word that other texts hold too. */
const SHORTEST_SALT = 16;

export interface FoundConfig extends Pick<
  WordPressSettings,
  'configFile' | 'source' | 'ranPhp' | 'prefix' | 'unknown' | 'realRoot' | 'web' | 'included'
> {
  readonly constants: Constants;
  readonly sockets: readonly string[];
  /** The address that the name in DB_HOST has where PHP runs. */
  readonly address?: string;
}

/** The settings that constants of wp-config.php mean. */
export function settingsFromConstants(found: FoundConfig): WordPressSettings {
  const text = (name: string): string | undefined => {
    const value = found.constants.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const filled = (name: string): string | undefined => text(name) || undefined;
  const flag = (name: string): boolean => {
    const value = found.constants.get(name);
    return value === true || (typeof value === 'string' && !['', '0', 'false'].includes(value));
  };
  const host = text('DB_HOST');
  const password = text('DB_PASSWORD');
  return compact<WordPressSettings>({
    configFile: found.configFile,
    source: found.source,
    realRoot: found.realRoot,
    web: found.web || undefined,
    included: found.included,
    ranPhp: found.ranPhp,
    database: compact<WordPressSettings['database']>({
      name: filled('DB_NAME'),
      user: filled('DB_USER'),
      password: password === undefined ? undefined : new Secret(password),
      server: host === undefined ? undefined : serverOf(host, found),
      charset: text('DB_CHARSET') ?? '',
      collate: text('DB_COLLATE') ?? '',
    }),
    prefix: found.prefix,
    multisite: flag('MULTISITE'),
    subdomains: flag('SUBDOMAIN_INSTALL'),
    networkDomain: filled('DOMAIN_CURRENT_SITE'),
    environmentType: filled('WP_ENVIRONMENT_TYPE') ?? filled('WP_ENV'),
    cacheKeySalt: filled('WP_CACHE_KEY_SALT'),
    salts: SALTS.flatMap((name) => filled(name) ?? [])
      .filter((salt) => salt.length >= SHORTEST_SALT)
      .map((salt) => new Secret(salt)),
    home: filled('WP_HOME'),
    siteUrl: filled('WP_SITEURL'),
    contentDir: filled('WP_CONTENT_DIR'),
    pluginDir: filled('WP_PLUGIN_DIR'),
    mustUseFolder: filled('WPMU_PLUGIN_DIR'),
    uploads: filled('UPLOADS'),
    wordpressFolder: filled('ABSPATH'),
    unknown: found.unknown,
  });
}

/** A name that only the container knows (`db`) becomes the address that the machine around it can reach. */
function serverOf(host: string, found: FoundConfig): WordPressSettings['database']['server'] {
  const server = parseDatabaseHost(host, found.sockets);
  return server.kind === 'tcp' && found.address !== undefined && !/^[0-9.]+$|:/.test(server.host)
    ? { ...server, host: found.address }
    : server;
}
