/**
 * Searches bytes for host names for the leak check. It shares nothing with the rewriter: instead of recognising
 * encodings around a name it removes them, layer by layer, and searches what is left.
 */
import { domainToASCII, domainToUnicode } from 'node:url';

export interface HostFinding {
  /** Where it is written in the searched bytes, and how many bytes that takes. */
  readonly offset: number;
  readonly length: number;
  /** The host as it was asked for. */
  readonly host: string;
  /** How it is written there: `plain`, or the encodings that had to be removed, outermost first. */
  readonly encoding: string;
  /** `url` and `bare` are leaks; the others are what docs/rewriting.md says is left. */
  readonly context: 'url' | 'bare' | 'subdomain' | 'email' | 'userinfo' | 'port' | 'path';
  /** The text around it, cut, control characters removed. */
  readonly excerpt: string;
  /** The decoded text from the name on, in lower case, cut. */
  readonly rest: string;
}

/** Decoded latin1 text with the place of each of its characters in the searched bytes. */
interface Layer {
  readonly text: string;
  readonly places: Uint32Array | undefined;
  readonly encoding: string;
}

interface Decoder {
  readonly name: string;
  readonly pattern: RegExp;
  readonly decode: (match: RegExpExecArray) => string;
}

const utf8 = (point: number): string =>
  point <= 0x10ffff ? Buffer.from(String.fromCodePoint(point)).toString('latin1') : '';
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  bsol: '\\',
  colon: ':',
  commat: '@',
  equals: '=',
  gt: '>',
  hyphen: '-',
  lt: '<',
  num: '#',
  percnt: '%',
  period: '.',
  quot: '"',
  semi: ';',
  sol: '/',
};
const DECODERS: readonly Decoder[] = [
  {
    name: 'url',
    pattern: /%([0-9a-f]{2})/gi,
    decode: (m) => String.fromCharCode(Number.parseInt(m[1] ?? '', 16)),
  },
  {
    name: 'unicode-escape',
    pattern: /\\+u([0-9a-f]{4})|\\+x([0-9a-f]{2})/gi,
    decode: (m) => utf8(Number.parseInt(m[1] ?? m[2] ?? '', 16)),
  },
  {
    name: 'json',
    pattern: /\\+([/"'nrtbf.-])/g,
    decode: (m) => (/[nrtbf]/.test(m[1] ?? '') ? '\n' : (m[1] ?? '')),
  },
  {
    name: 'html-entity',
    pattern: /&#x([0-9a-f]{1,6});?|&#(\d{1,7});?|&(\w{2,6});/gi,
    decode: (m) =>
      m[3] === undefined
        ? utf8(m[1] === undefined ? Number(m[2]) : Number.parseInt(m[1], 16))
        : (ENTITIES[m[3].toLowerCase()] ?? m[0]),
  },
  {
    name: 'quoted-printable',
    pattern: /=\r?\n|=([0-9A-F]{2})/g,
    decode: (m) => (m[1] === undefined ? '' : String.fromCharCode(Number.parseInt(m[1], 16))),
  },
  {
    name: 'css',
    pattern: /\\([0-9a-f]{2,6}) ?/gi,
    decode: (m) => utf8(Number.parseInt(m[1] ?? '', 16)),
  },
];
const MAX_LAYERS = 6;
const EXCERPT = 40;

function removeEncoding(layer: Layer, { name, pattern, decode }: Decoder): Layer | undefined {
  pattern.lastIndex = 0;
  let match = pattern.exec(layer.text);
  if (match === null) return undefined;
  const parts: string[] = [];
  const places = new Uint32Array(layer.text.length);
  let length = 0;
  let from = 0;
  const place = (at: number): number => (layer.places === undefined ? at : (layer.places[at] ?? 0));
  const keep = (end: number): void => {
    parts.push(layer.text.slice(from, end));
    for (let at = from; at < end; at++) places[length++] = place(at);
  };
  for (; match !== null; match = pattern.exec(layer.text)) {
    keep(match.index);
    const decoded = decode(match);
    parts.push(decoded);
    for (let i = 0; i < decoded.length && length < places.length; i++) places[length++] = place(match.index);
    from = match.index + match[0].length;
  }
  keep(layer.text.length);
  const encoding = layer.encoding === 'plain' ? name : `${layer.encoding}+${name}`;
  return { text: parts.join(''), places: places.subarray(0, length), encoding };
}

/** The text as it stands, and after each removal of an encoding, until nothing more can be removed. */
function* layersOf(text: string): Generator<Layer> {
  let layer: Layer = { text, places: undefined, encoding: 'plain' };
  yield layer;
  for (let count = 0; count < MAX_LAYERS; count++) {
    const before = layer;
    for (const decoder of DECODERS) {
      const next = removeEncoding(layer, decoder);
      if (next === undefined) continue;
      layer = next;
      yield layer;
    }
    if (layer === before) return;
  }
}

/** Lower case, also of international letters, for latin1 text that holds UTF-8; lengths may not change. */
function lowerCase(text: string): string {
  const ascii = text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  if (!/[\x80-\xff]/.test(ascii)) return ascii;
  return ascii.replace(/[\x80-\xff]+/g, (bytes) => {
    const letters = Buffer.from(bytes, 'latin1').toString('utf8');
    const lower = Buffer.from(letters.toLowerCase()).toString('latin1');
    return letters.includes('\uFFFD') || lower.length !== bytes.length ? bytes : lower;
  });
}

const forms = (host: string): string[] => {
  const ascii = domainToASCII(host) || host.toLowerCase();
  const unicode = Buffer.from(domainToUnicode(ascii) || ascii).toString('latin1');
  return [...new Set([ascii, unicode])];
};

/** Text before and after a name tells what it is; undefined for another host that only looks like it. */
function contextOf(before: string, after: string): HostFinding['context'] | undefined {
  if (/^(?:[a-z0-9]|_+[a-z0-9]|-+[a-z0-9]|\.-*[a-z0-9_])/.test(after)) return undefined;
  if (/[a-z0-9-]_*$/.test(before)) return undefined;
  if (/^[\x80-\xff]{2}/.test(after) && isForeignLetter(after.slice(0, 4))) return undefined;
  if (/[a-z0-9_*-]\.$/.test(before)) return 'subdomain';
  if (/[([{]at[)\]}]$/.test(before)) return 'email';
  if (before.endsWith('@')) return /\/\/[^/?#\s"'<>]*@$/.test(before) ? 'userinfo' : 'email';
  const isUrl = /(?:^|[^a-z0-9._/-])\/\/$/.test(before);
  if (/^(?::[^/?#\s"'<>@]*)?@/.test(after)) return isUrl ? 'userinfo' : 'email';
  if (!isUrl && /^\+[a-z0-9._+-]*@/.test(after)) return 'email';
  const port = /^:(\d+)(?![a-z0-9])/.exec(after)?.[1];
  if (port !== undefined && !isDefaultPort(port, before)) return 'port';
  if (isUrl) return 'url';
  return before.endsWith('/') ? 'path' : 'bare';
}

const isDefaultPort = (port: string, before: string): boolean =>
  (port === '443' && !/(?<!s)http:\/\/$|^http:\/\/$/.test(before)) ||
  (port === '80' && !before.endsWith('https://'));

function isForeignLetter(text: string): boolean {
  const letter = [...Buffer.from(text, 'latin1').toString('utf8')][0] ?? '';
  return /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u.test(letter);
}

function excerptOf(text: string, from: number, to: number): string {
  const cut = text.slice(Math.max(0, from - EXCERPT), to + EXCERPT);
  return Buffer.from(cut, 'latin1')
    .toString('utf8')
    .replace(/[\x00-\x1f\x7f\uFFFD]+/g, ' ')
    .trim();
}

/** A finding, or the news that a place found in an earlier layer is another host after all. */
type Verdict = Omit<HostFinding, 'context'> & { readonly context: HostFinding['context'] | undefined };

function* findIn(layer: Layer, original: string, hosts: readonly string[]): Generator<Verdict> {
  const lower = lowerCase(layer.text);
  const place = (at: number): number =>
    layer.places === undefined ? at : (layer.places[at] ?? original.length);
  for (const host of hosts)
    for (const form of forms(host))
      for (let at = lower.indexOf(form); at >= 0; at = lower.indexOf(form, at + 1)) {
        const end = at + form.length;
        const context = contextOf(lower.slice(Math.max(0, at - 300), at), lower.slice(end, end + 300));
        const offset = place(at);
        const encoding = encodingAround(layer, place, at, end) ? layer.encoding : 'plain';
        if (context === undefined) {
          yield { offset, length: 0, host, encoding, context, excerpt: '', rest: '' };
          continue;
        }
        yield {
          offset,
          length: Math.max(place(end) - offset, form.length),
          host,
          encoding: /(?:^|\.)xn--/.test(form) ? `${encoding}+punycode` : encoding,
          context,
          excerpt: excerptOf(original, offset, place(end)),
          rest: lower.slice(at, at + 300),
        };
      }
}

/** Whether an encoding was removed from the name itself or from the three characters before it. */
function encodingAround(layer: Layer, place: (at: number) => number, at: number, end: number): boolean {
  const first = Math.max(0, at - 3);
  return layer.places !== undefined && place(end) - place(first) !== end - first;
}

const BASE64_RUN = /[A-Za-z0-9+/_-]{16,}={0,2}/g;

function* findInBase64(text: string, hosts: readonly string[]): Generator<HostFinding> {
  for (const run of text.matchAll(BASE64_RUN)) {
    const decoded = Buffer.from(run[0], 'base64');
    if (!looksLikeText(decoded)) continue;
    for (const finding of findHosts(decoded, hosts, { looksIntoBase64: false }))
      yield { ...finding, offset: run.index, length: run[0].length, encoding: `base64+${finding.encoding}` };
  }
}

const looksLikeText = (bytes: Buffer): boolean => {
  let odd = 0;
  for (const byte of bytes) if (byte < 0x20 && byte !== 10 && byte !== 13 && byte !== 9 && byte !== 0) odd++;
  return odd * 10 <= bytes.length;
};

/** All places where one of `hosts` (in either form) stands as a whole host, in any letter case and encoding. */
export function findHosts(
  bytes: Buffer,
  hosts: readonly string[],
  { looksIntoBase64 = true }: { readonly looksIntoBase64?: boolean } = {},
): HostFinding[] {
  const text = bytes.toString('latin1');
  const found = new Map<string, HostFinding>();
  for (const layer of layersOf(text))
    for (const finding of findIn(layer, text, hosts)) {
      // A later layer knows more: `%40acme.com` is bare at first and an e-mail address in the end.
      const key = `${String(finding.offset)} ${finding.host}`;
      const known = found.get(key);
      const { context } = finding;
      if (context === undefined) found.delete(key);
      else found.set(key, { ...finding, context, encoding: earlier(known, finding) });
    }
  const inBase64 = looksIntoBase64 ? [...findInBase64(text, hosts)] : [];
  return [...found.values(), ...inBase64].sort((a, b) => a.offset - b.offset);
}

const earlier = (known: HostFinding | undefined, later: Verdict): string =>
  known !== undefined && known.context === later.context ? known.encoding : later.encoding;

/** Whether a finding is one that no rule allows. */
export const isLeak = (finding: HostFinding): boolean =>
  finding.context === 'url' || finding.context === 'bare';
