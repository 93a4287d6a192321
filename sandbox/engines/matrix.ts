import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectFolder } from '../runner.js';
import { type CellResult } from './cell.js';
import { type Pair } from './engine-world.js';
import { type EngineName, engineNames, type Vendor, vendorOf } from './engines.js';

const other = (vendor: Vendor): Vendor => (vendor === 'mysql' ? 'mariadb' : 'mysql');

/** Every pair twice: with the servers' own programs and a swap, and with the other vendor's and a replacement. */
export const allPairs: readonly Pair[] = engineNames.flatMap((production) =>
  engineNames.flatMap((staging): Pair[] => {
    const [from, to] = [vendorOf(production), vendorOf(staging)];
    return [
      { production, staging, clients: [from, to], mode: 'swap' },
      { production, staging, clients: [other(from), other(to)], mode: 'replace' },
    ];
  }),
);

const short = (engine: EngineName): string => engine.replace(/^mariadb-/, '');
/** `mysql→10.5 swap`: how a cell is called. */
export const cellName = ({ production, staging, mode }: Pair): string =>
  `${short(production)}→${short(staging)} ${mode}`;

/** What became of a cell when it last ran. */
export interface RecordedCell extends CellResult {
  /** `2026-11-28`. */
  readonly date: string;
  /** Of both servers, as they say themselves. */
  readonly versions: readonly [production: string, staging: string];
  readonly seconds: number;
}

/** By {@link cellName}; a cell that never ran is not in it. */
export type MatrixResult = Readonly<Record<string, RecordedCell>>;

/** Kept in the repository: docs/compatibility.md is made from it. */
const resultFile = path.join(projectFolder, 'runner/test/suites/engines/result.json');

export const readMatrixResult = (): MatrixResult =>
  existsSync(resultFile) ? (JSON.parse(readFileSync(resultFile, 'utf8')) as MatrixResult) : {};

/** Puts a cell in place of what it was; all others stay as they are. */
export function recordCell(pair: Pair, cell: RecordedCell): void {
  const all = { ...readMatrixResult(), [cellName(pair)]: cell };
  const inOrder = allPairs
    .map(cellName)
    .flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]]));
  writeFileSync(`${resultFile}.new`, `${JSON.stringify(Object.fromEntries(inOrder), null, 2)}\n`);
  renameSync(`${resultFile}.new`, resultFile);
}

/**
 * The cells of `npm run suites -- engines --cells …`: names separated by commas, `*` for anything; `wrong` are those
 * that were not right when they last ran, or never ran. Nothing: all of them.
 * @throws Error for a word that means no cell
 */
export function chooseCells(words: string | undefined, result: MatrixResult): readonly Pair[] {
  if (words === undefined || words.trim() === '') return allPairs;
  const isWrong = (name: string) => (result[name]?.problems.length ?? 1) > 0;
  const wanted = words.split(',').flatMap((word) => {
    const pattern = word
      .trim()
      .replaceAll('->', '→')
      .replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*');
    const names = allPairs
      .map(cellName)
      .filter((name) => (word.trim() === 'wrong' ? isWrong(name) : new RegExp(`^${pattern}$`).test(name)));
    if (names.length === 0 && word.trim() !== 'wrong')
      throw new Error(`no cell is called “${word.trim()}”; there are: ${allPairs.map(cellName).join(', ')}`);
    return names;
  });
  return allPairs.filter((pair) => wanted.includes(cellName(pair)));
}
