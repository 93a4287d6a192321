import { type Occurrence } from '../database/leaks/classify.js';
import { type OnProgress } from '../run/progress.js';
import { type HttpAnswer, type HttpClient } from './http-client.js';

export interface CrawlOptions {
  readonly client: HttpClient;
  /** Staging's address. Nothing outside of it is asked for. */
  readonly url: string;
  /** Judges every mention of a production host. */
  readonly classify: (value: Buffer) => Occurrence[];
  /** Pages, style sheets and scripts together; default 60. */
  readonly limit?: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export interface PageLeak {
  readonly url: string;
  readonly host: string;
  readonly mentions: number;
  /** `body`, or the header that names it. */
  readonly where: string;
  readonly sample: string;
}

export interface CrawlReport {
  readonly leaks: readonly PageLeak[];
  /** Addresses that could not be judged: behind a login or firewall, broken, without an answer. */
  readonly unread: readonly { readonly url: string; readonly why: string }[];
  readonly read: number;
  readonly fromCache: number;
  /** `/.git/HEAD` is there for everyone to read. */
  readonly gitExposed: boolean;
  /** The home page was read: without it, no leak means nothing. */
  readonly homeRead: boolean;
}

const SEEDS = [
  '',
  'feed/',
  'comments/feed/',
  'wp-sitemap.xml',
  'sitemap.xml',
  'sitemap_index.xml',
  'robots.txt',
  'wp-json/',
  'wp-login.php',
];

/** Reads staging's pages as a visitor and looks for production in them. Redirects are followed on staging only. */
export async function crawl(options: CrawlOptions): Promise<CrawlReport> {
  const base = new URL(options.url.endsWith('/') ? options.url : `${options.url}/`);
  const queue = SEEDS.map((path) => new URL(path, base).href);
  const seen = new Set(queue);
  const result = {
    leaks: [] as PageLeak[],
    unread: [] as { url: string; why: string }[],
    read: 0,
    fromCache: 0,
    homeRead: false,
  };
  const limit = options.limit ?? 60;
  for (let asked = 0; asked < limit && queue.length > 0 && !options.signal?.aborted; asked += 1) {
    const url = queue.shift() ?? '';
    const answer = await options
      .client(url)
      .catch((cause: unknown) => (cause instanceof Error ? cause.message : String(cause)));
    options.onProgress?.({
      done: asked + 1,
      total: Math.min(limit, asked + 1 + queue.length),
      unit: 'pages',
    });
    if (typeof answer === 'string') {
      result.unread.push({ url, why: answer });
      continue;
    }
    result.leaks.push(...leaksOf(answer, options.classify));
    if (answer.fromCache) result.fromCache += 1;
    const why = unreadable(answer);
    if (why !== undefined) result.unread.push({ url, why });
    if (answer.verdict === 'ok') {
      result.read += 1;
      if (seen.size > 0 && !result.homeRead) result.homeRead = isHome(url, base, answer);
    }
    for (const link of linksOf(answer, base))
      if (!seen.has(link)) {
        seen.add(link);
        queue.push(link);
      }
  }
  return { ...result, gitExposed: await isGitExposed(options.client, base) };
}

/** The home page, or any page that a redirect from it led to; the log-in form shows nothing of the site. */
function isHome(url: string, base: URL, answer: HttpAnswer): boolean {
  const { pathname } = new URL(url);
  if (pathname === base.pathname) return true;
  return (answer.headers['content-type'] ?? '').includes('text/html') && !pathname.endsWith('wp-login.php');
}

function unreadable(answer: HttpAnswer): string | undefined {
  if (answer.verdict === 'blocked')
    return `blocked (${String(answer.status)}): a login or a firewall answers for the site`;
  if (answer.verdict === 'broken')
    return `broken (${String(answer.status)})${answer.fromCache ? ', from a cache' : ''}`;
  return undefined;
}

const LOOKED_AT = [
  'location',
  'link',
  'refresh',
  'content-location',
  'content-security-policy',
  'x-pingback',
  'set-cookie',
  'access-control-allow-origin',
];

function leaksOf(answer: HttpAnswer, classify: CrawlOptions['classify']): PageLeak[] {
  const places: [string, Buffer][] = [
    ['body', isText(answer) ? withoutIdentities(answer) : Buffer.alloc(0)],
    ...LOOKED_AT.map((name): [string, Buffer] => [name, Buffer.from(answer.headers[name] ?? '')]),
  ];
  return places.flatMap(([where, bytes]) => {
    const byHost = new Map<string, Occurrence[]>();
    for (const one of classify(bytes))
      if (one.harmless === undefined) byHost.set(one.host, [...(byHost.get(one.host) ?? []), one]);
    return [...byHost].map(([host, all]) => ({
      url: answer.url,
      host,
      mentions: all.length,
      where,
      sample: all[0]?.sample ?? '',
    }));
  });
}

/**
 * A post's guid is its identity in feeds and REST, never an address to open, and stays what production gave it
 * (https://wordpress.org/documentation/article/changing-the-site-url/#important-guid-note).
 */
const IDENTITIES: readonly (readonly [RegExp, RegExp])[] = [
  [/xml|rss|atom/i, /<(guid|id)\b[^>]*>[^<]*<\/\1>/g],
  [/json/i, /"guid":\{"rendered":"[^"]*"(?:,"raw":"[^"]*")?\}/g],
];

