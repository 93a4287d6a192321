import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { resolveLogin, resolveSecret } from '../config/secrets/resolve-secret.js';
import { type HttpSettings } from '../config/site.js';

export interface HttpAnswer {
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded, at most {@link LARGEST_BODY} bytes. */
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

const LARGEST_BODY = 8 * 1024 * 1024;

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
    const isOwn = target.hostname === own.hostname;
    const secure = target.protocol === 'https:';
    return send(secure ? https : http, {
      url,
      timeoutSeconds: request.timeoutSeconds ?? 15,
      options: {
        method: request.method ?? 'GET',
        host: isOwn && address !== undefined ? address : target.hostname.replace(/^\[(.*)\]$/, '$1'),
        port:
          isOwn && port !== undefined ? port : target.port === '' ? (secure ? 443 : 80) : Number(target.port),
        path: `${target.pathname}${target.search}`,
        headers: {
          Host: target.host,
          'User-Agent': 'Understudy',
          Accept: '*/*',
          'Accept-Encoding': 'gzip, deflate, br',
          ...(target.origin === own.origin ? headers : {}),
          ...request.headers,
        },
        agent: secure ? agents.secure : agents.plain,
        ...(secure ? { servername: target.hostname, ...(ca === undefined ? {} : { ca }) } : {}),
      },
    });
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

interface Sending {
  readonly url: string;
  readonly timeoutSeconds: number;
  readonly options: https.RequestOptions;
}

/** A server may end a connection in the moment in which it is used again: then a new one is tried. */
async function send(transport: typeof http | typeof https, sending: Sending): Promise<HttpAnswer> {
  const first = await sendOnce(transport, sending);
  if (first !== 'connection ended') return first;
  const { agent: _agent, ...options } = sending.options;
  const again = await sendOnce(transport, { ...sending, options: { ...options, agent: false } });
  if (again === 'connection ended') throw new Error(again);
  return again;
}

function sendOnce(
  transport: typeof http | typeof https,
  { url, timeoutSeconds, options }: Sending,
): Promise<HttpAnswer | 'connection ended'> {
  return new Promise((resolve, reject) => {
    const request = transport.request(options, (response) => {
      const headers = Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
      );
      readBody(response, headers['content-encoding'])
        .then((body) => {
          resolve(describe(url, response.statusCode ?? 0, headers, body));
        })
        .catch(reject)
        .finally(() => {
          // What is beyond the limit is not waited for.
          if (!response.readableEnded) request.destroy();
        });
    });
    const timer = setTimeout(() => {
      request.destroy(new Error(`no answer within ${String(timeoutSeconds)} s`));
    }, timeoutSeconds * 1000);
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (request.reusedSocket && error.code === 'ECONNRESET' && options.method !== 'POST')
        resolve('connection ended');
      else reject(error);
    });
    request.on('close', () => {
      clearTimeout(timer);
    });
    request.end();
  });
}

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream & Readable>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * The body, decoded while it comes and cut at {@link LARGEST_BODY}: a few megabytes may decode to gigabytes. The decoder
 * is ended with the limit, so neither memory nor time is spent on the rest.
 */
async function readBody(response: http.IncomingMessage, encoding: string | undefined): Promise<Buffer> {
  const decoder = DECODERS[encoding?.trim().toLowerCase() ?? '']?.();
  const source: Readable = decoder ?? response;
  if (decoder !== undefined) {
    response.on('error', (error) => decoder.destroy(error));
    response.pipe(decoder);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, LARGEST_BODY - size));
    size += chunk.length;
    if (size >= LARGEST_BODY) break;
  }
  return Buffer.concat(chunks);
}

function describe(url: string, status: number, headers: Record<string, string>, body: Buffer): HttpAnswer {
  const fromCache =
    /\bhit\b/i.test(
      `${headers['x-cache'] ?? ''} ${headers['cf-cache-status'] ?? ''} ${headers['x-cache-status'] ?? ''}`,
    ) || Number(headers['age'] ?? 0) > 0;
  return { url, status, headers, body, verdict: verdictOf(status, headers, body), fromCache };
}

/** Signs of a firewall or a login in front of the site: there, the page says nothing about the site. */
const FIREWALL = /cf-mitigated|x-sucuri-block|x-amzn-waf|x-iinfo|x-wa-info/i;

function verdictOf(status: number, headers: Record<string, string>, body: Buffer): HttpAnswer['verdict'] {
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
