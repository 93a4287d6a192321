import { type CompiledPairs, type NeedleRole } from './compile-pairs.js';
import { type RewriteCounts } from './contract.js';
import { EditList } from './edit-list.js';
import { decodeEscapes, encodeEdits, type EscapeDialect } from './escape-dialect.js';
import { jsonDialect, phpEscapedDialect } from './escape-dialects.js';
import { HitMatcher } from './hit-matcher.js';
import { type NeedleScanner } from './needle-scanner.js';
import { isDigit } from './neighbours.js';
import { PIECE, SerializedParser, TYPE } from './serialized-parser.js';

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

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
/** Frames on the stack: kind and five numbers. */
const FRAME = 6;
const REGION = 0;
const PIECE_FRAME = 1;
const CLOSE_STRING = 2;
const MAX_DEPTH = 64;
/** How far a serialized value is looked for in a loop. */
const NEAR_BYTES = 64;
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
  readonly #hits: number[] = [];
  readonly #roles: NeedleRole[] = [];
  #hitCount = 0;
  readonly #stack: number[] = [];
  #stackSize = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #hint = 0;
  /** No serialized value starts in this range; one may start at its end. */
  #scannedFrom = 0;
  #scannedTo = 0;
  #isCandidate = false;

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
    this.#scannedFrom = this.#scannedTo = 0;
    this.#isCandidate = false;
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
      const candidate = this.#nextCandidate(candidatesFrom, hit);
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
    const start = this.#quoteBefore(candidate, low);
    const end = this.#quoteAfter(candidate, high);
    if (end <= hit) return 0;
    const raw = this.#bytes.subarray(start, end);
    const inner = this.#inner();
    if (inner === undefined) return 0;
    // Hits between the start of the text and the string.
    this.#plainTo(this.#hitIndex(low), low, start);
    if (inner.run(decodeEscapes(raw, jsonDialect))) this.#addInner(raw, start, inner, jsonDialect);
    return end;
  }

  #isEscapedQuote(at: number, low: number): boolean {
    let backslashes = 0;
    while (at - backslashes - 1 >= low && this.#bytes[at - backslashes - 1] === BACKSLASH) backslashes++;
    return backslashes % 2 === 1;
  }

  #quoteBefore(at: number, low: number): number {
    for (let quote = at - 1; quote >= low; quote--)
      if (this.#bytes[quote] === QUOTE && !this.#isEscapedQuote(quote, low)) return quote + 1;
    return low;
  }

  #quoteAfter(at: number, high: number): number {
    const bytes = this.#bytes;
    for (let quote = at; quote < high; quote++) {
      if (bytes[quote] === BACKSLASH) quote++;
      else if (bytes[quote] === QUOTE) return quote;
    }
    return high;
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
    const bytes = this.#bytes;
    let start = at;
    let end = at;
    while (start > low && isBase64(bytes[start - 1] as number)) start--;
    while (end < high && isBase64(bytes[end] as number)) end++;
    while (end < high && bytes[end] === 0x3d) end++;
    const text = bytes.toString('latin1', start, end);
    const decoded = Buffer.from(text, 'base64');
    const isExact =
      decoded.toString('base64').replace(/=+$/, '') ===
      text.replace(/=+$/, '').replace(/-/g, '+').replace(/_/g, '/');
    const inner = this.#inner();
    if (!isExact || inner === undefined || decoded.length < 4) return 0;
    const { counts } = this.#context;
    const before = { ...counts };
    const found = inner.run(decoded);
    if (!found || !this.#context.rewritesBase64) Object.assign(counts, before);
    if (!found) return 0;
    if (!this.#context.rewritesBase64) counts.base64++;
    else {
      let written = inner.edits.apply(decoded).toString(/[-_]/.test(text) ? 'base64url' : 'base64');
      if (!text.endsWith('=') && text.length % 4 !== 0) written = written.replace(/=+$/, '');
      this.edits.add(start, end, Buffer.from(written, 'latin1'));
    }
    return end;
  }

  /** The next place in `from`…`limit` that looks like the start of a serialized value with strings; -1 without one. */
  #nextCandidate(from: number, limit: number): number {
    if (from < this.#scannedFrom || from > this.#scannedTo) {
      this.#scannedFrom = this.#scannedTo = from;
      this.#isCandidate = false;
    }
    const bytes = this.#bytes;
    const near = Math.min(limit, this.#scannedTo + NEAR_BYTES);
    for (; !this.#isCandidate && this.#scannedTo < near; this.#scannedTo++) {
      this.#isCandidate = isStart(bytes, this.#scannedTo);
      if (this.#isCandidate) break;
    }
    // In prose colons are far apart, and the runtime's own search is faster than a loop.
    while (!this.#isCandidate && this.#scannedTo < limit) {
      const colon = bytes.indexOf(COLON, this.#scannedTo + 1);
      this.#isCandidate = colon >= 0 && isStart(bytes, colon - 1);
      if (colon < 0) this.#scannedTo = bytes.length;
      else this.#scannedTo = this.#isCandidate ? colon - 1 : colon;
    }
    return this.#isCandidate && this.#scannedTo < limit ? this.#scannedTo : -1;
  }
}

/** Whether `s:1`, `a:1` … stands at `at`. */
const isStart = (bytes: Buffer, at: number): boolean =>
  bytes[at + 1] === COLON && isDigit(bytes[at + 2]) && isOpener(bytes[at] as number);

const isOpener = (type: number): boolean =>
  type === TYPE.string ||
  type === TYPE.array ||
  type === TYPE.Object ||
  type === TYPE.Escaped ||
  type === TYPE.Custom;

const isBase64 = (code: number): boolean =>
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x2f && code <= 0x39) ||
  code === 0x2b ||
  code === 0x2d ||
  code === 0x5f;
