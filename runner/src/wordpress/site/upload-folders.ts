import { posix } from 'node:path';
import { inChunks } from '../../basics/chunks.js';
import { quoteTable } from '../../commands/quote.js';
import { type SideSettings } from '../../config/site.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { isRefusal } from '../../database/connection/sql-error.js';
import { pathInRoot, withoutSlashes } from './document-root.js';
import { below, holdsCode, type SiteLayout } from './site-layout.js';

/** What the database of a site says of its uploads; empty: as WordPress does it. A network has one of each of its sites. */
export interface UploadOptions {
  /** `upload_path`: absolute, or relative to ABSPATH. */
  readonly path: string;
  /** `upload_url_path` */
  readonly url: string;
}

/** WordPress takes these for "not set" (`_wp_upload_dir()` of WordPress 6). */
const NOT_SET = ['', '0', 'wp-content/uploads'];

const ONE_QUERY = 200;

/** @returns nothing where the tables cannot be read: another check says so */
export async function readUploadOptions(
  connection: SqlConnection,
  { name, prefix }: { readonly name: string; readonly prefix: string },
): Promise<UploadOptions[]> {
  try {
    const tables = await optionTables(connection, name, prefix);
    const found = await inOneGo(inChunks(tables, ONE_QUERY).map((some) => optionsIn(connection, name, some)));
    return found.flat();
  } catch (cause) {
    if (!isRefusal(cause)) throw cause;
    return [];
  }
}

async function optionTables(connection: SqlConnection, name: string, prefix: string): Promise<string[]> {
  const rows = await connection.query(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ?',
    [name],
  );
  return rows
    .map((row) => String(row['name']))
    .filter(
      (table) =>
        table.toLowerCase().startsWith(prefix.toLowerCase()) &&
        /^(?:\d+_)?options$/.test(table.slice(prefix.length)),
    );
}

async function optionsIn(
  connection: SqlConnection,
  name: string,
  tables: readonly string[],
): Promise<UploadOptions[]> {
  const rows = await connection.query(
    tables
      .map(
        (table, index) =>
          `SELECT ${String(index)} AS site, option_name AS name, option_value AS value
           FROM ${quoteTable(name, table)}
           WHERE option_name IN ('upload_path', 'upload_url_path')`,
      )
      .join(' UNION ALL '),
  );
  return tables.map((_, index) => {
    const value = (option: string): string =>
      String(
        rows.find((row) => Number(row['site']) === index && row['name'] === option)?.['value'] ?? '',
      ).trim();
    return { path: value('upload_path'), url: value('upload_url_path') };
  });
}

/**
 * Where `upload_path` puts uploads.
 * @returns undefined where it is not set; `outside` where it lies outside of the side's `path`
 */
export function uploadFolder(
  path: string,
  side: Pick<SideSettings, 'path' | 'containerPath'>,
  realRoot: string | undefined,
  { core }: Pick<SiteLayout, 'core'>,
): { readonly folder: string } | 'outside' | undefined {
  if (NOT_SET.includes(path.trim())) return undefined;
  const folder = path.startsWith('/')
    ? pathInRoot(posix.normalize(path), side, realRoot)
    : posix.normalize(below(core, path)).replace(/\/$/, '');
  // A name with a line break would be two rules.
  const odd = folder !== undefined && /\p{Cc}/u.test(folder);
  return folder === undefined || odd || /^\.\.(?:\/|$)/.test(folder) ? 'outside' : { folder };
}

/** The layout with the folders in which options of the database put uploads, and at which pages name them. */
export function withUploadOptions(
  layout: SiteLayout,
  options: readonly UploadOptions[],
  side: Pick<SideSettings, 'path' | 'containerPath' | 'url'>,
  realRoot: string | undefined,
): SiteLayout {
  const folders = options.flatMap(({ path, url }) => {
    const place = uploadFolder(path, side, realRoot, layout);
    const served = servedAt(url, side.url);
    return [
      ...(typeof place === 'object' ? [place.folder] : []),
      ...(served === '' ? [] : [below(layout.web, served)]),
    ];
  });
  const media = [...new Set(folders)].filter((folder) => !holdsCode(layout, folder));
  return media.length === 0 ? layout : { ...layout, media };
}

/** The path of an address below the site's own; '' where it is not: a CDN serves what lies elsewhere. */
function servedAt(address: string, site: string): string {
  if (address === '' || !URL.canParse(address, site)) return '';
  const [url, own] = [new URL(address, site), new URL(site)];
  if (url.hostname !== own.hostname) return '';
  const [path, base] = [withoutSlashes(url.pathname), withoutSlashes(own.pathname)];
  return base !== '' && path.startsWith(`${base}/`) ? path.slice(base.length + 1) : path;
}
