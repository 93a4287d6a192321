import { base64Around, encodedLike } from './base64-text.js';
import { type CompiledPairs, type NeedleRole } from './compile-pairs.js';
import { type RewriteCounts } from './contract.js';
import { EditList } from './edit-list.js';
import { decodeEscapes, encodeEdits, type EscapeDialect } from './escape-dialect.js';
import { jsonDialect, phpEscapedDialect } from './escape-dialects.js';
import { HitMatcher } from './hit-matcher.js';
import { type NeedleScanner } from './needle-scanner.js';
import { stringEnd, stringStart } from './quoted-string.js';
import { PIECE, SerializedParser } from './serialized-parser.js';
import { ValueSearch } from './value-search.js';

/** What all passes of one rewriter share. */
export interface PassContext {
  readonly pairs: CompiledPairs;
  readonly scanner: NeedleScanner;
  readonly counts: RewriteCounts;
  readonly left: Map<string, number>;
  readonly rewritesBase64: boolean;
  /** The pass for one level further in; levels are decoded texts, so there are few. */
  passAt(depth: number): ValuePass;
}

const COLON = 0x3a;
/** Frames on the stack: kind and five numbers. */
const FRAME = 6;
const REGION = 0;
const PIECE_FRAME = 1;
const CLOSE_STRING = 2;
const MAX_DEPTH = 64;
/** Beyond every offset, and a small integer to the engine. */
const END = 0x3fffffff;

/**
 * Collects the edits of one value. A value is a region of text; serialized values in it are read by
 * {@link SerializedParser}, and each of their strings that has a hit is a region again. The regions wait on a stack
 * of numbers, so depth costs no recursion, and they are worked on from left to right, so that hits and candidates
 * are looked for once.
 */
export class ValuePass {
  readonly edits = new EditList();
  readonly #context: PassContext;
  readonly #depth: number;
  readonly #matcher: HitMatcher;
  readonly #parser: SerializedParser;
  readonly #search = new ValueSearch();
  readonly #hits: number[] = [];
  readonly #roles: NeedleRole[] = [];
  #hitCount = 0;
  readonly #stack: number[] = [];
  #stackSize = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #hint = 0;

  constructor(context: PassContext, depth: number) {
    this.#context = context;
    this.#depth = depth;
    this.#matcher = new HitMatcher(context.pairs);
    this.#parser = new SerializedParser({ wants: (start, end) => this.#hitBetween(start, end) });
  }

  /** Whether the value changes; the edits stand in {@link edits} until the next run. */
  run(bytes: Buffer): boolean {
    this.edits.clear();
    const first = this.#context.scanner.next(bytes, 0, bytes.length);
    if (first < 0) return false;
    this.#bytes = bytes;
    this.#collectHits(first);
    this.#hint = 0;
    this.#search.reset();
    this.#push(REGION, 0, bytes.length, 0, 0, 0);
    while (this.#stackSize > 0) this.#step();
    return this.edits.changes > 0;
  }

  #collectHits(first: number): void {
    const { scanner, pairs } = this.#context;
    const end = this.#bytes.length;
    let count = 0;
    for (let at = first; at >= 0; at = scanner.next(this.#bytes, at + 1, end)) {
      this.#hits[count] = at;
      this.#roles[count++] = pairs.roles[scanner.found] as NeedleRole;
    }
    // Behind the last hit, so that a search ends there.
    this.#hits[count] = END;
    this.#hitCount = count;
  }

  #push(kind: number, a: number, b: number, c: number, d: number, e: number): void {
    const stack = this.#stack;
    const base = this.#stackSize;
    stack[base] = kind;
    stack[base + 1] = a;
    stack[base + 2] = b;
    stack[base + 3] = c;
    stack[base + 4] = d;
    stack[base + 5] = e;
    this.#stackSize = base + FRAME;
  }

