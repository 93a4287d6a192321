import { type Edit } from './contract.js';

/** One way of writing bytes with escapes: JSON, PHP's `S:` strings, SQL literals. */
export interface EscapeDialect {
  /** The next byte at or after `at` that starts an escape; `raw.length` when there is none. */
  next(raw: Buffer, at: number): number;
  /** Reads the escape at `at`: writes what it stands for to `out` and says how long both are. */
  read(raw: Buffer, at: number, out: EscapeStep): void;
  /** Writes new text the way the old one, `old`, was written. */
  encode(text: Buffer, old: Buffer, before: Buffer): Buffer;
}

export class EscapeStep {
  rawLength = 1;
  length = 1;
  readonly bytes = Buffer.alloc(4);
  set(rawLength: number, byte: number): void {
    this.rawLength = rawLength;
    this.length = 1;
    this.bytes[0] = byte;
  }
}

/** What the escaped text stands for. Returns `raw` itself when nothing in it is escaped. */
export function decodeEscapes(raw: Buffer, dialect: EscapeDialect): Buffer {
  let at = dialect.next(raw, 0);
  if (at >= raw.length) return raw;
  const out = Buffer.allocUnsafe(raw.length);
  const step = new EscapeStep();
  let from = 0;
  let to = 0;
  while (at < raw.length) {
    if (at - from > 48) raw.copy(out, to, from, at);
    else for (let i = from; i < at; i++) out[to + i - from] = raw[i] as number;
    to += at - from;
    dialect.read(raw, at, step);
    for (let i = 0; i < step.length; i++) out[to++] = step.bytes[i] as number;
    from = at + step.rawLength;
    at = dialect.next(raw, from);
  }
  raw.copy(out, to, from);
  return out.subarray(0, to + raw.length - from);
}

/** Edits of the decoded text as edits of the raw one; everything else keeps its bytes. */
export function encodeEdits(raw: Buffer, edits: readonly Edit[], dialect: EscapeDialect): Edit[] {
  const walk = new RawWalk(raw, dialect);
  return edits.map(({ start, end, text }) => {
    const rawStart = walk.to(start);
    const rawEnd = walk.to(end);
    if (typeof text === 'number') return { start: rawStart, end: rawEnd, text };
    const before = raw.subarray(Math.max(0, rawStart - 12), rawStart);
    return {
      start: rawStart,
      end: rawEnd,
      text: dialect.encode(text, raw.subarray(rawStart, rawEnd), before),
    };
  });
}

/** Walks raw and decoded offsets side by side; only forwards. */
class RawWalk {
  #raw = 0;
  #decoded = 0;
  #nextEscape: number;
  readonly #step = new EscapeStep();

  constructor(
    private readonly bytes: Buffer,
    private readonly dialect: EscapeDialect,
  ) {
    this.#nextEscape = dialect.next(bytes, 0);
  }

  /** The raw offset of decoded offset `target`. */
  to(target: number): number {
    while (this.#decoded < target) {
      const plain = Math.min(this.#nextEscape - this.#raw, target - this.#decoded);
      this.#raw += plain;
      this.#decoded += plain;
      if (this.#decoded >= target || this.#raw >= this.bytes.length) break;
      this.dialect.read(this.bytes, this.#raw, this.#step);
      this.#raw += this.#step.rawLength;
      this.#decoded += this.#step.length;
      this.#nextEscape = this.dialect.next(this.bytes, this.#raw);
    }
    return this.#raw;
  }
}
