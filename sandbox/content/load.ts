import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type MariaDbServer } from '../servers/mariadb.js';
import { type Cell, type TableRows } from './table-rows.js';

const chunkBytes = 48_000_000;

/**
 * Loads generated rows with LOAD DATA, one chunk while the next is written.
 * `folder` is readable for the server; what was written there is removed again.
 */
export async function loadRows(
  server: MariaDbServer,
  database: string,
  tables: readonly TableRows[],
  folder: string,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const running = new Set<Promise<void>>();
  let number = 0;
  for (const table of tables) {
    for (let first = 0; first < table.count;) {
      const file = path.join(folder, `chunk-${(number += 1)}.tsv`);
      first = writeChunk(file, table, first);
      while (running.size >= 2) await Promise.race(running);
      const load = server.query(loadStatement(table, file), database).then(() => rm(file));
      const tracked = load.finally(() => running.delete(tracked));
      running.add(tracked);
      // Lets the client start before the next chunk keeps this thread busy.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  await Promise.all(running);
  await rm(folder, { recursive: true, force: true });
}

/** Returns the index of the first row that is not in this chunk. */
function writeChunk(file: string, table: TableRows, first: number): number {
  const handle = openSync(file, 'w', 0o644);
  let [index, bytes, text] = [first, 0, ''];
  while (index < table.count && bytes < chunkBytes) {
    text += `${table.row(index).map(cellText).join('\t')}\n`;
    index += 1;
    if (text.length > 1_000_000) {
      bytes += writeSync(handle, text);
      text = '';
    }
  }
  writeSync(handle, text);
  closeSync(handle);
  return index;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\0': '\\0' };

function cellText(cell: Cell): string {
  if (cell === null) return '\\N';
  if (typeof cell === 'number') return String(cell);
  if (typeof cell !== 'string') return cell.toString('hex');
  return /[\\\t\n\0]/.test(cell) ? cell.replaceAll(/[\\\t\n\0]/g, (found) => escapes[found] ?? found) : cell;
}

function loadStatement(table: TableRows, file: string): string {
  const name = (text: string): string => `\`${text.replaceAll('`', '``')}\``;
  const binary = table.binary ?? [];
  const columns = table.columns.map((column) => (binary.includes(column) ? `@${column}` : name(column)));
  const sets = binary.map((column) => `${name(column)} = UNHEX(@${column})`);
  return (
    "SET SESSION unique_checks = 0, foreign_key_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO';" +
    `LOAD DATA INFILE '${file}' INTO TABLE ${name(table.table)} CHARACTER SET utf8mb4 (${columns.join(', ')})` +
    `${sets.length === 0 ? '' : ` SET ${sets.join(', ')}`};`
  );
}
