import { type NeedleRole } from './compile-pairs.js';
import { type NeedleScanner } from './needle-scanner.js';

/** Beyond every offset, and a small integer to the engine. */
const END = 0x3fffffff;

/** The places of one value in which a needle stands, in order; looked for once. */
export class HitList {
  readonly #scanner: NeedleScanner;
  readonly #roleOf: readonly NeedleRole[];
  readonly #hits: number[] = [];
  readonly #roles: NeedleRole[] = [];
  #count = 0;
  /** The index that was asked for last: questions go from left to right, mostly. */
  #hint = 0;

  /** @param roles by the number of the needle */
  constructor(scanner: NeedleScanner, roles: readonly NeedleRole[]) {
    this.#scanner = scanner;
    this.#roleOf = roles;
  }

  /** Whether there is any. */
  collect(bytes: Buffer): boolean {
    const scanner = this.#scanner;
    const end = bytes.length;
    let count = 0;
    for (let at = scanner.next(bytes, 0, end); at >= 0; at = scanner.next(bytes, at + 1, end)) {
      this.#hits[count] = at;
      this.#roles[count++] = this.#roleOf[scanner.found] as NeedleRole;
    }
    // Behind the last hit, so that a search ends there.
    this.#hits[count] = END;
    this.#count = count;
    this.#hint = 0;
    return count > 0;
  }

  /** Offset of a hit; beyond every value behind the last one. */
  at(index: number): number {
    return this.#hits[index] as number;
  }

  roleAt(index: number): NeedleRole {
    return this.#roles[index] as NeedleRole;
  }

  /** Index of the first hit at or after `from`. */
  indexFrom(from: number): number {
    const hits = this.#hits;
    let low = 0;
    let high = this.#count;
    const hint = this.#hint;
    if (hint < high) {
      if ((hits[hint] as number) < from) low = hint + 1;
      else if (hint === 0 || (hits[hint - 1] as number) < from) return hint;
      else high = hint;
      if (low < high && (hits[low] as number) >= from) high = low;
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((hits[middle] as number) < from) low = middle + 1;
      else high = middle;
    }
    this.#hint = low;
    return low;
  }

  anyBetween(start: number, end: number): boolean {
    return this.at(this.indexFrom(start)) < end;
  }
}
