const fold = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

/** Both cases of a folded byte. */
const cases = (byte: number): readonly number[] =>
  byte >= 0x61 && byte <= 0x7a ? [byte, byte & 0xdf] : [byte];

/** What is looked for. */
export interface Needle {
  readonly bytes: Buffer;
  /** Letter case matters: base64. */
  readonly isExact?: boolean;
}

/**
 * Finds many needles at once, ASCII letters in any case unless told otherwise (Wu and Manber, "A fast algorithm for
 * multi-pattern searching", 1994, with blocks of two bytes). On text it looks at about one byte in six.
 */
export class NeedleScanner {
  /** The longest needle that was found at the last hit. */
  found = -1;
  readonly #needles: readonly Buffer[];
  readonly #isExact: Uint8Array;
  readonly #shortest: number;
  readonly #shift = new Uint8Array(0x10000);
  /** Needles by the last block of their first `#shortest` bytes; longest first. */
  readonly #buckets: number[][] = [[]];
  /** The number of a block's bucket; the first one is empty. */
  readonly #bucketOf = new Uint16Array(0x10000);

  /** Which blocks a needle begins with. */
  readonly #begins = new Uint8Array(0x10000);
  /** Places that {@link all} has to look at again. */
  #stops: Int32Array = new Int32Array(0);

  /** @param needles at least two bytes each */
  constructor(needles: readonly Needle[]) {
    this.#needles = needles.map(({ bytes, isExact }) =>
      isExact === true ? bytes : Buffer.from(bytes.map(fold)),
    );
    this.#isExact = Uint8Array.from(needles, ({ isExact }) => (isExact === true ? 1 : 0));
    this.#shortest = Math.min(255, ...needles.map(({ bytes }) => bytes.length));
    this.#shift.fill(Math.max(1, this.#shortest - 1));
    this.#needles.forEach((needle, index) => this.#learn(needle, index));
    for (const bucket of this.#buckets)
      bucket.sort((a, b) => (this.#needles[b]?.length ?? 0) - (this.#needles[a]?.length ?? 0));
  }

  #learn(needle: Buffer, index: number): void {
    const bothCases = this.#isExact[index] === 1 ? (byte: number) => [byte] : cases;
    for (const first of bothCases(needle[0] as number))
      for (const second of bothCases(needle[1] as number)) this.#begins[(first << 8) | second] = 1;
    for (let at = 1; at < this.#shortest; at++) {
      const distance = this.#shortest - 1 - at;
      for (const first of bothCases(needle[at - 1] as number))
        for (const second of bothCases(needle[at] as number)) {
          const block = (first << 8) | second;
          this.#shift[block] = Math.min(this.#shift[block] as number, distance);
          if (distance === 0) this.#addTo(block, index);
        }
    }
  }

  #addTo(block: number, index: number): void {
    if (this.#bucketOf[block] === 0) this.#bucketOf[block] = this.#buckets.push([]) - 1;
    this.#buckets[this.#bucketOf[block] as number]?.push(index);
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
      if (this.#isAt(bytes, start, at, end)) return start;
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
    const stops = this.#stopsFor(bytes.length);
    const endA = last + part;
    const endB = endA + part;
    const endC = endB + part;
    const endD = bytes.length;
    let a = last;
    let b = endA;
    let c = endB;
    let d = endC;
    let countA = last;
    let countB = endA;
    let countC = endB;
    let countD = endC;
    while (a < endA && b < endB && c < endC && d < endD) {
      const stepA = shift[((bytes[a - 1] as number) << 8) | (bytes[a] as number)] as number;
      const stepB = shift[((bytes[b - 1] as number) << 8) | (bytes[b] as number)] as number;
      const stepC = shift[((bytes[c - 1] as number) << 8) | (bytes[c] as number)] as number;
      const stepD = shift[((bytes[d - 1] as number) << 8) | (bytes[d] as number)] as number;
      if (((stepA - 1) | (stepB - 1) | (stepC - 1) | (stepD - 1)) < 0) {
        if (stepA === 0) stops[countA++] = a++;
        if (stepB === 0) stops[countB++] = b++;
        if (stepC === 0) stops[countC++] = c++;
        if (stepD === 0) stops[countD++] = d++;
      }
      a += stepA;
      b += stepB;
      c += stepC;
      d += stepD;
    }
    into.length = 0;
    this.#finish(bytes, last, countA, a, endA, into);
    this.#finish(bytes, endA, countB, b, endB, into);
    this.#finish(bytes, endB, countC, c, endC, into);
    this.#finish(bytes, endC, countD, d, endD, into);
  }

  #stopsFor(length: number): Int32Array {
    // A little more: chunks differ in length, and new memory costs more than the search of a few.
    if (this.#stops.length < length) this.#stops = new Int32Array(length + (length >> 3));
    return this.#stops;
  }

  /** Looks at the stops of one part, and goes on alone where another part was through first. */
  #finish(bytes: Uint8Array, from: number, to: number, at: number, end: number, into: number[]): void {
    for (let i = from; i < to; i++) this.#note(bytes, this.#stops[i] as number, into);
    for (let next = at; next < end;) {
      const step = this.#shift[((bytes[next - 1] as number) << 8) | (bytes[next] as number)] as number;
      if (step === 0) this.#note(bytes, next, into);
      next += Math.max(step, 1);
    }
  }

  /** Adds the needle whose block ends at `at`, if there is one. */
  #note(bytes: Uint8Array, at: number, into: number[]): void {
    const start = at - this.#shortest + 1;
    if (this.#isAt(bytes, start, at, bytes.length)) into.push(start);
  }

  /** Whether a needle stands at `start`, the last block of whose first bytes ends at `at`. Most stops end with its first block. */
  #isAt(bytes: Uint8Array, start: number, at: number, end: number): boolean {
    if (this.#begins[((bytes[start] as number) << 8) | (bytes[start + 1] as number)] === 0) return false;
    return this.#verify(bytes, start, end, ((bytes[at - 1] as number) << 8) | (bytes[at] as number));
  }

  #verify(bytes: Uint8Array, start: number, end: number, block: number): boolean {
    const bucket = this.#buckets[this.#bucketOf[block] as number] as number[];
    for (let i = 0; i < bucket.length; i++)
      if (this.matches(bucket[i] as number, bytes, start, end)) {
        this.found = bucket[i] as number;
        return true;
      }
    return false;
  }

  /** Whether needle `index` stands at `start`. */
  matches(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const needle = this.#needles[index] as Buffer;
    if (start + needle.length > end) return false;
    const isExact = this.#isExact[index] === 1;
    for (let i = 0; i < needle.length; i++) {
      const byte = bytes[start + i] as number;
      if (byte !== needle[i] && (isExact || fold(byte) !== needle[i])) return false;
    }
    return true;
  }
}
