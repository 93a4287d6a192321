import { type Rewriter } from '../contract.js';
import { LiteralRewriter } from './literal-rewriter.js';
import { firstZeroByte, ONES } from './raw-words.js';
import { StatementTracker } from './statement-tracker.js';

export interface DumpRewriterOptions {
  /** The dump was made under `sql_mode=NO_BACKSLASH_ESCAPES`: a backslash in a literal is a letter. */
  readonly noBackslashEscapes?: boolean;
  /** The dump was made under `sql_mode=ANSI_QUOTES`: `"…"` is a name, not a text. */
  readonly ansiQuotes?: boolean;
}

export interface DumpRewriter {
  /**
   * Takes the next bytes of the dump and gives those that are done, in order. Parts may share memory with `chunk` and
   * with the rewriter: they are good until the call after the next one.
   * @param room how many bytes of memory directly before `chunk` may be written; up to {@link HELD_BYTES} are of use,
   *   so that the end of the chunk before can be put there
   */
  push(chunk: Buffer, room?: number): Iterable<Buffer>;
  /** What is left at the end of the dump. */
  end(): Iterable<Buffer>;
  readonly problems: DumpProblems;
}

/** What a caller has to know of a dump. */
export interface DumpProblems {
  /** Tables with identities (`guid`, `user_pass` …) of which neither a CREATE TABLE nor a list of columns was seen. */
  readonly unknownTables: ReadonlySet<string>;
  /** How many new values do not fit, by `table.column`. */
  readonly tooLong: ReadonlyMap<string, number>;
  /** The dump ended within a statement. Known after {@link DumpRewriter.end}. */
  readonly isTruncated: boolean;
}

/** A literal that is open at the end of a chunk is read again with the next one, up to this length. */
export const HELD_BYTES = 1 << 16;

const SINGLE = 0x27;
const DOUBLE = 0x22;
const BACKTICK = 0x60;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const STAR = 0x2a;
const SLASH = 0x2f;
const DASH = 0x2d;
const BANG = 0x21;
const COMMA = 0x2c;

