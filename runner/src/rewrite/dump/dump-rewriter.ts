import { type Rewriter } from '../contract.js';
import { type EscapeDialect } from '../escape-dialect.js';
import { RawLiteral } from './raw-literal.js';
import { sqlDialect } from './sql-literal.js';
import { StatementTracker } from './statement-tracker.js';

export interface DumpRewriterOptions {
  /** The dump was made under `sql_mode=NO_BACKSLASH_ESCAPES`: a backslash in a literal is a letter. */
  readonly noBackslashEscapes?: boolean;
  /** The dump was made under `sql_mode=ANSI_QUOTES`: `"…"` is a name, not a text. */
  readonly ansiQuotes?: boolean;
}

export interface DumpRewriter {
  /**
   * Takes the next bytes of the dump and gives those that are done, in order; parts may share memory with `chunk`,
   * which may be used again once all of them were taken and written.
   */
  push(chunk: Buffer): Iterable<Buffer>;
  /** What is left at the end of the dump. */
  end(): Iterable<Buffer>;
}

const SINGLE = 0x27;
const DOUBLE = 0x22;
const BACKTICK = 0x60;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const STAR = 0x2a;
const SLASH = 0x2f;
const DASH = 0x2d;
const BANG = 0x21;

/** What the lexer stands in. */
const STATE = { code: 0, literal: 1, name: 2, lineComment: 3, blockComment: 4, hex: 5 } as const;
/** Bytes that the lexer may have to look ahead, kept back at a chunk's end. */
const LOOKAHEAD = 4;
/** Literals up to this length are read in a loop. */
const NEAR_BYTES = 96;
/** Pieces up to this size are put together, so that a caller writes few buffers. */
const JOIN_BYTES = 1 << 20;

/** Bytes at which reading of SQL outside of literals stops. */
const STOPS = new Uint8Array(256);
for (const stop of ["'", '"', '`', '-', '#', '/', '(', ')', ',', ';', 'x', 'X'])
  STOPS[stop.charCodeAt(0)] = 1;

const isHexDigit = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
const isWord = (byte: number | undefined): boolean =>
  byte !== undefined && /[\w$\x80-\xff]/.test(String.fromCharCode(byte));

/** Rewrites the texts in a stream of SQL; everything else passes as it is. */
export function createDumpRewriter(rewriter: Rewriter, options: DumpRewriterOptions = {}): DumpRewriter {
  return new DumpLexer(rewriter, options);
}

class DumpLexer implements DumpRewriter {
  readonly #rewriter: Rewriter;
  readonly #escapes: boolean;
  readonly #ansiQuotes: boolean;
  /** A needle that is written with escapes in SQL is not found in the raw bytes: every literal is decoded then. */
  readonly #decodesAll: boolean;
  readonly #dialects = new Map<number, EscapeDialect>();
  readonly #tracker = new StatementTracker();
  #state: number = STATE.code;
  #quote = SINGLE;
  #isHexText = false;
  #work: Buffer = Buffer.alloc(0);
  #at = 0;
  /** The end of the chunk before: what was read of it last, and what was not read yet. */
  #last: Buffer = Buffer.alloc(0);
  #rest: Buffer = Buffer.alloc(0);
  /** First byte of `#work` that was not given out. */
  #flushed = 0;
  /** Where the open literal's text starts; 0 when it started in an earlier chunk. */
  #start = 0;
  #pieces: Buffer[] = [];
  #needle = 0;
  #previous = '';
  #previousStart = -1;
  #previousEnd = -1;
  #out: (Buffer | Iterable<Buffer>)[] = [];

  constructor(rewriter: Rewriter, options: DumpRewriterOptions) {
    this.#rewriter = rewriter;
    this.#escapes = options.noBackslashEscapes !== true;
    this.#ansiQuotes = options.ansiQuotes === true;
    this.#decodesAll = rewriter.needles.some((needle) => /[\x00-\x1f\\'"]/.test(needle));
    for (const quote of [SINGLE, DOUBLE]) this.#dialects.set(quote, sqlDialect(quote, this.#escapes));
  }

  push(chunk: Buffer): Iterable<Buffer> {
    this.#work = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#at = this.#flushed = this.#start = 0;
    this.#needle = -2;
    this.#run(Math.max(0, this.#work.length - LOOKAHEAD));
    this.#leave();
    // The caller may use the chunk's memory again.
    this.#last = Buffer.from(this.#work.subarray(Math.max(0, this.#at - 2), this.#at));
    this.#rest = Buffer.from(this.#work.subarray(this.#at));
    return this.#given();
  }

  end(): Iterable<Buffer> {
    this.#work = this.#rest;
    this.#at = this.#flushed = this.#start = 0;
    this.#needle = -2;
    this.#run(this.#work.length);
    // A cut-off dump: the open literal is given out as it is.
    this.#out.push(...this.#pieces.splice(0), this.#work.subarray(this.#flushed));
    this.#rest = Buffer.alloc(0);
    return this.#given();
  }

