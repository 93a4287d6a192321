import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

/** What became of one fault: a row of the tables of a campaign. */
export interface FaultRow {
  /** The command that was under way: `promotion`, `rollback`, `sync` … */
  readonly operation: string;
  /** What was about to happen. */
  readonly step: string;
  /** The host that met the fault: `host 2`, `staging`, `runner`. */
  readonly where: string;
  readonly fault: string;
  /** What the command said and what then served, for people. */
  readonly outcome: string;
  /** What must not be; empty where all is as promised. */
  readonly wrong: readonly string[];
  readonly seconds: number;
}

export type FaultCell = Pick<FaultRow, 'operation' | 'step' | 'where' | 'fault'>;

const keyOf = ({ operation, step, where, fault }: FaultCell): string =>
  [operation, step, where, fault].join('/');

/**
 * The rows of a campaign so far, in `build/faults/<campaign>.jsonl`: one that was broken off goes on where it was, and only
 * rows that were wrong are tried again. With UNDERSTUDY_FAULTS_FRESH everything is tried again.
 */
export class FaultOutcomes {
  readonly #rows = new Map<string, FaultRow>();
  readonly #file: string;

  constructor(campaign: string) {
    const folder = path.join(process.cwd(), 'build/faults');
    mkdirSync(folder, { recursive: true });
    this.#file = path.join(folder, `${campaign}.jsonl`);
    if (process.env['UNDERSTUDY_FAULTS_FRESH'] !== undefined) rmSync(this.#file, { force: true });
    if (!existsSync(this.#file)) return;
    for (const line of readFileSync(this.#file, 'utf8').split('\n')) {
      if (!line.endsWith('}')) continue;
      const row = JSON.parse(line) as FaultRow;
      this.#rows.set(keyOf(row), row);
    }
  }

  get rows(): readonly FaultRow[] {
    return [...this.#rows.values()];
  }

  isRight(cell: FaultCell): boolean {
    return this.#rows.get(keyOf(cell))?.wrong.length === 0;
  }

  add(row: FaultRow): void {
    this.#rows.set(keyOf(row), row);
    appendFileSync(this.#file, `${JSON.stringify(row)}\n`);
  }
}

/**
 * Which cells are wanted, from `UNDERSTUDY_FAULTS='rollback/undo/host 2/disk full'`; an empty part stands for all, and so does
 * one that is left out.
 */
export function isWanted(cell: FaultCell, selection = process.env['UNDERSTUDY_FAULTS'] ?? ''): boolean {
  const parts = selection.split('/');
  return [cell.operation, cell.step, cell.where, cell.fault].every(
    (value, index) => !parts[index] || parts[index] === value,
  );
}

/** One line, for the terminal. */
export const renderRow = (row: FaultRow): string =>
  `${row.operation.padEnd(10)} ${row.step.padEnd(16)} ${row.where}  ${row.fault.padEnd(16)} ${row.outcome} (${row.seconds.toFixed(0)} s)${row.wrong.length === 0 ? '' : `  ✗ ${row.wrong.join('; ')}`}`;

/** A table in Markdown: step and fault, and what came of it on each host; equal outcomes stand in one cell. */
export function renderTable(rows: readonly FaultRow[]): string {
  const lines = new Map<string, Map<string, string[]>>();
  for (const row of rows) {
    const key = `| ${row.step} | ${row.fault} |`;
    const outcomes = lines.get(key) ?? new Map<string, string[]>();
    const text = `${row.outcome}${row.wrong.length === 0 ? '' : ` **wrong: ${row.wrong.join('; ')}**`}`;
    outcomes.set(text, [...(outcomes.get(text) ?? []), row.where]);
    lines.set(key, outcomes);
  }
  const cell = (outcomes: ReadonlyMap<string, readonly string[]>): string =>
    [...outcomes]
      .map(([text, places]) =>
        outcomes.size === 1 && places.length > 1 ? text : `${places.join(', ')}: ${text}`,
      )
      .join('<br>');
  return [
    '| step | fault | outcome |',
    '|---|---|---|',
    ...[...lines].map(([key, outcomes]) => `${key} ${cell(outcomes)} |`),
  ].join('\n');
}
