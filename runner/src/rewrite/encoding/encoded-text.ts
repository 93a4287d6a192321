import { COLON, DASH, DOT, isAlphanumeric, SLASH } from '../match/neighbours.js';
import { stringEnd, stringStart } from '../serialized/quoted-string.js';
import { cssDigits, entityLength, hexByte, softBreakEnd, type TextEncoding } from './text-encodings.js';

const PERCENT = 0x25;
const AMPERSAND = 0x26;
const BACKSLASH = 0x5c;
const EQUALS = 0x3d;
const SEMICOLON = 0x3b;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const LETTER_U = 0x75;
/** How far from a name an encoding of its surroundings shows. */
const REACH = 512;

/** Characters that stand next to a name in an encoded text without being encoded themselves: `-`, `.`, `_`, `;`, `#`, `+`, `~`, `!`, `*`. */
const GOES_ON = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++)
  if (isAlphanumeric(byte) || '-._;#+~!*'.includes(String.fromCharCode(byte))) GOES_ON[byte] = 1;

/** JSON's `\u` escapes that introduce another encoding: of `%`, `&`, `\`, `=`, `;` and `#`. */
const INTRODUCES = new Set([PERCENT, AMPERSAND, BACKSLASH, EQUALS, SEMICOLON, 0x23]);
const CONTROL_LETTERS = 'nrtbf';

/** Outermost first: what an inner encoder writes, an outer one has encoded. */
const ORDER: readonly TextEncoding[] = ['json', 'html', 'url', 'quotedPrintable', 'lines', 'css', 'regex'];

/** Whether a name stands in a text of another encoding than the matcher reads, which one, and how far it reaches. */
export class EncodedText {
  encoding: TextEncoding = 'json';
  start = 0;
  end = 0;
  /** Whether the surroundings were looked at up to the limits, so that more text may tell more. */
  reachesLow = false;
  reachesHigh = false;
  /** A bit for each place in {@link ORDER}. */
  #found = 0;

  /** @param at where the name stands, `nameEnd` where it ends, in the text from `low` to `high` */
  find(bytes: Buffer, at: number, nameEnd: number, low: number, high: number): boolean {
    this.#found = 0;
    this.reachesLow = this.reachesHigh = false;
    this.#before(bytes, at, Math.max(low, at - REACH));
    this.#after(bytes, nameEnd, high, Math.min(high, nameEnd + REACH));
    if (this.#found === 0) return false;
    const encoding = ORDER.find((_, place) => (this.#found >> place) & 1) as TextEncoding;
    this.extend(bytes, encoding, at, nameEnd, low, high);
    const goesOn = GOES_ON_AFTER.get(encoding);
    if (goesOn !== undefined) {
      let end = nameEnd;
      while (end < this.end && goesOn[bytes[end] as number] === 1) end++;
      this.end = end;
    }
    return true;
  }

  /** Sets {@link start} and {@link end} to what one encoder may have written around a name. */
  extend(
    bytes: Buffer,
    encoding: TextEncoding,
    at: number,
    nameEnd: number,
    low: number,
    high: number,
  ): void {
    this.encoding = encoding;
    if (encoding === 'json') {
      this.start = stringStart(bytes, at, low);
      this.end = stringEnd(bytes, nameEnd, high);
      return;
    }
    const stops = STOPS[encoding];
    let start = at;
    let end = nameEnd;
    while (start > low && stops[bytes[start - 1] as number] === 0) start--;
    while (
      end < high &&
      stops[bytes[end] as number] === 0 &&
      !(encoding === 'url' && bytes[end] === BACKSLASH)
    )
      end++;
    this.start = start;
    this.end = end;
  }

  #before(bytes: Buffer, at: number, limit: number): void {
    for (let i = at - 1; i >= limit; i--) {
      const byte = bytes[i] as number;
      if (GOES_ON[byte] === 1) continue;
      if (byte === SLASH) return this.#scheme(bytes, i, limit);
      if (byte === LINE_FEED) {
        const sign = bytes[i - 1] === CARRIAGE_RETURN ? i - 2 : i - 1;
        if (sign < limit || bytes[sign] !== EQUALS) return;
        this.#add('quotedPrintable');
        i = sign;
        continue;
      }
      if (byte === 0x20) {
        // The blank that ends an escape of CSS.
        const escape = cssEscapeBefore(bytes, i, limit);
        if (escape < 0) return;
        this.#add('css');
        i = escape;
        continue;
      }
      if (!this.#escape(bytes, i, at)) return;
    }
    this.reachesLow = true;
  }

  /** Before `//` an encoded colon may stand: `https%3A//`. */
  #scheme(bytes: Buffer, slash: number, limit: number): void {
    let i = slash;
    while (i >= limit && (bytes[i] === SLASH || bytes[i] === BACKSLASH)) i--;
    if (i < limit || bytes[i] === COLON) return;
    for (let start = i; start >= limit && i - start < 9; start--)
      if (bytes[start] === PERCENT || bytes[start] === AMPERSAND) {
        const length = bytes[start] === PERCENT ? 3 : entityLength(bytes, start);
        if (length > 0 && start + length === i + 1) this.#escape(bytes, start, i + 1);
        return;
      }
  }

  #after(bytes: Buffer, nameEnd: number, high: number, limit: number): void {
    for (let i = nameEnd; i < limit; i++) {
      const byte = bytes[i] as number;
      if (GOES_ON[byte] === 1) continue;
      if (!this.#escape(bytes, i, high)) return;
      if (byte === EQUALS && softBreakEnd(bytes, i) > 0) i = softBreakEnd(bytes, i) - 1;
    }
    this.reachesHigh = true;
  }

  /** Reads the escape at `i`, which has to end at or before `high`. @returns whether the text goes on beyond it */
  #escape(bytes: Buffer, i: number, high: number): boolean {
    switch (bytes[i] as number) {
      case PERCENT:
        return this.#note(hexByte(bytes, i + 1) >= 0 && i + 3 <= high, 'url');
      case AMPERSAND: {
        const length = entityLength(bytes, i);
        return this.#note(length > 0 && i + length <= high, 'html');
      }
      case EQUALS: {
        const isByte = isUpperHex(bytes[i + 1]) && isUpperHex(bytes[i + 2]) && i + 3 <= high;
        const end = softBreakEnd(bytes, i);
        return this.#note(isByte || (end > 0 && end <= high), 'quotedPrintable');
      }
      case BACKSLASH:
        return this.#backslash(bytes, i, high);
      default:
        return false;
    }
  }

  #note(isEscape: boolean, encoding: TextEncoding): boolean {
    if (isEscape) this.#add(encoding);
    return isEscape;
  }

