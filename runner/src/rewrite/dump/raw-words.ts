import { MEANINGS } from './sql-literal.js';

const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** The same byte four times is that byte times this. */
export const ONES = 0x01010101;
/** The highest bit of each of four bytes. */
const HIGH_BITS = 0x80808080 | 0;
const BACKSLASHES = BACKSLASH * ONES;
const COLONS = COLON * ONES;

/** Letters behind a backslash that do not stand for themselves, or have to have one. */
const USUAL = Uint8Array.from({ length: 256 }, (_, letter) =>
  MEANINGS[letter] === letter && !'\\\'"%_'.includes(String.fromCharCode(letter)) ? 0 : 1,
);
/** Types of serialized values that can have strings in them. */
const OPENERS = new Uint8Array(256);
for (const type of 'saOSC') OPENERS[type.charCodeAt(0)] = 1;
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** Looks through the raw bytes of literals four at a time. */
export class RawWords {
  bytes: Buffer = Buffer.alloc(0);
  #words: Int32Array = new Int32Array(0);
  /** Where in `bytes` the first word starts. */
  #first = 0;

  /** From now on `bytes` are looked at. */
  begin(bytes: Buffer): void {
    this.bytes = bytes;
    this.#first = (4 - (bytes.byteOffset % 4)) % 4;
    const count = Math.max(0, Math.floor((bytes.length - this.#first) / 4));
    const at = bytes.byteOffset + this.#first;
    this.#words = count === 0 ? new Int32Array(0) : new Int32Array(bytes.buffer, at, count);
  }

  /**
   * Whether the literal from `start` to `end` is plain text: no escape hides a letter (`\a` is an `a`), and no
   * serialized value begins before `limit`.
   */
  isPlain(start: number, end: number, limit: number): boolean {
    const words = this.#words;
    const first = this.#first;
    let at = start;
    while (at < end) {
      if (((at - first) & 3) === 0) {
        let word = (at - first) >> 2;
        const last = Math.min(words.length, (end - first) >> 2);
        while (word < last && !hasSpecial(words[word] as number)) word++;
        at = first + (word << 2);
        if (at >= end) return true;
      }
      const byte = this.bytes[at] as number;
      if (byte === BACKSLASH) {
        if (USUAL[this.bytes[at + 1] as number] === 0) return false;
        at += 2;
        continue;
      }
      if (byte === COLON && at < limit && this.#beginsValue(start, at)) return false;
      at++;
    }
    return true;
  }

  /** Whether a serialized value may begin with the letter before the colon: `a:1:`, at the literal's start also `a:1`. */
  #beginsValue(start: number, colon: number): boolean {
    const { bytes } = this;
    if (colon === start || OPENERS[bytes[colon - 1] as number] === 0) return false;
    let at = colon + 1;
    while (isDigit(bytes[at])) at++;
    return at > colon + 1 && (colon - 1 === start || bytes[at] === COLON);
  }
}

/** Whether one of the four bytes is a backslash or a colon (Warren, "Hacker's Delight", 6-1: find first 0-byte). */
function hasSpecial(word: number): boolean {
  const backslash = word ^ BACKSLASHES;
  const colon = word ^ COLONS;
  return ((((backslash - ONES) & ~backslash) | ((colon - ONES) & ~colon)) & HIGH_BITS) !== 0;
}

/** Which byte of a word, the lowest first, is the first zero; 4 without one. */
export function firstZeroByte(word: number): number {
  const zeros = (word - ONES) & ~word & HIGH_BITS;
  return zeros === 0 ? 4 : (31 - Math.clz32(zeros & -zeros)) >> 3;
}
