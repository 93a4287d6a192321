import { describe, expect, test } from '@jest/globals';
import { findHosts, isLeak, isValidSerialized } from '../../../src/rewrite/index.js';

const HOSTS = ['acme.com', 'münchen.de'];
const find = (text: string): string[] =>
  findHosts(Buffer.from(text), HOSTS).map(
    ({ offset, encoding, context }) => `${String(offset)} ${encoding} ${context}`,
  );

describe('findHosts', () => {
  test.each([
    ['Acme.COM', '0 plain bare'],
    [String.raw`HTTPS:\/\/ACME.com\/x`, '10 json url'],
    [String.raw`https:\\/\\/acme.com`, '12 json url'],
    ['%2F%2Facme.com', '6 url url'],
    ['https%253A%252F%252Facme.com', '20 url+url url'],
    [String.raw`https:\u002F\u002Facme.com`, '18 unicode-escape url'],
    ['&#x2F;&#x2F;acme.com', '12 html-entity url'],
    ['https://%61cme.com', '8 url url'],
    [String.raw`a\nacme.com`, '3 json bare'],
    ['xn--mnchen-3ya.de', '0 plain+punycode bare'],
    ['MÜNCHEN.de', '0 plain bare'],
    [String.raw`M\u00DCNCHEN.de`, '0 unicode-escape bare'],
    ['m%c3%bcnchen.de', '0 url bare'],
    [Buffer.from('x https://acme.com/ y z').toString('base64'), '0 base64+plain url'],
    ['http://acme.com:80/', '7 plain url'],
  ])('%s', (text, expected) => {
    expect(find(text)).toEqual([expected]);
    expect(findHosts(Buffer.from(text), HOSTS).every(isLeak)).toBe(true);
  });

  test.each([
    ['shop.acme.com', 'subdomain'],
    ['info@acme.com', 'email'],
    ['info%40acme.com', 'email'],
    ['https://acme.com@evil.example', 'userinfo'],
    ['https://acme.com:8443', 'port'],
    ['/var/www/acme.com/x', 'path'],
  ])('%s is no leak', (text, context) => {
    const found = findHosts(Buffer.from(text), HOSTS);
    expect(found.map((finding) => finding.context)).toEqual([context]);
    expect(found.some(isLeak)).toBe(false);
  });

  test.each(['notacme.com', 'acme.com.au', 'acme.company', 'acme.com%2Eau', 'my-acme.com'])(
    '%s is another host',
    (text) => {
      expect(find(text)).toEqual([]);
    },
  );
});

describe('isValidSerialized', () => {
  test.each([
    'N;',
    'b:1;',
    'i:-5;',
    'd:0.5;',
    'd:1.0E+25;',
    'd:-INF;',
    's:2:"é";',
    'a:1:{i:0;a:0:{}}',
    'O:1:"A":1:{s:4:"\0*\0b";R:1;}',
    'E:3:"A:B";',
    'C:1:"A":3:{abc}',
    String.raw`S:2:"\61b";`,
  ])('%s', (text) => {
    expect(isValidSerialized(Buffer.from(text))).toBe(true);
  });
  test.each([
    '',
    'N',
    's:1:"é";',
    'a:1:{i:0;}',
    'a:1:{N;i:1;}',
    'a:0:{}x',
    'i:1;i:2;',
    'hello;',
    'a:2:{i:0;i:1;}',
  ])('not %s', (text) => {
    expect(isValidSerialized(Buffer.from(text))).toBe(false);
  });
});