  #add(encoding: TextEncoding): void {
    this.#found |= 1 << ORDER.indexOf(encoding);
  }

  #backslash(bytes: Buffer, i: number, end: number): boolean {
    let last = i;
    while (last + 1 < end && bytes[last + 1] === BACKSLASH) last++;
    const letter = bytes[last + 1];
    if (letter === undefined || last + 1 >= end) return false;
    const character = String.fromCharCode(letter);
    if ('/"\''.includes(character)) return false;
    if (letter === LETTER_U && last + 6 <= end) {
      const [high, low] = [hexByte(bytes, last + 2), hexByte(bytes, last + 4)];
      if (high < 0 || low < 0) return false;
      return this.#note(high === 0 && (INTRODUCES.has(low) || isNamePart(low)), 'json');
    }
    const digits = cssDigits(bytes, last);
    // Of two backslashes the first is JSON's.
    if (isCssEscape(bytes, last, digits) && last + 1 + digits <= end)
      return this.#note(true, last > i ? 'json' : 'css');
    if (CONTROL_LETTERS.includes(character)) return false;
    return this.#note((letter === DOT || letter === DASH) && isAlphanumeric(bytes[last + 2] ?? 0), 'regex');
  }
}

const isUpperHex = (byte: number | undefined): boolean =>
  byte !== undefined && ((byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46));
/** Letters, digits, dash and dot: a name of which a part is written with escapes. */
const isNamePart = (code: number): boolean => isAlphanumeric(code) || code === 0x2d || code === 0x2e;

/** A letter needs the blank behind its escape; a sign (`\\2f`, `\\3a`) may go without. */
function isCssEscape(bytes: Buffer, backslash: number, digits: number): boolean {
  if (digits === 0) return false;
  const after = bytes[backslash + 1 + digits];
  if (after === 0x20 || after === 0x2b) return true;
  const code = Number.parseInt(bytes.toString('latin1', backslash + 1, backslash + 1 + digits), 16);
  return digits >= 2 && code > 0x20 && code < 0x7f && !isAlphanumeric(code);
}

/** Where the backslash of the CSS escape stands that the blank at `blank` ends; -1 without one. */
function cssEscapeBefore(bytes: Buffer, blank: number, limit: number): number {
  for (let i = blank - 1; i >= limit && blank - i <= 7; i--)
    if (bytes[i] === BACKSLASH) return blank - i > 1 && i + 1 + cssDigits(bytes, i) === blank ? i : -1;
  return -1;
}

const stopsAt = (characters: string, controls: boolean): Uint8Array => {
  const stops = new Uint8Array(256);
  for (const character of characters) stops[character.charCodeAt(0)] = 1;
  if (controls) stops.fill(1, 0, 0x21);
  return stops;
};
const only = (characters: string): Uint8Array => {
  const bytes = new Uint8Array(256).fill(1, 0x80);
  for (let byte = 0; byte < 0x80; byte++)
    if (isAlphanumeric(byte) || characters.includes(String.fromCharCode(byte))) bytes[byte] = 1;
  return bytes;
};
/** What follows a name is taken only as far as the encoder writes it: other data may begin behind it. */
const GOES_ON_AFTER: ReadonlyMap<TextEncoding, Uint8Array> = new Map([
  ['url', only('-._~!*()%+')],
  ['regex', only('-._\\/?()|^$*+')],
]);
/** Bytes that an encoder would have encoded, so that its text ends there. */
const STOPS: Readonly<Record<Exclude<TextEncoding, 'json'>, Uint8Array>> = {
  url: stopsAt('"<>\'`', true),
  html: stopsAt('<>', false),
  quotedPrintable: stopsAt('', false),
  lines: stopsAt('"\'<> ', false),
  css: stopsAt('"\'(){};<>', false),
  regex: stopsAt('"\'<>`', true),
};
