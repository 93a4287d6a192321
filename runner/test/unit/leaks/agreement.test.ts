import { expect, test } from '@jest/globals';
import { leakClassifier } from '../../../src/database/leaks/classify.js';
import { createRewriter, deriveSitePairs } from '../../../src/rewrite/index.js';

const leaks = leakClassifier({ hosts: ['www.acme.com', 'acme.com'], staging: ['staging.acme.com'] });
const rewriter = createRewriter(deriveSitePairs('https://www.acme.com', 'https://staging.acme.com'));

/** Two programs, one judgement: what the proof calls a leak, the rewriter moves. */
test.each([
  'https://www.acme.com/x',
  'Acme.COM',
  String.raw`HTTPS:\/\/ACME.com\/`,
  String.raw`https:\\/\\/www.acme.com`,
  'https%3A%2F%2Facme.com%2Fx',
  'https%3a%2f%2fWWW.ACME.COM',
  'https%253A%252F%252Facme.com',
  String.raw`https:\u002F\u002Facme.com`,
  String.raw`text\nacme.com`,
  '//acme.com',
  'https://acme.com:443/',
  'see acme.com, please',
  'visit acme.com.',
  '<a href="https://acme.com">',
  'u=acme.com&v=https://staging.acme.com',
])('%s', (text) => {
  expect(leaks(Buffer.from(text))).not.toEqual([]);
  expect(leaks(rewriter.rewrite(Buffer.from(text)))).toEqual([]);
});

test.each([
  'https://sub.acme.com',
  'https://acme.com.au/',
  'https://notacme.com',
  'info@acme.com',
  'mailto:info%40acme.com',
  'https://acme.com:8443/',
  'https://acme.com@evil.example',
  '/var/www/acme.com/x',
])('%s is left by both', (text) => {
  expect(leaks(Buffer.from(text))).toEqual([]);
  expect(rewriter.rewrite(Buffer.from(text)).toString()).toBe(text);
});
