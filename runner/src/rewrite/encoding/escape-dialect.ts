import { type Edit } from '../edit-list.js';

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
  if (dialect.next(raw, 0) >= raw.length) return raw;
  const out = Buffer.allocUnsafe(raw.length);
  return out.subarray(0, decodeInto(raw, dialect, out, 0));
}

/** Decodes to `out` from `at` on; returns where it ends there. What is decoded is never longer than what is read. */
export function decodeInto(raw: Buffer, dialect: EscapeDialect, out: Buffer, at: number): number {
  const step = new EscapeStep();
  let from = 0;
  let to = at;
  for (let escape = dialect.next(raw, 0); escape < raw.length; escape = dialect.next(raw, from)) {
    if (escape - from > 48) raw.copy(out, to, from, escape);
    else for (let i = from; i < escape; i++) out[to + i - from] = raw[i] as number;
    to += escape - from;
    dialect.read(raw, escape, step);
    for (let i = 0; i < step.length; i++) out[to++] = step.bytes[i] as number;
    from = escape + step.rawLength;
  }
  raw.copy(out, to, from);
  return to + raw.length - from;
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
export class RawWalk {
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
