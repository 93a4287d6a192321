import { quoteIdentifier } from '../../commands/quote.js';
import { type CheckSettings } from '../../config/sections.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { type HttpClient } from '../../http/site-client.js';
import { coreAddress, USUAL_LAYOUT, type SiteLayout } from '../../wordpress/site/site-layout.js';
import { addressOf } from './check-page.js';
import { type PlannedPage } from './check-result.js';

/** Types that have no page of their own, or whose pages are internal. */
const NO_PAGES =
  /^(?:attachment|revision|nav_menu_item|custom_css|customize_changeset|oembed_cache|user_request|wp_.*|shop_order.*|shop_coupon|scheduled-action|acf-.*|elementor_library)$/;

export interface DiscoverOptions {
  readonly settings: CheckSettings;
  readonly isWordPress: boolean;
  /** The site's database, to find one page of each type; without it these are left out. */
  readonly database?: { readonly connection: SqlConnection; readonly prefix: string };
  readonly client: HttpClient;
  readonly url: string;
  /** Where WordPress' own pages lie; default: below the site's address. */
  readonly layout?: SiteLayout;
}

/** The pages to look at: the declared ones, then what every site of the kind has, at most `checks.maxPages`. */
export async function discoverPages(options: DiscoverOptions): Promise<PlannedPage[]> {
  const { settings } = options;
  const declared = [
    ...settings.paths,
    ...settings.text.map(({ path }) => path),
    ...settings.forms.map(({ path }) => path),
  ].map((path): PlannedPage => ({ path, why: 'declared', kind: kindOf(path) }));
  const found: PlannedPage[] = [];
  if (settings.discover) {
    found.push({ path: '/', why: 'home', kind: 'html' });
    if (options.isWordPress) {
      if (options.database !== undefined) found.push(...(await pagesInDatabase(options.database)));
      found.push(
        { path: coreAddress(options.layout ?? USUAL_LAYOUT, 'wp-login.php'), why: 'login', kind: 'html' },
        { path: '/feed/', why: 'feed', kind: 'feed' },
        { path: '/wp-json/', why: 'REST', kind: 'rest' },
      );
    }
    found.push(...(await sitemapOf(options)));
  }
  const distinct = new Map<string, PlannedPage>();
  for (const page of [...declared, ...found]) if (!distinct.has(page.path)) distinct.set(page.path, page);
  return [...distinct.values()].slice(0, settings.maxPages);
}

const kindOf = (path: string): PlannedPage['kind'] =>
  /^\/wp-json\b/.test(path)
    ? 'rest'
    : /\/feed\/?$/.test(path)
      ? 'feed'
      : /sitemap[^/]*\.xml$/.test(path)
        ? 'sitemap'
        : 'html';

/**
 * The newest published post of each type, and the pages of a shop. By number: `/?p=7` redirects to the page's own
 * address. Sitemaps and REST are no source for this: staging's search engines are off, and so are WordPress' sitemaps.
 */
async function pagesInDatabase(database: NonNullable<DiscoverOptions['database']>): Promise<PlannedPage[]> {
  const { connection, prefix } = database;
  const table = (name: string): string => quoteIdentifier(`${prefix}${name}`);
  const posts = await connection.query(
    `SELECT post_type AS type, MAX(ID) AS id FROM ${table('posts')}
     WHERE post_status = 'publish' AND post_password = '' GROUP BY post_type ORDER BY post_type`,
  );
  const shop = await connection.query(
    `SELECT option_name AS name, option_value AS id FROM ${table('options')}
     WHERE option_name IN ('woocommerce_shop_page_id', 'woocommerce_cart_page_id', 'woocommerce_checkout_page_id',
       'woocommerce_myaccount_page_id') AND option_value REGEXP '^[1-9][0-9]*$' ORDER BY option_name`,
  );
  return [
    ...posts
      .filter(({ type }) => !NO_PAGES.test(String(type)))
      .map(({ type, id }): PlannedPage => {
        const query = type === 'page' ? `page_id=${String(id)}` : `p=${String(id)}`;
        const typed =
          type === 'page' || type === 'post' ? '' : `&post_type=${encodeURIComponent(String(type))}`;
        return { path: `/?${query}${typed}`, why: `post type ${String(type)}`, kind: 'html' };
      }),
    ...shop.map(({ name, id }): PlannedPage => ({
      path: `/?page_id=${String(id)}`,
      why: `shop: ${String(name).split('_')[1] ?? 'page'}`,
      kind: 'html',
    })),
  ];
}

/** The first sitemap that exists. */
async function sitemapOf({ client, url }: DiscoverOptions): Promise<PlannedPage[]> {
  for (const path of ['/wp-sitemap.xml', '/sitemap_index.xml', '/sitemap.xml']) {
    const answer = await client(addressOf(url, path), { method: 'HEAD' }).catch(() => undefined);
    if (answer?.verdict === 'ok') return [{ path, why: 'sitemap', kind: 'sitemap' }];
  }
  return [];
}
