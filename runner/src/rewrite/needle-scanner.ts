const fold = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

/** Both cases of a folded byte. */
const cases = (byte: number): readonly number[] =>
  byte >= 0x61 && byte <= 0x7a ? [byte, byte & 0xdf] : [byte];

/**
 * Finds many needles at once, ASCII letters in any case (Wu and Manber, "A fast algorithm for
 * multi-pattern searching", 1994, with blocks of two bytes). On text it looks at about one byte in six.
 */
export class NeedleScanner {
  /** The longest needle that was found at the last hit. */
  found = -1;
  readonly #needles: readonly Buffer[];
  readonly #shortest: number;
  readonly #shift = new Uint8Array(0x10000);
  /** Needles by the last block of their first `#shortest` bytes; longest first. */
  readonly #buckets = new Map<number, number[]>();

  /** @param needles at least two bytes each; letter case does not matter */
  constructor(needles: readonly Buffer[]) {
    this.#needles = needles.map((needle) => Buffer.from(needle.map(fold)));
    this.#shortest = Math.min(255, ...needles.map((needle) => needle.length));
    this.#shift.fill(Math.max(1, this.#shortest - 1));
    this.#needles.forEach((needle, index) => this.#learn(needle, index));
    for (const bucket of this.#buckets.values())
      bucket.sort((a, b) => (this.#needles[b]?.length ?? 0) - (this.#needles[a]?.length ?? 0));
  }

  #learn(needle: Buffer, index: number): void {
    for (let at = 1; at < this.#shortest; at++) {
      const distance = this.#shortest - 1 - at;
      for (const first of cases(needle[at - 1] as number))
        for (const second of cases(needle[at] as number)) {
          const block = (first << 8) | second;
          this.#shift[block] = Math.min(this.#shift[block] as number, distance);
          if (distance === 0) this.#buckets.set(block, [...(this.#buckets.get(block) ?? []), index]);
        }
    }
  }

  /** Where the next needle starts that lies wholly in `from`…`end`; -1 when there is none. */
  next(bytes: Uint8Array, from: number, end: number): number {
    const shift = this.#shift;
    let at = from + this.#shortest - 1;
    while (at < end) {
      const step = shift[((bytes[at - 1] as number) << 8) | (bytes[at] as number)] as number;
      if (step !== 0) {
        at += step;
        continue;
      }
      const start = at - this.#shortest + 1;
      if (this.#verify(bytes, start, end, ((bytes[at - 1] as number) << 8) | (bytes[at] as number)))
        return start;
      at++;
    }
    return -1;
  }

  /**
   * Where needles start, in ascending order: what {@link next} finds one by one, for long texts. Each step of a search
   * waits for the one before it, so four parts of the text are searched side by side.
   * @param into takes the offsets; what it held is dropped
   */
  all(bytes: Uint8Array, into: number[]): void {
    const shift = this.#shift;
    const last = this.#shortest - 1;
    const part = Math.max(0, Math.floor((bytes.length - last) / 4));
    const foundB: number[] = [];
    const foundC: number[] = [];
    const foundD: number[] = [];
    into.length = 0;
    const [endA, endB, endC, endD] = [last + part, last + 2 * part, last + 3 * part, bytes.length];
    let [a, b, c, d] = [last, endA, endB, endC];
    while (a < endA && b < endB && c < endC && d < endD) {
      const stepA = shift[((bytes[a - 1] as number) << 8) | (bytes[a] as number)] as number;
      const stepB = shift[((bytes[b - 1] as number) << 8) | (bytes[b] as number)] as number;
      const stepC = shift[((bytes[c - 1] as number) << 8) | (bytes[c] as number)] as number;
      const stepD = shift[((bytes[d - 1] as number) << 8) | (bytes[d] as number)] as number;
      if (stepA !== 0 && stepB !== 0 && stepC !== 0 && stepD !== 0) {
        a += stepA;
        b += stepB;
        c += stepC;
        d += stepD;
        continue;
      }
      a += stepA !== 0 ? stepA : this.#note(bytes, a, into);
      b += stepB !== 0 ? stepB : this.#note(bytes, b, foundB);
      c += stepC !== 0 ? stepC : this.#note(bytes, c, foundC);
      d += stepD !== 0 ? stepD : this.#note(bytes, d, foundD);
    }
    this.#rest(bytes, a, endA, into);
    this.#rest(bytes, b, endB, foundB);
    this.#rest(bytes, c, endC, foundC);
    this.#rest(bytes, d, endD, foundD);
    for (const found of [foundB, foundC, foundD]) for (const at of found) into.push(at);
  }

  /** Goes on alone when another part of the text is through. */
  #rest(bytes: Uint8Array, from: number, end: number, into: number[]): void {
    for (let at = from; at < end;) {
      const step = this.#shift[((bytes[at - 1] as number) << 8) | (bytes[at] as number)] as number;
      at += step !== 0 ? step : this.#note(bytes, at, into);
    }
  }

  /** Adds the needle whose block ends at `at`, if there is one; returns the step to the next byte. */
  #note(bytes: Uint8Array, at: number, into: number[]): 1 {
    const start = at - this.#shortest + 1;
    if (this.#verify(bytes, start, bytes.length, ((bytes[at - 1] as number) << 8) | (bytes[at] as number)))
      into.push(start);
    return 1;
  }

  #verify(bytes: Uint8Array, start: number, end: number, block: number): boolean {
    for (const index of this.#buckets.get(block) ?? []) {
      if (this.matches(index, bytes, start, end)) {
        this.found = index;
        return true;
      }
    }
    return false;
  }

  /** Whether needle `index` stands at `start`. */
  matches(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const needle = this.#needles[index] as Buffer;
    if (start + needle.length > end) return false;
    for (let i = 0; i < needle.length; i++) {
      const byte = bytes[start + i] as number;
      if (byte !== needle[i] && fold(byte) !== needle[i]) return false;
    }
    return true;
  }
}
