import { choiceLists } from './choice-keys.js';
import { type CompiledPairs } from './compile-pairs.js';
import { type RewriteCounts } from './contract.js';
import { EditList } from './edit-list.js';
import { holdsValuesAlone } from './serialized/custom-payload.js';
import { EncodedPass } from './encoding/encoded-pass.js';
import { decodeEscapes } from './encoding/escape-dialect.js';
import { jsonDialect, phpEscapedDialect } from './encoding/escape-dialects.js';
import { outerEncoding } from './encoding/encoding-search.js';
import { HitList } from './match/hit-list.js';
import { HitMatcher } from './match/hit-matcher.js';
import { LengthCarrying } from './serialized/length-carrying.js';
import { type NeedleScanner } from './match/needle-scanner.js';
import { stringEnd, stringStart } from './serialized/quoted-string.js';
import { PIECE, SerializedParser } from './serialized/serialized-parser.js';
import { type TextEncoding } from './encoding/text-encodings.js';
import { ValueSearch } from './match/value-search.js';

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

const BACKSLASH = 0x5c;
/** What stands in place of a quote where a serialized value is written in another encoding. */
const QUOTE_ENCODINGS: ReadonlyMap<number, TextEncoding> = new Map([
  [0x26, 'html'],
  [0x25, 'url'],
  [0x3d, 'quotedPrintable'],
]);
/** A value in a longer text is looked for in this number of bytes. */
const MAX_PARTIAL_BYTES = 1 << 20;

