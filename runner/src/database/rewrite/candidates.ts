import { type ColumnBytes, searchedBytes } from './column-bytes.js';

/**
 * The server-side search for values that may change: byte-wise, because a search with the column's collation costs
 * two to four times as much; case-insensitive, because hosts are. It may find too much, never too little.
 */
export interface CandidateSearch {
  /** A condition over one column: true for every value that the rewriter could change. */
  condition(bytes: ColumnBytes): string;
  /** Bytes of the shortest value that could match; shorter columns need no search. */
  readonly shortest: number;
}

export interface CandidateOptions {
  /** Lower-case bytes as latin1 text; each value that could change holds one of them, whatever the letter case. */
  readonly needles: readonly string[];
  readonly isMariaDb: boolean;
  /** Also find the needles inside base64. */
  readonly base64: boolean;
}

export function candidateSearch(options: CandidateOptions): CandidateSearch {
  const needles = withoutContained(options.needles);
  if (needles.length === 0) throw new TypeError('nothing to search for');
  const asciiOnly = needles.every((needle) => /^[\x00-\x7f]*$/.test(needle));
  const encoded = options.base64 ? needles.flatMap(base64Needles) : [];
  const test = options.isMariaDb ? regularExpressionTest : foldedTest;
  return {
    shortest: Math.min(...needles.map((needle) => needle.length)),
    condition: (bytes) => {
      const expression = searchedBytes(bytes, asciiOnly);
      return [test(expression, needles), ...encoded.map((needle) => exactTest(expression, needle))].join(
        ' OR ',
      );
    },
  };
}

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
function regularExpressionTest(expression: string, needles: readonly string[]): string {
  const groups = new Map<string, string[]>();
  for (const needle of needles) {
    const at = rarestByte(needle);
    const pivot = needle[at] ?? '';
    const [before, after] = [escapeBytes(needle.slice(0, at + 1)), escapeBytes(needle.slice(at + 1))];
    groups.set(pivot, [...(groups.get(pivot) ?? []), `(?<=${before})${after}`]);
  }
  return [...groups]
    .map(([pivot, rest]) => `${expression} REGEXP ${hex(`(?i)${escapeBytes(pivot)}${alternatives(rest)}`)}`)
    .join(' OR ');
}

const alternatives = (patterns: readonly string[]): string =>
  patterns.length === 1 ? (patterns[0] ?? '') : `(?:${patterns.join('|')})`;

/** Bytes that texts, markup and serialized data hold seldom, the rarest first; a letter stands for both its cases. */
const RARE = '%_.-0123456789zqjxkvwbypgufm\\';

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

/**
 * MySQL's ICU refuses binary strings. latin1 takes any byte, and its LOWER is a table of bytes; the needle goes
 * through the same function, so that bytes above ASCII meet their like.
 */
function foldedTest(expression: string, needles: readonly string[]): string {
  const fold = (bytes: string) => `CAST(LOWER(CONVERT(${bytes} USING latin1)) AS BINARY)`;
  return needles
    .map((needle) => `LOCATE(${fold(`_binary ${hex(needle)}`)}, ${fold(expression)}) > 0`)
    .join(' OR ');
}

const exactTest = (expression: string, needle: string): string =>
  `LOCATE(_binary ${hex(needle)}, ${expression}) > 0`;

/** What a text looks like inside base64, by the three ways in which it can lie in groups of three bytes. */
export function base64Needles(text: string): string[] {
  const bytes = Buffer.from(text, 'latin1');
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const first = [0, 2, 3][offset] ?? 0;
    const whole = Math.floor(((offset + bytes.length) * 8) / 6);
    return encoded.slice(first, whole);
  });
}
