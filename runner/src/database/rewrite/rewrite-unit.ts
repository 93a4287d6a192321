import { isValidSerialized, type RewriteCounts, type Rewriter } from '../../rewrite/index.js';
import { type SqlBytes, type SqlConnection } from '../connection/sql-connection.js';
import { type ColumnBytes } from './column-bytes.js';
import { type ValueChange, joinPieces, patch } from './value-sql.js';
import { ChangeWriter, type RowChange } from './changes.js';
import { CellReader } from './packed-cells.js';
import { describeKey } from './row-key.js';
import { readsSnapshots, type ScanSettings, type ScanUnit } from './scan.js';
import { addUp, type ColumnCounts, type SerializedLedger, type UnitCounts } from './tally.js';
import { writeBack, type WriteProblem, type WriteLine } from './write-back.js';

export interface UnitContext {
  readonly writer: SqlConnection;
  readonly schema: string;
  readonly settings: ScanSettings;
  readonly rewriter: Rewriter;
  /** Bytes: `max_allowed_packet` of the server. */
  readonly largestPacket: number;
  readonly signal?: AbortSignal | undefined;
}

export interface UnitResult {
  readonly counts: UnitCounts;
  readonly changedMeanwhile: number;
  readonly problems: readonly WriteProblem[];
}

const BATCH_ROWS = 300;
/** Little enough of the table that it still lies in the server's memory since it was read. */
const BATCH_BYTES = 1024 * 1024;
/** A table without a key is read as a whole for each batch. */
const KEYLESS_BATCH_ROWS = 2000;

/** A unit that was read, and the last of whose rows may still be on their way back. */
export interface ReadUnit {
  /** When all of it is written. */
  readonly result: Promise<UnitResult>;
  /** Resolves, or rejects, when the writer has nothing of it to do any more. */
  readonly written: Promise<void>;
}

/** Rewrites one unit's rows and writes them back while the next are read. @param found what {@link scanQuery} gives */
export async function rewriteUnit(
  context: UnitContext,
  unit: ScanUnit,
  found: AsyncIterable<SqlBytes[]>,
  ledger: SerializedLedger,
  line: WriteLine,
): Promise<ReadUnit> {
  const writer = new ChangeWriter(context.schema, unit.table, unit.key);
  const rows = new RowRewriter(context, unit, writer, ledger);
  const batches = new BatchWriter(context.writer, writer, line);
  const held: RowChange[] = [];
  const together = readsSnapshots(unit.table);
  for await (const row of found) {
    const change = rows.change(row);
    if (change === undefined) continue;
    if (together) await batches.add(change);
    else held.push(change);
  }
  for (const change of held) await batches.add(change);
  const written = batches.end();
  const result = written.then(() => ({
    counts: rows.counts,
    changedMeanwhile: batches.changedMeanwhile,
    problems: [...rows.problems, ...batches.problems],
  }));
  // Anyone who waits for them is told; until then a failure must not count as unhandled.
  for (const late of [written, result]) late.catch(() => undefined);
  return { result, written };
}

/** Gathers rows and writes them, some batches on their way while the next one is gathered. */
class BatchWriter {
  readonly problems: WriteProblem[] = [];
  changedMeanwhile = 0;
  #batch: RowChange[] = [];
  #bytes = 0;
  readonly #sent: Promise<void>[] = [];

  constructor(
    readonly connection: SqlConnection,
    readonly writer: ChangeWriter,
    readonly line: WriteLine,
  ) {}

