import { type PathTarget } from '../compile-pairs.js';
import { segmentEndsAt } from './host-matcher.js';
import { COLON, EDGE, isHostByte, letterEndsAt, Neighbour, SLASH } from './neighbours.js';

/** Decides about a folder's name that may belong to a path on a server. */
export class PathMatcher {
  start = 0;
  end = 0;
  text: Buffer = Buffer.alloc(0);
  readonly #side = new Neighbour();
  #style = '/';

  /** @param at where the target's anchor segment stands */
  match(bytes: Buffer, at: number, target: PathTarget, low: number, high: number): boolean {
    const start = this.#backwards(bytes, at, target, low);
    if (start < 0 || !this.#startsHere(bytes, start, low)) return false;
    const end = this.#forwards(bytes, at, target.segments.slice(target.anchor), high);
    if (end < 0 || !segmentEndsAt(this.#side, bytes, end, high)) return false;
    if (target.isNewWith !== undefined && this.#isNew(bytes, end, target.isNewWith, high)) return false;
    this.start = start;
    this.end = end;
    this.text = this.#written(target);
    return true;
  }

  /** The start of the path's first slash; -1 when an earlier segment differs. */
  #backwards(bytes: Buffer, at: number, target: PathTarget, low: number): number {
    let start = at;
    for (let i = target.anchor; i >= 0; i--) {
      const segment = target.segments[i] as Buffer;
      if (i < target.anchor) {
        start -= segment.length;
        if (start < low || !this.#equals(bytes, start, segment)) return -1;
      }
      this.#side.before(bytes, start, low);
      if (this.#side.code !== SLASH) return -1;
      this.#style = bytes.toString('latin1', this.#side.start, start);
      start = this.#side.start;
    }
    return start;
  }

  #forwards(bytes: Buffer, at: number, segments: readonly Buffer[], high: number): number {
    let end = at;
    for (const [i, segment] of segments.entries()) {
      if (i > 0) {
        this.#side.after(bytes, end, high);
        if (this.#side.code !== SLASH) return -1;
        end = this.#side.end;
      }
      if (end + segment.length > high || !this.#equals(bytes, end, segment)) return -1;
      end += segment.length;
    }
    return end;
  }

  /** A path starts after nothing, or after something that no path goes on from; `file://` may stand before it. */
  #startsHere(bytes: Buffer, start: number, low: number): boolean {
    const side = this.#side;
    side.before(bytes, start, low);
    if (side.code === EDGE) return true;
    if (side.code >= 0x80) return side.start !== start - 1 || !letterEndsAt(bytes, start, low);
    if (side.code === SLASH) {
      if (side.before(bytes, side.start, low) !== SLASH) return false;
      const outer = side.before(bytes, side.start, low);
      return outer === COLON;
    }
    return !isHostByte(side.code) && side.code !== 0x7e;
  }

  #isNew(bytes: Buffer, end: number, more: readonly Buffer[], high: number): boolean {
    this.#side.after(bytes, end, high);
    if (this.#side.code !== SLASH) return false;
    const last = this.#forwards(bytes, this.#side.end, more, high);
    return last >= 0 && segmentEndsAt(this.#side, bytes, last, high);
  }

  #equals(bytes: Buffer, at: number, segment: Buffer): boolean {
    for (let i = 0; i < segment.length; i++) if (bytes[at + i] !== segment[i]) return false;
    return true;
  }

  #written(target: PathTarget): Buffer {
    const known = target.texts.get(this.#style);
    if (known !== undefined) return known;
    const written = Buffer.from(target.to.replaceAll('/', () => this.#style));
    target.texts.set(this.#style, written);
    return written;
  }
}
