/**
 * Reads one PHP-serialized value (php-src, ext/standard/var_unserializer.re) without building anything:
 * where it ends, and which of its strings matter to the caller. Strings are skipped by their length, arrays are
 * counted on a stack of our own, so depth and size cost no recursion and every byte is looked at once.
 */
const QUOTE = 0x22;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const BACKSLASH = 0x5c;
const MAX_DIGITS = 10;

const TYPE = {
  array: 0x61,
  boolean: 0x62,
  double: 0x64,
  integer: 0x69,
  string: 0x73,
  reference: 0x72,
  Custom: 0x43,
  Enum: 0x45,
  Null: 0x4e,
  Object: 0x4f,
  Reference: 0x52,
  Escaped: 0x53,
} as const;

/** Types that can have strings in them. */
export const HOLDS_STRINGS = new Uint8Array(256);
for (const type of [TYPE.string, TYPE.array, TYPE.Object, TYPE.Escaped, TYPE.Custom]) HOLDS_STRINGS[type] = 1;

/** What the parser found in a string or payload that matters to the caller. */
export const PIECE = { value: 0, key: 1, escaped: 2, custom: 3 } as const;

/** Beyond every offset, and a small integer to the engine. */
export const NOWHERE = 0x3fffffff;

/** Where the first byte at or after `from` stands that matters to the caller; {@link NOWHERE} without one. */
export type NextPlace = (from: number) => number;

export class SerializedParser {
  /** Where the value ends (exclusive), or where it stopped making sense. */
  end = 0;
  /** The byte in place of a quote at which it stopped: a backslash where the value is written inside JSON. 0: another reason. */
  stoppedAt = 0;
  /** It stopped because a string does not end where its length says. */
  isInString = false;
  /** Values and heads of containers that were read before it stopped. */
  elements = 0;
  /** Flat list: kind, start and end of the length's digits, start and end of the content. */
  readonly pieces: number[] = [];
  /** How many numbers of {@link pieces} belong to the last value. */
  pieceCount = 0;
  readonly #next: NextPlace;
  /** What {@link NextPlace} said last: strings that end before it are skipped unasked. */
  #place = 0;
  #number = 0;
  /** Remaining children of each open container, keys and values both counted. */
  readonly #open: number[] = [];
  #depth = 0;
  /** Those of the innermost one; its next child is a key where they are even. */
  #remaining = 0;

  /** @param next default: no string matters, only where the value ends */
  constructor(next: NextPlace = () => NOWHERE) {
    this.#next = next;
  }

  /** Reads the value at `start`; false when it is not a whole, valid one. `end` says where. */
  parse(bytes: Buffer, start: number, high: number): boolean {
    this.end = start;
    this.stoppedAt = 0;
    this.isInString = false;
    this.elements = 0;
    this.pieceCount = 0;
    this.#depth = 0;
    // Around the value there is nothing but this one child.
    this.#remaining = 1;
    this.#place = this.#next(start);
    for (;;) {
      const isKey = (this.#remaining-- & 1) === 0;
      if (!this.#token(bytes, high, isKey)) return false;
      this.elements++;
      while (this.#remaining === 0) {
        if (this.#depth === 0) return true;
        if (bytes[this.end] !== CLOSE || this.end >= high) return false;
        this.end++;
        this.#remaining = this.#open[--this.#depth] as number;
      }
    }
  }

  #token(bytes: Buffer, high: number, isKey: boolean): boolean {
    const at = this.end;
    if (at + 2 > high) return false;
    const type = bytes[at] as number;
    if (bytes[at + 1] === COLON) {
      this.end = at + 2;
      if (type === TYPE.string) return this.#string(bytes, high, isKey ? PIECE.key : PIECE.value);
      if (type === TYPE.integer) return this.#signed(bytes, high) && this.#expect(bytes, high, SEMICOLON);
      return type === TYPE.Escaped
        ? this.#escapedString(bytes, high, isKey)
        : !isKey && this.#rarer(type, bytes, high);
    }
    if (type !== TYPE.Null || isKey || bytes[at + 1] !== SEMICOLON) return false;
    this.end = at + 2;
    return true;
  }

  #rarer(type: number, bytes: Buffer, high: number): boolean {
    switch (type) {
      case TYPE.array:
        return this.#digits(bytes, high) && this.#expect(bytes, high, COLON) && this.#openBrace(bytes, high);
      case TYPE.Object:
        return this.#object(bytes, high);
      case TYPE.boolean:
        return this.#digits(bytes, high) && this.#number <= 1 && this.#expect(bytes, high, SEMICOLON);
      case TYPE.double:
        return this.#double(bytes, high);
      case TYPE.reference:
      case TYPE.Reference:
        return this.#digits(bytes, high) && this.#expect(bytes, high, SEMICOLON);
      case TYPE.Enum:
        return this.#name(bytes, high) && this.#expect(bytes, high, SEMICOLON);
      case TYPE.Custom:
        return this.#custom(bytes, high);
      default:
        return false;
    }
  }

  #expect(bytes: Buffer, high: number, code: number): boolean {
    if (this.end >= high || bytes[this.end] !== code) {
      if (code === QUOTE && this.end < high) this.stoppedAt = bytes[this.end] as number;
      return false;
    }
    this.end++;
    return true;
  }

