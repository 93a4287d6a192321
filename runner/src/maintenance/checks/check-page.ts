import { type CheckSettings } from '../../config/sections.js';
import { type HttpClient, type HttpAnswer } from '../../http/site-client.js';
import { type CheckResult, type PlannedPage, type Result, resultsFor } from './check-result.js';
import { assetsIn, hasForm, phpErrorsIn, readableText } from './page-text.js';
import { messageOf } from '../../errors/index.js';

export interface PageCheck {
  readonly results: readonly CheckResult[];
  /** Style sheets, scripts and pictures of the site's own host. */
  readonly assets: readonly string[];
  /** Forms that only a browser can look for: their selectors. */
  readonly formsForBrowser: readonly string[];
  readonly state: 'read' | 'blocked' | 'missing' | 'broken';
}

interface PageCheckOptions {
  readonly client: HttpClient;
  /** Address of the site. */
  readonly url: string;
  readonly settings: Pick<CheckSettings, 'slowerThanSeconds' | 'text' | 'forms'>;
}

/** Everything about one page that needs no browser. */
export async function checkPage(page: PlannedPage, options: PageCheckOptions): Promise<PageCheck> {
  const { settings } = options;
  const url = addressOf(options.url, page.path);
  // A page that is far too slow is reported as slow, so it gets some time beyond the limit.
  const outcome = await fetchPage(options.client, url, settings.slowerThanSeconds + 10);
  const result = resultsFor(page.path);
  const nothing = { assets: [], formsForBrowser: [] };
  if (outcome.kind === 'blocked') {
    const why = `blocked (${String(outcome.status)}): a login or a firewall answers for the site`;
    return { ...nothing, state: 'blocked', results: [result('page', 'failed', why)] };
  }
  if (outcome.kind === 'broken') {
    const errors = phpErrorsIn(outcome.answer?.body.toString('utf8') ?? '').map(({ text }) => text);
    const why = ['broken: ' + outcome.why, ...errors].join('; ');
    return { ...nothing, state: 'broken', results: [result('page', 'failed', why)] };
  }
  const { answer } = outcome;
  if (answer.verdict === 'missing') {
    const why = `does not exist (${String(answer.status)})`;
    return { ...nothing, state: 'missing', results: [result('page', 'failed', why)] };
  }
  const body = answer.body.toString('utf8');
  const assets = page.kind === 'html' ? assetsIn(body, answer.url) : [];
  const forms = settings.forms.filter(({ path }) => path === page.path);
  return {
    state: 'read',
    assets,
    formsForBrowser: forms.flatMap(({ selector }) =>
      selector !== undefined && hasForm(body, selector) === undefined ? [selector] : [],
    ),
    results: [
      outcome.fromCache
        ? result('page', 'skipped', 'a cache answers for the site, even when asked for a fresh page')
        : result('page', 'passed', `answered with ${String(answer.status)}`),
      timeResult(result, outcome.seconds, settings.slowerThanSeconds),
      ...phpResults(result, body),
      ...contentResults(result, page, body),
      ...textResults(
        result,
        body,
        settings.text.filter(({ path }) => path === page.path),
      ),
      ...forms.flatMap(({ selector }) => formResult(result, body, selector)),
    ],
  };
}

/** Address of a page: the site's own folder is kept. */
export const addressOf = (site: string, path: string): string =>
  new URL(path.replace(/^\/+/, ''), site.endsWith('/') ? site : `${site}/`).href;

function timeResult(result: Result, seconds: number, limit: number): CheckResult {
  const took = `${seconds.toFixed(1)} s`;
  return seconds > limit
    ? result('time', 'failed', `took ${took}, more than ${String(limit)} s`)
    : result('time', 'passed', `took ${took}`);
}

function phpResults(result: Result, body: string): CheckResult[] {
  const errors = phpErrorsIn(body);
  if (errors.length === 0) return [result('php', 'passed', 'shows no PHP error')];
  return errors.map(({ text }) => result('php', 'failed', `shows an error: ${text}`, text));
}

