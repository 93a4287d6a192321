import { several, UnderstudyError } from '../errors/index.js';
import { type KeyPath } from './mapping.js';
import { shownPath } from './secrets/secret-places.js';

/** One thing that is wrong in one file, told so that a person can fix it. */
export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** `production.database.name`; '' for the file as a whole. */
  readonly key: string;
  /** One sentence. It never shows a value that may be secret. */
  readonly message: string;
  /** What to write instead. */
  readonly suggestion?: string | undefined;
}

/** A problem before its place in the file was looked up. */
export interface Complaint {
  readonly path: KeyPath;
  readonly message: string;
  readonly suggestion?: string;
  /** The key itself is wrong, not its value: point at the key. */
  readonly atKey?: boolean;
  /** The key itself may be a secret: only the mapping that it stands in is named. */
  readonly hidesKey?: boolean;
}

/** `rewrite.pairs[2].from`, as far as it may be shown: see secret-places.ts. */
export function formatKey(path: KeyPath): string {
  return shownPath(path).reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${String(step)}]`;
    const name = /^[\w-]+$/.test(step) ? step : JSON.stringify(step);
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

/** By file, then by place; the same sentence about the same place only once. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...unique.values()].sort(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
      a.line - b.line ||
      a.column - b.column ||
      (a.message < b.message ? -1 : 1),
  );
}

/** Lines of a tree: the file, below it one line per problem, below that what to write instead. */
function formatProblems(problems: readonly Problem[]): string[] {
  const lines: string[] = [];
  let file: string | undefined;
  for (const problem of sortProblems(problems)) {
    if (problem.file !== file) lines.push(problem.file);
    file = problem.file;
    const key = problem.key === '' ? '' : `${problem.key}: `;
    lines.push(`  ${String(problem.line)}:${String(problem.column)}  ${key}${problem.message}`);
    if (problem.suggestion !== undefined) lines.push(`        → ${problem.suggestion}`);
  }
  return lines;
}

/** All problems as the one error that a user sees. */
export function configInvalid(problems: readonly Problem[]): UnderstudyError {
  const count = problems.length === 1 ? 'one problem' : several(problems.length, 'problem');
  const files = new Set(problems.map((problem) => problem.file)).size;
  return new UnderstudyError(
    'CONFIG_INVALID',
    `The site files have ${count}${files > 1 ? ` in ${several(files, 'file')}` : ''}.`,
    { details: formatProblems(problems) },
  );
}
