import { isValidSerialized, type Rewriter } from '../../rewrite/index.js';
import { type SqlBytes, type SqlConnection } from '../connection.js';
import { type RowChange, type ValueChange } from './changes.js';
import { joinPieces, patch } from './patch.js';
import { describeKey } from './row-key.js';
import { readsSnapshots, scanQuery, type ScanSettings, type ScanUnit } from './scan.js';
import { type SerializedLedger, type UnitCounts } from './tally.js';
import { writeBack, type WriteProblem } from './write-back.js';

export interface UnitContext {
  readonly reader: SqlConnection;
  readonly writer: SqlConnection;
  readonly schema: string;
  readonly settings: ScanSettings;
  readonly rewriter: Rewriter;
  /** Bytes: `max_allowed_packet` of the server. */
  readonly largestPacket: number;
  readonly signal?: AbortSignal;
}

export interface UnitResult {
  readonly counts: UnitCounts;
  readonly changedMeanwhile: number;
  readonly problems: readonly WriteProblem[];
}

const BATCH_ROWS = 300;
/** A table without a key is read as a whole for each batch. */
const KEYLESS_BATCH_ROWS = 2000;
const BATCH_BYTES = 2 * 1024 * 1024;

/** Reads one unit, rewrites what was found and writes it back while the next rows are read. */
export async function rewriteUnit(
  context: UnitContext,
  unit: ScanUnit,
  ledger: SerializedLedger,
): Promise<UnitResult> {
  const notes: RowNotes = { counts: new Map(), problems: [], ledger };
  const batches = new BatchWriter(context, unit);
  const held: RowChange[] = [];
  const together = readsSnapshots(unit.table);
  for await (const row of context.reader.stream(scanQuery(context.schema, unit, context.settings))) {
    const change = changeRow(context, unit, row, notes);
    if (change === undefined) continue;
    if (together) await batches.add(change);
    else held.push(change);
  }
  for (const change of held) await batches.add(change);
  await batches.end();
  return {
    counts: notes.counts,
    changedMeanwhile: batches.changedMeanwhile,
    problems: [...notes.problems, ...batches.problems],
  };
}

/** Gathers rows and writes them, one batch on its way while the next one is gathered. */
class BatchWriter {
  readonly problems: WriteProblem[] = [];
  changedMeanwhile = 0;
  #batch: RowChange[] = [];
  #bytes = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    readonly context: UnitContext,
    readonly unit: ScanUnit,
  ) {}

  async add(change: RowChange): Promise<void> {
    this.#batch.push(change);
    this.#bytes += change.values.reduce((sum, value) => sum + value.after.length, 0);
    const rows = this.unit.key === undefined ? KEYLESS_BATCH_ROWS : BATCH_ROWS;
    if (this.#batch.length >= rows || this.#bytes >= BATCH_BYTES) await this.#send();
  }

  async end(): Promise<void> {
    await this.#send();
    await this.#writing;
  }

  async #send(): Promise<void> {
    await this.#writing;
    if (this.#batch.length === 0) return;
    const changes = this.#batch;
    [this.#batch, this.#bytes] = [[], 0];
    const { writer, schema } = this.context;
    const target = { connection: writer, schema, table: this.unit.table, key: this.unit.key };
    this.#writing = writeBack(target, changes).then((result) => {
      this.changedMeanwhile += result.changedMeanwhile;
      this.problems.push(...result.problems);
    });
    // Awaited with the next batch; until then a failure must not count as unhandled.
    this.#writing.catch(() => undefined);
  }
}

interface RowNotes {
  readonly counts: UnitCounts;
  readonly problems: WriteProblem[];
  readonly ledger: SerializedLedger;
}

function changeRow(
  context: UnitContext,
  unit: ScanUnit,
  row: readonly SqlBytes[],
  notes: RowNotes,
): RowChange | undefined {
  const keyLength = unit.key?.read.length ?? 0;
  const values: ValueChange[] = [];
  let index = keyLength;
  for (const bytes of unit.columns) {
    const before = row[index] ?? null;
    const flag = bytes.converted === undefined ? undefined : row[index + 1];
    index += bytes.converted === undefined ? 1 : 2;
    if (before === null) continue;
    const replacements = context.rewriter.counts.replacements;
    const edits = context.rewriter.edits(before);
    if (edits === undefined) continue;
    const pieces = patch(before, edits);
    const after = joinPieces(before, pieces);
    if (after.equals(before)) continue;
    const converted = flag === undefined || flag?.toString() === '1';
    const value = { bytes, before, after, pieces, converted };
    const serialized = isValidSerialized(before);
    const refusal = refuse(context, after, serialized);
    if (refusal !== undefined) {
      notes.problems.push({ ...place(unit, row, bytes.column.name), reason: refusal });
      continue;
    }
    notes.counts.set(bytes.column.name, {
      values: (notes.counts.get(bytes.column.name)?.values ?? 0) + 1,
      replacements:
        (notes.counts.get(bytes.column.name)?.replacements ?? 0) +
        context.rewriter.counts.replacements -
        replacements,
    });
    if (serialized) notes.ledger.note(unit, bytes, row);
    values.push(value);
  }
  if (values.length === 0) return undefined;
  // The driver's Buffers are views of a larger one; keys outlive their row.
  return { key: row.slice(0, keyLength).map((part) => (part === null ? null : Buffer.from(part))), values };
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
