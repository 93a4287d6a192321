import { copyBytes, digitsOf, writeNumber } from '../edit-list.js';

const BLOCK_BYTES = 1 << 18;
/** Longer pieces are given out as they are. */
const COPIED_BYTES = 1 << 15;

/** Puts small pieces of the output together in blocks, which are used again after {@link take} was called twice. */
export class OutputBlocks {
  #parts: (Buffer | Iterable<Buffer>)[] = [];
  #blocks: Buffer[] = [];
  #free: Buffer[] = [];
  #blockCount = 0;
  #block: Buffer = Buffer.alloc(0);
  /** What of the block was given out, and what is filled. */
  #given = 0;
  #filled = 0;

  /** Bytes `from` to `to` of `bytes`, which stay as they are until the output was written. */
  add(bytes: Buffer, from: number, to: number): void {
    if (to - from > COPIED_BYTES) {
      this.addLater([bytes.subarray(from, to)]);
      return;
    }
    this.#reserve(to - from);
    this.#filled = copyBytes(bytes, from, to, this.#block, this.#filled);
  }

  addNumber(value: number): void {
    this.#reserve(digitsOf(value));
    this.#filled = writeNumber(value, this.#block, this.#filled);
  }

  /** Buffers that are made, or asked for, only when it is their turn. */
  addLater(parts: Iterable<Buffer>): void {
    this.#close();
    this.#parts.push(parts);
  }

  #reserve(length: number): void {
    if (this.#filled + length <= this.#block.length) return;
    this.#close();
    this.#block = this.#blocks[this.#blockCount] ??= Buffer.allocUnsafe(BLOCK_BYTES);
    this.#blockCount++;
    this.#given = this.#filled = 0;
  }

  #close(): void {
    if (this.#filled > this.#given) this.#parts.push(this.#block.subarray(this.#given, this.#filled));
    this.#given = this.#filled;
  }

  take(): Iterable<Buffer> {
    this.#close();
    const parts = this.#parts;
    this.#parts = [];
    [this.#blocks, this.#free] = [this.#free, this.#blocks];
    this.#blockCount = 0;
    this.#block = this.#block.subarray(0, 0);
    this.#given = this.#filled = 0;
    return flat(parts);
  }
}

function* flat(parts: readonly (Buffer | Iterable<Buffer>)[]): Generator<Buffer> {
  for (const part of parts)
    if (Buffer.isBuffer(part)) yield part;
    else yield* part;
}
