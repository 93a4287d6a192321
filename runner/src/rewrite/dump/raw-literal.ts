import { type Edit } from '../edit-list.js';
import { decodeEscapes, decodeInto, RawWalk, type EscapeDialect } from '../encoding/escape-dialect.js';

/** One SQL literal as it came, in pieces that end between two escapes; not put together, because a row may be large. */
export class RawLiteral {
  readonly value: Buffer;
  readonly #pieces: readonly Buffer[];
  readonly #dialect: EscapeDialect;
  /** Where each piece ends in the decoded text. */
  readonly #ends: number[] = [];

  constructor(pieces: readonly Buffer[], dialect: EscapeDialect) {
    this.#pieces = pieces;
    this.#dialect = dialect;
    const [first] = pieces;
    if (pieces.length === 1 && first !== undefined) {
      this.value = decodeEscapes(first, dialect);
      this.#ends.push(this.value.length);
      return;
    }
    const value = Buffer.allocUnsafe(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let end = 0;
    for (const piece of pieces) {
      end = decodeInto(piece, dialect, value, end);
      this.#ends.push(end);
    }
    this.value = value.subarray(0, end);
  }

  /** The literal with all edits made; made while it is taken. */
  static *edited(literal: RawLiteral, edits: readonly Edit[]): Generator<Buffer> {
    const walk = new PieceWalk(literal.#pieces, literal.#ends, literal.#dialect);
    for (const { start, end, text } of edits) {
      yield* walk.takeTo(start);
      yield typeof text === 'number' ? Buffer.from(String(text)) : literal.#dialect.encode(text, NONE, NONE);
      walk.skipTo(end);
    }
    yield* walk.takeRest();
  }
}

const NONE = Buffer.alloc(0);
/** Pieces up to this size are put together, so that a caller writes few buffers. */
const JOIN_BYTES = 1 << 20;

/** Puts small pieces together while they are taken. */
export function* joined(pieces: Iterable<Buffer>): Generator<Buffer> {
  let small: Buffer[] = [];
  let size = 0;
  for (const piece of pieces) {
    if (size + piece.length > JOIN_BYTES && size > 0) {
      yield Buffer.concat(small, size);
      [small, size] = [[], 0];
    }
    small.push(piece);
    size += piece.length;
  }
  yield Buffer.concat(small, size);
}

/** Goes through the pieces by offsets of the decoded text; only forwards. */
class PieceWalk {
  #index = 0;
  #from = 0;
  #walk: RawWalk;

  constructor(
    private readonly pieces: readonly Buffer[],
    private readonly ends: readonly number[],
    private readonly dialect: EscapeDialect,
  ) {
    this.#walk = new RawWalk(pieces[0] ?? NONE, dialect);
  }

  #piece(): Buffer {
    return this.pieces[this.#index] ?? NONE;
  }

  /** Whether decoded offset `target` lies behind this piece. */
  #isBehind(target: number): boolean {
    return this.#index < this.pieces.length - 1 && target > (this.ends[this.#index] as number);
  }

  #next(): void {
    this.#index++;
    this.#from = 0;
    this.#walk = new RawWalk(this.#piece(), this.dialect);
  }

  #rawOffset(target: number): number {
    return this.#walk.to(target - (this.#index === 0 ? 0 : (this.ends[this.#index - 1] as number)));
  }

  *takeTo(target: number): Generator<Buffer> {
    while (this.#isBehind(target)) {
      if (this.#from < this.#piece().length) yield this.#piece().subarray(this.#from);
      this.#next();
    }
    const to = this.#rawOffset(target);
    if (to > this.#from) yield this.#piece().subarray(this.#from, to);
    this.#from = to;
  }

  skipTo(target: number): void {
    while (this.#isBehind(target)) this.#next();
    this.#from = this.#rawOffset(target);
  }

  *takeRest(): Generator<Buffer> {
    for (;;) {
      if (this.#from < this.#piece().length) yield this.#piece().subarray(this.#from);
      if (this.#index >= this.pieces.length - 1) return;
      this.#next();
    }
  }
}