  async add(change: RowChange): Promise<void> {
    this.#batch.push(change);
    this.#bytes += change.size;
    const rows = this.writer.key === undefined ? KEYLESS_BATCH_ROWS : BATCH_ROWS;
    if (this.#batch.length >= rows || this.#bytes >= BATCH_BYTES) await this.#send();
  }

  async end(): Promise<void> {
    await this.#send();
    await Promise.all(this.#sent);
  }

  async #send(): Promise<void> {
    if (this.#batch.length === 0) return;
    const changes = this.#batch;
    [this.#batch, this.#bytes] = [[], 0];
    const { connection, writer } = this;
    const { done } = await this.line.send(async () => {
      const result = await writeBack({ connection, writer }, changes);
      this.changedMeanwhile += result.changedMeanwhile;
      this.problems.push(...result.problems);
    });
    // Awaited at the end; until then a failure must not count as unhandled.
    done.catch(() => undefined);
    this.#sent.push(done);
  }
}

/** Most values are smaller; a Buffer of its own for each would be most of what the runner allocates. */
const SCRATCH_BYTES = 128 * 1024;

/** Rewrites the rows of a unit, one after the other, and keeps count. */
class RowRewriter {
  readonly counts: UnitCounts = new Map();
  readonly problems: WriteProblem[] = [];
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  readonly #cells: CellReader;

  constructor(
    readonly context: UnitContext,
    readonly unit: ScanUnit,
    readonly writer: ChangeWriter,
    readonly ledger: SerializedLedger,
  ) {
    this.#cells = new CellReader(context.settings.packs);
  }

  /** @returns undefined when nothing of the row changes */
  change(row: readonly SqlBytes[]): RowChange | undefined {
    const keyLength = this.unit.key?.read.length ?? 0;
    const values: ValueChange[] = [];
    this.#cells.start(row, keyLength);
    for (const bytes of this.unit.columns) {
      const { value: before, converted } = this.#cells.next(bytes);
      if (before === null) continue;
      // The scratch is free until the row's SQL was made of its values.
      const value = this.#value(row, bytes, before, converted, values.length === 0);
      if (value !== undefined) values.push(value);
    }
    if (values.length === 0) return undefined;
    // The driver's Buffers are views of a larger one; keys outlive their row.
    const key = row.slice(0, keyLength).map((part) => (part === null ? null : Buffer.from(part)));
    return this.writer.change(key, values);
  }

  #add(column: string, more: Partial<ColumnCounts>): void {
    this.counts.set(column, addUp(this.counts.get(column), more));
  }

  #value(
    row: readonly SqlBytes[],
    bytes: ColumnBytes,
    before: Buffer,
    converted: boolean,
    isFirst: boolean,
  ): ValueChange | undefined {
    const { rewriter } = this.context;
    const known = { ...rewriter.counts };
    if (this.unit.counted.has(bytes)) {
      if (rewriter.countKey(before)) this.#add(bytes.column.name, { left: { tableKeys: 1 } });
      return undefined;
    }
    const edits = rewriter.edits(before);
    const left = leftSince(known, rewriter.counts);
    if (left !== undefined) this.#add(bytes.column.name, { left });
    if (edits === undefined) return undefined;
    const pieces = patch(before, edits);
    const after = joinPieces(before, pieces, isFirst ? this.#scratch : undefined);
    if (after.equals(before)) return undefined;
    const serialized = isValidSerialized(before);
    const refusal = refuse(this.context, after, serialized);
    if (refusal !== undefined) {
      this.problems.push({ ...place(this.unit, row, bytes.column.name), reason: refusal });
      return undefined;
    }
    this.#add(bytes.column.name, {
      values: 1,
      replacements: rewriter.counts.replacements - known.replacements,
    });
    if (serialized) this.ledger.note(this.unit, bytes, row);
    return { bytes, before, after, pieces, converted };
  }
}

/** What was left on purpose between two counts; undefined without any. */
function leftSince(before: RewriteCounts, after: RewriteCounts): Record<string, number> | undefined {
  const left: Record<string, number> = {};
  for (const reason of Object.keys(after) as (keyof RewriteCounts)[])
    if (reason !== 'values' && reason !== 'replacements' && after[reason] > before[reason])
      left[reason] = after[reason] - before[reason];
  return Object.keys(left).length === 0 ? undefined : left;
}

function place(unit: ScanUnit, row: readonly SqlBytes[], column: string): Omit<WriteProblem, 'reason'> {
  return {
    table: unit.table.name,
    column,
    row: unit.key === undefined ? 'a table without a key' : describeKey(unit.key, row),
  };
}

/** What the server would cut, or PHP could not read any more, is never sent. */
function refuse(context: UnitContext, after: Buffer, wasSerialized: boolean): string | undefined {
  if (after.length >= context.largestPacket)
    return `the new value (${String(after.length)} bytes) is larger than max_allowed_packet of the server`;
  if (wasSerialized && !isValidSerialized(after))
    return 'the new value would not be a valid serialized value any more (please report this)';
  return undefined;
}
