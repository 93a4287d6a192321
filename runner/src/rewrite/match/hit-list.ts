import { type NeedleRole } from '../compile-pairs.js';
import { NOWHERE } from '../serialized/serialized-parser.js';
import { type NeedleScanner } from './needle-scanner.js';

/** Where needles start in one value, in ascending order, and what each may be a part of. */
export class HitList {
  readonly #hits: number[] = [];
  readonly #needles: number[] = [];
  #roles: readonly NeedleRole[] = [];
  #count = 0;
  #hint = 0;

  /** Finds all hits; what was held is dropped. Returns whether there are any. */
  collect(bytes: Buffer, scanner: NeedleScanner, roles: readonly NeedleRole[]): boolean {
    this.#count = scanner.collect(bytes, this.#hits, this.#needles);
    this.#roles = roles;
    // Behind the last hit, so that a search ends there.
    this.#hits[this.#count] = NOWHERE;
    this.#hint = 0;
    return this.#count > 0;
  }

  /** Offset of hit number `index`; beyond every offset behind the last. */
  at(index: number): number {
    return this.#hits[index] as number;
  }

  roleAt(index: number): NeedleRole {
    return this.#roles[this.#needles[index] as number] as NeedleRole;
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

  /** Offset of the first hit at or after `from`; beyond every offset without one. */
  placeFrom(from: number): number {
    return this.at(this.indexFrom(from));
  }
}
