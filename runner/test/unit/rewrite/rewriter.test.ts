import { describe, expect, test } from '@jest/globals';
import { createRewriter, deriveSitePairs, type RewriteCounts } from '../../../src/rewrite/index.js';

const pairs = deriveSitePairs('https://www.acme.com', 'https://staging.acme.com');
const run = (text: string, list = pairs): string => {
  const rewriter = createRewriter(list);
  const once = rewriter.rewrite(Buffer.from(text));
  expect(createRewriter(list).rewrite(once)).toBe(once);
  return once.toString();
};
const string = (text: string): string => `s:${String(Buffer.byteLength(text))}:"${text}";`;

describe('what is rewritten', () => {
  const field = (choices: readonly string[], chosen: string): string =>
    `a:2:{s:7:"choices";a:${String(choices.length + 1)}:{${choices.map((url) => `${string(url)}s:1:"x";`).join('')}i:7;i:8;}s:13:"default_value";${string(chosen)}}`;

  test('choices of a field, whose keys are the values that can be chosen', () => {
    expect(run(field(['https://www.acme.com/a', 'https://www.acme.com/b'], 'https://www.acme.com/a'))).toBe(
      field(['https://staging.acme.com/a', 'https://staging.acme.com/b'], 'https://staging.acme.com/a'),
    );
  });

  test('but for choices that would become one', () => {
    const both = ['https://www.acme.com/a', 'https://staging.acme.com/a'];
    const rewriter = createRewriter(pairs);
    expect(rewriter.rewrite(Buffer.from(field(both, ''))).toString()).toBe(field(both, ''));
    expect(rewriter.counts.keys).toBe(1);
  });

  test.each([
    ['https', 'https://www.acme.com/x', 'https://staging.acme.com/x'],
    ['http', 'http://www.acme.com', 'https://staging.acme.com'],
    ['without www', 'https://acme.com/', 'https://staging.acme.com/'],
    ['protocol-relative', '"//acme.com/x"', '"//staging.acme.com/x"'],
    ['other scheme', 'wss://acme.com/x', 'wss://staging.acme.com/x'],
    ['bare', 'Visit acme.com.', 'Visit staging.acme.com.'],
    ['cookie domain', '.acme.com', '.staging.acme.com'],
    ['letter case', 'HTTPS://WWW.Acme.COM/X', 'HTTPS://staging.acme.com/X'],
    [
      'default port',
      'https://acme.com:443/x http://acme.com:80',
      'https://staging.acme.com/x https://staging.acme.com',
    ],
    ['JSON', String.raw`https:\/\/www.acme.com\/x`, String.raw`https:\/\/staging.acme.com\/x`],
    ['JSON in JSON', String.raw`https:\\/\\/acme.com`, String.raw`https:\\/\\/staging.acme.com`],
    [
      'code points',
      String.raw`https:\u002F\u002Facme.com\u002fx`,
      String.raw`https:\u002F\u002Fstaging.acme.com\u002fx`,
    ],
    [
      'block attribute',
      String.raw`\u0022https://acme.com\u0022`,
      String.raw`\u0022https://staging.acme.com\u0022`,
    ],
    ['URL-encoded', 'u=https%3A%2F%2Facme.com%2Fx', 'u=https%3A%2F%2Fstaging.acme.com%2Fx'],
    ['URL-encoded, small letters', 'u=http%3a%2f%2facme.com%2f', 'u=https%3a%2f%2fstaging.acme.com%2f'],
    ['URL-encoded twice', 'https%253A%252F%252Facme.com', 'https%253A%252F%252Fstaging.acme.com'],
    [
      'after an escaped line end',
      String.raw`a\nacme.com a\thttp://acme.com`,
      String.raw`a\nstaging.acme.com a\thttps://staging.acme.com`,
    ],
    ['emphasis', '_https://acme.com_ __acme.com__', '_https://staging.acme.com_ __staging.acme.com__'],
    ['URL-encoded JSON', 'a%3A%5C%2F%5C%2Facme.com%5C%2Fp', 'a%3A%5C%2F%5C%2Fstaging.acme.com%5C%2Fp'],
    [
      'a regular expression',
      String.raw`^https?://(www\.)?acme\.com/`,
      String.raw`^https?://(www\.)?staging\.acme\.com/`,
    ],
    ['between Chinese letters', '访问acme.com吧', '访问staging.acme.com吧'],
    ['every hit', 'acme.com acme.com,acme.com', 'staging.acme.com staging.acme.com,staging.acme.com'],
  ])('%s', (_case, before, after) => {
    expect(run(before)).toBe(after);
  });
});

