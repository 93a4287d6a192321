import { type RawWindow } from '../contract.js';
import { MEANINGS } from './sql-literal.js';

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const UNDERSCORE = 0x5f;
/** How much is decoded around a hit, in raw bytes. */
const BEFORE = 72;
const AFTER = 24;

/** Bytes behind the window that are cleared. */
const LOOKAHEAD = 4;

/** The surroundings of a hit in a literal that has backslash escapes. */
export class SqlWindow implements RawWindow {
  readonly text: Buffer;
  length = 0;
  /** Where each decoded byte is written, and where the one behind the last would be. */
  readonly #raw: Int32Array;
  readonly #after: number;
  #work: Buffer = Buffer.alloc(0);
  #quote = 0;

  /** @param longest the length of the longest needle */
  constructor(longest: number) {
    this.#after = 2 * longest + AFTER;
    this.text = Buffer.alloc(BEFORE + this.#after + 2 * LOOKAHEAD);
    this.#raw = new Int32Array(this.text.length);
  }

  /** From now on literals in `work` that are enclosed in `quote` are looked at. */
  begin(work: Buffer, quote: number): void {
    this.#work = work;
    this.#quote = quote;
  }

  open(hit: number, low: number, end: number): number {
    const work = this.#work;
    const { text } = this;
    const raw = this.#raw;
    const stop = Math.min(end, hit + this.#after);
    let at = this.#startFor(hit, low);
    let to = 0;
    let found = -1;
    while (at < stop) {
      if (at === hit) found = to;
      const byte = work[at] as number;
      const letter = work[at + 1] as number;
      raw[to] = at;
      if (byte === this.#quote) {
        text[to++] = byte;
        at += 2;
      } else if (byte !== BACKSLASH || letter === PERCENT || letter === UNDERSCORE) {
        text[to++] = byte;
        at++;
      } else {
        text[to++] = MEANINGS[letter] as number;
        at += 2;
      }
    }
    raw[to] = at;
    this.length = to;
    // The matcher may look at the next bytes before it looks where the text ends.
    for (let i = 0; i < LOOKAHEAD; i++) text[to + i] = 0;
    return found;
  }

  /** A place before the hit where no escape is cut. */
  #startFor(hit: number, low: number): number {
    const work = this.#work;
    let at = hit - BEFORE;
    if (at <= low) return low;
    while (at < hit && (work[at - 1] === BACKSLASH || work[at - 1] === this.#quote)) at++;
    return at;
  }

  rawOffset(decoded: number): number {
    return this.#raw[decoded] as number;
  }
}
