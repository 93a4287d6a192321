/**
 * Takes the lines that our supervisor writes out of a stderr stream and hands the rest on.
 * Bytes are held back only while they may be the beginning of such a line.
 */
export class StderrMarks {
  readonly #mark: Buffer;
  readonly #onMark: (text: string) => void;
  #held: Buffer = Buffer.alloc(0);

  /** @param onMark gets the words after the mark: `pid 123 456789` or `timeout`. */
  constructor(mark: string, onMark: (text: string) => void) {
    this.#mark = Buffer.from(`${mark} `);
    this.#onMark = onMark;
  }

  /** What of `chunk` (and of what was held back) is the command's own. */
  push(chunk: Buffer): Buffer {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const own: Buffer[] = [];
    for (;;) {
      const at = rest.indexOf(this.#mark);
      if (at < 0) break;
      const end = rest.indexOf(0x0a, at);
      own.push(rest.subarray(0, at));
      if (end < 0) {
        this.#held = rest.subarray(at);
        return Buffer.concat(own);
      }
      this.#onMark(rest.toString('utf8', at + this.#mark.length, end));
      rest = rest.subarray(end + 1);
    }
    const keep = this.#startOfMark(rest);
    own.push(rest.subarray(0, rest.length - keep));
    this.#held = rest.subarray(rest.length - keep);
    return own.length === 1 && own[0] ? own[0] : Buffer.concat(own);
  }

  /** What is left at the end of the stream. */
  flush(): Buffer {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    return rest;
  }

  #startOfMark(bytes: Buffer): number {
    for (let length = Math.min(bytes.length, this.#mark.length - 1); length > 0; length -= 1)
      if (bytes.subarray(bytes.length - length).equals(this.#mark.subarray(0, length))) return length;
    return 0;
  }
}