describe('what is left and counted', () => {
  test.each<[string, string, keyof RewriteCounts | undefined]>([
    ['longer domain', 'https://acme.com.au/', 'otherHosts'],
    ['longer name', 'https://notacme.com/', 'otherHosts'],
    ['name with a dash', 'https://acme.com-old.net my-acme.com', 'otherHosts'],
    ['international letter', 'éacme.com', 'otherHosts'],
    ['subdomain', 'https://shop.acme.com/', 'subdomains'],
    ['wildcard', '*.acme.com', 'subdomains'],
    ['port', 'https://acme.com:8443/', 'ports'],
    ['wrong default port', 'http://acme.com:443/', 'ports'],
    ['user name', 'https://acme.com@evil.example/', 'userinfo'],
    ['password', 'https://acme.com:secret@evil.example/', 'userinfo'],
    ['host after a user name', 'https://me:secret@acme.com/', 'userinfo'],
    ['e-mail', 'info@acme.com', 'emails'],
    ['encoded e-mail', 'mailto:info%40acme.com', 'emails'],
    ['e-mail for people', 'info(at)acme.com', 'emails'],
    ['e-mail for people, in brackets', 'info[AT]acme.com', 'emails'],
    ['a key of a cache', 'cache_acme.com', 'otherHosts'],
    ['a file', 'acme.com_backup.zip', 'otherHosts'],
    ['e-mail by entity', 'info&#64;acme.com', 'emails'],
    ['folder', '/var/www/acme.com/html', 'pathSegments'],
    ['result of an earlier run', 'https://staging.acme.com/', undefined],
    ['key', 'a:1:{s:16:"https://acme.com";i:1;}', 'keys'],
    ['property', 'O:1:"A":1:{s:8:"acme.com";i:1;}', 'keys'],
    ['payload', 'C:3:"Foo":16:{https://acme.com}', 'opaque'],
    ['base64', Buffer.from('see https://acme.com/').toString('base64'), 'base64'],
  ])('%s', (_case, text, reason) => {
    const rewriter = createRewriter(pairs);
    const value = Buffer.from(text);
    expect(rewriter.rewrite(value)).toBe(value);
    const { counts } = rewriter;
    const sum = Object.values(counts).reduce((total, count) => total + count, 0);
    if (reason === undefined) expect(sum).toBe(0);
    else expect(counts[reason]).toBe(sum);
    expect(sum > 0).toBe(reason !== undefined);
  });

  test('names of subdomains and ports', () => {
    const rewriter = createRewriter(pairs);
    rewriter.rewrite(Buffer.from('cdn.acme.com CDN.acme.com acme.com:8443'));
    expect([...rewriter.left]).toEqual([
      ['cdn.acme.com', 2],
      ['acme.com:8443', 1],
    ]);
  });
});

