import { type ServerAddress } from '../../config/site.js';
import { type Secret } from '../../errors/index.js';

/** What wp-config.php says. A value that could not be read is left out and named in `unknown`. */
export interface WordPressSettings {
  /** The file that was read, as seen where PHP runs (in the container, where there is one). */
  readonly configFile: string;
  /** `text`: read as text. `php`: run by PHP, because the text was not enough. */
  readonly source: 'php' | 'text';
  /** The side's `path` without links, as PHP sees it. */
  readonly realRoot?: string;
  /** The folder in `path` that the web server serves; undefined: `path` itself. */
  readonly web?: string;
  /** wp-config.php and every file that it includes, absolute, as PHP sees them. */
  readonly included: readonly string[];
  /** Why PHP was needed, one sentence each. */
  readonly ranPhp?: readonly string[];
  readonly database: {
    readonly name?: string;
    readonly user?: string;
    readonly password?: Secret;
    readonly server?: ServerAddress;
    /** `DB_CHARSET` as written; '' where it is not defined. */
    readonly charset: string;
    readonly collate: string;
  };
  /** `$table_prefix` */
  readonly prefix?: string;
  readonly multisite: boolean;
  /** `SUBDOMAIN_INSTALL` */
  readonly subdomains: boolean;
  /** `DOMAIN_CURRENT_SITE` */
  readonly networkDomain?: string;
  /** `WP_ENVIRONMENT_TYPE`, else `WP_ENV`. */
  readonly environmentType?: string;
  readonly cacheKeySalt?: string;
  /** Keys and salts of WordPress' logins (`AUTH_KEY`, `NONCE_SALT` …), those that are defined. */
  readonly salts: readonly Secret[];
  /** `WP_HOME` and `WP_SITEURL`: they win over the options in the database. */
  readonly home?: string;
  readonly siteUrl?: string;
  readonly contentDir?: string;
  /** `WP_PLUGIN_DIR` */
  readonly pluginDir?: string;
  /** `WPMU_PLUGIN_DIR` */
  readonly mustUseFolder?: string;
  /** `UPLOADS`: relative to ABSPATH. */
  readonly uploads?: string;
  /** Folder of WordPress itself, with a trailing slash. */
  readonly wordpressFolder?: string;
  /** What could not be known, one sentence each. */
  readonly unknown: readonly string[];
}

/** Constants as found: text, or true and false. */
export type Constants = ReadonlyMap<string, string | boolean>;
