import { isDigit } from './neighbours.js';
import { HOLDS_STRINGS } from '../serialized/serialized-parser.js';

const COLON = 0x3a;
/** How far is looked in a loop. In prose colons are far apart, and the runtime's own search is faster. */
const NEAR_BYTES = 64;

/** Looks through a text for what may be serialized values. Each byte is looked at once, however often is asked. */
export class ValueSearch {
  /** No value starts in this range; one may start at its end. */
  #from = 0;
  #to = 0;
  #isFound = false;

  /** From now on another text is searched. */
  reset(): void {
    this.#from = this.#to = 0;
    this.#isFound = false;
  }

  /** The next place in `from`…`limit` that looks like the start of a serialized value with strings; -1 without one. */
  next(bytes: Buffer, from: number, limit: number): number {
    if (from < this.#from || from > this.#to) {
      this.#from = this.#to = from;
      this.#isFound = false;
    }
    if (!this.#isFound) {
      const near = Math.min(limit, this.#to + NEAR_BYTES);
      let at = this.#to;
      while (at < near && !isStart(bytes, at)) at++;
      this.#isFound = at < near;
      if (at > this.#to) this.#to = at;
    }
    while (!this.#isFound && this.#to < limit) {
      const colon = bytes.indexOf(COLON, this.#to + 1);
      this.#isFound = colon >= 0 && isStart(bytes, colon - 1);
      if (colon < 0) this.#to = bytes.length;
      else this.#to = this.#isFound ? colon - 1 : colon;
    }
    return this.#isFound && this.#to < limit ? this.#to : -1;
  }
}

/** Whether `s:1`, `a:1` … stands at `at`. */
const isStart = (bytes: Buffer, at: number): boolean =>
  bytes[at + 1] === COLON && isDigit(bytes[at + 2]) && HOLDS_STRINGS[bytes[at] as number] === 1;
