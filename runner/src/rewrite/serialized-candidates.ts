import { isDigit } from './neighbours.js';
import { TYPE } from './serialized-parser.js';

const COLON = 0x3a;
/** How far a serialized value is looked for in a loop. */
const NEAR_BYTES = 64;

/** Places of one value that look like the start of a serialized value with strings; looked for once. */
export class SerializedCandidates {
  #bytes: Buffer = Buffer.alloc(0);
  /** No serialized value starts in this range; one may start at its end. */
  #scannedFrom = 0;
  #scannedTo = 0;
  #found = false;

  begin(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#scannedFrom = this.#scannedTo = 0;
    this.#found = false;
  }

  /** The next place in `from`…`limit`; -1 without one. */
  next(from: number, limit: number): number {
    if (from < this.#scannedFrom || from > this.#scannedTo) {
      this.#scannedFrom = this.#scannedTo = from;
      this.#found = false;
    }
    const bytes = this.#bytes;
    const near = Math.min(limit, this.#scannedTo + NEAR_BYTES);
    for (; !this.#found && this.#scannedTo < near; this.#scannedTo++) {
      this.#found = isStart(bytes, this.#scannedTo);
      if (this.#found) break;
    }
    // In prose colons are far apart, and the runtime's own search is faster than a loop.
    while (!this.#found && this.#scannedTo < limit) {
      const colon = bytes.indexOf(COLON, this.#scannedTo + 1);
      this.#found = colon >= 0 && isStart(bytes, colon - 1);
      if (colon < 0) this.#scannedTo = bytes.length;
      else this.#scannedTo = this.#found ? colon - 1 : colon;
    }
    return this.#found && this.#scannedTo < limit ? this.#scannedTo : -1;
  }
}

/** Whether `s:1`, `a:1` … stands at `at`. */
const isStart = (bytes: Buffer, at: number): boolean =>
  bytes[at + 1] === COLON && isDigit(bytes[at + 2]) && isOpener(bytes[at] as number);

const isOpener = (type: number): boolean =>
  type === TYPE.string ||
  type === TYPE.array ||
  type === TYPE.Object ||
  type === TYPE.Escaped ||
  type === TYPE.Custom;
