import { type HttpAnswer, type HttpClient } from '../../http/site-client.js';
import { messageOf } from '../../errors/index.js';

/** What a visitor of a page meets, redirects on the same host followed. */
export type PageOutcome =
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
export async function fetchPage(
  client: HttpClient,
  url: string,
  timeoutSeconds: number,
): Promise<PageOutcome> {
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
