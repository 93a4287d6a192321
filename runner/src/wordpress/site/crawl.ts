import { type Occurrence } from '../../database/leaks/classify.js';
import { type OnProgress } from '../../run/progress.js';
import { type HttpAnswer, type HttpClient } from '../../http/site-client.js';
import { isSecondary, isText, linksOf } from './page-links.js';
import { messageOf } from '../../errors/index.js';

export interface CrawlOptions {
  readonly client: HttpClient;
  /** Staging's address. Nothing outside of it is asked for. */
  readonly url: string;
  /** Path of the login page below the site's address; default `wp-login.php`. */
  readonly login?: string;
  /** Judges every mention of a production host. */
  readonly classify: (value: Buffer) => Occurrence[];
  /** Whether this address may redirect to production; default: none may. */
  readonly mayRedirect?: (url: string) => boolean;
  /** Pages, style sheets and scripts together; default 40. */
  readonly limit?: number;
  /** After this many seconds nothing more is asked for; default 30. */
  readonly seconds?: number;
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
  /** `/.git/HEAD` is there for everyone to read. */
  readonly gitExposed: boolean;
  /** The home page was read: without it, no leak means nothing. */
  readonly homeRead: boolean;
  /** The time was over before all was asked for. */
  readonly outOfTime: boolean;
}

/** Requests at a time: a few more than a browser has connections to one host, so that a distance keeps no server idle. */
const AT_ONCE = 8;
/** Other names and forms of pages that are read anyway: some of them stand for all. */
const SECONDARY_LIMIT = 8;

const SEEDS = [
  '',
  'feed/',
  'comments/feed/',
  'wp-sitemap.xml',
  'sitemap.xml',
  'sitemap_index.xml',
  'robots.txt',
  'wp-json/',
];

/** Reads staging's pages as a visitor and looks for production in them. Redirects are followed on staging only. */
export async function crawl(options: CrawlOptions): Promise<CrawlReport> {
  const reader = new Reader(options);
  await reader.readAll();
  return reader.report();
}

interface Finding {
  readonly url: string;
  readonly leaks: readonly PageLeak[];
  /** Undefined: it was judged. */
  readonly unread: string | undefined;
  readonly ok: boolean;
  readonly isHome: boolean;
}

class Reader {
  readonly #base: URL;
  readonly #queue: string[];
  /** Asked for when nothing else is left. */
  readonly #later: string[] = [];
  readonly #seen: Set<string>;
  readonly #findings: Finding[] = [];
  readonly #limit: number;
  readonly #deadline: number;
  #gitExposed = false;
  #secondary = 0;
  #asked = 0;
  #answered = 0;

  constructor(readonly options: CrawlOptions) {
    this.#base = new URL(options.url.endsWith('/') ? options.url : `${options.url}/`);
    this.#queue = [...SEEDS, (options.login ?? 'wp-login.php').replace(/^\//, '')].map(
      (path) => new URL(path, this.#base).href,
    );
    this.#seen = new Set(this.#queue);
    this.#limit = options.limit ?? 40;
    this.#deadline = performance.now() + (options.seconds ?? 30) * 1000;
  }

  async readAll(): Promise<void> {
    const running = new Set<Promise<void>>();
    const begin = (work: Promise<void>): void => {
      const request: Promise<void> = work.finally(() => running.delete(request));
      running.add(request);
    };
    begin(this.#lookForGit());
    for (;;) {
      while (running.size < AT_ONCE && this.#mayAsk()) {
        const url = this.#queue.shift() ?? this.#later.shift();
        if (url === undefined) break;
        begin(this.#read(url, this.#asked++));
      }
      if (running.size === 0) return;
      await Promise.race(running);
    }
  }

  #mayAsk(): boolean {
    return this.#asked < this.#limit && !this.options.signal?.aborted && performance.now() < this.#deadline;
  }

  async #read(url: string, place: number): Promise<void> {
    const answer = await this.options.client(url).catch((cause: unknown) => messageOf(cause));
    this.#answered += 1;
    const open = this.#asked - this.#answered + this.#queue.length + this.#later.length;
    this.options.onProgress?.({
      done: this.#answered,
      total: Math.min(this.#limit, this.#answered + open),
      unit: 'pages',
    });
    this.#findings[place] = this.#judge(url, answer);
    if (typeof answer !== 'string') this.#follow(answer);
  }

  async #lookForGit(): Promise<void> {
    const { href } = new URL('/.git/HEAD', this.#base);
    const answer = await this.options.client(href).catch(() => undefined);
    this.#gitExposed =
      answer?.status === 200 && /^(ref: |[0-9a-f]{40}\s*$)/.test(answer.body.subarray(0, 100).toString());
  }

  #judge(url: string, answer: HttpAnswer | string): Finding {
    if (typeof answer === 'string') return { url, leaks: [], unread: answer, ok: false, isHome: false };
    const ok = answer.verdict === 'ok';
    return {
      url,
      leaks: leaksOf(answer, this.options),
      unread: unreadable(answer),
      ok,
      isHome: ok && isHome(url, this.#base, answer),
    };
  }

  #follow(answer: HttpAnswer): void {
    for (const link of linksOf(answer, this.#base)) {
      if (this.#seen.has(link)) continue;
      this.#seen.add(link);
      if (!isSecondary(link)) this.#queue.push(link);
      else if (this.#secondary++ < SECONDARY_LIMIT) this.#later.push(link);
    }
  }

  report(): CrawlReport {
    const all = this.#findings;
    return {
      gitExposed: this.#gitExposed,
      leaks: all.flatMap((one) => one.leaks),
      unread: all.flatMap(({ url, unread }) => (unread === undefined ? [] : [{ url, why: unread }])),
      read: all.filter((one) => one.ok).length,
      homeRead: all.some((one) => one.isHome),
      outOfTime:
        this.#asked < this.#limit &&
        this.#queue.length + this.#later.length > 0 &&
        performance.now() >= this.#deadline,
    };
  }
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

function leaksOf(
  answer: HttpAnswer,
  { classify, mayRedirect }: Pick<CrawlOptions, 'classify' | 'mayRedirect'>,
): PageLeak[] {
  if (answer.verdict === 'redirect' && mayRedirect?.(answer.url) === true) return [];
  const places: [string, Buffer][] = [
    ['body', isText(answer) ? withoutIdentities(answer) : Buffer.alloc(0)],
    ...LOOKED_AT.map((name): [string, Buffer] => [name, Buffer.from(answer.headers[name] ?? '')]),
  ];
  return places.flatMap(([where, bytes]) => {
    const byHost = new Map<string, Occurrence[]>();
    for (const one of classify(bytes)) byHost.set(one.host, [...(byHost.get(one.host) ?? []), one]);
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
