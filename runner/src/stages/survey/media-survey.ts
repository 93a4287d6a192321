import { shellScript } from '../../commands/command.js';
import { mediaFolders, servedMedia } from '../../content/rsync/filters.js';
import { leakClassifier } from '../../database/leaks/classify.js';
import { quoteTable } from '../../commands/quote.js';
import { type Finding } from '../../errors/index.js';
import { type ReadingHost } from '../../hosts/host.js';
import { createHttpClient, type HttpClient } from '../../http/site-client.js';
import { askProduction } from './database-surveys.js';
import { type SiteLayout } from '../../wordpress/site/site-layout.js';
import { leakTarget } from '../proof/leak-check.js';
import { uploadFolder } from '../../wordpress/site/upload-folders.js';
import { layoutsOf, productionUploads, readConfigs } from './site-layouts.js';
import { type StageContext } from '../stage.js';

type Context = StageContext;

/** Pictures and films that are looked at: a page names the same folder again and again. */
const LOOKED_AT = 200;
const PAGES = 50;
/** Published pages among which these are looked for: no sync reads all of production's texts. */
const NEWEST_PAGES = 1000;
/** Characters of a page that are read, from shortly before the first upload on: there are pages of megabytes. */
const PAGE_CHARACTERS = 4000;
/** This many of these are asked for over HTTP. */
const ASKED_FOR = 12;
const NAMED =
  /(?:src|href|srcset|poster|data-src)=["']?([^"'\s>,]+\.(?:jpe?g|png|gif|webp|avif|svg|mp4|webm|pdf))(?=["'\s>,?])/gi;

/** Beyond the end of every text. */
const NOWHERE = 2 ** 32;

const EXIST = 'cd "$1" || exit 0; shift; for file; do [ -e "$file" ] || printf "%s\\n" "$file"; done';

/** What people will see on staging's pages, in one sentence for the plan. */
export function mediaSentence({ site }: Pick<Context, 'site'>, layouts: readonly SiteLayout[]): string {
  const folders = mediaFolders({ ...site, layouts }).join(', ') || 'none';
  const { mediaMode } = site.content;
  if (mediaMode === 'sync')
    return `Media (${folders}) are copied like all files: staging's pages show its own.`;
  return mediaMode === 'read-through'
    ? `Media (${folders}) are not copied: staging answers a missing file with a redirect to production's, and its pages show those.`
    : `Media (${folders}) are not copied: staging's pages show what a CDN serves, or what staging has itself.`;
}

/** Whether staging has the uploads of production's newest pages. From the database: a visit makes WordPress write. */
export async function mediaFindings(context: Context): Promise<Finding[]> {
  const { site, hosts } = context;
  const layouts = await layoutsOf(context);
  const folders = servedMedia({ ...site, layouts });
  const outside = await outsideFindings(context, layouts);
  if (site.type !== 'wordpress' || folders.length === 0 || site.content.mediaMode === 'sync') return outside;
  const { local, elsewhere } = await namedUploads(context, folders);
  const [production, staging] = await Promise.all([hosts.productionApplication(), hosts.staging()]);
  const readsThrough = site.content.mediaMode === 'read-through';
  const [lost, absent, others] = await Promise.all([
    notThere(production, webFolder(site.production.path, layouts[0]), local),
    readsThrough ? [] : notThere(staging, webFolder(site.staging.path, layouts[1]), local),
    elsewhereFindings(context, elsewhere),
  ]);
  const there = local.filter((file) => !lost.includes(file));
  const asked = readsThrough ? Math.min(there.length, ASKED_FOR) : there.length;
  const missing = readsThrough
    ? await unanswered(context, there)
    : absent.filter((file) => there.includes(file));
  return [...outside, ...(missing.length === 0 ? [] : [missingFinding(context, missing, asked)]), ...others];
}

/** Uploads that `upload_path` puts out of the site's folder: no rule of a sync reaches them. */
async function outsideFindings(context: Context, [layout]: readonly SiteLayout[]): Promise<Finding[]> {
  if (layout === undefined) return [];
  const { production, staging } = context.site;
  const [[{ realRoot }], options] = await Promise.all([readConfigs(context), productionUploads(context)]);
  const outside = options
    .map(({ path }) => path)
    .filter((path) => uploadFolder(path, production, realRoot, layout) === 'outside');
  if (outside.length === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'MEDIA_MISSING',
      message: `WordPress of production keeps uploads outside of ${production.path} (upload_path is ${[...new Set(outside)].slice(0, 3).join(', ')}): they are not copied. Staging's own uploads go to the usual folder in ${staging.path}.`,
      next: 'If staging has to show them, let its web server answer them from production, as docs/media.md says.',
    },
  ];
}

const webFolder = (path: string, layout: SiteLayout | undefined): string =>
  layout === undefined || layout.web === '' ? path : `${path}/${layout.web}`;

interface NamedUploads {
  /** Below a media folder at production's own address: `wp-content/uploads/2026/a.png`. */
  readonly local: readonly string[];
  /** URLs at other hosts. */
  readonly elsewhere: readonly string[];
}

