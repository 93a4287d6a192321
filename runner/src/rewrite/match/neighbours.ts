/**
 * Reads the character next to a position, whatever it is written as: plain, `\/`, `\\/`, `\n`, `\u002F`, `%2F`,
 * `%252F`, `&#64;`. One object per matcher, so that nothing is allocated per hit.
 */
export const SLASH = 0x2f;
export const BACKSLASH = 0x5c;
export const COLON = 0x3a;
export const AT_SIGN = 0x40;
export const DOT = 0x2e;
export const DASH = 0x2d;
export const UNDERSCORE = 0x5f;
export const PERCENT = 0x25;
const SEMICOLON = 0x3b;
const LETTER_U = 0x75;
/** What `code` is where the region ends. */
export const EDGE = -1;

const hexValue = (byte: number | undefined): number => {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
};
const hexPair = (bytes: Buffer, at: number): number => {
  const high = hexValue(bytes[at]);
  const low = hexValue(bytes[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
};
const hexFour = (bytes: Buffer, at: number): number => {
  const high = hexPair(bytes, at);
  const low = hexPair(bytes, at + 2);
  return high < 0 || low < 0 ? -1 : high * 256 + low;
};
const isEncodedPercent = (bytes: Buffer, at: number): boolean => bytes[at] === 0x32 && bytes[at + 1] === 0x35;

/** `\n` and its like by the letter; 0 where the letter starts no escape. */
const controlEscape = (letter: number): number => {
  switch (letter) {
    case 0x6e: // n
      return 10;
    case 0x72: // r
      return 13;
    case 0x74: // t
      return 9;
    case 0x62: // b
    case 0x66: // f
      return 32;
    default:
      return 0;
  }
};

export const isAlphanumeric = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
export const isDigit = (code: number | undefined): boolean =>
  code !== undefined && code >= 0x30 && code <= 0x39;
/** A byte that may stand in a host name, the dot included. */
export const isHostByte = (code: number): boolean =>
  isAlphanumeric(code) || code === DASH || code === DOT || code === UNDERSCORE;

export class Neighbour {
  /** The character; {@link EDGE} at the region's end; bytes from 0x80 stand for themselves. */
  code = EDGE;
  /** Where it is written. */
  start = 0;
  end = 0;

  #set(code: number, start: number, end: number): number {
    this.code = code;
    this.start = start;
    this.end = end;
    return code;
  }

  /** Reads the character that starts at `at`; returns its code. */
  after(bytes: Buffer, at: number, high: number): number {
    if (at >= high) return this.#set(EDGE, at, at);
    const byte = bytes[at] as number;
    if (byte === PERCENT) return this.#percentAfter(bytes, at, high);
    if (byte === BACKSLASH) return this.#backslashAfter(bytes, at, high);
    return this.#set(byte, at, at + 1);
  }

  #percentAfter(bytes: Buffer, at: number, high: number): number {
    let digits = at + 1;
    while (isEncodedPercent(bytes, digits) && hexPair(bytes, digits + 2) >= 0) digits += 2;
    const code = digits + 2 <= high ? hexPair(bytes, digits) : -1;
    if (code < 0) return this.#set(PERCENT, at, at + 1);
    return this.#set(code, at, digits + 2);
  }

  #backslashAfter(bytes: Buffer, at: number, high: number): number {
    let letter = at + 1;
    while (letter < high && bytes[letter] === BACKSLASH) letter++;
    if (letter >= high) return this.#set(BACKSLASH, at, at + 1);
    const byte = bytes[letter] as number;
    if (byte === SLASH || byte === 0x22 || byte === 0x27) return this.#set(byte, at, letter + 1);
    if (byte === LETTER_U && letter + 5 <= high) {
      const code = hexFour(bytes, letter + 1);
      if (code >= 0) return this.#set(code, at, letter + 5);
    }
    const control = controlEscape(byte);
    if (control !== 0) return this.#set(control, at, letter + 1);
    return this.#set(BACKSLASH, at, at + 1);
  }

  /** Reads the character that ends at `at`; returns its code. */
  before(bytes: Buffer, at: number, low: number): number {
    if (at <= low) return this.#set(EDGE, at, at);
    const byte = bytes[at - 1] as number;
    if (byte === SLASH) return this.#set(SLASH, this.#backslashes(bytes, at - 1, low), at);
    if (byte === SEMICOLON && this.#entityBefore(bytes, at, low)) return this.code;
    if (hexValue(byte) >= 0 && (this.#percentBefore(bytes, at, low) || this.#unicodeBefore(bytes, at, low)))
      return this.code;
    const control = controlEscape(byte);
    if (control !== 0 && at - 2 >= low && bytes[at - 2] === BACKSLASH)
      return this.#set(control, this.#backslashes(bytes, at - 1, low), at);
    return this.#set(byte, at - 1, at);
  }

  #backslashes(bytes: Buffer, at: number, low: number): number {
    let start = at;
    while (start > low && bytes[start - 1] === BACKSLASH) start--;
    return start;
  }

  #percentBefore(bytes: Buffer, at: number, low: number): boolean {
    if (at - 3 < low || hexPair(bytes, at - 2) < 0) return false;
    let digits = at - 2;
    while (digits - 3 >= low && bytes[digits - 1] !== PERCENT && isEncodedPercent(bytes, digits - 2))
      digits -= 2;
    if (bytes[digits - 1] !== PERCENT) return false;
    this.#set(hexPair(bytes, at - 2), digits - 1, at);
    return true;
  }

  #unicodeBefore(bytes: Buffer, at: number, low: number): boolean {
    if (at - 6 < low || bytes[at - 5] !== LETTER_U || bytes[at - 6] !== BACKSLASH) return false;
    const code = hexFour(bytes, at - 4);
    if (code < 0) return false;
    this.#set(code, this.#backslashes(bytes, at - 5, low), at);
    return true;
  }

  #entityBefore(bytes: Buffer, at: number, low: number): boolean {
    const text = bytes.toString('latin1', Math.max(low, at - 9), at);
    const entity = /&(?:#0*(\d{1,4})|#[xX]0*([0-9a-fA-F]{1,3})|commat|colon|sol);$/.exec(text);
    if (entity === null) return false;
    const named = { '&commat;': AT_SIGN, '&colon;': COLON, '&sol;': SLASH }[entity[0]];
    const code = named ?? (entity[1] ? Number(entity[1]) : Number.parseInt(entity[2] ?? '0', 16));
    this.#set(code, at - entity[0].length, at);
    return true;
  }
}

/** Scripts that are written without spaces: a host next to them is still a word of its own. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;
const LETTER = /[\p{L}\p{M}\p{N}]/u;

function joins(character: string, byte: number): boolean {
  // Not UTF-8: a single-byte character set, where letters start at 0xC0.
  if (character === '' || character.includes('\uFFFD')) return byte >= 0xc0;
  return LETTER.test(character) && !UNSPACED.test(character);
}

/** Whether the character before `at` is a letter or digit beyond ASCII, so that the host goes on to the left. */
export function letterEndsAt(bytes: Buffer, at: number, low: number): boolean {
  let start = at - 1;
  while (start > low && at - start < 4 && ((bytes[start] as number) & 0xc0) === 0x80) start--;
  return joins(bytes.toString('utf8', start, at), bytes[at - 1] as number);
}

/** Whether a letter or digit beyond ASCII starts at `at`. */
export function letterStartsAt(bytes: Buffer, at: number, high: number): boolean {
  let end = at + 1;
  while (end < high && end - at < 4 && ((bytes[end] as number) & 0xc0) === 0x80) end++;
  return joins(bytes.toString('utf8', at, end), bytes[at] as number);
}
