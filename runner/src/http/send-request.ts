import http from 'node:http';
import https from 'node:https';
import { type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

export interface HttpSending {
  readonly url: string;
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole answer. */
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal | undefined;
  /** An additional certificate authority, PEM. */
  readonly ca?: Buffer | undefined;
  /** What is beyond is left out; 8 MB by default. */
  readonly largestBody?: number;
  /** Connects there instead of to what the address says. */
  readonly to?: { readonly host?: string | undefined; readonly port?: number | undefined };
  /** Connections that are used again; by default each request has its own. */
  readonly agents?: { readonly plain: http.Agent; readonly secure: https.Agent };
}

export interface HttpReply {
  readonly status: number;
  /** By lower-case name; several of one name are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** `Set-Cookie`, one each. */
  readonly cookies: readonly string[];
  /** Decoded. */
  readonly body: Buffer;
}

/** Bytes. */
const LARGEST_BODY = 8 * 1024 * 1024;

/**
 * One request, and its answer to the end. No redirect is followed: what a request carries is for its own address alone.
 * A server may end a connection in the moment in which it is used again: then a new one is tried.
 * @throws Error with the reason: `connect ECONNREFUSED …`, a certificate's problem, `no answer within 15 s`
 */
export async function sendRequest(sending: HttpSending): Promise<HttpReply> {
  const { agents: _agents, ...alone } = sending;
  const first = await sendOnce(sending);
  if (first !== 'connection ended') return first;
  const again = await sendOnce(alone);
  if (again === 'connection ended') throw new Error(again);
  return again;
}

function sendOnce(sending: HttpSending): Promise<HttpReply | 'connection ended'> {
  const { method = 'GET', body, timeoutSeconds, signal } = sending;
  return new Promise((resolve, reject) => {
    const isSecure = new URL(sending.url).protocol === 'https:';
    const request = (isSecure ? https : http).request(optionsOf(sending, isSecure), (response) => {
      const headers = Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
      );
      readBody(response, headers['content-encoding'], sending.largestBody ?? LARGEST_BODY)
        .then((content) => {
          const cookies = response.headers['set-cookie'] ?? [];
          resolve({ status: response.statusCode ?? 0, headers, cookies, body: content });
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
      if (request.reusedSocket && error.code === 'ECONNRESET' && method !== 'POST')
        resolve('connection ended');
      else if (signal?.aborted === true) reject(signal.reason as Error);
      // A name with several addresses: none of them answered.
      else reject(error instanceof AggregateError ? (error.errors[0] as Error) : error);
    });
    request.on('close', () => {
      clearTimeout(timer);
    });
    request.end(body);
  });
}

function optionsOf(sending: HttpSending, isSecure: boolean): https.RequestOptions {
  const { url, method = 'GET', body, signal, ca, to, agents } = sending;
  const target = new URL(url);
  const port = target.port === '' ? (isSecure ? 443 : 80) : Number(target.port);
  return {
    method,
    host: to?.host ?? target.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: to?.port ?? port,
    path: `${target.pathname}${target.search}`,
    headers: {
      Host: target.host,
      'User-Agent': 'Understudy',
      Accept: '*/*',
      'Accept-Encoding': 'gzip, deflate, br',
      ...(method === 'POST' ? { 'Content-Length': String(Buffer.byteLength(body ?? '')) } : {}),
      ...sending.headers,
    },
    agent: (isSecure ? agents?.secure : agents?.plain) ?? false,
    signal,
    ...(isSecure ? { servername: target.hostname, ca } : {}),
  };
}

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream & Readable>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * The body, decoded while it comes and cut at the limit: a few megabytes may decode to gigabytes. The decoder
 * is ended with the limit, so neither memory nor time is spent on the rest.
 */
async function readBody(
  response: http.IncomingMessage,
  encoding: string | undefined,
  largest: number,
): Promise<Buffer> {
  const decoder = DECODERS[encoding?.trim().toLowerCase() ?? '']?.();
  const source: Readable = decoder ?? response;
  if (decoder !== undefined) {
    response.on('error', (error) => decoder.destroy(error));
    response.pipe(decoder);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, largest - size));
    size += chunk.length;
    if (size >= largest) break;
  }
  return Buffer.concat(chunks);
}
