import { type NeedleRole } from '../compile-pairs.js';
import { type NeedleScanner } from './needle-scanner.js';

/** Beyond every offset, and a small integer to the engine. */
const END = 0x3fffffff;

/** Where needles start in one value, in ascending order, and what each may be a part of. */
export class HitList {
  readonly #hits: number[] = [];
  readonly #roles: NeedleRole[] = [];
  #count = 0;
  #hint = 0;

  /** Finds all hits from `first`, the first one, on; what was held is dropped. */
  collect(bytes: Buffer, first: number, scanner: NeedleScanner, roles: readonly NeedleRole[]): void {
    const end = bytes.length;
    let count = 0;
    for (let at = first; at >= 0; at = scanner.next(bytes, at + 1, end)) {
      this.#hits[count] = at;
      this.#roles[count++] = roles[scanner.found] as NeedleRole;
    }
    // Behind the last hit, so that a search ends there.
    this.#hits[count] = END;
    this.#count = count;
    this.#hint = 0;
  }

  /** Offset of hit number `index`; beyond every offset behind the last. */
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

  between(start: number, end: number): boolean {
    return (this.#hits[this.indexFrom(start)] as number) < end;
  }
}
