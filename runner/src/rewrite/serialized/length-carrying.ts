import { isUtf8 } from 'node:buffer';
import { isControl } from '../match/fingerprints.js';

/**
 * Tells texts from values of which a reader takes the length of a text from bytes before it: igbinary, msgpack, CBOR,
 * BSON, protobuf, images, archives. A longer or shorter address would make such a value unreadable, so it is left.
 * The rule: docs/rewriting.md, "Binary values".
 */
export class LengthCarrying {
  #bytes: Buffer = Buffer.alloc(0);
  #hasControls = true;
  #start = -1;
  #end = -1;
  #isBinary = false;
  #scanned = 0;
  #control = -1;
  #reach = Infinity;
  /** Where the first NUL from {@link #nulFrom} on stands; beyond the value without one. */
  #nul = 0;
  #nulFrom = Infinity;

  /** From now on another value is looked at. @param hasControls false where it is known to have no control bytes */
  reset(bytes: Buffer, hasControls: boolean): void {
    this.#bytes = bytes;
    this.#hasControls = hasControls;
    this.#start = this.#end = -1;
    this.#nulFrom = Infinity;
  }

  /** Whether the text at `at`…`textEnd`, in the region `start`…`end`, is part of a binary value; ask in ascending order. */
  covers(at: number, textEnd: number, start: number, end: number): boolean {
    if (!this.#hasControls && (this.#bytes[start] as number) < 0x80) return false;
    if (start !== this.#start || end !== this.#end) this.#open(start, end);
    if (this.#isBinary) return true;
    this.#scanTo(at);
    return this.#control >= 0 && this.#hasLength(this.#control, textEnd, start, end);
  }

  /** Only the last control byte counts, and one that is too far away announces no length. */
  #scanTo(at: number): void {
    const bytes = this.#bytes;
    const stop = Math.max(this.#scanned, at - this.#reach);
    let control = at - 1;
    while (control >= stop && CONTROLS[bytes[control] as number] === 0) control--;
    if (control >= stop) this.#control = control;
    this.#scanned = Math.max(this.#scanned, at);
  }

  #open(start: number, end: number): void {
    this.#start = start;
    this.#end = end;
    this.#scanned = start;
    this.#control = -1;
    const first = this.#bytes[start] as number;
    const hasNul = this.#hasControls && this.#nulAfter(start) < end;
    this.#reach = hasNul ? Infinity : MAX_SHORT_LENGTH;
    if (!hasNul && first < 0x80) {
      this.#isBinary = false;
      return;
    }
    const region = this.#bytes.subarray(start, end);
    const isIgbinary = region.length > 4 && region.readUInt32BE(0) >= 1 && region.readUInt32BE(0) <= 2;
    this.#isBinary =
      isIgbinary ||
      (!isUtf8(region) && (hasNul || isWhole(region, msgpackLength) || isWhole(region, cborLength)));
  }

  /** A long value has many regions, and none may search the rest of it again. */
  #nulAfter(start: number): number {
    if (start < this.#nulFrom || start > this.#nul) {
      const nul = this.#bytes.indexOf(0, start);
      this.#nul = nul < 0 ? this.#bytes.length : nul;
      this.#nulFrom = start;
    }
    return this.#nul;
  }

  /** Whether the bytes around the last control byte before a text give a length that ends the text there. */
  #hasLength(control: number, textEnd: number, start: number, end: number): boolean {
    const bytes = this.#bytes;
    const ends = (from: number, length: number): boolean => {
      const last = from + length;
      if (length < 4 || last < textEnd || last > end) return false;
      return last === end || isControl(bytes[last] as number);
    };
    const text = control + 1;
    const byte = (at: number): number => (at >= start && at < end ? (bytes[at] as number) : 0);
    const varint = (at: number): number => (byte(at) & 0x7f) | (byte(at + 1) << 7);
    if (ends(text, byte(control))) return true;
    if (byte(control - 1) >= 0x80 && ends(text, varint(control - 1))) return true;
    if (STRING_TAGS.has(byte(control)))
      return byte(text) >= 0x80 ? ends(text + 2, varint(text)) : ends(text + 1, byte(text));
    if (control - 3 < start || byte(control - 1) !== 0 || byte(control) !== 0) return false;
    return ends(text, bytes.readUInt32LE(control - 3));
  }
}

/** What announces a length of one byte: protobuf's fields 2 and 3, igbinary's `string8`. */
const STRING_TAGS = new Set([0x12, 0x1a, 0x11]);

const CONTROLS = Uint8Array.from({ length: 256 }, (_, byte) => (isControl(byte) ? 1 : 0));

/** More than a length of two bytes of a varint can say; one of four bytes has a NUL. */
const MAX_SHORT_LENGTH = 1 << 15;

const MAX_VALUES = 1_000_000;
/** What a value's first byte announces: bytes of its own, and how many values follow. */
type Announced = readonly [size: number, children: number] | undefined;

/** Whether bytes are exactly one value, read without building anything. */
function isWhole(bytes: Buffer, announce: (bytes: Buffer, at: number) => Announced): boolean {
  let at = 0;
  for (let open = 1, count = 0; open > 0; open--, count++) {
    if (at >= bytes.length || count > MAX_VALUES) return false;
    const announced = announce(bytes, at);
    if (announced === undefined) return false;
    at += announced[0];
    open += announced[1];
  }
  return at === bytes.length;
}

const uint = (bytes: Buffer, at: number, size: number): number =>
  at + size > bytes.length
    ? Number.MAX_SAFE_INTEGER
    : size === 8
      ? Number(bytes.readBigUInt64BE(at))
      : bytes.readUIntBE(at, size);

/** https://github.com/msgpack/msgpack/blob/master/spec.md */
function msgpackLength(bytes: Buffer, at: number): Announced {
  const type = bytes[at] as number;
  if (type < 0x80 || type >= 0xe0) return [1, 0];
  if (type < 0x90) return [1, (type & 15) * 2];
  if (type < 0xa0) return [1, type & 15];
  if (type < 0xc0) return [1 + (type & 31), 0];
  if (type === 0xc1) return undefined;
  if (type < 0xc4) return [1, 0];
  if (type < 0xc7) return [1 + 2 ** (type - 0xc4) + uint(bytes, at + 1, 2 ** (type - 0xc4)), 0];
  if (type < 0xca) return [2 + 2 ** (type - 0xc7) + uint(bytes, at + 1, 2 ** (type - 0xc7)), 0];
  if (type < 0xd4) return [[5, 9, 2, 3, 5, 9, 2, 3, 5, 9][type - 0xca] ?? 1, 0];
  if (type < 0xd9) return [2 + 2 ** (type - 0xd4), 0];
  if (type < 0xdc) return [1 + 2 ** (type - 0xd9) + uint(bytes, at + 1, 2 ** (type - 0xd9)), 0];
  const size = type % 2 === 0 ? 2 : 4;
  return [1 + size, uint(bytes, at + 1, size) * (type < 0xde ? 1 : 2)];
}

/** RFC 8949; without lengths that are not known in advance. */
function cborLength(bytes: Buffer, at: number): Announced {
  const type = (bytes[at] as number) >> 5;
  const low = (bytes[at] as number) & 31;
  if (low > 27) return undefined;
  const size = low < 24 ? 0 : 2 ** (low - 24);
  const value = size === 0 ? low : uint(bytes, at + 1, size);
  if (type === 2 || type === 3) return [1 + size + value, 0];
  if (type === 4) return [1 + size, value];
  if (type === 5) return [1 + size, value * 2];
  return [1 + size, type === 6 ? 1 : 0];
}
