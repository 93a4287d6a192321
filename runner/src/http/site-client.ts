import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { resolveLogin, resolveSecret } from '../config/secrets/resolve-secret.js';
import { type HttpSettings } from '../config/site.js';
import { type HttpReply, sendRequest } from './send-request.js';

export interface HttpAnswer {
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded, at most 8 MB. */
  readonly body: Buffer;
  /** What a check concludes from status and headers. */
  readonly verdict: 'ok' | 'redirect' | 'blocked' | 'missing' | 'broken';
  readonly fromCache: boolean;
}

interface HttpRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
}

/** Answers, or an error with the reason: `connection refused`, `certificate …`, `no answer within 15 s`. */
export type HttpClient = (url: string, request?: HttpRequest) => Promise<HttpAnswer>;

/**
 * A client for one side. It follows no redirects and keeps no cookies. `resolve` is used for the side's own host alone,
 * secrets (login, headers) for its own scheme, host and port: they never travel elsewhere, and never unencrypted to a site
 * that is declared with https.
 */
export async function createHttpClient(siteUrl: string, settings: HttpSettings): Promise<HttpClient> {
  const own = new URL(siteUrl);
  const headers = await ownHeaders(settings);
  const ca = settings.ca === undefined ? undefined : await readFile(settings.ca);
  const [address, port] = splitAddress(settings.resolve);
  // A connection that waits for the next page keeps no process alive.
  const agents = {
    plain: new http.Agent({ keepAlive: true }),
    secure: new https.Agent({ keepAlive: true }),
  };
  return async (url, request = {}) => {
    const target = new URL(url);
    const reply = await sendRequest({
      url,
      method: request.method ?? 'GET',
      headers: { ...(target.origin === own.origin ? headers : {}), ...request.headers },
      timeoutSeconds: request.timeoutSeconds ?? 15,
      ca,
      agents,
      ...(target.hostname === own.hostname ? { to: { host: address, port } } : {}),
    });
    return answerOf(url, reply);
  };
}

async function ownHeaders(settings: HttpSettings): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  if (settings.basicAuth !== undefined) {
    const login = await resolveLogin(settings.basicAuth);
    headers['Authorization'] =
      `Basic ${Buffer.from(`${login.user}:${login.password.reveal()}`).toString('base64')}`;
  }
  for (const [name, value] of Object.entries(settings.headers))
    headers[name] = typeof value === 'string' ? value : (await resolveSecret(value)).reveal();
  return headers;
}

function splitAddress(resolve: string | undefined): [string | undefined, number | undefined] {
  if (resolve === undefined) return [undefined, undefined];
  const match = /^(?:\[([^\]]+)\]|([^:]+)|([0-9a-f:]+))(?::(\d+))?$/i.exec(resolve);
  const host = match?.[1] ?? match?.[2] ?? match?.[3];
  return [host ?? resolve, match?.[4] === undefined ? undefined : Number(match[4])];
}

function answerOf(url: string, { status, headers, body }: HttpReply): HttpAnswer {
  const fromCache =
    /\bhit\b/i.test(
      `${headers['x-cache'] ?? ''} ${headers['cf-cache-status'] ?? ''} ${headers['x-cache-status'] ?? ''}`,
    ) || Number(headers['age'] ?? 0) > 0;
  return { url, status, headers, body, verdict: verdictOf(status, headers, body), fromCache };
}

/** Signs of a firewall or a login in front of the site: there, the page says nothing about the site. */
const FIREWALL = /cf-mitigated|x-sucuri-block|x-amzn-waf|x-iinfo|x-wa-info/i;

function verdictOf(status: number, headers: HttpReply['headers'], body: Buffer): HttpAnswer['verdict'] {
  const blocked =
    status === 401 ||
    status === 403 ||
    status === 429 ||
    Object.keys(headers).some((name) => FIREWALL.test(name));
  if (blocked || (status === 503 && /captcha|challenge/i.test(body.subarray(0, 4096).toString('latin1'))))
    return 'blocked';
  if (status >= 300 && status < 400 && status !== 304) return 'redirect';
  if (status === 404 || status === 410) return 'missing';
  return status >= 200 && status < 300 ? 'ok' : 'broken';
}