async function namedUploads(context: Context, folders: readonly string[]): Promise<NamedUploads> {
  const { site } = context;
  const { name, prefix } = await context.database.production();
  const posts = quoteTable(name, `${prefix}posts`);
  const first = `LEAST(${folders.map(() => `COALESCE(NULLIF(LOCATE(?, post_content), 0), ${String(NOWHERE)})`).join(', ')}, ${String(NOWHERE)})`;
  const named = folders.map((folder) => `${folder}/`);
  const rows = await askProduction(context, (connection) =>
    connection.query(
      `SELECT SUBSTRING(post_content, GREATEST(${first} - 200, 1), ${String(PAGE_CHARACTERS)}) AS content FROM ${posts}
       WHERE post_status = 'publish' AND ${first} < ${String(NOWHERE)} AND ID >= (
         SELECT COALESCE(MIN(ID), 0) FROM (
           SELECT ID FROM ${posts} WHERE post_status = 'publish' ORDER BY ID DESC LIMIT ${String(NEWEST_PAGES)}) AS newest)
       ORDER BY ID DESC LIMIT ${String(PAGES)}`,
      [...named, ...named],
    ),
  );
  const classify = leakClassifier(leakTarget(site));
  const [local, elsewhere] = [new Set<string>(), new Set<string>()];
  for (const row of rows)
    for (const [, found = ''] of String(row['content']).matchAll(NAMED)) {
      const url = urlOf(found.replaceAll('&amp;', '&'), site.production.url);
      if (url === undefined) continue;
      const path = url.pathname.replace(/^\/+/, '');
      const folder = folders.find((one) => path.includes(`${one}/`));
      if (classify(Buffer.from(url.href)).length === 0) elsewhere.add(url.href);
      else if (folder !== undefined) local.add(path.slice(path.indexOf(`${folder}/`)));
    }
  return { local: [...local].slice(0, LOOKED_AT), elsewhere: [...elsewhere].slice(0, ASKED_FOR) };
}

function urlOf(text: string, base: string): URL | undefined {
  try {
    const url = new URL(text, base);
    decodeURIComponent(url.pathname);
    return url;
  } catch {
    return undefined;
  }
}

async function notThere(host: ReadingHost, folder: string, files: readonly string[]): Promise<string[]> {
  if (files.length === 0) return [];
  const names = files.map((file) => decodeURIComponent(file));
  const script = shellScript('read', EXIST, [folder, ...names]);
  const { stdout } = await host.run(script, { label: 'look for uploads' });
  const lines = stdout.toString().split('\n');
  return files.filter((_, index) => lines.includes(names[index] ?? ''));
}

/** Asked as a visitor's browser does, which has no log-in of Understudy. */
async function unanswered({ site }: Context, files: readonly string[]): Promise<string[]> {
  const { basicAuth, ...open } = site.production.http;
  if (basicAuth !== undefined) return files.slice(0, ASKED_FOR);
  const client = await createHttpClient(site.production.url, { ...open, headers: {} });
  const { origin } = new URL(site.production.url);
  return failing(
    client,
    files.slice(0, ASKED_FOR).map((file) => [file, `${origin}/${file}`]),
  );
}

async function failing(
  client: HttpClient,
  files: readonly (readonly [name: string, url: string])[],
): Promise<string[]> {
  const answers = await Promise.all(
    files.map(async ([name, url]) => {
      const verdict = await client(url, { method: 'HEAD' }).then(
        (answer) => answer.verdict,
        () => 'broken',
      );
      return verdict === 'ok' || verdict === 'redirect' ? [] : [name];
    }),
  );
  return answers.flat();
}

function missingFinding({ site }: Context, missing: readonly string[], all: number): Finding {
  const readsThrough = site.content.mediaMode === 'read-through';
  return {
    severity: 'warning',
    code: 'MEDIA_MISSING',
    message: `${String(missing.length)} of ${String(all)} uploads that production's newest pages name ${readsThrough ? 'are not answered by production' : 'are not on staging'}, so staging's pages show broken pictures: ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ' …' : ''}.`,
    next: readsThrough
      ? 'Let production answer visitors of staging (log-in, hotlink protection), or copy them: content: { media: { mode: sync } }.'
      : 'Have them answered by production: content: { media: { mode: read-through } }; or copy them: content: { media: { mode: sync } }.',
  };
}

/** Staging's pages name the same addresses; anyone who does not answer production's visitors does not answer staging's. */
async function elsewhereFindings({ site }: Context, urls: readonly string[]): Promise<Finding[]> {
  const client = await createHttpClient(site.production.url, { headers: {} });
  const missing = await failing(
    client,
    urls.map((url) => [url, url]),
  );
  if (missing.length === 0) return [];
  return [
    {
      severity: 'info',
      code: 'MEDIA_MISSING',
      message: `${String(missing.length)} of ${String(urls.length)} pictures of production's newest pages on other hosts did not answer, such as ${missing[0] ?? ''}.`,
      next: 'Staging names the same addresses: look whether the CDN answers.',
    },
  ];
}