describe('serialized PHP', () => {
  const old = string('é https://acme.com/');
  const fresh = string('é https://staging.acme.com/');
  test.each([
    ['string', old, fresh],
    [
      'in an array',
      `a:2:{i:0;${old}s:1:"k";d:0.10000000000000001;}`,
      `a:2:{i:0;${fresh}s:1:"k";d:0.10000000000000001;}`,
    ],
    [
      'object with hidden names',
      `O:3:"Foo":2:{s:6:"\0Foo\0a";${old}s:4:"\0*\0b";r:1;}`,
      `O:3:"Foo":2:{s:6:"\0Foo\0a";${fresh}s:4:"\0*\0b";r:1;}`,
    ],
    ['in serialized', string(`a:1:{i:0;${old}}`), string(`a:1:{i:0;${fresh}}`)],
    ['three deep', string(string(string(old))), string(string(string(fresh)))],
    ['in JSON', JSON.stringify({ a: old }), JSON.stringify({ a: fresh })],
    [
      'in escaped JSON',
      JSON.stringify({ a: old }).replaceAll('/', '\\/'),
      JSON.stringify({ a: fresh }).replaceAll('/', '\\/'),
    ],
    ['in JSON in JSON', JSON.stringify(JSON.stringify([old])), JSON.stringify(JSON.stringify([fresh]))],
    ['in JSON in serialized', string(JSON.stringify([old])), string(JSON.stringify([fresh]))],
    ['slashed', old.replaceAll('"', '\\"'), fresh.replaceAll('"', '\\"')],
    ['with text around', `x ${old} y acme.com`, `x ${fresh} y staging.acme.com`],
    ['PHP session', `user|${old}n|i:1;`, `user|${fresh}n|i:1;`],
    [
      'payload made of values',
      'C:11:"ArrayObject":49:{x:i:0;a:1:{i:0;s:16:"https://acme.com";};m:a:0:{}}',
      'C:11:"ArrayObject":57:{x:i:0;a:1:{i:0;s:24:"https://staging.acme.com";};m:a:0:{}}',
    ],
    [
      'escaped string',
      String.raw`S:19:"https://acme.com/\c3\a9";`,
      String.raw`S:27:"https://staging.acme.com/\c3\a9";`,
    ],
    ['enum', `a:2:{i:0;E:11:"Suit:Hearts";i:1;${old}}`, `a:2:{i:0;E:11:"Suit:Hearts";i:1;${fresh}}`],
    ['quote and semicolon in the text', string('";s:3:"acme.com";}'), string('";s:3:"staging.acme.com";}')],
  ])('%s', (_case, before, after) => {
    expect(run(before)).toBe(after);
  });

  test.each([
    ['wrong length', 'a:1:{i:0;s:99:"https://acme.com";}'],
    ['cut off', 'a:2:{i:0;s:16:"https://acme.com";i:1;s:4:"ab'],
    ['wrong count', 'a:3:{i:0;s:16:"https://acme.com";}'],
    ['bad first, good later', 'a:2:{i:0;s:9:"x";i:1;s:16:"https://acme.com";}'],
  ])('a broken value keeps all its lengths: %s', (_case, text) => {
    const rewriter = createRewriter(pairs);
    expect(rewriter.rewrite(Buffer.from(text)).toString()).toBe(text.replace('acme.com', 'staging.acme.com'));
    expect(rewriter.counts.brokenSerialized).toBe(1);
  });

  test('a length that does not change keeps its digits', () => {
    const list = deriveSitePairs('https://acme.com', 'https://test.org');
    expect(run('s:016:"https://acme.com";', list)).toBe('s:016:"https://test.org";');
  });

  test('10,000 levels of arrays and of strings', () => {
    const arrays = `${'a:1:{i:0;'.repeat(10_000)}${old}${'}'.repeat(10_000)}`;
    expect(run(arrays)).toBe(arrays.replace(old, fresh));
    const nest = (text: string): string => {
      let value = text;
      for (let level = 0; level < 10_000; level++)
        value = `s:${String(Buffer.byteLength(value))}:"${value}";`;
      return value;
    };
    expect(run(nest('https://acme.com')) === nest('https://staging.acme.com')).toBe(true);
  });

  test('no change gives the same Buffer', () => {
    const value = Buffer.from('a:1:{i:0;s:3:"abc";}');
    expect(createRewriter(pairs).rewrite(value)).toBe(value);
  });

  test('base64 on request', () => {
    const before = Buffer.from('see https://acme.com/ now').toString('base64');
    const after = Buffer.from('see https://staging.acme.com/ now').toString('base64');
    const rewriter = createRewriter(pairs, { base64: 'rewrite' });
    expect(rewriter.rewrite(Buffer.from(`<${before}>`)).toString()).toBe(`<${after}>`);
  });
});