  #step(): void {
    const stack = this.#stack;
    const base = this.#stackSize - FRAME;
    const kind = stack[base] as number;
    const a = stack[base + 1] as number;
    const b = stack[base + 2] as number;
    const c = stack[base + 3] as number;
    const d = stack[base + 4] as number;
    const e = stack[base + 5] as number;
    this.#stackSize = base;
    if (kind === REGION) this.#region(a, b);
    else if (kind === PIECE_FRAME) this.#piece(a, b, c, d, e);
    else {
      const growth = this.edits.growth - c;
      if (growth !== 0) this.edits.setLength(a, b + growth);
    }
  }

  /** Index of the first hit at or after `from`. */
  #hitIndex(from: number): number {
    const hits = this.#hits;
    let low = 0;
    let high = this.#hitCount;
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

  #hitBetween(start: number, end: number): boolean {
    const index = this.#hitIndex(start);
    return (this.#hits[index] as number) < end;
  }

  /** Text from `start` to `end`: plain hits, and serialized values between them. */
  #region(start: number, end: number): void {
    let low = start;
    let at = start;
    let candidatesFrom = start;
    for (;;) {
      const index = this.#hitIndex(at);
      const hit = this.#hits[index] as number;
      if (hit >= end) return;
      const candidate = this.#search.next(this.#bytes, candidatesFrom, hit);
      if (candidate < 0) {
        const next = this.#plain(index, low, end);
        if (next > at) {
          at = next;
          if (this.#matcher.accepted) low = next;
        }
        candidatesFrom = Math.max(candidatesFrom, at);
        continue;
      }
      if (this.#parser.parse(this.#bytes, candidate, end)) {
        const valueEnd = this.#parser.end;
        if (valueEnd <= hit) {
          at = low = candidatesFrom = valueEnd;
          continue;
        }
        this.#push(REGION, valueEnd, end, 0, 0, 0);
        this.#pushPieces();
        return;
      }
      if (this.#parser.isEscaped) {
        const after = this.#escaped(candidate, low, end, hit);
        if (after > 0) {
          this.#push(REGION, after, end, 0, 0, 0);
          return;
        }
      } else if (candidate === start || this.#parser.elements > 0) {
        this.#context.counts.brokenSerialized++;
        this.#plainTo(index, low, end);
        return;
      }
      candidatesFrom = Math.max(candidate + 1, this.#parser.end);
    }
  }

  #pushPieces(): void {
    const { pieces } = this.#parser;
    for (let i = this.#parser.pieceCount - 5; i >= 0; i -= 5)
      this.#push(
        PIECE_FRAME,
        pieces[i] as number,
        pieces[i + 1] as number,
        pieces[i + 2] as number,
        pieces[i + 3] as number,
        pieces[i + 4] as number,
      );
  }

  #piece(kind: number, digits: number, digitsEnd: number, start: number, end: number): void {
    if (kind === PIECE.key) return this.#countKeys(start, end);
    if (kind === PIECE.escaped) return this.#escapedString(digits, digitsEnd, start, end);
    if (kind === PIECE.custom && !this.#understands(start, end)) {
      this.#context.counts.opaque++;
      return;
    }
    const place = this.edits.reserve(digits, digitsEnd);
    this.#push(CLOSE_STRING, place, end - start, this.edits.growth, 0, 0);
    this.#push(REGION, start, end, 0, 0, 0);
  }

  #countKeys(start: number, end: number): void {
    for (let i = this.#hitIndex(start); (this.#hits[i] as number) < end; i++)
      if (this.#matcher.match(this.#bytes, this.#hits[i] as number, this.#roles[i] as NeedleRole, start, end))
        this.#context.counts.keys++;
  }

  /** Whether a `C:` payload is wholly made of serialized values, as those of PHP's own classes are. */
  #understands(start: number, end: number): boolean {
    const reader = new SerializedParser({ wants: () => false });
    let at = start;
    while (at < end) {
      const code = this.#bytes[at] as number;
      const next = this.#bytes[at + 1];
      if (code === 0x3b || code === 0x2c || code === COLON) at++;
      else if ((code === 0x78 || code === 0x6d) && next === COLON) at += 2;
      else if (reader.parse(this.#bytes, at, end)) at = reader.end;
      else return false;
    }
    return true;
  }

  /** `S:` strings count decoded bytes, so their length is not found by adding up. */
  #escapedString(digits: number, digitsEnd: number, start: number, end: number): void {
    const raw = this.#bytes.subarray(start, end);
    const decoded = decodeEscapes(raw, phpEscapedDialect);
    const inner = this.#inner();
    if (inner === undefined || !inner.run(decoded)) return;
    const place = this.edits.reserve(digits, digitsEnd);
    const length = decoded.length + inner.edits.growth;
    if (length !== decoded.length) this.edits.setLength(place, length);
    this.#addInner(raw, start, inner, phpEscapedDialect);
  }

  #inner(): ValuePass | undefined {
    return this.#depth < MAX_DEPTH ? this.#context.passAt(this.#depth + 1) : undefined;
  }

  #addInner(raw: Buffer, offset: number, inner: ValuePass, dialect: EscapeDialect): void {
    for (const edit of encodeEdits(raw, inner.edits.toEdits(), dialect))
      this.edits.addText(offset + edit.start, offset + edit.end, edit.text);
  }

  /**
   * A serialized value written with backslashes: decodes the JSON string around it (or, without quotes around it,
   * the rest of the text), works on that, and writes the edits back in JSON's way.
   * @returns where the text goes on; 0 when the string ends before the hit
   */
  #escaped(candidate: number, low: number, high: number, hit: number): number {
    const start = stringStart(this.#bytes, candidate, low);
    const end = stringEnd(this.#bytes, candidate, high);
    if (end <= hit) return 0;
    const raw = this.#bytes.subarray(start, end);
    const inner = this.#inner();
    if (inner === undefined) return 0;
    // Hits between the start of the text and the string.
    this.#plainTo(this.#hitIndex(low), low, start);
    if (inner.run(decodeEscapes(raw, jsonDialect))) this.#addInner(raw, start, inner, jsonDialect);
    return end;
  }

  /** Replaces all hits up to `end` as plain text, from hit number `index` on. */
  #plainTo(index: number, low: number, end: number): void {
    let from = low;
    let at = low;
    for (let i = index; (this.#hits[i] as number) < end; i = this.#hitIndex(at)) {
      const next = this.#plain(i, from, end);
      at = Math.max(at, next);
      if (this.#matcher.accepted) from = next;
    }
  }

  /** Replaces one hit, or counts why it stays. Returns where to look on. */
  #plain(index: number, low: number, high: number): number {
    const role = this.#roles[index] as NeedleRole;
    const at = this.#hits[index] as number;
    const matcher = this.#matcher;
    if (!matcher.match(this.#bytes, at, role, low, high)) {
      if (role.base64 === true) {
        const end = this.#base64(at, low, high);
        if (end > at) return end;
      }
      matcher.countLeft(this.#bytes, this.#context.counts, this.#context.left);
      return at + 1;
    }
    if (matcher.mayOverlap) this.#preferLonger(index, low, high);
    if (matcher.addTo(this.#bytes, this.edits)) this.#context.counts.replacements++;
    return Math.max(matcher.end, at + 1);
  }

  /** Of matches that overlap the longest wins. */
  #preferLonger(index: number, low: number, high: number): void {
    const matcher = this.#matcher;
    for (let i = index + 1; (this.#hits[i] as number) < Math.min(matcher.end, high); i++) {
      const best = matcher.save();
      const found = matcher.match(
        this.#bytes,
        this.#hits[i] as number,
        this.#roles[i] as NeedleRole,
        low,
        high,
      );
      if (!found || matcher.end - matcher.start <= best.end - best.start) matcher.restore(best);
    }
  }

  /** Looks into base64 text around a hit. Returns its end, or 0 when there is no production host in it. */
  #base64(at: number, low: number, high: number): number {
    const found = base64Around(this.#bytes, at, low, high);
    const inner = this.#inner();
    if (found === undefined || inner === undefined || found.decoded.length < 4) return 0;
    const { counts, rewritesBase64 } = this.#context;
    const before = { ...counts };
    const changes = inner.run(found.decoded);
    if (!changes || !rewritesBase64) Object.assign(counts, before);
    if (!changes) return 0;
    if (!rewritesBase64) counts.base64++;
    else {
      const written = encodedLike(found.text, inner.edits.apply(found.decoded));
      this.edits.add(found.start, found.end, Buffer.from(written, 'latin1'));
    }
    return found.end;
  }
}
