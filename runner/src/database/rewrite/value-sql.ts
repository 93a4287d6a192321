import { createHash } from 'node:crypto';
import { type ValueChange } from './changes.js';
import { literal } from './column-bytes.js';
import { commonReplacement } from './patch.js';

/** Up to here a value is compared and sent as it is; above, by digest and in pieces. */
const SHORT = 256;

/** Expression of the bytes that a change was made from. */
export const source = (change: ValueChange): string =>
  change.converted ? change.bytes.read : change.bytes.stored;

export const hex = (bytes: Buffer): string => `X'${bytes.toString('hex')}'`;

/** True only while the column still holds the bytes that were read. */
export function stillSame(change: ValueChange): string {
  const { before } = change;
  if (before.length <= SHORT) return `${source(change)} = ${hex(before)}`;
  const digest = createHash('sha256').update(before).digest('hex');
  return `SHA2(${source(change)}, 256) = '${digest}'`;
}

/** Expression of the new value: a literal, or what becomes of the old value. */
export function newValue(change: ValueChange): string {
  const { bytes, before, after, converted } = change;
  const whole = () => literal(bytes, after, converted);
  if (after.length <= SHORT || before.length <= SHORT) return whole();
  const changed = changedValue(change);
  if (changed.length > after.length * 2) return whole();
  const charset = converted ? bytes.charset : bytes.column.charset;
  return charset === undefined || isAsStored(change) ? changed : `CONVERT(${changed} USING ${charset})`;
}

/** Bytes are stored in a column as they are, once the server has checked them as text of the column's character set. */
export function isAsStored({ bytes, converted }: ValueChange): boolean {
  const charset = converted ? bytes.charset : bytes.column.charset;
  return charset === undefined || charset === 'binary' || charset === bytes.column.charset;
}

function changedValue(change: ValueChange): string {
  const old = source(change);
  const common = commonReplacement(change.before, change.pieces);
  if (common !== undefined) return `REPLACE(${old}, ${hex(common.from)}, ${hex(common.to)})`;
  const pieces = change.pieces.map((piece) =>
    piece.kind === 'new'
      ? hex(piece.bytes)
      : `SUBSTRING(${old}, ${String(piece.start + 1)}, ${String(piece.length)})`,
  );
  return `CONCAT(${pieces.join(', ')})`;
}
