import { type EscapeDialect, type EscapeStep } from './escape-dialect.js';
import { jsonDialect } from './escape-dialects.js';

/** The encodings in which a text may stand in another text; each is removed and put back by the same dialect. */
export type TextEncoding = 'json' | 'url' | 'html' | 'quotedPrintable' | 'lines' | 'css' | 'regex';

const PERCENT = 0x25;
const AMPERSAND = 0x26;
const BACKSLASH = 0x5c;
const EQUALS = 0x3d;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

const hexDigit = (byte: number | undefined): number => {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
};
/** The byte that two hexadecimal digits at `at` stand for; -1 without them. */
export const hexByte = (bytes: Buffer, at: number): number => {
  const high = hexDigit(bytes[at]);
  const low = hexDigit(bytes[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
};

const nextOf =
  (byte: number) =>
  (raw: Buffer, at: number): number => {
    const found = raw.indexOf(byte, at);
    return found < 0 ? raw.length : found;
  };

/** Writes the letters for which `mustEncode` says so as `encode` gives them; bytes as latin1 text. */
const encodeLetters = (text: Buffer, mustEncode: RegExp, encode: (code: number) => string): Buffer =>
  Buffer.from(
    text.toString('latin1').replace(mustEncode, (letter) => encode(letter.charCodeAt(0))),
    'latin1',
  );

/** RFC 3986, 2.1; a `+` stays one, in forms and in URLs alike. */
const urlDialect: EscapeDialect = {
  next: nextOf(PERCENT),
  read(raw, at, out) {
    const byte = hexByte(raw, at + 1);
    if (byte < 0) out.set(1, PERCENT);
    else out.set(3, byte);
  },
  encode(text, old, before) {
    const around = `${before.toString('latin1')}${old.toString('latin1')}`;
    const lower = /%[0-9]?[a-f]/.test(around);
    return encodeLetters(text, /[^A-Za-z0-9._~-]/g, (code) => {
      const hex = code.toString(16).padStart(2, '0');
      return `%${lower ? hex : hex.toUpperCase()}`;
    });
  },
};

const ENTITY =
  /^&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(sol|colon|period|commat|amp|quot|apos|lt|gt|bsol|lbrace|lcub|rbrace|rcub|lsqb|rsqb|lbrack|rbrack|semi|equals|num|percnt|lowbar|hyphen|quest));/i;
const NAMED: Readonly<Record<string, string>> = {
  sol: '/',
  colon: ':',
  period: '.',
  commat: '@',
  amp: '&',
  quot: '"',
  apos: "'",
  lt: '<',
  gt: '>',
  bsol: '\\',
  lbrace: '{',
  lcub: '{',
  rbrace: '}',
  rcub: '}',
  lsqb: '[',
  rsqb: ']',
  lbrack: '[',
  rbrack: ']',
  semi: ';',
  equals: '=',
  num: '#',
  percnt: '%',
  lowbar: '_',
  hyphen: '-',
  quest: '?',
};

/** Length of the HTML character reference at `at`, of those that matter for addresses and lengths; 0 without one. */
export function entityLength(bytes: Buffer, at: number): number {
  return ENTITY.exec(bytes.toString('latin1', at, at + 11))?.[0].length ?? 0;
}

function readEntity(raw: Buffer, at: number, out: EscapeStep): void {
  const found = ENTITY.exec(raw.toString('latin1', at, at + 11));
  if (found === null) return out.set(1, AMPERSAND);
  const [whole, decimal, hex, name] = found;
  const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  if (name === undefined && (point > 0x10ffff || point === 0)) return out.set(1, AMPERSAND);
  out.rawLength = whole.length;
  out.length = out.bytes.write(
    name === undefined ? String.fromCodePoint(point) : (NAMED[name.toLowerCase()] ?? ''),
  );
}

/** How a character is written as an entity nearby: with the same number, name or letters; '' where it is plain. */
function entityNearby(character: string, around: string): string {
  for (const [entity] of around.matchAll(/&(?:#\d+|#[xX][0-9a-fA-F]+|[a-z]+);/g)) {
    const step = { rawLength: 1, length: 1, bytes: Buffer.alloc(4), set: () => undefined };
    readEntity(Buffer.from(entity), 0, step);
    if (step.bytes.toString('utf8', 0, step.length) === character) return entity;
  }
  return '';
}

const htmlDialect: EscapeDialect = {
  next: nextOf(AMPERSAND),
  read: readEntity,
  encode(text, old, before) {
    const around = `${old.toString('latin1')}${before.toString('latin1')}`;
    const escapes: Readonly<Record<string, string>> = {
      '&': '&amp;',
      '"': '&quot;',
      "'": '&#039;',
      '<': '&lt;',
      '>': '&gt;',
    };
    return encodeLetters(text, /[&"'<>/:@?]/g, (code) => {
      const letter = String.fromCharCode(code);
      return entityNearby(letter, around) || (escapes[letter] ?? letter);
    });
  },
};

/** RFC 2045, 6.7. A soft line break stands for nothing. */
const quotedPrintableDialect: EscapeDialect = {
  next: nextOf(EQUALS),
  read(raw, at, out) {
    const end = softBreakEnd(raw, at);
    const byte = hexByte(raw, at + 1);
    if (end > 0) {
      out.rawLength = end - at;
      out.length = 0;
    } else if (byte < 0) out.set(1, EQUALS);
    else out.set(3, byte);
  },
  encode: (text) =>
    encodeLetters(
      text,
      /[^\x20-\x3c\x3e-\x7e]/g,
      (code) => `=${code.toString(16).toUpperCase().padStart(2, '0')}`,
    ),
};

/** Where the soft line break at `at` (`=`, line end) ends; 0 without one. */
export function softBreakEnd(bytes: Buffer, at: number): number {
  const next = bytes[at + 1];
  if (next === LINE_FEED) return at + 2;
  return next === CARRIAGE_RETURN && bytes[at + 2] === LINE_FEED ? at + 3 : 0;
}

/** The encoding to remove where lines between `start` and `end` are cut by soft line breaks, which cut all else that is encoded. */
export function lineCuts(bytes: Buffer, start: number, end: number): TextEncoding | undefined {
  for (const [text, encoding] of SOFT_BREAKS) {
    const found = bytes.indexOf(text, start);
    if (found >= 0 && found < end) return encoding;
  }
  return undefined;
}

const SOFT_BREAKS: readonly (readonly [string, TextEncoding])[] = [
  ['=\\n', 'json'],
  ['=\\r\\n', 'json'],
  ['=\n', 'quotedPrintable'],
  ['=\r\n', 'quotedPrintable'],
];

/** Base64 in lines, as mail has it (RFC 2045, 6.8): line ends stand for nothing. */
const linesDialect: EscapeDialect = {
  next(raw, at) {
    const [feed, carriage] = [nextOf(LINE_FEED)(raw, at), nextOf(CARRIAGE_RETURN)(raw, at)];
    return Math.min(feed, carriage);
  },
  read(_raw, _at, out) {
    out.rawLength = 1;
    out.length = 0;
  },
  encode: (text) => text,
};

/** CSS Syntax 3, 4.3.7: one to six digits and one blank that belongs to them. */
const cssDialect: EscapeDialect = {
  next: nextOf(BACKSLASH),
  read(raw, at, out) {
    const digits = cssDigits(raw, at);
    if (digits === 0) {
      const letter = raw[at + 1];
      return letter === undefined ? out.set(1, BACKSLASH) : out.set(2, letter);
    }
    const point = Number.parseInt(raw.toString('latin1', at + 1, at + 1 + digits), 16);
    // A blank belongs to the escape; forms write it as `+`.
    const after = raw[at + 1 + digits];
    const blank = after === 0x20 || after === 0x2b ? 1 : 0;
    out.rawLength = 1 + digits + blank;
    out.length = out.bytes.write(point > 0x10ffff || point === 0 ? '?' : String.fromCodePoint(point));
  },
  encode(text, old, before) {
    const encoded = /\\(?:2f|3a) ?/i.test(`${old.toString('latin1')}${before.toString('latin1')}`);
    return encodeLetters(
      text,
      encoded ? /[^A-Za-z0-9._~\x80-\xff-]/g : /["'\\()]/g,
      (code) => `\\${code.toString(16)} `,
    );
  },
};

/** How many hexadecimal digits follow the backslash at `at`; at most six. */
export function cssDigits(bytes: Buffer, at: number): number {
  let count = 0;
  while (count < 6 && hexDigit(bytes[at + 1 + count]) >= 0) count++;
  return count;
}

/** A regular expression: what is no letter may stand behind a backslash, and a dot does where it means a dot. */
const regexDialect: EscapeDialect = {
  next: nextOf(BACKSLASH),
  read(raw, at, out) {
    const letter = raw[at + 1];
    if (letter === undefined || /[A-Za-z0-9]/.test(String.fromCharCode(letter))) out.set(1, BACKSLASH);
    else out.set(2, letter);
  },
  encode(text, old, before) {
    // Only where the dots of the old name were written so.
    if (!old.includes('\\')) return text;
    const slashes = before.includes('\\/') || old.includes('\\/');
    return encodeLetters(
      text,
      slashes ? /[.\\+*?()[\]{}^$|/]/g : /[.\\+*?()[\]{}^$|]/g,
      (code) => `\\${String.fromCharCode(code)}`,
    );
  },
};

export const textDialects: Readonly<Record<TextEncoding, EscapeDialect>> = {
  json: jsonDialect,
  url: urlDialect,
  html: htmlDialect,
  quotedPrintable: quotedPrintableDialect,
  lines: linesDialect,
  css: cssDialect,
  regex: regexDialect,
};
