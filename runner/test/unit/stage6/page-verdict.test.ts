import { expect, test } from '@jest/globals';
import { type Site } from '../../../src/config/site.js';
import { pageLeakError } from '../../../src/stages/proof/leak-check.js';
import { type CrawlReport } from '../../../src/wordpress/site/crawl.js';

const site = (strict: boolean): Site =>
  ({ name: 'acme', staging: { url: 'https://staging.acme.com/shop' }, content: { strict } }) as Site;
const report = (changes: Partial<CrawlReport>): CrawlReport => ({
  leaks: [],
  unread: [],
  read: 9,
  gitExposed: false,
  homeRead: true,
  outOfTime: false,
  ...changes,
});
const leak = {
  url: 'https://staging.acme.com/',
  host: 'www.acme.com',
  mentions: 2,
  where: 'body',
  sample: '…',
};

test.each([
  ['nothing', {}, false, undefined],
  ['nothing, strictly', {}, true, undefined],
  ['a readable .git', { gitExposed: true }, false, undefined],
  ['a readable .git, strictly', { gitExposed: true }, true, 'GIT_EXPOSED'],
  ['a leak', { leaks: [leak] }, false, 'PAGE_LEAK_FOUND'],
  ['a leak and a readable .git, strictly', { leaks: [leak], gitExposed: true }, true, 'PAGE_LEAK_FOUND'],
])('%s', (_, found, strict, code) => {
  const error = pageLeakError(report(found), site(strict));
  expect(error?.code).toBe(code);
  if (error !== undefined) expect(error.exitCode).toBe(5);
});

test('the error names the file that everybody can read', () => {
  const error = pageLeakError(report({ gitExposed: true }), site(true));
  expect(error?.message).toBe('https://staging.acme.com/.git/HEAD can be read by everyone.');
});
