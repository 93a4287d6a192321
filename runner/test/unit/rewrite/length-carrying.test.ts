import { expect, test } from '@jest/globals';
import { createRewriter, deriveSitePairs } from '../../../src/rewrite/index.js';

const pairs = deriveSitePairs('https://www.acme.com', 'https://staging.acme.com');
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const char = (code: number): string => String.fromCharCode(code);
const url = 'https://acme.com/a';
const long = `https://acme.com/${'a'.repeat(60)}`;

test.each([
  ['igbinary', `\0\0\0\x02\x14\x01\x11\x03url\x11${char(url.length)}${url}`],
  ['igbinary, a longer string', `\0\0\0\x02\x14\x01\x11\x03url\x11${char(long.length)}${long}`],
  ['msgpack', `\x81\xa3url\xb2${url}`],
  ['msgpack, str8', `\x81\xa3url\xd9${char(long.length)}${long}`],
  ['CBOR', `\xa1\x63url\x72${url}`],
  ['CBOR, one byte of length', `\xa1\x63url\x78${char(long.length)}${long}`],
  ['protobuf', `\x08\x01\x12${char(url.length)}${url}`],
  ['protobuf, a printable length', `\x08\x01\x12${char(long.length)}${long}`],
  ['BSON', `\x25\0\0\0\x02url\0${char(url.length + 1)}\0\0\0${url}\0\0`],
  ['PNG', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0tEXt https://acme.com/ \0\xff'],
  ['JPEG', '\xff\xd8\xff\xe1\0\x40Exif\0\0<x:xmpmeta https://acme.com/>\xff\xd9'],
  ['gzip', '\x1f\x8b\x08\0\0\0\0\0\0\x03https://acme.com/\xff\0'],
  ['msgpack in a serialized array', `a:1:{s:1:"d";s:24:"\x81\xa3url\xb2${url}";}`],
])('%s stays whole', (_case, text) => {
  const rewriter = createRewriter(pairs);
  const value = bytes(text);
  expect(rewriter.rewrite(value)).toBe(value);
  expect(rewriter.counts).toMatchObject({ binary: 1, replacements: 0 });
});

test.each([
  ['a single-byte character set', 'caf\xe9 https://acme.com/ \xa9 acme.com'],
  ['typographic quotes of Windows-1252', '\x93https://acme.com\x94'],
  ['a stray control character', 'text \x03 with https://acme.com/ and\x0b more'],
  ['a stray zero byte', 'text \0 with https://acme.com/ more'],
  ['hidden properties', 'O:1:"A":1:{s:4:"\0A\0u";s:16:"https://acme.com";}'],
])('%s is text', (_case, text) => {
  const rewriter = createRewriter(pairs);
  expect(rewriter.rewrite(bytes(text)).toString('latin1')).toContain('https://staging.acme.com');
  expect(rewriter.counts.binary).toBe(0);
});

test.each([
  [
    'igbinary',
    (one: string) =>
      `\0\0\0\x02\x14\x02\x06\0\x11${char(one.length)}${one}\x06\x01\x11${char(one.length)}${one}`,
  ],
  ['msgpack', (one: string) => `\x92\xb2${one}\xb2${one}`],
])('of two addresses in %s none changes', (_case, write) => {
  const rewriter = createRewriter(pairs);
  const value = bytes(write(url));
  expect(rewriter.rewrite(value)).toBe(value);
  expect(rewriter.counts).toMatchObject({ binary: 2, replacements: 0 });
});

test.each([
  ['a text', (text: string) => text],
  ['a serialized string', (text: string) => `a:1:{i:0;s:${String(text.length)}:"${text}";}`],
  ['serialized values', (text: string) => text.replaceAll('/ ', '";s:1:"a";i:1; ')],
])('%s with hits all over costs as much a byte however long it is', (_case, write) => {
  const rewriter = createRewriter(pairs);
  const value = (hits: number): Buffer => bytes(write('https://acme.com/ '.padEnd(100, 'x').repeat(hits)));
  const secondsFor = (text: Buffer): number => {
    const start = process.cpuUsage();
    rewriter.rewrite(text);
    return process.cpuUsage(start).user / 1e6;
  };
  const [short, tall] = [value(4_000), value(64_000)];
  secondsFor(short);
  // Sixteen times as long: 256 times the seconds when each hit looks at the rest of the value again.
  expect(secondsFor(tall)).toBeLessThan(64 * Math.max(secondsFor(short), 0.002));
});
