import { isDigit } from '../match/neighbours.js';
import { HOLDS_STRINGS } from '../serialized/serialized-parser.js';

const BACKSLASH = 0x5c;
/** Magic numbers and headers end within this many bytes. */
const HEAD_BYTES = 24;
const COLON = 0x3a;
/** The same byte four times is that byte times this. */
export const ONES = 0x01010101;
/** The highest bit of each of four bytes. */
const HIGH_BITS = 0x80808080 | 0;
const COLONS = COLON * ONES;

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

  /** Whether a serialized value may begin in `start`…`limit`, also with a needless escape (`a\:1:` is `a:1:`). */
  mayBeginValue(start: number, limit: number): boolean {
    const words = this.#words;
    const first = this.#first;
    const last = Math.min(words.length, (limit - first) >> 2);
    let at = start;
    while (at < limit) {
      if (((at - first) & 3) === 0) {
        let word = (at - first) >> 2;
        while (word < last && !hasColon(words[word] as number)) word++;
        at = first + (word << 2);
        if (at >= limit) return false;
      }
      if (this.bytes[at] === COLON && this.#beginsValue(start, at)) return true;
      at++;
    }
    return false;
  }

  /**
   * Whether a literal may be a binary value: all that are no text begin with bytes that no text has (also written as
   * `\\0` and `\\Z`), if not with the first then soon after it.
   */
  mayBeBinary(start: number, end: number): boolean {
    const limit = Math.min(end, start + HEAD_BYTES);
    if ((this.bytes[start] as number) >= 0x80) return true;
    for (let at = start; at < limit; at++) {
      const byte = this.bytes[at] as number;
      if (byte < 9 || (byte > 13 && byte < 0x20)) return true;
      if (byte !== BACKSLASH) continue;
      const next = this.bytes[++at];
      if (next === 0x30 || next === 0x5a) return true;
    }
    return false;
  }

  /** Whether a serialized value may begin with the letter before the colon: `a:1:`, at the literal's start also `a:1`. */
  #beginsValue(start: number, colon: number): boolean {
    const { bytes } = this;
    if (colon === start) return false;
    const letter = bytes[colon - 1] as number;
    if (letter === BACKSLASH) return true;
    if (HOLDS_STRINGS[letter] === 0) return false;
    let at = colon + 1;
    while (isDigit(bytes[at])) at++;
    if (bytes[at] === BACKSLASH) return true;
    const isAtStart = colon - 1 === start || bytes[colon - 2] === BACKSLASH;
    return at > colon + 1 && (isAtStart || bytes[at] === COLON);
  }
}

/** Whether one of the four bytes is a colon (Warren, "Hacker's Delight", 6-1: find first 0-byte). */
function hasColon(word: number): boolean {
  const colon = word ^ COLONS;
  return ((colon - ONES) & ~colon & HIGH_BITS) !== 0;
}

/** Which byte of a word, the lowest first, is the first zero; 4 without one. */
export function firstZeroByte(word: number): number {
  const zeros = (word - ONES) & ~word & HIGH_BITS;
  return zeros === 0 ? 4 : (31 - Math.clz32(zeros & -zeros)) >> 3;
}
