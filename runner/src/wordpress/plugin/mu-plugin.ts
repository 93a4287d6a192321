import { PLUGIN_TEXT } from './mu-plugin-text.js';

/** What the must-use plugin on staging is told. Everything in it is data: it stands in the PHP file as a quoted JSON text. */
export interface MuPluginOptions {
  readonly run: string;
  readonly cron: 'off' | 'keep';
  readonly blockHttp: BlockedHttp;
  /** Host names; `*.example.com` for all below. */
  readonly allowHttp: readonly string[];
  /** Staging's own hosts: of each of its sites, and of the machine unless production runs there too. */
  readonly ownHosts: readonly string[];
  /** Missing files below the folders are answered by production; undefined: by staging's web server. */
  readonly readThrough?: ReadThrough;
}

export interface ReadThrough {
  /** Relative to the document root, no slash at either end. */
  readonly folders: readonly string[];
  /** Staging's `host[/folder]` and production's URL for it; the longest that fits counts. */
  readonly addresses: readonly { readonly staging: string; readonly production: string }[];
}

/**
 * Outgoing HTTP to hosts other than staging itself, api.wordpress.org and `allowHttp`. `writes`: reads (GET, HEAD) pass;
 * `all`: nothing passes but reads from wordpress.org, where updates come from.
 */
export type BlockedHttp = 'none' | 'writes' | 'all';

/** What `staging.blockHttp` means for a site. A shop's reads act too: gateways confirm payments by GET. */
export const blockedHttp = (setting: 'auto' | boolean, isShop: boolean): BlockedHttp => {
  if (setting === 'auto') return isShop ? 'all' : 'writes';
  return setting ? 'all' : 'none';
};

/** In the folder of the must-use plugins. Never sent by a sync and never deleted by one. */
export const MU_PLUGIN_NAME = 'understudy.php';
/** Option in the main site's table: `{run, token, expires}`; the token as SHA-256. */
export const STATE_OPTION = 'understudy_state';

/** A PHP literal in single quotes: only the quote and the backslash mean anything in it. */
const phpString = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

/** The file's text. The same for the same options; values cannot leave their quotes. */
export function muPluginText(options: MuPluginOptions): string {
  return PLUGIN_TEXT.replace('%OPTIONS%', () => phpString(JSON.stringify(options)));
}