function withoutIdentities(answer: HttpAnswer): Buffer {
  const type = answer.headers['content-type'] ?? '';
  const patterns = IDENTITIES.filter(([kind]) => kind.test(type)).map(([, pattern]) => pattern);
  if (patterns.length === 0) return answer.body;
  const text = patterns.reduce(
    (left, pattern) => left.replaceAll(pattern, ' '),
    answer.body.toString('latin1'),
  );
  return Buffer.from(text, 'latin1');
}

const isText = (answer: HttpAnswer): boolean =>
  /text|xml|json|javascript|svg|^$/i.test(answer.headers['content-type'] ?? '');

/** Links of a page, entries of a sitemap, style sheets and scripts; on staging, below its address, without fragments. */
function linksOf(answer: HttpAnswer, base: URL): string[] {
  const links: string[] = [];
  if (answer.verdict === 'redirect') links.push(answer.headers['location'] ?? '');
  else if (isText(answer)) {
    const text = answer.body.toString('latin1');
    for (const match of text.matchAll(/(?:href|src)\s*=\s*["']([^"'#]+)/gi)) links.push(match[1] ?? '');
    for (const match of text.matchAll(/<loc>\s*([^<\s]+)|@import\s+(?:url\()?["']?([^"')]+)/gi))
      links.push(match[1] ?? match[2] ?? '');
  }
  return links.flatMap((link) => {
    const url = parse(link.replaceAll('&amp;', '&').replaceAll('&#038;', '&'), answer.url);
    if (url === undefined || url.host !== base.host || !url.pathname.startsWith(base.pathname)) return [];
    if (/[?&](action=logout|replytocom=|add-to-cart=)/.test(url.search) || MEDIA.test(url.pathname))
      return [];
    url.hash = '';
    return [url.href];
  });
}

const MEDIA = /\.(?:jpe?g|png|gif|webp|avif|ico|woff2?|ttf|eot|mp4|webm|mp3|pdf|zip)$/i;

function parse(link: string, from: string): URL | undefined {
  try {
    const url = new URL(link, from);
    return /^https?:$/.test(url.protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}

async function isGitExposed(client: HttpClient, base: URL): Promise<boolean> {
  const answer = await client(new URL('/.git/HEAD', base).href).catch(() => undefined);
  return answer?.status === 200 && /^(ref: |[0-9a-f]{40}\s*$)/.test(answer.body.subarray(0, 100).toString());
}
