import { copyBytes } from '../edit-list.js';
import { MEANINGS } from './sql-literal.js';

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const UNDERSCORE = 0x5f;
const FIRST_BYTES = 1 << 16;

/** What a literal within one chunk stands for, and where its bytes are written. Used again for the next literal. */
export class LiteralText {
  #memory = Buffer.allocUnsafe(FIRST_BYTES);
  /** Decoded offsets of the bytes that are written with two. */
  #pairs = new Int32Array(FIRST_BYTES / 16);
  #pairCount = 0;
  #start = 0;
  /** How many pairs stand before the offset that was asked for last. */
  #passed = 0;

  /**
   * Decodes bytes `start` to `end` of `work`, all between two quotes; the result is good until the next call.
   * @param escape the byte that starts an escape beside the quote; the quote itself where there is none
   */
  decode(work: Buffer, start: number, end: number, quote: number, escape: number): Buffer {
    // Searches must not run on to the end of the chunk.
    const raw = work.subarray(start, end);
    if (raw.length > this.#memory.length) this.#memory = Buffer.allocUnsafe(2 * raw.length);
    const memory = this.#memory;
    this.#start = start;
    this.#passed = this.#pairCount = 0;
    let nextEscape = -1;
    let nextQuote = -1;
    let to = 0;
    for (let from = 0; ;) {
      if (nextEscape < from) nextEscape = placeOf(escape, raw, from);
      if (nextQuote < from) nextQuote = placeOf(quote, raw, from);
      const special = Math.min(nextEscape, nextQuote);
      to = copyBytes(raw, from, special, memory, to);
      if (special === raw.length) return memory.subarray(0, to);
      const letter = raw[special + 1] as number;
      from = special + 2;
      // `\%` and `\_` keep their backslash outside of patterns.
      if (raw[special] === BACKSLASH && (letter === PERCENT || letter === UNDERSCORE)) {
        memory[to++] = BACKSLASH;
        from--;
        continue;
      }
      this.#notePair(to);
      memory[to++] = special === nextQuote ? quote : (MEANINGS[letter] as number);
    }
  }

  #notePair(decoded: number): void {
    if (this.#pairCount === this.#pairs.length) {
      const more = new Int32Array(2 * this.#pairs.length);
      more.set(this.#pairs);
      this.#pairs = more;
    }
    this.#pairs[this.#pairCount++] = decoded;
  }

  /** Where in the chunk decoded byte `decoded` is written; only forwards. */
  rawOffset(decoded: number): number {
    const pairs = this.#pairs;
    while (this.#passed < this.#pairCount && (pairs[this.#passed] as number) < decoded) this.#passed++;
    return this.#start + decoded + this.#passed;
  }
}

/** Where `byte` comes next; the end where it does not. */
function placeOf(byte: number, raw: Buffer, from: number): number {
  const found = raw.indexOf(byte, from);
  return found < 0 ? raw.length : found;
}