/** Frames on the stack: kind and five numbers. */
const FRAME = 6;
const REGION = 0;
const PIECE_FRAME = 1;
const CLOSE_STRING = 2;
const MAX_DEPTH = 64;

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
  readonly #encoded: EncodedPass;
  readonly #binary = new LengthCarrying();
  readonly #hits = new HitList();
  readonly #stack: number[] = [];
  #stackSize = 0;
  #choices: ReadonlySet<number> | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  /** The region that is worked on. */
  #regionStart = 0;
  #regionEnd = 0;
  /** Hits that are not in an encoded text, about which something was decided. */
  #decided = 0;
  /** Where the last hit ends that was looked at, so that an encoded text does not begin before it. */
  #seen = 0;
  /** Whether the last hit and what stands before its end are done with. */
  #isDone = false;

  constructor(context: PassContext, depth: number) {
    this.#context = context;
    this.#depth = depth;
    this.#matcher = new HitMatcher(context.pairs);
    this.#encoded = new EncodedPass({
      counts: context.counts,
      hiddenHosts: context.pairs.hiddenHosts,
      rewritesBase64: context.rewritesBase64,
      hits: this.#hits,
      edits: this.edits,
      inner: () => this.#inner(),
    });
    this.#parser = new SerializedParser((from) => this.#hits.placeFrom(from));
  }

  /** Hits of the last value, and of what was decoded in it, about which something was decided. */
  get decided(): number {
    return this.#decided + this.#encoded.decided;
  }

  /** Whether the value changes; the edits stand in {@link edits} until the next run. */
  run(bytes: Buffer): boolean {
    this.edits.clear();
    this.#decided = 0;
    this.#encoded.reset(bytes);
    if (!this.#hits.collect(bytes, this.#context.scanner, this.#context.pairs.roles)) return false;
    this.#bytes = bytes;
    this.#seen = 0;
    this.#choices = undefined;
    this.#binary.reset(bytes, this.#context.scanner.hasControls);
    this.#search.reset();
    this.#push(REGION, 0, bytes.length, 0, 0, 0);
    while (this.#stackSize > 0) this.#step();
    return this.edits.changes > 0;
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

  /** Text from `start` to `end`: plain hits, and serialized values between them. */
  #region(start: number, end: number): void {
    this.#regionStart = start;
    this.#regionEnd = end;
    let low = start;
    let at = start;
    let candidatesFrom = start;
    for (;;) {
      const index = this.#hits.indexFrom(at);
      const hit = this.#hits.at(index);
      if (hit >= end) return;
      const candidate = this.#search.next(this.#bytes, candidatesFrom, hit);
      if (candidate < 0) {
        const next = this.#plain(index, low, end);
        if (next > at) {
          at = next;
          if (this.#isDone) low = next;
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
        if (valueEnd < end) this.#push(REGION, valueEnd, end, 0, 0, 0);
        this.#pushPieces();
        return;
      }
      const { stoppedAt, elements } = this.#parser;
      const encoding = QUOTE_ENCODINGS.get(stoppedAt);
      if (stoppedAt === BACKSLASH || encoding !== undefined) {
        const after =
          encoding === undefined
            ? this.#escaped(candidate, low, end, hit)
            : this.#encoded.value(candidate, end, hit, encoding);
        if (after > 0) {
          this.#push(REGION, after, end, 0, 0, 0);
          return;
        }
      } else if (candidate === start || elements > 0) {
        if (this.#partlyEncoded(candidate, end)) return;
        this.#context.counts.brokenSerialized++;
        this.#plainTo(index, low, end);
        return;
      }
      if (this.#parser.isInString && this.#partlyEncoded(candidate, end)) return;
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
    if (kind === PIECE.key && !(this.#choices ??= this.#findChoices()).has(start))
      return this.#countKeys(start, end);
    if (kind === PIECE.escaped) return this.#escapedString(digits, digitsEnd, start, end);
    if (kind === PIECE.custom && !holdsValuesAlone(this.#bytes, start, end)) {
      this.#context.counts.opaque++;
      this.#decided++;
      return;
    }
    const place = this.edits.reserve(digits, digitsEnd);
    this.#push(CLOSE_STRING, place, end - start, this.edits.growth, 0, 0);
    // What is left of it waits above its end.
    this.#region(start, end);
  }

  /** Where keys start that are choices, of lists in which none would become another one's. */
  #findChoices(): ReadonlySet<number> {
    const inner = this.#inner();
    if (inner === undefined) return new Set();
    const known = { ...this.#context.counts };
    const changed = ({ start, end }: { readonly start: number; readonly end: number }) => {
      const text = this.#bytes.subarray(start, end);
      return (inner.run(text) ? inner.edits.apply(text) : text).toString('latin1');
    };
    const lists = choiceLists(this.#bytes).filter((keys) => new Set(keys.map(changed)).size === keys.length);
    Object.assign(this.#context.counts, known);
    return new Set(lists.flatMap((keys) => keys.map(({ start }) => start)));
  }

  #countKeys(start: number, end: number): void {
    for (let i = this.#hits.indexFrom(start); this.#hits.at(i) < end; i++) {
      this.#decided++;
      if (this.#matcher.match(this.#bytes, this.#hits.at(i), this.#hits.roleAt(i), start, end))
        this.#context.counts.keys++;
    }
  }

  /** `S:` strings count decoded bytes, so their length is not found by adding up. */
  #escapedString(digits: number, digitsEnd: number, start: number, end: number): void {
    const raw = this.#bytes.subarray(start, end);
    const decoded = decodeEscapes(raw, phpEscapedDialect);
    const inner = this.#inner();
    if (inner === undefined) return;
    const changed = inner.run(decoded);
    this.#decided += inner.decided;
    if (!changed) return;
    const place = this.edits.reserve(digits, digitsEnd);
    const length = decoded.length + inner.edits.growth;
    if (length !== decoded.length) this.edits.setLength(place, length);
    this.#encoded.addInner(raw, start, inner, phpEscapedDialect);
  }

  #inner(): ValuePass | undefined {
    return this.#depth < MAX_DEPTH ? this.#context.passAt(this.#depth + 1) : undefined;
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
    this.#plainTo(this.#hits.indexFrom(low), low, start);
    if (inner.run(decodeEscapes(raw, jsonDialect))) this.#encoded.addInner(raw, start, inner, jsonDialect);
    this.#decided += inner.decided;
    return end;
  }

  /**
   * A serialized value that is broken as it stands may be whole once an encoding is removed that leaves quotes alone:
   * `s:25:"https://acme.com/?a&amp;b=2";` with the length of the text without entities.
   */
  #partlyEncoded(candidate: number, high: number): boolean {
    const raw = this.#bytes.subarray(candidate, Math.min(high, candidate + MAX_PARTIAL_BYTES));
    const encoding = outerEncoding(raw);
    return encoding !== undefined && this.#encoded.decode(candidate, high, encoding);
  }

  /** Replaces all hits up to `end` as plain text, from hit number `index` on. */
  #plainTo(index: number, low: number, end: number): void {
    let from = low;
    let at = low;
    for (let i = index; this.#hits.at(i) < end; i = this.#hits.indexFrom(at)) {
      const next = this.#plain(i, from, end);
      at = Math.max(at, next);
      if (this.#isDone) from = next;
    }
  }

  /** Replaces one hit, or counts why it stays. Returns where to look on. */
  #plain(index: number, low: number, high: number): number {
    const role = this.#hits.roleAt(index);
    const at = this.#hits.at(index);
    const after = this.#encoded.around(at, role, Math.max(low, this.#seen), high);
    this.#isDone = after > 0;
    if (this.#isDone) return after;
    const matcher = this.#matcher;
    if (!matcher.match(this.#bytes, at, role, low, high)) {
      if (role.base64 !== undefined) {
        const end =
          this.#encoded.base64(at, role.base64, low, high) ||
          this.#encoded.lines(at, Math.max(low, this.#seen), high);
        if (end > at) return (this.#seen = end);
      }
      if (matcher.countLeft(this.#bytes, this.#context.counts, this.#context.left)) this.#decided++;
      this.#seen = at + 1;
      return at + 1;
    }
    this.#decided++;
    if (matcher.mayOverlap) this.#preferLonger(index, low, high);
    this.#isDone = true;
    if (this.#isBinary()) this.#context.counts.binary++;
    else if (matcher.addTo(this.#bytes, this.edits)) this.#context.counts.replacements++;
    this.#seen = Math.max(matcher.end, at + 1);
    return this.#seen;
  }

  /** What is binary is so as a whole: of two addresses in it, none may change. */
  #isBinary(): boolean {
    const { start, end } = this.#matcher;
    return this.#binary.covers(start, end, this.#regionStart, this.#regionEnd);
  }

  /** Of matches that overlap the longest wins. */
  #preferLonger(index: number, low: number, high: number): void {
    const matcher = this.#matcher;
    for (let i = index + 1; this.#hits.at(i) < Math.min(matcher.end, high); i++) {
      const best = matcher.save();
      const found = matcher.match(this.#bytes, this.#hits.at(i), this.#hits.roleAt(i), low, high);
      if (!found || matcher.end - matcher.start <= best.end - best.start) matcher.restore(best);
    }
  }
}
