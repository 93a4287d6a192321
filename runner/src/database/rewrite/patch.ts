import { type Edit } from '../../rewrite/index.js';

/**
 * A new value as pieces of the old one and new bytes: what is sent to the server is then a few hundred bytes instead
 * of a whole page, twice.
 */
export type PatchPiece =
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
export interface Replacement {
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
