import { shellScript } from '../commands/command.js';
import { mediaFolders } from '../content/filters.js';
import { leakClassifier } from '../database/leaks/classify.js';
import { type Finding } from '../errors/index.js';
import { createHttpClient, type HttpClient } from '../wordpress/http-client.js';
import { leakTarget } from './leak-proof.js';
import { type StageContext } from './stage.js';

type Context = Pick<StageContext, 'site' | 'hosts'>;

/** Pictures and films that are looked at: a page names the same folder again and again. */
const LOOKED_AT = 12;
const NAMED =
  /(?:src|href|srcset|poster|data-src)=["']?([^"'\s>,]+\.(?:jpe?g|png|gif|webp|avif|svg|mp4|webm|pdf))(?=["'\s>,?])/gi;

const EXIST = 'cd "$1" || exit 0; shift; for file; do [ -e "$file" ] || printf "%s\\n" "$file"; done';

/** What people will see on staging's pages, in one sentence for the plan. */
export function mediaSentence({ site }: Context): string {
  const folders = mediaFolders(site).join(', ') || 'none';
  const { mediaMode } = site.content;
  if (mediaMode === 'sync')
    return `Media (${folders}) are copied like all files: staging's pages show its own.`;
  return mediaMode === 'read-through'
    ? `Media (${folders}) stay away: staging answers a missing file with a redirect to production's, and its pages show those.`
    : `Media (${folders}) stay away: staging's pages show what a CDN serves, or what staging has itself.`;
}

/** Whether the uploads that production's home page names can be had on staging's pages. Reads only. */
export async function mediaFindings(context: Context): Promise<Finding[]> {
  const { site } = context;
  const folders = mediaFolders(site);
  if (folders.length === 0 || site.content.mediaMode === 'sync') return [];
  const named = await namedUploads(context, folders).catch((cause: unknown) => reasonOf(cause));
  if (typeof named === 'string')
    return [
      {
        severity: 'info',
        code: 'MEDIA_MISSING',
        message: `Whether staging's pages will have their pictures could not be told: production's home page could not be read (${named}).`,
        next: 'Give production.http what a visitor needs, or look at staging after the sync.',
      },
    ];
  const missing =
    site.content.mediaMode === 'read-through'
      ? await unanswered(context, named.local)
      : await notOnStaging(context, named.local);
  return [
    ...(missing.length === 0 ? [] : [missingFinding(context, missing, named.local.length)]),
    ...(await elsewhereFindings(context, named.elsewhere)),
  ];
}

interface NamedUploads {
  /** Below a media folder at production's own address: `wp-content/uploads/2026/a.png`. */
  readonly local: readonly string[];
  /** URLs at other hosts. */
  readonly elsewhere: readonly string[];
}

async function namedUploads({ site }: Context, folders: readonly string[]): Promise<NamedUploads | string> {
  const client = await createHttpClient(site.production.url, site.production.http);
  const answer = await client(`${site.production.url}/`);
  if (answer.verdict !== 'ok') return `it answers with ${String(answer.status)}`;
  const isProduction = leakClassifier(leakTarget(site));
  const [local, elsewhere] = [new Set<string>(), new Set<string>()];
  for (const [, found = ''] of answer.body.toString().matchAll(NAMED)) {
    const url = new URL(found.replaceAll('&amp;', '&'), answer.url);
    const path = decodeURIComponent(url.pathname).replace(/^\/+/, '');
    const folder = folders.find((one) => path.includes(`${one}/`));
    if (!isProduction(Buffer.from(url.href)).some(({ harmless }) => harmless === undefined))
      elsewhere.add(url.href);
    else if (folder !== undefined) local.add(path.slice(path.indexOf(`${folder}/`)));
  }
  return { local: [...local].slice(0, LOOKED_AT), elsewhere: [...elsewhere].slice(0, LOOKED_AT) };
}

async function notOnStaging({ site, hosts }: Context, files: readonly string[]): Promise<string[]> {
  if (files.length === 0) return [];
  const script = shellScript('read', EXIST, [site.staging.path, ...files]);
  const { stdout } = await (await hosts.staging()).run(script, { describe: 'look for uploads on staging' });
  const lines = stdout.toString().split('\n');
  return files.filter((file) => lines.includes(file));
}

/** Asked as a visitor's browser does, which has no log-in of ours. */
async function unanswered({ site }: Context, files: readonly string[]): Promise<string[]> {
  const client = await createHttpClient(site.production.url, { ...site.production.http, headers: {} });
  return failing(
    await withoutLogin(site.production.http.basicAuth === undefined, client),
    files.map((file) => [file, `${new URL(site.production.url).origin}/${encodeURI(file)}`]),
  );
}

/** A log-in in front of production answers nobody else: then nothing can be read through. */
const withoutLogin = (isOpen: boolean, client: HttpClient): Promise<HttpClient> =>
  Promise.resolve(isOpen ? client : () => Promise.reject(new Error('production asks for a log-in')));

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
    message: `${String(missing.length)} of ${String(all)} uploads that production's home page names ${readsThrough ? 'are not answered by production' : 'are not on staging'}, so staging's pages show broken pictures: ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ' …' : ''}.`,
    next: readsThrough
      ? 'Let production answer visitors of staging (log-in, hotlink protection), or copy them: content: { media: { mode: sync } }.'
      : 'Have them answered by production: content: { media: { mode: read-through } }; or copy them: content: { media: { mode: sync } }.',
  };
}

/** Staging's pages name the same addresses; whoever does not answer production's visitors does not answer staging's. */
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
      message: `${String(missing.length)} of ${String(urls.length)} pictures of production's home page on other hosts did not answer, such as ${missing[0] ?? ''}.`,
      next: 'Staging names the same addresses: look whether the CDN answers.',
    },
  ];
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