/** A feed, the REST index and a sitemap have to be what they say; an empty page is nobody's home page. */
function contentResults(result: Result, page: PlannedPage, body: string): CheckResult[] {
  const start = body.trimStart().slice(0, 2000);
  const isGood =
    page.kind === 'html'
      ? start !== ''
      : page.kind === 'rest'
        ? /^[[{]/.test(start) && isJson(body)
        : /^(?:<\?xml[\s\S]*?)?<(?:rss|feed|urlset|sitemapindex|rdf)/i.test(
            start.replaceAll(/<!--[\s\S]*?-->\s*/g, '').replace(/<\?xml-stylesheet[^>]*>\s*/g, ''),
          );
  if (isGood) return [];
  const what = { html: 'a page', feed: 'a feed', rest: 'JSON', sitemap: 'a sitemap' }[page.kind];
  return [result('text', 'failed', start === '' ? 'is empty' : `is not ${what}`, 'content')];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function textResults(result: Result, body: string, rules: CheckSettings['text']): CheckResult[] {
  const readable = readableText(body);
  const has = (text: string): boolean => body.includes(text) || readable.includes(text);
  return rules.flatMap(({ must = [], mustNot = [] }) => [
    ...must.map((text) =>
      has(text)
        ? result('text', 'passed', `has “${text}”`, `+${text}`)
        : result('text', 'failed', `does not have “${text}”`, `+${text}`),
    ),
    ...mustNot.map((text) =>
      has(text)
        ? result('text', 'failed', `has “${text}”, which must not be there`, `-${text}`)
        : result('text', 'passed', `does not have “${text}”`, `-${text}`),
    ),
  ]);
}

function formResult(result: Result, body: string, selector: string | undefined): CheckResult[] {
  const there = hasForm(body, selector);
  if (there === undefined) return [];
  const name = selector ?? 'a form';
  return [
    there
      ? result('form', 'passed', `has ${name}`, name)
      : result('form', 'failed', `does not have ${name}`, name),
  ];
}

/** What a visitor of a page meets, redirects on the same host followed. */
type PageOutcome =
  | {
      readonly kind: 'answer';
      readonly answer: HttpAnswer;
      readonly seconds: number;
      readonly fromCache: boolean;
    }
  /** A login or a firewall answers for the site: nothing is known about the page. */
  | { readonly kind: 'blocked'; readonly status: number }
  | { readonly kind: 'broken'; readonly why: string; readonly answer?: HttpAnswer };

const MOST_REDIRECTS = 5;
/** Asks caches for a fresh answer; what obeys is up to them. */
const FRESH = { 'Cache-Control': 'no-cache', Pragma: 'no-cache' };

/** @param timeoutSeconds for one answer */
async function fetchPage(client: HttpClient, url: string, timeoutSeconds: number): Promise<PageOutcome> {
  const first = await followed(client, url, timeoutSeconds);
  if (first.kind !== 'answer' || !first.fromCache) return first;
  // An answer from a cache says nothing about the code: an address that no cache has seen gets past most of them.
  const past = new URL(url);
  past.searchParams.set('understudy', Date.now().toString(36));
  const second = await followed(client, past.href, timeoutSeconds);
  return second.kind === 'answer' && second.answer.verdict === 'missing' ? first : second;
}

async function followed(client: HttpClient, url: string, timeoutSeconds: number): Promise<PageOutcome> {
  const own = new URL(url).host;
  const started = performance.now();
  let target = url;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    let answer: HttpAnswer;
    try {
      answer = await client(target, { headers: FRESH, timeoutSeconds });
    } catch (cause) {
      return { kind: 'broken', why: messageOf(cause) };
    }
    if (answer.verdict === 'blocked') return { kind: 'blocked', status: answer.status };
    if (answer.verdict !== 'redirect') {
      const seconds = (performance.now() - started) / 1000;
      if (answer.verdict === 'broken')
        return { kind: 'broken', why: `answered with ${String(answer.status)}${origin(answer)}`, answer };
      return { kind: 'answer', answer, seconds, fromCache: answer.fromCache };
    }
    const next = safeUrl(answer.headers['location'] ?? '', target);
    if (next === undefined) return { kind: 'broken', why: 'redirects to nowhere', answer };
    if (next.host !== own) return { kind: 'broken', why: `redirects to another host, ${next.host}`, answer };
    target = next.href;
  }
  return { kind: 'broken', why: `redirects more than ${String(MOST_REDIRECTS)} times` };
}

const origin = (answer: HttpAnswer): string => (answer.fromCache ? ', from a cache' : '');

function safeUrl(text: string, base: string): URL | undefined {
  try {
    return text === '' ? undefined : new URL(text, base);
  } catch {
    return undefined;
  }
}
