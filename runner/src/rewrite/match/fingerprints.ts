/** Bytes below the blank that no text has: all but the white space of C and the escape. */
export const isControl = (byte: number): boolean => byte < 0x20 && !(byte >= 8 && byte <= 13) && byte !== 27;

export interface Needle {
  /** Two bytes at least; ASCII letters in lower case unless `isExact`. */
  readonly bytes: Buffer;
  /** Letter case matters: base64. */
  readonly isExact?: boolean;
}

/** How many bytes of a needle are looked for at first, if it is that long. */
const WIDTH = 4;
const GROUPS = 8;
const TABLES = 2 * WIDTH * 16;
const CONTROLS = TABLES;
const BITS = CONTROLS + 32;
export const HASHES = 0x10000;
const MASKS = [0, 0xff, 0xffff, 0xffffff, -1];

/** The bytes of one fingerprint, each in all the letter cases that count. */
type Letters = readonly (readonly number[])[];

export const fold = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

const isLetter = (byte: number): boolean => byte >= 0x61 && byte <= 0x7a;

/** How often a byte stands in the texts of sites, roughly: a wrong guess costs time, not hits. */
const FREQUENCY = Float64Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x20) return 0.15;
  if (isLetter(byte)) return 'aehinorst'.includes(String.fromCharCode(byte)) ? 0.07 : 0.03;
  if (byte >= 0x30 && byte <= 0x39) return 0.015;
  return byte > 0x20 && byte < 0x7f ? 0.01 : 0.002;
});

/** By which bytes needles are found: of each, four that are rare in text, the same ones for as many as possible. */
export class Fingerprints {
  /** For find-fingerprints.wat: tables of half bytes, those for control bytes, then the bits of hashes. */
  readonly tables = new Uint8Array(BITS + HASHES / 8);
  readonly width: number;
  readonly mask: number;
  /** By needle: how far from its start its fingerprint stands. */
  readonly offsets: Uint32Array;

  constructor(needles: readonly Needle[]) {
    this.width = Math.min(WIDTH, ...needles.map(({ bytes }) => bytes.length));
    this.mask = MASKS[this.width] as number;
    this.offsets = new Uint32Array(needles.length);
    const chosen = this.#choose(needles);
    const groups = groupsOf(chosen);
    groups.forEach((group, number) => {
      for (const [index, halves] of group.entries())
        for (let half = 0; half < 16; half++)
          if ((halves >> half) & 1)
            this.tables[index * 16 + half] = (this.tables[index * 16 + half] as number) | (1 << number);
    });
    // Bytes beyond a short fingerprint are not looked at.
    this.tables.fill(0xff, this.width * 32, TABLES);
    // One group for each half that control bytes have: 0 and 1.
    for (let byte = 0; byte < 0x20; byte++) {
      const [low, high] = [CONTROLS + (byte & 15), CONTROLS + 16 + (byte >> 4)];
      const group = 1 << (byte >> 4);
      this.tables[high] = group;
      if (isControl(byte)) this.tables[low] = (this.tables[low] as number) | group;
    }
  }

  mayStandAt(bytes: Uint8Array, at: number): boolean {
    const hash = this.hashAt(bytes, at);
    return (((this.tables[BITS + (hash >> 3)] as number) >> (hash & 7)) & 1) === 1;
  }

  /** 16 bits; the same for both cases of a letter. */
  hashAt(bytes: Uint8Array, at: number): number {
    return hashOf(wordAt(bytes, at) & this.mask);
  }