describe('other addresses', () => {
  test.each([
    [
      'new one contains the old',
      'https://acme.com',
      'https://acme.com/staging',
      'https://acme.com/x https://acme.com/staging/y',
      'https://acme.com/staging/x https://acme.com/staging/y',
    ],
    [
      'path to no path',
      'https://acme.com/blog',
      'https://stage.io',
      'https://acme.com/blog/x https://acme.com/blogs acme.com/blog',
      'https://stage.io/x https://acme.com/blogs stage.io',
    ],
    [
      'path in JSON',
      'https://acme.com/a/b',
      'https://stage.io/c/d',
      String.raw`https:\/\/acme.com\/a\/b\/x`,
      String.raw`https:\/\/stage.io\/c\/d\/x`,
    ],
    [
      'path, URL-encoded',
      'https://acme.com/a',
      'https://stage.io:8080/c',
      'https%3A%2F%2Facme.com%2Fa%2Fx',
      'https%3A%2F%2Fstage.io%3A8080%2Fc%2Fx',
    ],
    ['port', 'http://acme.local:8080', 'https://stage.io', 'http://acme.local:8080/x', 'https://stage.io/x'],
    [
      'letters in the new path',
      'https://acme.com',
      'https://stage.io/müller',
      String.raw`https://acme.com/x https:\/\/acme.com\/x https%3A%2F%2Facme.com%2Fx acme.com`,
      String.raw`https://stage.io/m%C3%BCller/x https:\/\/stage.io\/m%C3%BCller\/x https%3A%2F%2Fstage.io%2Fm%25C3%25BCller%2Fx stage.io/m%C3%BCller`,
    ],
    [
      'letters in the old path',
      'https://acme.com/café',
      'https://stage.io/thé',
      String.raw`acme.com/café/x https://acme.com/caf%C3%A9/x https://acme.com/caf%c3%a9 "https:\/\/acme.com\/caf\u00e9" acme.com/cafe\u0301`.replaceAll(
        '\\u0301',
        '\u0301',
      ),
      String.raw`stage.io/thé/x https://stage.io/th%C3%A9/x https://stage.io/th%c3%a9 "https:\/\/stage.io\/th\u00e9" stage.io/thé`,
    ],
    [
      'punycode',
      'https://münchen.de',
      'https://test.münchen.de',
      String.raw`https://xn--mnchen-3ya.de MÜNCHEN.de m\u00fcnchen.de m%C3%BCnchen.de`,
      String.raw`https://test.xn--mnchen-3ya.de test.münchen.de test.m\u00fcnchen.de test.m%C3%BCnchen.de`,
    ],
    [
      'letters beyond ASCII behind www',
      'https://www.münchen.de',
      'https://test.münchen.de',
      'https://www.münchen.de/x https://WWW.MÜNCHEN.de shop.münchen.de',
      'https://test.münchen.de/x https://test.münchen.de shop.münchen.de',
    ],
    [
      'word as host',
      'http://localhost',
      'https://stage.io',
      'localhost http://localhost/x',
      'localhost https://stage.io/x',
    ],
  ])('%s', (_case, from, to, before, after) => {
    expect(run(before, deriveSitePairs(from, to))).toBe(after);
  });

  test('bytes that are looked for in a database are those of the name', () => {
    const { needles } = createRewriter(deriveSitePairs('https://münchen.de', 'https://test.münchen.de'));
    expect(needles).toContain(Buffer.from('münchen.de').toString('latin1'));
  });

  test('an address of staging is no unknown subdomain of production, however it is written', () => {
    const rewriter = createRewriter(deriveSitePairs('https://münchen.de', 'https://test.münchen.de'));
    const there = String.raw`https://test.münchen.de test.xn--mnchen-3ya.de test.m\u00fcnchen.de test.M%C3%BCNCHEN.de`;
    rewriter.rewrite(Buffer.from(there));
    expect(rewriter.counts.subdomains).toBe(0);
    rewriter.rewrite(Buffer.from('https://shop.münchen.de'));
    expect(rewriter.counts.subdomains).toBe(1);
  });

  test('a www form of its own is left', () => {
    const list = deriveSitePairs('https://acme.com', 'https://stage.io', { wwwServed: 'both' });
    expect(run('https://acme.com https://www.acme.com', list)).toBe('https://stage.io https://www.acme.com');
  });

  test('a network of sites, the longest address first', () => {
    const list = deriveSitePairs('https://acme.com', 'https://s.io', {
      sites: [
        { from: 'https://acme.com/shop', to: 'https://shop.s.io' },
        { from: 'https://blog.acme.com', to: 'https://s.io/blog' },
      ],
    });
    expect(run('acme.com acme.com/shop/x acme.com/shops blog.acme.com/y', list)).toBe(
      's.io shop.s.io/x s.io/shops s.io/blog/y',
    );
  });

  test('folders and texts', () => {
    const list = [
      { kind: 'path', from: '/var/www/acme', to: '/srv/acme/html' },
      { kind: 'text', from: 'UA-123456', to: 'UA-000000' },
    ] as const;
    expect(
      run(String.raw`/var/www/acme/x \/var\/www\/acme /var/www/acme2 /x/var/www/acme UA-123456`, [...list]),
    ).toBe(String.raw`/srv/acme/html/x \/srv\/acme\/html /var/www/acme2 /x/var/www/acme UA-000000`);
  });

  test('a longer text wins over the host in it', () => {
    const list = [
      ...pairs,
      { kind: 'text' as const, from: 'https://acme.com/old-page', to: 'https://new.example/p' },
    ];
    expect(run('https://acme.com/old-page https://acme.com/', list)).toBe(
      'https://new.example/p https://staging.acme.com/',
    );
  });
});

