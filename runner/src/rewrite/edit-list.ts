/** Bytes `start` to `end` (exclusive) become `text`; a number stands for its decimal digits. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: Buffer | number;
}

/** Single changes in ascending order, kept in plain arrays: a hit costs no object. */
export class EditList {
  #count = 0;
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly texts: (Buffer | number)[] = [];
  /** How much longer the bytes get by all edits so far. */
  growth = 0;
  /** Edits that change something; reserved places do not count. */
  changes = 0;

  /** How many of the arrays' places belong to the last value. */
  get count(): number {
    return this.#count;
  }

  /** The arrays keep their size: cutting and growing them for each value would cost more than the edits. */
  clear(): void {
    this.#count = 0;
    this.growth = 0;
    this.changes = 0;
  }

  add(start: number, end: number, text: Buffer): void {
    const at = this.#count++;
    this.starts[at] = start;
    this.ends[at] = end;
    this.texts[at] = text;
    this.growth += text.length - (end - start);
    this.changes++;
  }

  /** An edit whose text may be a number, as {@link toEdits} gives them. */
  addText(start: number, end: number, text: Buffer | number): void {
    if (typeof text === 'number') this.setLength(this.reserve(start, end), text);
    else this.add(start, end, text);
  }

  /** Keeps a place for a length that is known later; see {@link setLength}. */
  reserve(start: number, end: number): number {
    const at = this.#count++;
    this.starts[at] = start;
    this.ends[at] = end;
    this.texts[at] = -1;
    return at;
  }

  /** Writes a new length into a reserved place. */
  setLength(index: number, length: number): void {
    this.texts[index] = length;
    const old = (this.ends[index] as number) - (this.starts[index] as number);
    this.growth += digitsOf(length) - old;
    this.changes++;
  }

  /** The edits as objects, without reserved places that stayed empty. */
  toEdits(): Edit[] {
    const edits: Edit[] = [];
    for (let i = 0; i < this.#count; i++) {
      const text = this.texts[i] as Buffer | number;
      if (text !== -1) edits.push({ start: this.starts[i] as number, end: this.ends[i] as number, text });
    }
    return edits;
  }

  apply(bytes: Buffer): Buffer {
    const out = Buffer.allocUnsafe(bytes.length + this.growth);
    let from = 0;
    let to = 0;
    for (let i = 0; i < this.#count; i++) {
      const text = this.texts[i] as Buffer | number;
      if (text === -1) continue;
      to = copyBytes(bytes, from, this.starts[i] as number, out, to);
      to = typeof text === 'number' ? writeNumber(text, out, to) : copyBytes(text, 0, text.length, out, to);
      from = this.ends[i] as number;
    }
    copyBytes(bytes, from, bytes.length, out, to);
    return out;
  }
}

export function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}

/** Writes decimal digits; returns where they end. */
export function writeNumber(value: number, out: Buffer, at: number): number {
  const end = at + digitsOf(value);
  let rest = value;
  for (let i = end - 1; i >= at; i--) {
    out[i] = 0x30 + (rest % 10);
    rest = Math.trunc(rest / 10);
  }
  return end;
}

/** A call into the runtime costs more than copying as many bytes here. */
const SHORT_PIECE = 96;

/** Copies, short pieces byte by byte, four in each round of the loop. Returns where the copy ends. */
export function copyBytes(from: Buffer, start: number, end: number, out: Buffer, at: number): number {
  const outEnd = at + end - start;
  if (end - start > SHORT_PIECE) {
    from.copy(out, at, start, end);
    return outEnd;
  }
  let [read, write] = [start, at];
  for (; read + 4 <= end; read += 4, write += 4) {
    out[write] = from[read] as number;
    out[write + 1] = from[read + 1] as number;
    out[write + 2] = from[read + 2] as number;
    out[write + 3] = from[read + 3] as number;
  }
  for (; read < end; read++, write++) out[write] = from[read] as number;
  return outEnd;
}
