import { escapePattern } from '../../basics/patterns.js';

/** Works on byte strings (one character per byte, `latin1`), because a dump mixes character sets. Pure. */
export interface SqlToken {
  /** `open` and `close` are the marks of a version comment (`/*!50003`, star slash); what is between them is code. */
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'variable' | 'comment' | 'open' | 'close' | 'mark';
  /** As written. */
  readonly text: string;
  /** Words in upper case; names without their quotes; otherwise as written. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

export interface LexerModes {
  /** sql_mode ANSI_QUOTES: `"x"` is a name. */
  readonly ansiQuotes?: boolean;
  /** sql_mode NO_BACKSLASH_ESCAPES. */
  readonly plainBackslash?: boolean;
}

const WORD = /[A-Za-z_$\x80-\xff][A-Za-z0-9_$\x80-\xff]*/y;
const NUMBER = /(?:0[xX][0-9A-Fa-f]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/y;
const VARIABLE = /@@?(?:[A-Za-z0-9_$.\x80-\xff]+)?/y;
const VERSION_COMMENT = /\/\*M?!\d{0,6}/y;
const SPACE = /[\s\0]+/y;

const matchAt = (pattern: RegExp, text: string, position: number): string | undefined => {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
};

/** Position after the closing quote that belongs to the opening one at `start`; -1 when there is none. */
function endOfQuoted(text: string, start: number, modes: LexerModes): number {
  const quote = text[start];
  const escapes = quote !== '`' && !modes.plainBackslash && !(quote === '"' && modes.ansiQuotes);
  for (let position = start + 1; position < text.length; position++) {
    const character = text[position];
    if (character === '\\' && escapes) position++;
    else if (character === quote) {
      if (text[position + 1] !== quote) return position + 1;
      position++;
    }
  }
  return -1;
}

/** Position after a comment that begins at `start`; undefined when none does; -1 when it does not end. */
function endOfComment(text: string, start: number): number | undefined {
  if (text.startsWith('/*', start)) {
    const end = text.indexOf('*/', start + 2);
    return end < 0 ? -1 : end + 2;
  }
  const isDashes =
    text.startsWith('--', start) && (start + 2 >= text.length || /\s/.test(text[start + 2] ?? ''));
  if (text[start] !== '#' && !isDashes) return undefined;
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end + 1;
}

export class SqlSyntaxError extends Error {}

/** The tokens of one statement, without white space. @throws SqlSyntaxError when one of them does not end */
export function tokenize(text: string, modes: LexerModes = {}): SqlToken[] {
  const tokens: SqlToken[] = [];
  let depth = 0;
  let position = 0;
  while (position < text.length) {
    const space = matchAt(SPACE, text, position);
    if (space !== undefined) {
      position += space.length;
      continue;
    }
    const token = nextToken(text, position, depth > 0, modes);
    if (token.kind === 'open') depth++;
    if (token.kind === 'close') depth--;
    tokens.push(token);
    position = token.end;
  }
  if (depth > 0) throw new SqlSyntaxError('a version comment does not end');
  return tokens;
}

function nextToken(text: string, start: number, inVersionComment: boolean, modes: LexerModes): SqlToken {
  const token = (kind: SqlToken['kind'], end: number, value?: string): SqlToken => {
    if (end < 0) throw new SqlSyntaxError(`a ${kind} does not end`);
    const written = text.slice(start, end);
    return { kind, text: written, value: value ?? written, start, end };
  };
  const version = matchAt(VERSION_COMMENT, text, start);
  if (version !== undefined) return token('open', start + version.length);
  if (inVersionComment && text.startsWith('*/', start)) return token('close', start + 2);
  const comment = endOfComment(text, start);
  if (comment !== undefined) return token('comment', comment);
  const character = text[start] ?? '';
  if (character === '`' || (character === '"' && modes.ansiQuotes)) {
    const end = endOfQuoted(text, start, modes);
    return token('name', end, text.slice(start + 1, end - 1).replaceAll(character + character, character));
  }
  if (character === "'" || character === '"') return token('string', endOfQuoted(text, start, modes));
  if (character === '@') return token('variable', start + (matchAt(VARIABLE, text, start) ?? '@').length);
  const number = matchAt(NUMBER, text, start);
  if (number !== undefined) {
    // `2fa_codes` is a word, `2.5` is not.
    const asWord = matchAt(/\d+[A-Za-z_$\x80-\xff][A-Za-z0-9_$\x80-\xff]*/y, text, start);
    if (asWord === undefined || asWord.length <= number.length) return token('number', start + number.length);
    return token('word', start + asWord.length, asWord.toUpperCase());
  }
  const word = matchAt(WORD, text, start);
  if (word !== undefined) return token('word', start + word.length, word.toUpperCase());
  return token('mark', start + 1);
}

/** A statement of a dump, without its delimiter and the white space and comment lines before it. */
export interface DumpStatement {
  readonly text: string;
  /** Line of the dump on which it begins, from 1. */
  readonly line: number;
  /** What the dump set `sql_mode` to before it: changes how quotes are read. */
  readonly modes: LexerModes;
}

/** The modes that a `SET … sql_mode = '…'` statement switches on; undefined for any other statement. */
function modesSetBy(statement: string): LexerModes | undefined {
  const value = /\bSET\b[^']*\bSQL_MODE\s*=\s*'([^']*)'/i.exec(statement)?.[1];
  if (value === undefined) return /\bSET\b[^']*\bSQL_MODE\s*=\s*@/i.test(statement) ? {} : undefined;
  return { ansiQuotes: /ANSI/i.test(value), plainBackslash: /NO_BACKSLASH_ESCAPES/i.test(value) };
}

/** Cuts a dump (without rows) into statements; knows `DELIMITER`. @throws SqlSyntaxError when one does not end */
export function splitStatements(dump: string): DumpStatement[] {
  const statements: DumpStatement[] = [];
  let delimiter = ';';
  let modes: LexerModes = {};
  let position = 0;
  let line = 1;
  for (;;) {
    const start = skipBetween(dump, position);
    line += countLines(dump, position, start);
    if (start >= dump.length) return statements;
    const command = matchAt(/DELIMITER[ \t]+(\S+)[ \t]*(?:\r?\n|$)/iy, dump, start);
    if (command !== undefined) {
      delimiter = command.trim().split(/\s+/)[1] ?? ';';
      position = start + command.length;
    } else {
      const end = endOfStatement(dump, start, delimiter, modes);
      if (end < 0) throw new SqlSyntaxError(`the statement in line ${String(line)} does not end`);
      const text = dump.slice(start, end).trimEnd();
      if (text !== '') statements.push({ text, line, modes });
      modes = modesSetBy(text) ?? modes;
      position = end + delimiter.length;
    }
    line += countLines(dump, start, position);
  }
}

function countLines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** White space and comments between statements; a version comment is code. */
function skipBetween(text: string, from: number): number {
  let position = from;
  for (;;) {
    const space = matchAt(SPACE, text, position);
    if (space !== undefined) position += space.length;
    const isVersion = matchAt(VERSION_COMMENT, text, position) !== undefined;
    const end = isVersion ? undefined : endOfComment(text, position);
    if (end !== undefined && end >= 0) position = end;
    else if (space === undefined) return position;
    if (end === -1) return position;
  }
}

function endOfStatement(text: string, start: number, delimiter: string, modes: LexerModes): number {
  const interesting = new RegExp(`['"\`#]|--|/\\*|${escapePattern(delimiter)}`, 'g');
  interesting.lastIndex = start;
  for (let match = interesting.exec(text); match !== null; match = interesting.exec(text)) {
    const found = match[0];
    if (found === delimiter) return match.index;
    const isVersion = matchAt(VERSION_COMMENT, text, match.index) !== undefined;
    const isQuote = found === "'" || found === '"' || found === '`';
    const endOfPart = () =>
      isQuote ? endOfQuoted(text, match.index, modes) : endOfComment(text, match.index);
    const end = isVersion ? match.index + 3 : endOfPart();
    if (end === -1) return -1;
    interesting.lastIndex = end ?? match.index + 1;
  }
  return -1;
}