describe('pairs that are refused', () => {
  test.each([
    ['empty', 'text', '', 'abcd'],
    ['short', 'text', 'abc', 'abcd'],
    ['new text empty', 'text', 'abcd', ''],
    ['serialized structure', 'text', 's:12:', 's:13:'],
    ['SQL structure', 'text', "'),('", "'),\n('"],
    ['punctuation', 'text', '://://', 'xxxx'],
    ['not a URL', 'url', 'acme.com', 'https://x.io'],
    ['user name in the URL', 'url', 'https://me@acme.com', 'https://x.io'],
    ['not a host', 'host', 'acme com', 'x.io'],
    ['relative folder', 'path', 'var/www', '/srv/www'],
    ['new address above the old one', 'url', 'https://acme.com/blog', 'https://acme.com'],
  ] as const)('%s', (_case, kind, from, to) => {
    expect(() => createRewriter([{ kind, from, to }])).toThrow(
      expect.objectContaining({ code: 'REWRITE_PAIR_REFUSED' }),
    );
  });

  test.each([
    ['chain', ['https://a.com', 'https://b.com'], ['https://b.com', 'https://c.com']],
    ['contradiction', ['https://a.com', 'https://b.com'], ['https://a.com', 'https://c.com']],
  ])('%s', (_case, ...list) => {
    const urls = list.map(([from = '', to = '']) => ({ kind: 'url' as const, from, to }));
    expect(() => createRewriter(urls)).toThrow(expect.objectContaining({ code: 'REWRITE_PAIR_REFUSED' }));
  });
});