  /** Short needles first: they have the least choice. Returns the fingerprints, each once. */
  #choose(needles: readonly Needle[]): Letters[] {
    const uses = new Map<number, number>();
    for (const needle of needles)
      for (let offset = 0; offset + this.width <= needle.bytes.length; offset++) {
        const key = this.#keyAt(needle, offset);
        uses.set(key, (uses.get(key) ?? 0) + 1);
      }
    const chosen = new Map<number, Letters>();
    const shortFirst = [...needles.entries()].sort(([, a], [, b]) => a.bytes.length - b.bytes.length);
    for (const [index, needle] of shortFirst) {
      const offset = this.#bestOffset(needle, uses, chosen);
      this.offsets[index] = offset;
      const { bytes, isExact } = needle;
      chosen.set(
        this.#keyAt(needle, offset),
        [...bytes.subarray(offset, offset + this.width)].map((byte) => casesOf(byte, isExact)),
      );
      const hash = this.hashAt(bytes, offset);
      const byte = BITS + (hash >> 3);
      this.tables[byte] = (this.tables[byte] as number) | (1 << (hash & 7));
    }
    return [...chosen.values()];
  }

  /** Tells a fingerprint from others. */
  #keyAt({ bytes, isExact = false }: Needle, offset: number): number {
    return ((wordAt(bytes, offset) & this.mask) >>> 0) + (isExact ? 2 ** 32 : 0);
  }

  /** One that is rare in text; if possible one that other needles have or that is looked for already. */
  #bestOffset(
    needle: Needle,
    uses: ReadonlyMap<number, number>,
    chosen: ReadonlyMap<number, Letters>,
  ): number {
    let [best, least] = [0, Infinity];
    for (let offset = 0; offset + this.width <= needle.bytes.length; offset++) {
      const key = this.#keyAt(needle, offset);
      let chance = 1;
      for (let i = offset; i < offset + this.width; i++)
        chance *= FREQUENCY[needle.bytes[i] as number] as number;
      const cost = ((chance + 1e-8) / Math.sqrt(uses.get(key) as number)) * (chosen.has(key) ? 0.25 : 1);
      if (cost < least) [best, least] = [offset, cost];
    }
    return best;
  }
}

const casesOf = (byte: number, isExact: boolean | undefined): readonly number[] =>
  !isExact && isLetter(byte) ? [byte, byte & 0xdf] : [byte];

/** Four bytes; those beyond the end are 0. */
const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) |
  ((bytes[at + 1] as number) << 8) |
  ((bytes[at + 2] as number) << 16) |
  ((bytes[at + 3] as number) << 24);

/** Knuth's multiplicative hash; find-fingerprints.wat has the same. */
const hashOf = (word: number): number => Math.imul(word | 0x20202020, 0x9e3779b1) >>> 16;

/** For each half of each byte the values it has in a group, as bits. */
type Group = Uint16Array<ArrayBuffer>;

/** Puts each fingerprint into the group that then lets through the least of a text. */
function groupsOf(fingerprints: readonly Letters[]): Group[] {
  const groups = Array.from({ length: GROUPS }, () => ({ halves: new Uint16Array(2 * WIDTH), chance: 0 }));
  for (const letters of fingerprints) {
    let best = groups[0] as (typeof groups)[0];
    let least = Infinity;
    for (const group of groups) {
      const cost = chanceOf(withLetters(group.halves, letters)) - group.chance;
      if (cost < least) [best, least] = [group, cost];
    }
    best.halves = withLetters(best.halves, letters);
    best.chance = chanceOf(best.halves);
  }
  return groups.map(({ halves }) => halves);
}

function withLetters(group: Group, letters: Letters): Group {
  const together = group.slice();
  letters.forEach((cases, index) => {
    for (const byte of cases) {
      together[2 * index] = (together[2 * index] as number) | (1 << (byte & 15));
      together[2 * index + 1] = (together[2 * index + 1] as number) | (1 << (byte >> 4));
    }
  });
  return together;
}

function chanceOf(group: Group): number {
  let chance = 1;
  for (let index = 0; index < group.length && group[index] !== 0; index += 2) {
    const [lows, highs] = [group[index] as number, group[index + 1] as number];
    let sum = 0;
    for (let high = 0; high < 16; high++)
      if ((highs >> high) & 1)
        for (let low = 0; low < 16; low++) if ((lows >> low) & 1) sum += FREQUENCY[high * 16 + low] as number;
    chance *= sum;
  }
  return chance;
}
