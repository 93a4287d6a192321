import { createHash } from 'node:crypto';
import { type ColumnBytes, literal } from './column-bytes.js';
import { type Edit } from '../../rewrite/index.js';

/** A new value as pieces of the old one and new bytes: a few hundred bytes are sent instead of a whole page, twice. */
type PatchPiece =
  | { readonly kind: 'old'; readonly start: number; readonly length: number }
  | { readonly kind: 'new'; readonly bytes: Buffer };

/** Pieces that give the new value when joined. @param edits of the old value, in ascending order */
export function patch(before: Buffer, edits: readonly Edit[]): PatchPiece[] {
  const pieces: PatchPiece[] = [];
  const keep = (start: number, end: number): void => {
    if (end > start) pieces.push({ kind: 'old', start, length: end - start });
  };
  let at = 0;
  for (const { start, end, text } of edits) {
    keep(at, start);
    const bytes = typeof text === 'number' ? Buffer.from(String(text)) : text;
    if (bytes.length > 0) pieces.push({ kind: 'new', bytes });
    at = end;
  }
  keep(at, before.length);
  return pieces;
}

/** The new value itself. @param scratch where it may be put; the answer is then a part of it */
export function joinPieces(before: Buffer, pieces: readonly PatchPiece[], scratch?: Buffer): Buffer {
  const length = pieces.reduce(
    (sum, piece) => sum + (piece.kind === 'new' ? piece.bytes.length : piece.length),
    0,
  );
  const joined = scratch !== undefined && scratch.length >= length ? scratch : Buffer.allocUnsafe(length);
  let at = 0;
  for (const piece of pieces)
    if (piece.kind === 'new') at += piece.bytes.copy(joined, at);
    else at += before.copy(joined, at, piece.start, piece.start + piece.length);
  return joined.subarray(0, length);
}

/** Bytes to be replaced wherever they stand. */
interface Replacement {
  readonly from: Buffer;
  readonly to: Buffer;
}

/**
 * The one replacement that, made everywhere in the old value, gives the new one: true of most texts that are not
 * serialized, and much less to say than all the pieces. Undefined where the pieces differ, or where the text to
 * replace also stands in a place that stays.
 */
export function commonReplacement(before: Buffer, pieces: readonly PatchPiece[]): Replacement | undefined {
  let from: Buffer | undefined;
  let to: Buffer | undefined;
  let [kept, found] = [0, -1];
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === 'old') {
      kept = piece.start + piece.length;
      continue;
    }
    const next = pieces[index + 1];
    if (next?.kind === 'new') return undefined;
    const old = before.subarray(kept, next?.start ?? before.length);
    if (old.length === 0 || !(from ??= old).equals(old) || !(to ??= piece.bytes).equals(piece.bytes))
      return undefined;
    // The places in order, none left out and none between.
    found = before.indexOf(from, found < 0 ? 0 : found + from.length);
    if (found !== kept) return undefined;
  }
  if (from === undefined || to === undefined) return undefined;
  return before.indexOf(from, found + from.length) < 0 ? { from, to } : undefined;
}

/** One value that the rewriter changed. Its Buffers are good until the next row is read. */
export interface ValueChange {
  readonly bytes: ColumnBytes;
  readonly before: Buffer;
  readonly after: Buffer;
  /** `after` as pieces of `before` and new bytes. */
  readonly pieces: readonly PatchPiece[];
  /** False where the value was read as stored, because a conversion would have lost characters. */
  readonly converted: boolean;
}

/** Up to here a value is compared and sent as it is; above, by digest and in pieces. */
const SHORT = 256;

/** Expression of the bytes that a change was made from. */
export const source = (change: ValueChange): string =>
  change.converted ? change.bytes.read : change.bytes.stored;

export const hex = (bytes: Buffer): string => `X'${bytes.toString('hex')}'`;

/** What is equal only while the column still holds the bytes that were read. */
export function stillSame(change: ValueChange): { readonly tested: string; readonly expected: string } {
  const { before } = change;
  if (before.length <= SHORT) return { tested: source(change), expected: hex(before) };
  const digest = createHash('sha256').update(before).digest('hex');
  return { tested: `SHA2(${source(change)}, 256)`, expected: `'${digest}'` };
}

/** The server reads a byte of a literal in a tenth of the time that it takes to read and run one of an expression. */
const LITERAL_COST = 0.25;

/** Expression of the new value: a literal, or what becomes of the old value. */
export function newValue(change: ValueChange): { readonly value: string; readonly common: boolean } {
  const { bytes, before, after, converted } = change;
  const whole = () => ({ value: literal(bytes, after, converted), common: false });
  if (after.length <= SHORT || before.length <= SHORT) return whole();
  const common = commonReplacement(change.before, change.pieces);
  const changed = common === undefined ? joined(change) : replaced(change, common);
  if (common === undefined && changed.length > after.length * 2 * LITERAL_COST) return whole();
  const charset = converted ? bytes.charset : bytes.column.charset;
  const isBytes = charset === undefined || isAsStored(change);
  return { value: isBytes ? changed : `CONVERT(${changed} USING ${charset})`, common: common !== undefined };
}

/** Bytes are stored in a column as they are, once the server has checked them as text of the column's character set. */
export function isAsStored({ bytes, converted }: ValueChange): boolean {
  const charset = converted ? bytes.charset : bytes.column.charset;
  return charset === undefined || charset === 'binary' || charset === bytes.column.charset;
}

const replaced = (change: ValueChange, { from, to }: Replacement): string =>
  `REPLACE(${source(change)}, ${hex(from)}, ${hex(to)})`;

function joined(change: ValueChange): string {
  const old = source(change);
  const pieces = change.pieces.map((piece) =>
    piece.kind === 'new'
      ? hex(piece.bytes)
      : `SUBSTRING(${old}, ${String(piece.start + 1)}, ${String(piece.length)})`,
  );
  return `CONCAT(${pieces.join(', ')})`;
}
