import { type Rewriter } from '../contract.js';
import { type EditList } from '../edit-list.js';
import { decodeEscapes, type EscapeDialect } from '../encoding/escape-dialect.js';
import { LiteralText } from './literal-text.js';
import { OutputBlocks } from './output-blocks.js';
import { joined, RawLiteral } from './raw-literal.js';
import { RawWords } from './raw-words.js';
import { needsEscape, sqlDialect } from './sql-literal.js';
import { SqlWindow } from './sql-window.js';

const SINGLE = 0x27;
const DOUBLE = 0x22;
const BACKSLASH = 0x5c;
/** Beyond every offset. */
const NEVER = 0x3fffffff;
const NONE = Buffer.alloc(0);

/** Changes the literals of a chunk, which the lexer finds, and gives out the chunk with the changes. */
export class LiteralRewriter {
  /** Where the next needle starts in the chunk; where a literal ends before it, nothing has to be done. */
  nextHit = 0;
  /** By how many bytes the last literal grew that was edited. */
  growth = 0;
  readonly #out = new OutputBlocks();
  readonly #rewriter: Rewriter;
  readonly #escapes: boolean;
  /** A needle that is written with escapes in SQL is not found in the raw bytes: every literal is decoded then. */
  readonly #decodesAll: boolean;
  readonly #single: EscapeDialect;
  readonly #double: EscapeDialect;
  readonly #text = new LiteralText();
  readonly #words = new RawWords();
  readonly #window: SqlWindow;
  #work: Buffer = NONE;
  /** First byte of the chunk that was not given out. */
  #flushed = 0;
  /** Where needles start in the chunk, and the number of the next one. */
  readonly #hits: number[] = [];
  #hitIndex = 0;

  /** @param escapes whether a backslash in a literal is more than a letter */
  constructor(rewriter: Rewriter, escapes: boolean) {
    this.#rewriter = rewriter;
    this.#escapes = escapes;
    this.#single = sqlDialect(SINGLE, escapes);
    this.#double = sqlDialect(DOUBLE, escapes);
    this.#window = new SqlWindow(Math.max(0, ...rewriter.needles.map((needle) => needle.length)));
    this.#decodesAll = rewriter.needles.some((needle) => /[\x00-\x1f\\'"]/.test(needle));
  }

  /** From now on offsets are those of `work`. */
  begin(work: Buffer): void {
    this.#work = work;
    this.#flushed = 0;
    this.#words.begin(work);
    this.#rewriter.needlesIn(work, this.#hits);
    this.#hits.push(NEVER);
    this.#hitIndex = 0;
    this.nextHit = this.#decodesAll ? -1 : (this.#hits[0] as number);
  }

  decoded(raw: Buffer, quote: number): Buffer {
    return decodeEscapes(raw, this.#dialect(quote));
  }

  /** Gives out what stands before `to`. */
  give(to: number): void {
    if (to > this.#flushed) this.#out.add(this.#work, this.#flushed, to);
    this.#flushed = to;
  }

  /** Gives out other bytes in place of what stands before `to`. */
  giveInstead(parts: Iterable<Buffer>, to: number): void {
    this.#out.addLater(parts);
    this.#flushed = to;
  }

  /** All that was given out since the last time, in order; good until the call after the next one. */
  take(): Iterable<Buffer> {
    return this.#out.take();
  }

  /** Whether a needle starts in `from`…`to`, so that the literal there may change; only forwards. */
  mayChange(from: number, to: number): boolean {
    if (this.#decodesAll) return true;
    while (this.nextHit < from) this.nextHit = this.#hits[++this.#hitIndex] as number;
    return this.nextHit < to;
  }

  /** Edits the literal between two quotes, for which {@link mayChange} was asked. */
  edit(start: number, end: number, quote: number): void {
    if (this.#editPlain(start, end, quote)) return;
    const value = this.#text.decode(this.#work, start, end, quote, this.#escapes ? BACKSLASH : quote);
    const edits = this.#rewriter.collect(value);
    this.growth = edits?.growth ?? 0;
    if (edits !== undefined) this.#editDecoded(edits, quote);
  }

  /** Edits plain text without decoding it; false when that cannot be done for sure. */
  #editPlain(start: number, end: number, quote: number): boolean {
    if (!this.#escapes || this.#decodesAll) return false;
    let last = this.#hitIndex;
    while ((this.#hits[last + 1] as number) < end) last++;
    const lastHit = this.#hits[last] as number;
    if (this.#words.mayBeginValue(start, lastHit) || this.#words.mayBeBinary(start, end)) return false;
    this.#window.begin(this.#work, quote);
    const edits = this.#rewriter.collectPlain(this.#window, start, end, this.#hits, this.#hitIndex);
    if (edits === undefined) return false;
    const { count, starts, ends, texts } = edits;
    this.growth = edits.growth;
    for (let i = 0; i < count; i++) {
      this.give(starts[i] as number);
      this.#addText(texts[i] as Buffer, quote);
      this.#flushed = ends[i] as number;
    }
    return true;
  }

  #editDecoded(edits: EditList, quote: number): void {
    const { count, starts, ends, texts } = edits;
    for (let i = 0; i < count; i++) {
      const text = texts[i] as Buffer | number;
      if (text === -1) continue;
      this.give(this.#text.rawOffset(starts[i] as number));
      if (typeof text === 'number') this.#out.addNumber(text);
      else this.#addText(text, quote);
      this.#flushed = this.#text.rawOffset(ends[i] as number);
    }
  }

  #addText(text: Buffer, quote: number): void {
    const written = needsEscape(text) ? this.#dialect(quote).encode(text, NONE, NONE) : text;
    this.#out.add(written, 0, written.length);
  }

  #dialect(quote: number): EscapeDialect {
    return quote === SINGLE ? this.#single : this.#double;
  }

  /** Counts a literal that is a key of a row, and so keeps its bytes. @param quote 0: hexadecimal digits */
  countKey(pieces: readonly Buffer[], quote: number): void {
    const raw = Buffer.concat(pieces);
    this.#rewriter.countKey(
      quote === 0 ? Buffer.from(raw.toString('latin1'), 'hex') : this.decoded(raw, quote),
    );
  }

  /** Edits hexadecimal digits that stand for a text. */
  editHex(start: number, end: number): void {
    const changed = this.changedHex(this.#work.subarray(start, end));
    if (changed === undefined) return;
    this.give(start);
    this.#out.add(changed, 0, changed.length);
    this.#flushed = end;
  }

  /** What hexadecimal digits become; undefined when they stay. */
  changedHex(raw: Buffer): Buffer | undefined {
    const digits = raw.toString('latin1');
    if (digits.length % 2 !== 0 || digits.length < 8) return undefined;
    const value = Buffer.from(digits, 'hex');
    const changed = this.#rewriter.rewrite(value);
    if (changed === value) return undefined;
    const hex = changed.toString('hex');
    return Buffer.from(/[a-f]/.test(digits) ? hex : hex.toUpperCase(), 'latin1');
  }

  /** What a literal becomes that lies in several pieces; undefined when it stays. */
  changedPieces(pieces: readonly Buffer[], quote: number): Iterable<Buffer> | undefined {
    const literal = new RawLiteral(pieces, this.#dialect(quote));
    const found = this.#rewriter.edits(literal.value);
    this.growth = (found ?? []).reduce(
      (sum, { start, end, text }) =>
        sum + (typeof text === 'number' ? String(text) : text).length - (end - start),
      0,
    );
    return found === undefined ? undefined : joined(RawLiteral.edited(literal, found));
  }
}
