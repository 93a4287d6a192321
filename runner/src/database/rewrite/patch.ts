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

/** The new value itself. */
export const joinPieces = (before: Buffer, pieces: readonly PatchPiece[]): Buffer =>
  Buffer.concat(
    pieces.map((piece) =>
      piece.kind === 'new' ? piece.bytes : before.subarray(piece.start, piece.start + piece.length),
    ),
  );