  /** Before the next chunk: gives out what is done and keeps the part of a literal that is not. */
  #leave(): void {
    const isOpen = this.#state === STATE.literal || this.#state === STATE.hex;
    if (isOpen) {
      this.#give(this.#flushed, this.#start);
      this.#pieces.push(Buffer.from(this.#work.subarray(this.#start, this.#at)));
    } else this.#give(this.#flushed, this.#at);
    this.#previous = this.#previousText();
    this.#previousStart = -1;
    this.#tracker.carry(this.#work, this.#at);
  }

  #give(from: number, to: number): void {
    if (to > from) this.#out.push(this.#work.subarray(from, to));
    this.#flushed = to;
  }

  #given(): Iterable<Buffer> {
    const out = this.#out;
    this.#out = [];
    return joined(out);
  }

  #run(end: number): void {
    while (this.#at < end) {
      switch (this.#state) {
        case STATE.code:
          this.#code(end);
          break;
        case STATE.literal:
          this.#literal(end);
          break;
        case STATE.hex:
          this.#hex(end);
          break;
        default:
          this.#skip(end);
      }
    }
    if (end === this.#work.length && this.#state === STATE.hex) this.#endHex();
  }

  #code(end: number): void {
    const work = this.#work;
    let at = this.#at;
    while (at < end && STOPS[work[at] as number] === 0) at++;
    this.#at = at + 1;
    if (at >= end) {
      this.#at = end;
      return;
    }
    switch (work[at] as number) {
      case SINGLE:
        return this.#openLiteral(at, SINGLE, false);
      case DOUBLE:
        if (!this.#ansiQuotes) return this.#openLiteral(at, DOUBLE, false);
        return this.#openName(DOUBLE);
      case BACKTICK:
        return this.#openName(BACKTICK);
      case 0x28:
        this.#forgetPrevious();
        return this.#tracker.open(work, at);
      case 0x29:
        return this.#tracker.close(work, at);
      case 0x2c:
        if (this.#tracker.depth === 1) this.#tracker.column++;
        return;
      case 0x3b:
        return this.#tracker.endStatement(at);
      default:
        this.#commentOrHex(at);
    }
  }

  #openName(quote: number): void {
    this.#state = STATE.name;
    this.#quote = quote;
  }

  #openLiteral(at: number, quote: number, isHexText: boolean): void {
    this.#state = STATE.literal;
    this.#quote = quote;
    this.#isHexText = isHexText;
    this.#start = this.#at = at + 1;
  }

  #commentOrHex(at: number): void {
    const work = this.#work;
    const byte = work[at] as number;
    const next = work[at + 1];
    if (byte === 0x23) this.#state = STATE.lineComment;
    else if (byte === DASH) {
      const isComment = next === DASH && (work[at + 2] === undefined || (work[at + 2] as number) <= 0x20);
      if (isComment) this.#state = STATE.lineComment;
    } else if (byte === SLASH) {
      // `/*!40101 … */` is SQL for MySQL.
      if (next === STAR && work[at + 2] !== BANG) {
        this.#state = STATE.blockComment;
        this.#at = at + 2;
      }
    } else if (next === SINGLE && !isWord(this.#behind(at, 1))) this.#openLiteral(at + 1, SINGLE, true);
    else if (byte === 0x78 && this.#behind(at, 1) === 0x30 && !isWord(this.#behind(at, 2))) {
      this.#state = STATE.hex;
      this.#start = at + 1;
    }
  }

  /** The byte `distance` before `at`, also across the chunk's start. */
  #behind(at: number, distance: number): number | undefined {
    return at >= distance ? this.#work[at - distance] : this.#last[this.#last.length + at - distance];
  }

  #skip(end: number): void {
    const work = this.#work;
    if (this.#state === STATE.lineComment) {
      const found = work.indexOf(NEWLINE, this.#at);
      this.#at = found < 0 || found >= end ? end : found + 1;
      if (found >= 0 && found < end) this.#state = STATE.code;
    } else if (this.#state === STATE.blockComment) {
      while (this.#at < end && !(work[this.#at] === STAR && work[this.#at + 1] === SLASH)) this.#at++;
      if (this.#at >= end) return;
      this.#at += 2;
      this.#state = STATE.code;
    } else {
      while (this.#at < end && work[this.#at] !== this.#quote) this.#at++;
      if (this.#at >= end) return;
      // A doubled backtick opens a second name at once, which comes to the same.
      this.#at++;
      this.#state = STATE.code;
    }
  }

  #literal(end: number): void {
    const close = this.#closingQuote(end);
    if (close < 0) return;
    this.#at = close + 1;
    this.#endLiteral(close);
    this.#state = STATE.code;
  }

  /** Where the literal ends; -1 when that is beyond `end`, which is then where reading goes on. */
  #closingQuote(end: number): number {
    const work = this.#work;
    const quote = this.#quote;
    let from = this.#at;
    let at = this.#at;
    const near = Math.min(end, at + NEAR_BYTES);
    for (;;) {
      // Most literals are short; for the others the runtime's own search is faster than a loop.
      while (at < near && work[at] !== quote) at++;
      if (at >= near) at = at >= end ? -1 : work.indexOf(quote, at);
      if (at < 0 || at >= end) {
        this.#at = from > end ? from : end + (this.#isEscaped(end, from) ? 1 : 0);
        return -1;
      }
      if (this.#isEscaped(at, from)) from = ++at;
      else if (work[at + 1] === quote) from = at += 2;
      else return at;
    }
  }

  /** Whether an odd number of backslashes stands before `at`; `low` is where an escape can start at the earliest. */
  #isEscaped(at: number, low: number): boolean {
    if (!this.#escapes) return false;
    let start = at;
    while (start > low && this.#work[start - 1] === BACKSLASH) start--;
    return (at - start) % 2 === 1;
  }

  #endLiteral(end: number): void {
    const crossed = this.#pieces.length > 0;
    if (!crossed) {
      const hit = this.#decodesAll || this.#isHexText || this.#hasNeedle(this.#start, end);
      if (hit && !this.#tracker.isProtected(() => this.#previousText())) {
        const changed = this.#change([this.#work.subarray(this.#start, end)]);
        if (changed !== undefined) {
          this.#give(this.#flushed, this.#start);
          this.#out.push(changed);
          this.#flushed = end;
        }
      }
      this.#previousStart = this.#start;
      this.#previousEnd = end;
      return;
    }
    const pieces = [...this.#pieces.splice(0), Buffer.from(this.#work.subarray(0, end))];
    const isProtected = this.#tracker.isProtected(() => this.#previousText());
    this.#out.push((isProtected ? undefined : this.#change(pieces)) ?? pieces);
    this.#flushed = end;
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#previous = length < 200 ? Buffer.concat(pieces).toString('latin1') : '';
    this.#previousStart = -1;
  }

  /** Whether a needle starts in `from`…`to`; each byte of the stream is searched once. */
  #hasNeedle(from: number, to: number): boolean {
    if (this.#needle !== -1 && this.#needle < from)
      this.#needle = this.#rewriter.nextNeedle(this.#work, from);
    return this.#needle !== -1 && this.#needle < to;
  }

  #previousText(): string {
    if (this.#previousStart < 0) return this.#previous;
    const isShort = this.#previousEnd - this.#previousStart < 200;
    return isShort ? this.#work.toString('latin1', this.#previousStart, this.#previousEnd) : '';
  }

  #forgetPrevious(): void {
    if (this.#tracker.depth > 0) return;
    this.#previous = '';
    this.#previousStart = -1;
  }

  /** The new pieces of a literal; undefined when it stays. */
  #change(pieces: readonly Buffer[]): Iterable<Buffer> | undefined {
    if (this.#isHexText) return this.#changeHex(Buffer.concat(pieces));
    const literal = new RawLiteral(pieces, this.#dialects.get(this.#quote) as EscapeDialect);
    const found = this.#rewriter.edits(literal.value);
    return found === undefined ? undefined : RawLiteral.edited(literal, found);
  }

  #changeHex(raw: Buffer): Iterable<Buffer> | undefined {
    const digits = raw.toString('latin1');
    if (digits.length % 2 !== 0 || digits.length < 8) return undefined;
    const value = Buffer.from(digits, 'hex');
    const changed = this.#rewriter.rewrite(value);
    if (changed === value) return undefined;
    const hex = changed.toString('hex');
    return [Buffer.from(/[a-f]/.test(digits) ? hex : hex.toUpperCase(), 'latin1')];
  }

  #hex(end: number): void {
    while (this.#at < end && isHexDigit(this.#work[this.#at] as number)) this.#at++;
    if (this.#at < end) this.#endHex();
  }

  #endHex(): void {
    this.#isHexText = true;
    this.#endLiteral(this.#at);
    this.#state = STATE.code;
  }
}

/** Puts small pieces together while they are taken. */
function* joined(out: readonly (Buffer | Iterable<Buffer>)[]): Generator<Buffer> {
  let small: Buffer[] = [];
  let size = 0;
  for (const part of out)
    for (const piece of Buffer.isBuffer(part) ? [part] : part) {
      if (size + piece.length > JOIN_BYTES && size > 0) {
        yield small.length === 1 ? (small[0] as Buffer) : Buffer.concat(small, size);
        [small, size] = [[], 0];
      }
      small.push(piece);
      size += piece.length;
    }
  if (size > 0) yield small.length === 1 ? (small[0] as Buffer) : Buffer.concat(small, size);
}
