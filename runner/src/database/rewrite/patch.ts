/**
 * A new value as pieces of the old one and new bytes: what is sent to the server is then a few hundred bytes instead
 * of a whole page, twice.
 */
export type PatchPiece =
  | { readonly kind: 'old'; readonly start: number; readonly length: number }
  | { readonly kind: 'new'; readonly bytes: Buffer };

/** Bytes that must be equal before two texts count as being in step again. */
const STEP = 12;
/** How far to look for it. A replacement is seldom longer than a URL. */
const REACH = 400;

/** Pieces that give `after` when joined; each `old` piece was compared byte by byte. */
export function patch(before: Buffer, after: Buffer): PatchPiece[] {
  const pieces: PatchPiece[] = [];
  let [left, right] = [0, 0];
  while (right < after.length) {
    const equal = equalLength(before, left, after, right);
    if (equal > 0) pieces.push({ kind: 'old', start: left, length: equal });
    left += equal;
    right += equal;
    if (right >= after.length) break;
    const [skip, insert] = backInStep(before, left, after, right) ?? [
      before.length - left,
      after.length - right,
    ];
    if (insert > 0) pieces.push({ kind: 'new', bytes: after.subarray(right, right + insert) });
    left += skip;
    right += insert;
  }
  return pieces;
}

/** How many bytes are the same from here on. Whole blocks are compared natively first. */
function equalLength(before: Buffer, left: number, after: Buffer, right: number): number {
  const limit = Math.min(before.length - left, after.length - right);
  let length = 0;
  let block = 64;
  while (length + block <= limit) {
    const [from, to] = [left + length, right + length];
    if (before.compare(after, to, to + block, from, from + block) !== 0) break;
    length += block;
    block = Math.min(block * 4, 65536);
  }
  while (length < limit && before[left + length] === after[right + length]) length += 1;
  return length;
}

/** The nearest pair of distances after which both go on with the same bytes. */
function backInStep(
  before: Buffer,
  left: number,
  after: Buffer,
  right: number,
): [number, number] | undefined {
  const window = after.subarray(right, right + REACH + STEP);
  let best: [number, number] | undefined;
  for (let skip = 0; skip <= REACH && left + skip + STEP <= before.length; skip += 1) {
    if (best && skip >= best[0] + best[1]) break;
    const found = window.indexOf(before.subarray(left + skip, left + skip + STEP));
    if (found >= 0 && (best === undefined || skip + found < best[0] + best[1])) best = [skip, found];
  }
  return best;
}
