import { BLOCK_BYTES, fastestSearch, type FingerprintSearch } from './fingerprint-search.js';
import { Fingerprints, fold, HASHES, type Needle } from './fingerprints.js';

/** Finds many needles at once, ASCII letters in any case unless told otherwise: by fingerprints, then byte by byte. */
export class NeedleScanner {
  /** False where the bytes of the last search are known to have no control bytes. */
  hasControls = true;
  readonly #needles: readonly Buffer[];
  readonly #isExact: Uint8Array;
  readonly #prints: Fingerprints;
  readonly #search: FingerprintSearch;
  readonly #byPrint: NeedleTable;
  readonly #byStart: NeedleTable;

  /** @param needles two bytes each at least */
  constructor(needles: readonly Needle[], search: FingerprintSearch = fastestSearch()) {
    const all = needles.map(({ bytes, isExact = false }) => ({
      bytes: isExact ? bytes : Buffer.from(bytes.map(fold)),
      isExact,
    }));
    this.#needles = all.map(({ bytes }) => bytes);
    this.#isExact = Uint8Array.from(all, ({ isExact }) => (isExact ? 1 : 0));
    this.#prints = new Fingerprints(all);
    this.#search = search;
    const prints = this.#prints;
    this.#byPrint = new NeedleTable(this.#needles, ({ bytes, index }) =>
      prints.hashAt(bytes, prints.offsets[index] as number),
    );
    this.#byStart = new NeedleTable(this.#needles, ({ bytes }) => prints.hashAt(bytes, 0));
  }

  /**
   * Finds all needles in `bytes`.
   * @param starts takes where they start, in ascending order
   * @param found takes the index of the longest needle that starts there
   * @returns how many there are; what both lists hold behind that is left as it was
   */
  collect(bytes: Uint8Array, starts: number[], found: number[]): number {
    let count = 0;
    this.hasControls = false;
    for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
      const candidates = this.#search.find(bytes, from, this.#prints);
      if (!this.hasControls) this.hasControls = this.#search.hasControls();
      const { places } = this.#search;
      for (let i = 0; i < candidates; i++)
        count = this.#look(bytes, from + (places[i] as number), starts, found, count);
    }
    return count;
  }

  /** Adds the needles whose fingerprint may stand at `place`. */
  #look(bytes: Uint8Array, place: number, starts: number[], found: number[], count: number): number {
    const indexes = this.#byPrint.at(this.#prints.hashAt(bytes, place));
    let total = count;
    for (let i = 0; i < indexes.length; i++) {
      const needle = indexes[i] as number;
      const start = place - (this.#prints.offsets[needle] as number);
      if (start >= 0 && this.#isAt(needle, bytes, start, bytes.length))
        total = this.#add(start, needle, starts, found, total);
    }
    return total;
  }

  /** Fingerprints stand at different distances from their needles, so a later one may find an earlier needle. */
  #add(start: number, needle: number, starts: number[], found: number[], count: number): number {
    let at = count;
    while (at > 0 && (starts[at - 1] as number) > start) at--;
    if (at > 0 && starts[at - 1] === start) {
      const known = this.#needles[found[at - 1] as number] as Buffer;
      if ((this.#needles[needle] as Buffer).length > known.length) found[at - 1] = needle;
      return count;
    }
    for (let move = count; move > at; move--) {
      starts[move] = starts[move - 1] as number;
      found[move] = found[move - 1] as number;
    }
    starts[at] = start;
    found[at] = needle;
    return count + 1;
  }

  /** The index of the longest needle that starts at `start` and ends at `end` or before; -1 when there is none. */
  longestAt(bytes: Uint8Array, start: number, end: number): number {
    const indexes = this.#byStart.at(this.#prints.hashAt(bytes, start));
    for (let i = 0; i < indexes.length; i++)
      if (this.#isAt(indexes[i] as number, bytes, start, end)) return indexes[i] as number;
    return -1;
  }

  #isAt(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const needle = this.#needles[index] as Buffer;
    if (start + needle.length > end) return false;
    const isExact = this.#isExact[index] === 1;
    // From the back: the beginnings of needles are much the same.
    for (let i = needle.length - 1; i >= 0; i--) {
      const byte = bytes[start + i] as number;
      if (byte !== needle[i] && (isExact || fold(byte) !== needle[i])) return false;
    }
    return true;
  }
}

const NONE: readonly number[] = [];

/** Indexes of needles by a hash, longest first. */
class NeedleTable {
  readonly #lists: number[][] = [[]];
  /** The number of the list of a hash; the first one is empty. */
  readonly #numbers = new Uint16Array(HASHES);

  constructor(
    needles: readonly Buffer[],
    hashOf: (needle: { readonly bytes: Buffer; readonly index: number }) => number,
  ) {
    const longestFirst = needles
      .map((bytes, index) => ({ bytes, index }))
      .sort((a, b) => b.bytes.length - a.bytes.length);
    for (const needle of longestFirst) {
      const hash = hashOf(needle);
      if (this.#numbers[hash] === 0) this.#numbers[hash] = this.#lists.push([]) - 1;
      this.#lists[this.#numbers[hash] as number]?.push(needle.index);
    }
  }

  at(hash: number): readonly number[] {
    return this.#lists[this.#numbers[hash] as number] ?? NONE;
  }
}
