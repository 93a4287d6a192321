import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type FaultRow } from './row.js';

/** Rows of a campaign, one JSON document per line; a campaign that was stopped goes on from it. */
export interface ResultFile {
  /** The last result of each row. */
  rows(): FaultRow[];
  add(row: FaultRow): void;
}

export function openResultFile(file: string): ResultFile {
  mkdirSync(path.dirname(file), { recursive: true });
  return {
    rows: () => (existsSync(file) ? lastOfEach(readFileSync(file, 'utf8')) : []),
    add: (row) => {
      appendFileSync(file, `${JSON.stringify(row)}\n`);
    },
  };
}

/** A line that was cut off when the campaign was killed is no result. */
export function lastOfEach(text: string): FaultRow[] {
  const rows = new Map<string, FaultRow>();
  for (const line of text.split('\n')) {
    try {
      const row = JSON.parse(line) as FaultRow;
      rows.set(row.id, row);
    } catch {
      continue;
    }
  }
  return [...rows.values()];
}