  #digits(bytes: Buffer, high: number): boolean {
    const from = this.end;
    let at = from;
    let value = 0;
    while (at < high && at - from <= MAX_DIGITS) {
      const digit = (bytes[at] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at++;
    }
    this.#number = value;
    this.end = at;
    return at > from && at - from <= MAX_DIGITS;
  }

  #signed(bytes: Buffer, high: number): boolean {
    let at = this.end;
    if (bytes[at] === 0x2d || bytes[at] === 0x2b) at++;
    const from = at;
    while (at < high && (bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at++;
    this.end = at;
    return at > from;
  }

  #double(bytes: Buffer, high: number): boolean {
    const from = this.end;
    let at = from;
    while (at < high && at - from < 400 && bytes[at] !== SEMICOLON) at++;
    const text = bytes.toString('latin1', from, at);
    if (!/^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|-?INF|NAN)$/.test(text)) return false;
    this.end = at;
    return this.#expect(bytes, high, SEMICOLON);
  }

  #string(bytes: Buffer, high: number, kind: number): boolean {
    const digits = this.end;
    if (!this.#digits(bytes, high)) return false;
    const digitsEnd = this.end;
    if (!this.#expect(bytes, high, COLON) || !this.#expect(bytes, high, QUOTE)) return false;
    const content = this.end;
    const end = content + this.#number;
    if (end + 2 > high || bytes[end] !== QUOTE || bytes[end + 1] !== SEMICOLON) {
      this.isInString = true;
      return false;
    }
    this.end = end + 2;
    if (end > this.#place) this.#keepWhereIn(kind, digits, digitsEnd, content, end);
    return true;
  }

  /** `S:5:"\61bcde";`: two hex digits after a backslash are one byte. */
  #escapedString(bytes: Buffer, high: number, isKey: boolean): boolean {
    const digits = this.end;
    if (!this.#digits(bytes, high)) return false;
    const digitsEnd = this.end;
    if (!this.#expect(bytes, high, COLON) || !this.#expect(bytes, high, QUOTE)) return false;
    const content = this.end;
    let at = content;
    for (let left = this.#number; left > 0; left--) {
      if (at >= high) return false;
      if (bytes[at] === BACKSLASH) {
        if (!/^[0-9a-fA-F]{2}$/.test(bytes.toString('latin1', at + 1, at + 3))) return false;
        at += 3;
      } else at++;
    }
    if (at + 2 > high || bytes[at] !== QUOTE || bytes[at + 1] !== SEMICOLON) return false;
    this.end = at + 2;
    if (at > this.#place)
      this.#keepWhereIn(isKey ? PIECE.key : PIECE.escaped, digits, digitsEnd, content, at);
    return true;
  }

  /** `11:"Name"` of a class or an enum's case. */
  #name(bytes: Buffer, high: number): boolean {
    if (!this.#digits(bytes, high) || !this.#expect(bytes, high, COLON) || !this.#expect(bytes, high, QUOTE))
      return false;
    this.end += this.#number;
    return this.#expect(bytes, high, QUOTE);
  }

  #object(bytes: Buffer, high: number): boolean {
    return (
      this.#name(bytes, high) &&
      this.#expect(bytes, high, COLON) &&
      this.#digits(bytes, high) &&
      this.#expect(bytes, high, COLON) &&
      this.#openBrace(bytes, high)
    );
  }

  /** Keeps a string in which something matters to the caller. */
  #keepWhereIn(kind: number, digits: number, digitsEnd: number, start: number, end: number): void {
    if (start > this.#place) this.#place = this.#next(start);
    if (this.#place >= end) return;
    this.#place = this.#next(end);
    const at = this.pieceCount;
    this.pieces[at] = kind;
    this.pieces[at + 1] = digits;
    this.pieces[at + 2] = digitsEnd;
    this.pieces[at + 3] = start;
    this.pieces[at + 4] = end;
    this.pieceCount = at + 5;
  }

  #openBrace(bytes: Buffer, high: number): boolean {
    const children = this.#number * 2;
    if (!this.#expect(bytes, high, OPEN)) return false;
    this.#open[this.#depth++] = this.#remaining;
    this.#remaining = children;
    return true;
  }

  #custom(bytes: Buffer, high: number): boolean {
    if (!this.#name(bytes, high) || !this.#expect(bytes, high, COLON)) return false;
    const digits = this.end;
    if (!this.#digits(bytes, high)) return false;
    const digitsEnd = this.end;
    if (!this.#expect(bytes, high, COLON) || !this.#expect(bytes, high, OPEN)) return false;
    const content = this.end;
    this.end = content + this.#number;
    if (!this.#expect(bytes, high, CLOSE)) return false;
    if (this.end - 1 > this.#place) this.#keepWhereIn(PIECE.custom, digits, digitsEnd, content, this.end - 1);
    return true;
  }
}