/** What the lexer stands in. */
const STATE = { code: 0, literal: 1, name: 2, lineComment: 3, blockComment: 4, hex: 5 } as const;
/** Bytes that the lexer may have to look ahead, kept back at a chunk's end. */
const LOOKAHEAD = 4;
/** Literals up to this length are read in a loop. */
const NEAR_BYTES = 32;
const NONE = Buffer.alloc(0);

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
  readonly #literals: LiteralRewriter;
  readonly #escapes: boolean;
  readonly #ansiQuotes: boolean;
  readonly #tracker = new StatementTracker();
  #state: number = STATE.code;
  #quote = SINGLE;
  #isHexText = false;
  #work: Buffer = NONE;
  #view: DataView = new DataView(NONE.buffer);
  #at = 0;
  /** The end of the chunk before: what was read of it last, and what was not read yet. */
  #last: Buffer = NONE;
  #rest: Buffer = NONE;
  /** Where the open literal begins, what stands before its text included. */
  #opener = 0;
  /** Where its text starts; 0 when it started in an earlier chunk. */
  #start = 0;
  /** Where an escape of the open literal can start at the earliest. */
  #low = 0;
  #pieces: Buffer[] = [];
  #previous = '';
  #previousStart = -1;
  #previousEnd = -1;
  readonly #tooLong = new Map<string, number>();
  #isTruncated = false;

  constructor(rewriter: Rewriter, options: DumpRewriterOptions) {
    this.#escapes = options.noBackslashEscapes !== true;
    this.#ansiQuotes = options.ansiQuotes === true;
    this.#literals = new LiteralRewriter(rewriter, this.#escapes);
  }

  get problems(): DumpProblems {
    const { unknownTables } = this.#tracker;
    return { unknownTables, tooLong: this.#tooLong, isTruncated: this.#isTruncated };
  }

  push(chunk: Buffer, room = 0): Iterable<Buffer> {
    this.#begin(this.#withRest(chunk, room));
    this.#run(Math.max(0, this.#work.length - LOOKAHEAD));
    this.#leave();
    // The caller may use the chunk's memory again.
    this.#last = Buffer.concat([
      this.#last,
      this.#work.subarray(Math.max(0, this.#at - 2), this.#at),
    ]).subarray(-2);
    this.#rest = Buffer.from(this.#work.subarray(this.#at));
    return this.#literals.take();
  }

  end(): Iterable<Buffer> {
    this.#begin(this.#rest);
    this.#run(this.#work.length);
    const isWhole = this.#state === STATE.code || this.#state === STATE.lineComment;
    this.#isTruncated = !isWhole || this.#tracker.isWithinStatement(this.#work, this.#work.length);
    // A cut-off dump: the open literal is given out as it is.
    if (this.#pieces.length > 0) this.#literals.giveInstead(this.#pieces.splice(0), 0);
    this.#literals.give(this.#work.length);
    this.#rest = NONE;
    return this.#literals.take();
  }

  #withRest(chunk: Buffer, room: number): Buffer {
    const rest = this.#rest;
    if (rest.length === 0) return chunk;
    if (rest.length > room) return Buffer.concat([rest, chunk]);
    const work = Buffer.from(chunk.buffer, chunk.byteOffset - rest.length, rest.length + chunk.length);
    rest.copy(work);
    return work;
  }

  #begin(work: Buffer): void {
    this.#work = work;
    this.#view = new DataView(work.buffer, work.byteOffset, work.length);
    this.#literals.begin(work);
    this.#at = this.#start = this.#opener = 0;
  }

  /** Before the next chunk: gives out what is done and keeps the part of a literal that is not. */
  #leave(): void {
    const isOpen = this.#state === STATE.literal || this.#state === STATE.hex;
    if (isOpen && this.#pieces.length === 0 && this.#work.length - this.#opener <= HELD_BYTES) {
      this.#state = STATE.code;
      this.#at = this.#opener;
      this.#literals.give(this.#at);
    } else if (isOpen) {
      this.#literals.give(this.#start);
      this.#pieces.push(Buffer.from(this.#work.subarray(this.#start, this.#at)));
    } else this.#literals.give(this.#at);
    this.#previous = this.#previousText();
    this.#previousStart = -1;
    this.#tracker.carry(this.#work, this.#at);
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

  /** SQL, and literals in it that end before `end` and have nothing to change: almost all of a dump. */
  #code(end: number): void {
    const work = this.#work;
    const tracker = this.#tracker;
    const literals = this.#literals;
    let at = this.#at;
    for (;;) {
      while (at < end && STOPS[work[at] as number] === 0) at++;
      if (at >= end) break;
      const byte = work[at] as number;
      if (byte === SINGLE || (byte === DOUBLE && !this.#ansiQuotes)) {
        const close = this.#closingQuote(at + 1, end, byte);
        if (close < 0) return this.#openLiteral(at, at + 1, byte, false);
        if (literals.nextHit < close) this.#endWithin(at + 1, close, byte, false);
        this.#previousStart = at + 1;
        this.#previousEnd = close;
        at = close + 1;
        // Nearly always there is.
        if (at >= end || work[at] !== COMMA) continue;
      } else if (byte !== COMMA) {
        this.#at = at + 1;
        this.#rarer(byte, at);
        if (this.#state !== STATE.code) return;
        at = this.#at;
        continue;
      }
      if (tracker.depth === 1) tracker.column++;
      at++;
    }
    this.#at = end;
  }

  #rarer(byte: number, at: number): void {
    switch (byte) {
      case DOUBLE:
      case BACKTICK:
        this.#state = STATE.name;
        this.#quote = byte;
        return;
      case 0x28:
        this.#forgetPrevious();
        return this.#tracker.open(this.#work, at);
      case 0x29:
        return this.#tracker.close(this.#work, at);
      case 0x3b:
        return this.#tracker.endStatement(at);
      default:
        this.#commentOrHex(at);
    }
  }

  #openLiteral(opener: number, start: number, quote: number, isHexText: boolean): void {
    this.#state = STATE.literal;
    this.#quote = quote;
    this.#isHexText = isHexText;
    this.#opener = opener;
    this.#start = this.#at = start;
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
    } else if (next === SINGLE && !isWord(this.#behind(at, 1))) this.#openLiteral(at, at + 2, SINGLE, true);
    else if (byte === 0x78 && this.#behind(at, 1) === 0x30 && !isWord(this.#behind(at, 2))) {
      this.#state = STATE.hex;
      this.#opener = at;
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

  /** Where the literal ends whose text goes on at `from`; -1 when that is not before `end`. */
  #closingQuote(from: number, end: number, quote: number): number {
    const work = this.#work;
    let low = from;
    let at = from;
    for (;;) {
      at = this.#nextQuote(at, end, quote);
      if (at < 0) {
        this.#low = low;
        return -1;
      }
      if (work[at - 1] === BACKSLASH && this.#isEscaped(at, low)) low = ++at;
      else if (work[at + 1] === quote) low = at += 2;
      else return at;
    }
  }

  /** Many literals are short, and four of their bytes are read at once; for others the runtime's own search is faster. */
  #nextQuote(from: number, end: number, quote: number): number {
    const work = this.#work;
    const words = this.#view;
    const pattern = quote * ONES;
    const near = Math.min(from + NEAR_BYTES, work.length - 3);
    let at = from;
    for (; at < near; at += 4) {
      const found = firstZeroByte(words.getInt32(at, true) ^ pattern);
      if (found < 4) return at + found < end ? at + found : -1;
    }
    at = at >= end ? -1 : work.indexOf(quote, at);
    return at >= end ? -1 : at;
  }

  /** Whether an odd number of backslashes stands before `at`; `low` is where an escape can start at the earliest. */
  #isEscaped(at: number, low: number): boolean {
    if (!this.#escapes) return false;
    let start = at;
    while (start > low && this.#work[start - 1] === BACKSLASH) start--;
    return (at - start) % 2 === 1;
  }

  #literal(end: number): void {
    const close = this.#closingQuote(this.#at, end, this.#quote);
    if (close < 0) {
      this.#at = this.#low > end ? this.#low : end + (this.#isEscaped(end, this.#low) ? 1 : 0);
      return;
    }
    this.#at = close + 1;
    this.#endLiteral(close);
    this.#state = STATE.code;
  }

  #endLiteral(close: number): void {
    if (this.#pieces.length > 0) return this.#endPieces(close);
    this.#endWithin(this.#start, close, this.#quote, this.#isHexText);
    this.#previousStart = this.#start;
    this.#previousEnd = close;
  }

  /** The end of a literal that lies within `#work`. */
  #endWithin(start: number, close: number, quote: number, isHexText: boolean): void {
    const literals = this.#literals;
    if (!isHexText && !literals.mayChange(start, close)) return;
    const protection = this.#tracker.protection(() => this.#previousText());
    if (protection === 'key') literals.countKey([this.#work.subarray(start, close)], isHexText ? 0 : quote);
    if (protection !== undefined) return;
    if (isHexText) literals.editHex(start, close);
    else {
      literals.growth = 0;
      literals.edit(start, close, quote);
      if (literals.growth > 0) this.#checkLength([this.#work.subarray(start, close)], quote);
    }
  }

  /** Notes a new value that its column does not hold: the server would cut it, or refuse it. */
  #checkLength(pieces: readonly Buffer[], quote: number): void {
    const limit = this.#tracker.limit();
    const { growth } = this.#literals;
    const written = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (limit === undefined || written + growth <= limit.size) return;
    const value = this.#literals.decoded(Buffer.concat(pieces), quote);
    const length = limit.unit === 'bytes' ? value.length : [...value.toString('utf8')].length;
    if (length + growth > limit.size)
      this.#tooLong.set(limit.place, (this.#tooLong.get(limit.place) ?? 0) + 1);
  }

  /** The end of a literal that began in an earlier chunk. */
  #endPieces(close: number): void {
    const pieces = [...this.#pieces.splice(0), Buffer.from(this.#work.subarray(0, close))];
    const protection = this.#tracker.protection(() => this.#previousText());
    if (protection === 'key') this.#literals.countKey(pieces, this.#isHexText ? 0 : this.#quote);
    const changed = protection === undefined ? this.#changedPieces(pieces) : undefined;
    this.#literals.giveInstead(changed ?? pieces, close);
    this.#previous = '';
    this.#previousStart = -1;
  }

  #changedPieces(pieces: readonly Buffer[]): Iterable<Buffer> | undefined {
    if (!this.#isHexText) {
      const changed = this.#literals.changedPieces(pieces, this.#quote);
      if (changed !== undefined) this.#checkLength(pieces, this.#quote);
      return changed;
    }
    const changed = this.#literals.changedHex(Buffer.concat(pieces));
    return changed === undefined ? undefined : [changed];
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
}
