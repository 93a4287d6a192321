import { domainToASCII } from 'node:url';
import { type Site } from '../../config/site.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { type SanitizeNote, WordPressSchema } from '../sanitize/wordpress-schema.js';

/** One site of a network: where it is on production, and where it belongs on staging. `host[:port]` and `/path/`. */
export interface NetworkAddress {
  readonly domain: string;
  readonly path: string;
}

/** `host[:port]` in lower case and punycode: networks store what was typed. */
export function asciiHost(host: string): string {
  const [, name = host, port = ''] = /^(.*?)(:\d+)?$/.exec(host) ?? [];
  return `${domainToASCII(name) || name.toLowerCase()}${port}`;
}

const place = (address: string): NetworkAddress => {
  const url = new URL(/^https?:\/\//i.test(address) ? address : `https://${address}`);
  return { domain: url.host, path: url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/` };
};

/**
 * Where a site of the network goes: the most exact entry of `rewrite.network`, else the main pair. Subsites in folders
 * follow their main site; a subdomain of production becomes the same one of staging only where the map says so.
 */
export function networkTarget(site: Site, from: NetworkAddress): NetworkAddress | undefined {
  const pairs = [
    ...Object.entries(site.rewrite.network).map(
      ([production, staging]) => [place(production), place(staging)] as const,
    ),
    [place(site.production.url), place(site.staging.url)] as const,
  ];
  const bare = (domain: string) => asciiHost(domain).replace(/^www\./, '');
  const fitting = pairs
    .filter(([production]) => from.path.startsWith(production.path))
    .filter(([production]) => bare(production.domain) === bare(from.domain))
    .sort(
      ([a], [b]) =>
        b.path.length - a.path.length ||
        Number(b.domain === asciiHost(from.domain)) - Number(a.domain === asciiHost(from.domain)),
    );
  const [best] = fitting;
  if (best === undefined) return undefined;
  return { domain: best[1].domain, path: `${best[1].path}${from.path.slice(best[0].path.length)}` };
}

/** Whether it is staging's already: below one of its addresses, and below no address of production that says more. */
export function isMoved(site: Site, from: NetworkAddress): boolean {
  const depth = (urls: readonly string[]): number =>
    Math.max(
      -1,
      ...urls
        .map(place)
        .filter(({ domain, path }) => domain === asciiHost(from.domain) && from.path.startsWith(path))
        .map(({ path }) => path.length),
    );
  const { network } = site.rewrite;
  return (
    depth([site.staging.url, ...Object.values(network)]) >
    depth([site.production.url, ...Object.keys(network)])
  );
}

/** Sites of a network for which the site file has no staging address. @param sites rows of its `blogs` table */
export const unmappedSites = (site: Site, sites: readonly NetworkAddress[]): NetworkAddress[] =>
  sites.filter((from) => networkTarget(site, from) === undefined);

/**
 * Sets domain and path of every site and network. What is staging's already stays.
 * @returns notes, and the domains for which the site file has no staging address
 */
export async function rewriteNetwork(
  connection: SqlConnection,
  site: Site,
  settings: { readonly schema: string; readonly prefix: string },
): Promise<{ readonly notes: readonly SanitizeNote[]; readonly unmapped: readonly string[] }> {
  const schema = await WordPressSchema.open(connection, settings.schema, settings.prefix);
  const unmapped: string[] = [];
  const moves: [sql: string, parameters: string[]][] = [];
  for (const [base, id] of [
    ['blogs', 'blog_id'],
    ['site', 'id'],
  ] as const) {
    const table = schema.main(base);
    if (table === undefined || !['domain', 'path', id].every((name) => table.columns.has(name))) continue;
    for (const row of await schema.query(
      `SELECT ${id} AS id, domain AS domain, path AS path FROM ${table.sql}`,
    )) {
      const from = { domain: String(row['domain']), path: String(row['path']) };
      if (isMoved(site, from)) continue;
      const to = networkTarget(site, from);
      if (to === undefined) unmapped.push(`${from.domain}${from.path}`);
      else
        moves.push([
          `UPDATE ${table.sql} SET domain = ?, path = ? WHERE ${id} = ?`,
          [to.domain, to.path, String(row['id'])],
        ]);
    }
  }
  const moved = await inOneGo(moves.map((move) => connection.execute(...move)));
  const rows = moved.reduce((sum, { affectedRows }) => sum + affectedRows, 0);
  return {
    notes: rows === 0 ? [] : [{ what: 'sites of the network moved', rows }],
    unmapped: [...new Set(unmapped)],
  };
}
