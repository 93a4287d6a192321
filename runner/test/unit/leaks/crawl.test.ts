import { describe, expect, test } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { crawl, type CrawlOptions } from '../../../src/wordpress/site/crawl.js';
import { type HttpAnswer } from '../../../src/http/site-client.js';

const page = (url: string, body: string): HttpAnswer => ({
  url,
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: Buffer.from(body),
  verdict: 'ok',
  fromCache: false,
});

/** A site whose pages are the same wherever one looks; what was asked for, and how many at a time. */
async function visit(body: string, options: Partial<CrawlOptions> = {}) {
  const asked: string[] = [];
  let [running, most] = [0, 0];
  const client = async (url: string): Promise<HttpAnswer> => {
    asked.push(new URL(url).pathname + new URL(url).search);
    most = Math.max(most, ++running);
    await setTimeout(2);
    running -= 1;
    return page(url, body);
  };
  const report = await crawl({ client, url: 'http://staging.test/', classify: () => [], ...options });
  return { asked: asked.filter((url) => url !== '/.git/HEAD'), most, report };
}
const links = (count: number, prefix = '/page-'): string =>
  Array.from({ length: count }, (_, index) => `<a href="${prefix}${String(index)}">`).join('');

describe('the crawl', () => {
  test('asks for a few pages at a time, each once', async () => {
    const { asked, most, report } = await visit(links(5));
    expect(most).toBe(8);
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked).toContain('/page-4');
    expect(report).toMatchObject({ read: asked.length, homeRead: true, outOfTime: false });
  });
  test('is bounded in pages', async () => {
    const { asked, report } = await visit(links(500), { limit: 20 });
    expect(asked).toHaveLength(20);
    expect(report).toMatchObject({ read: 20, outOfTime: false });
  });
  test('is bounded in time', async () => {
    const { asked, report } = await visit(links(500), { seconds: 0 });
    expect(asked).toEqual([]);
    expect(report).toMatchObject({ read: 0, homeRead: false, outOfTime: true });
  });
  test('ends when the run does', async () => {
    const { asked, report } = await visit(links(500), { signal: AbortSignal.abort() });
    expect(asked).toEqual([]);
    expect(report.outOfTime).toBe(false);
  });
  test('reads pages before other forms of them, and of those only some', async () => {
    const { asked } = await visit(links(10, '/wp-json/wp/v2/posts/') + links(3));
    const rest = asked.filter((url) => url.startsWith('/wp-json/wp'));
    expect(rest).toHaveLength(8);
    expect(asked.indexOf('/page-2')).toBeLessThan(asked.indexOf(rest[0] ?? ''));
  });
  test('does not follow a short link back to its page, but reads pages that have no other address', async () => {
    const { asked } = await visit('<link rel="shortlink" href="/?p=1"><a href="/?p=2">');
    expect(asked).not.toContain('/?p=1');
    expect(asked).toContain('/?p=2');
  });
});
