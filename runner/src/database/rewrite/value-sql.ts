import { createHash } from 'node:crypto';
import { type ColumnBytes, literal } from './column-bytes.js';
import { commonReplacement, type PatchPiece, type Replacement } from './patch.js';

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
