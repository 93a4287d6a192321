import { request } from 'node:http';
import { type PhpServer } from '../servers/php.js';

export interface Page {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
}

/** Where a site answers, and under which address it is known. */
export interface WebPlace {
  readonly url: string;
  readonly web: Pick<PhpServer, 'address' | 'port'>;
}

/** A page as a browser gets it, redirects not followed. */
export async function getPage(
  { url, web }: WebPlace,
  pathAndQuery: string,
  init: RequestInit = {},
): Promise<Page> {
  const headers = { ...(init.headers as Record<string, string> | undefined), host: new URL(url).host };
  const { address, port } = web;
  return new Promise((resolve, reject) => {
    const call = request(
      { host: address, port, path: pathAndQuery, method: init.method ?? 'GET', headers },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('error', reject);
        answer.once('end', () => {
          const found = new Headers();
          for (const [name, value] of Object.entries(answer.headers)) {
            for (const one of [value ?? []].flat()) found.append(name, one);
          }
          const body = Buffer.concat(chunks).toString('utf8');
          resolve({ status: answer.statusCode ?? 0, body, headers: found });
        });
      },
    );
    call.once('error', reject);
    call.end(typeof init.body === 'string' ? init.body : undefined);
  });
}
