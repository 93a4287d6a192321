import http from 'node:http';
import { type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { leakClassifier } from '../../../src/database/leaks/classify.js';
import { crawl, type CrawlReport } from '../../../src/wordpress/site/crawl.js';
import { createHttpClient } from '../../../src/http/site-client.js';

type Page = readonly [status: number, headers: Readonly<Record<string, string>>, body: string | Buffer];
const html = { 'Content-Type': 'text/html' };
const PAGES: Readonly<Record<string, Page>> = {
  '/': [
    200,
    { ...html, 'Content-Encoding': 'gzip' },
    gzipSync('<a href="/leaky?a=1&amp;b=2">x</a><link href="/style.css"><a href="https://other.example/">'),
  ],
  '/leaky?a=1&b=2': [
    200,
    html,
    String.raw`{"u":"https:\/\/WWW.acme.com\/x"} <a href="/moved"> mail info@acme.com`,
  ],
  '/style.css': [200, { 'Content-Type': 'text/css' }, '@import "deep.css"; a{}'],
  '/deep.css': [200, { 'Content-Type': 'text/css' }, 'a{background:url(//acme.com/a.png)}'],
  '/moved': [301, { Location: 'https://acme.com/login' }, ''],
  '/feed/': [403, {}, 'no'],
  '/comments/feed/': [
    200,
    { 'Content-Type': 'application/rss+xml; charset=UTF-8' },
    '<item><guid isPermaLink="false">https://www.acme.com/?p=1</guid><link>https://staging.acme.test/a</link></item>',
  ],
  '/wp-json/': [
    200,
    { 'Content-Type': 'application/json' },
    String.raw`{"guid":{"rendered":"https:\/\/acme.com\/?p=1"},"link":"https:\/\/staging.acme.test\/a"}`,
  ],
  // Only feeds and REST have identities.
  '/robots.txt': [200, { 'Content-Type': 'text/plain' }, '<guid>https://acme.com/?p=1</guid>'],
  '/.git/HEAD': [200, {}, 'ref: refs/heads/main\n'],
};

let server: http.Server;
let asked: { url: string; host: string; authorization: string }[] = [];
beforeAll(async () => {
  server = http.createServer((request, response) => {
    asked.push({
      url: request.url ?? '',
      host: request.headers.host ?? '',
      authorization: request.headers.authorization ?? '',
    });
    const [status, headers, body] = PAGES[request.url ?? ''] ?? [404, {}, ''];
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function read(): Promise<CrawlReport> {
  asked = [];
  process.env['CRAWL_TEST_LOGIN'] = 'guest:letmein';
  const client = await createHttpClient('http://staging.acme.test', {
    basicAuth: { source: 'env', env: 'CRAWL_TEST_LOGIN' },
    headers: {},
    resolve: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
  });
  const classify = leakClassifier({ hosts: ['www.acme.com', 'acme.com'], staging: ['staging.acme.test'] });
  return crawl({ client, url: 'http://staging.acme.test', classify });
}

test('finds production in pages, style sheets and redirects, and asks nobody else', async () => {
  const report = await read();
  expect(
    report.leaks.map((leak) => `${new URL(leak.url).pathname} ${leak.where} ${leak.host}`).sort(),
  ).toEqual([
    '/deep.css body acme.com',
    '/leaky body www.acme.com',
    '/moved location acme.com',
    '/robots.txt body acme.com',
  ]);
  expect(report.unread).toEqual([
    { url: 'http://staging.acme.test/feed/', why: expect.stringContaining('blocked (403)') },
  ]);
  expect(report).toMatchObject({ gitExposed: true, homeRead: true });
  expect(new Set(asked.map((one) => one.host))).toEqual(new Set(['staging.acme.test']));
  const login = `Basic ${Buffer.from('guest:letmein').toString('base64')}`;
  expect(asked.every((one) => one.authorization === login)).toBe(true);
});
