import { quoteIdentifier } from '../../commands/quote.js';
import { searchForms } from '../../rewrite/index.js';
import { type ColumnBytes, searchedBytes } from './column-bytes.js';

/** Byte-wise: with the column's collation it costs two to four times as much. May find too much, never too little. */
export interface CandidateSearch {
  /** A condition over one column: true for every value that the rewriter could change. */
  condition(bytes: ColumnBytes): string;
  /** Bytes of the shortest value that could match; shorter columns need no search. */
  readonly shortest: number;
}

export interface CandidateOptions {
  /** Lower-case bytes as latin1 text; each value that could change holds one of them, whatever the letter case. */
  readonly needles: readonly string[];
  /** Hosts that are also looked for where a value does not spell them out. */
  readonly hiddenHosts: readonly string[];
  readonly isMariaDb: boolean;
}

export function candidateSearch(options: CandidateOptions): CandidateSearch {
  const spelled = withoutContained(options.needles);
  if (spelled.length === 0) throw new TypeError('nothing to search for');
  const hidden = options.hiddenHosts.map(searchForms);
  const needles = withoutContained([...spelled, ...hidden.flatMap(({ folded }) => folded)]);
  const exact = withoutContained(hidden.flatMap((forms) => forms.exact));
  const asciiOnly = needles.every((needle) => /^[\x00-\x7f]*$/.test(needle));
  const shortest = Math.min(...spelled.map((needle) => needle.length));
  return {
    shortest,
    condition: (bytes) => {
      const expression = searchedBytes(bytes, asciiOnly);
      const tests = [
        holdsOne(expression, needles, options.isMariaDb),
        ...(options.isMariaDb
          ? [regularExpressionTest(expression, exact, '')]
          : exact.map((needle) => exactTest(expression, needle))),
      ];
      const test = tests.filter((one) => one !== '').join(' OR ');
      const isAsStored = expression === bytes.stored && bytes.column.kind !== 'json';
      return isAsStored ? ofLength(quoteIdentifier(bytes.column.name), shortest, test) : test;
    },
  };
}

/** Most values of most tables are shorter than any address: a condition is not worked out for them. @param shortest bytes */
export const ofLength = (column: string, shortest: number, condition: string): string =>
  `(LENGTH(${column}) >= ${String(shortest)} AND (${condition}))`;

/** True where bytes hold one of the needles, whatever the letter case. */
export const holdsOne = (expression: string, needles: readonly string[], isMariaDb: boolean): string =>
  isMariaDb ? regularExpressionTest(expression, needles, '(?i)') : foldedTest(expression, needles);

/** A needle that contains another one adds nothing. */
export function withoutContained(needles: readonly string[]): string[] {
  const unique = [...new Set(needles)];
  return unique.filter((needle) => !unique.some((other) => other !== needle && needle.includes(other)));
}

/**
 * MariaDB's PCRE works on bytes as soon as one side is binary. It runs to the first byte of a pattern as fast as memory
 * allows and looks closer at each such place, so a pattern starts with the rarest byte of its needle and looks back for
 * what stands before: three to ten times as fast as the needle itself, which starts with a letter in two cases.
 */
function regularExpressionTest(expression: string, needles: readonly string[], flags: string): string {
  const groups = new Map<string, string[]>();
  for (const needle of needles) {
    const at = rarestByte(needle);
    const pivot = needle[at] ?? '';
    const [before, after] = [escapeBytes(needle.slice(0, at + 1)), escapeBytes(needle.slice(at + 1))];
    groups.set(pivot, [...(groups.get(pivot) ?? []), `(?<=${before})${after}`]);
  }
  return [...groups]
    .map(
      ([pivot, rest]) => `${expression} REGEXP ${hex(`${flags}${escapeBytes(pivot)}${alternatives(rest)}`)}`,
    )
    .join(' OR ');
}

const alternatives = (patterns: readonly string[]): string =>
  patterns.length === 1 ? (patterns[0] ?? '') : `(?:${patterns.join('|')})`;

/** Bytes that texts, markup and serialized data hold seldom, the rarest first; a letter stands for both its cases. */
const RARE = '%&\\=_.-ZQXJKVYWUGHFPLNMDBSCRTAOIE0123456789zqjxkvwbypgufm';

function rarestByte(needle: string): number {
  for (const byte of RARE) {
    const at = needle.indexOf(byte);
    if (at >= 0) return at;
  }
  return 0;
}

const escapeBytes = (needle: string): string =>
  needle.replace(/[^a-z0-9]/gi, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);

const hex = (bytes: string): string => `X'${Buffer.from(bytes, 'latin1').toString('hex')}'`;

/** MySQL's ICU refuses binary strings. latin1 takes any byte, and its LOWER is a table of bytes. */
function foldedTest(expression: string, needles: readonly string[]): string {
  const fold = (bytes: string) => `CAST(LOWER(CONVERT(${bytes} USING latin1)) AS BINARY)`;
  return needles
    .map((needle) => `LOCATE(${fold(`_binary ${hex(needle)}`)}, ${fold(expression)}) > 0`)
    .join(' OR ');
}

const exactTest = (expression: string, needle: string): string =>
  `LOCATE(_binary ${hex(needle)}, ${expression}) > 0`;
