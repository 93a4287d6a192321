import { inflateSync } from 'node:zlib';
import { quoteIdentifier } from '../../commands/quote.js';
import { type SqlBytes, type SqlConnection } from '../connection/sql-connection.js';
import { isRefusal, SqlError } from '../connection/sql-error.js';
import { type ColumnBytes } from './column-bytes.js';

/** Between offices; within one data centre a network carries bytes faster than the server compresses them. */
const FAR_MS = 8;
/** Bytes: shorter values are not worth a call. */
const WORTH_PACKING = 512;

/**
 * Whether values are better sent compressed: the server is far away, and it can (`COMPRESS` is missing from servers
 * that were built without zlib). To be asked first of what goes out at once: it measures the round trip.
 */
export async function packsValues(connection: SqlConnection): Promise<boolean> {
  // From when this process has time to read an answer: it makes the other questions meanwhile.
  let asked = Infinity;
  setImmediate(() => (asked = performance.now()));
  const rows = await connection
    .query("SELECT UNCOMPRESS(COMPRESS('understudy')) = 'understudy' AS packs")
    .catch((cause: unknown) => {
      if (isRefusal(cause)) return [];
      throw cause;
    });
  // A machine that is busy for a moment does not make a near server a far one.
  const roundTripMs = Math.min(performance.now() - asked, connection.answeredInMs);
  return roundTripMs >= FAR_MS && Number(rows[0]?.['packs'] ?? 0) === 1;
}

/** The columns of a SELECT in which {@link CellReader} gets a value, and whether it was converted. */
export function cellsOf(bytes: ColumnBytes, packs: boolean): readonly string[] {
  const converted = bytes.converted === undefined ? [] : [bytes.converted];
  if (!packs || !mayBeLong(bytes)) return [bytes.read, ...converted];
  const isLong = `LENGTH(${quoteIdentifier(bytes.column.name)}) >= ${String(WORTH_PACKING)}`;
  return [`IF(${isLong}, COMPRESS(${bytes.read}), ${bytes.read})`, ...converted, isLong];
}

const mayBeLong = ({ column }: ColumnBytes): boolean =>
  (column.kind === 'text' || column.kind === 'binary') && (column.maxBytes ?? Infinity) >= WORTH_PACKING * 4;

interface Cell {
  readonly value: SqlBytes;
  /** False where the value was read as stored, because a conversion would have lost characters. */
  readonly converted: boolean;
}

/** Takes the values out of a row, one column after the other. */
export class CellReader {
  #row: readonly SqlBytes[] = [];
  #index = 0;

  constructor(readonly packs: boolean) {}

  /** @param first how many columns come before {@link cellsOf} the first value */
  start(row: readonly SqlBytes[], first: number): void {
    this.#row = row;
    this.#index = first;
  }

  /** @throws SqlError where a compressed value is invalid */
  next(bytes: ColumnBytes): Cell {
    const value = this.#take();
    const converted = bytes.converted === undefined || isTrue(this.#take());
    const isPacked = this.packs && mayBeLong(bytes) && isTrue(this.#take());
    return { value: isPacked && value !== null ? unpack(value) : value, converted };
  }

  #take(): SqlBytes {
    const cell = this.#row[this.#index] ?? null;
    this.#index += 1;
    return cell;
  }
}

const isTrue = (cell: SqlBytes): boolean => cell?.toString() === '1';

/** What `COMPRESS` gives: four bytes of length, lowest first, then zlib's format; after a space, a dot. */
function unpack(packed: Buffer): Buffer {
  try {
    const length = packed.readUInt32LE(0);
    const value = inflateSync(packed.subarray(4), {
      maxOutputLength: length,
      chunkSize: Math.max(64, length),
    });
    if (value.length === length) return value;
  } catch (cause) {
    throw new SqlError(0, `a compressed value cannot be read: ${String(cause)}`);
  }
  throw new SqlError(0, 'a compressed value has another length than it says');
}
