import { describe, expect, test } from '@jest/globals';
import { problemLines, siteText } from './load-in-memory.js';

const lines = (rest: string, staging = {}): Promise<string[]> =>
  problemLines({ 'acme.yaml': siteText({}, staging, rest) });

describe('a map that keeps production’s addresses, or leads there', () => {
  test.each([
    ['equal sides', 'network: { shop.acme.com: shop.acme.com }', 'Both ends are the same address'],
    [
      'equal but for letter case',
      'network: { shop.acme.com: SHOP.Acme.com }',
      'Both ends are the same address',
    ],
    ['equal but for www', 'network: { shop.acme.com: www.shop.acme.com }', 'Both ends are the same address'],
    [
      'production itself',
      'network: { shop.acme.com: acme.com }',
      'The target acme.com is an address of production.',
    ],
    [
      'a folder of production',
      'network: { shop.acme.com: www.acme.com/shop }',
      'is an address of production.',
    ],
    [
      'another site of the network',
      'network: { a.acme.com: b.acme.com, b.acme.com: b.staging.acme.com }',
      'The target b.acme.com is an address of production.',
    ],
    [
      'two sites at one address',
      'network: { a.acme.com: s.acme.net, b.acme.com: s.acme.net }',
      'two sites cannot have one address',
    ],
    [
      'a pair of http and https',
      'pairs: [{ from: "http://acme.com", to: "https://acme.com" }]',
      'Both ends are the same address',
    ],
    [
      'a pair to production',
      'pairs: [{ from: "https://old.acme.com", to: "https://WWW.acme.com/old" }]',
      'is an address of production.',
    ],
    [
      'a pair of hosts that differ in letter case',
      'pairs: [{ from: cdn.acme.com, to: CDN.acme.com, kind: host }]',
      'Both ends are the same address',
    ],
  ])('%s', async (_, map, message) => {
    expect((await lines(`rewrite: { ${map} }`)).join('\n')).toContain(message);
  });

  test('is told with file, line, key and the line to write', async () => {
    expect(await lines('rewrite: { network: { shop.acme.com/de: www.acme.com } }')).toEqual([
      'acme.yaml:4:41 rewrite.network."shop.acme.com/de": The target www.acme.com is an address of production. → write "shop.acme.com/de": shop.staging.acme.com/de',
    ]);
  });

  test('also where production is that of another site file', async () => {
    const other = siteText(
      { url: 'https://www.other.example', ssh: 'deploy@app.other.net' },
      { url: 'https://staging.other.example', ssh: 'deploy@staging.other.net' },
      'rewrite: { network: { shop.other.example: shop.staging.other.example } }',
    );
    const problems = await problemLines({
      'acme.yaml': siteText(
        {},
        {},
        'rewrite: { network: { a.acme.com: other.example, b.acme.com: shop.other.example } }',
      ),
      'other.yaml': other,
    });
    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain('The target other.example is an address of production of the site other.');
  });
});

test.each([
  ['network: { shop.acme.com: shop.staging.acme.com, www.acme.com/fr: staging.acme.com/fr }', {}],
  ['network: { www.acme.com/fr: www.acme.com/staging/fr }', { url: 'https://www.acme.com/staging' }],
  [
    'pairs: [{ from: "https://old.acme.com", to: "https://staging.acme.com" }, { from: "https://older.acme.com", to: "https://staging.acme.com" }]',
    {},
  ],
  ['network: { shop.acme.com: shop.acme.com:8443 }', {}],
])('%s is right', async (map, staging) => {
  expect(await lines(`rewrite: { ${map} }`, staging)).toEqual([]);
});
