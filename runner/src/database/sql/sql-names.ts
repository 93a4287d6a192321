import { type SqlToken } from './sql-lexer.js';

/** A place where a name stands with a schema before it: `schema`.`table`, `schema`.`function`(…), a.b.c. */
export interface QualifiedName {
  readonly schema: SqlToken;
  readonly object: string;
  /** False where only a look at the names in use can tell (`a.b` among expressions: mostly table.column). */
  readonly certain: boolean;
}

const isName = (token: SqlToken | undefined): token is SqlToken =>
  token !== undefined && (token.kind === 'name' || token.kind === 'word');
const isMark = (token: SqlToken | undefined, text: string): boolean =>
  token?.kind === 'mark' && token.text === text;
const isWord = (token: SqlToken | undefined, ...words: string[]): boolean =>
  token?.kind === 'word' && words.includes(token.value);
export const nameOf = (token: SqlToken): string => (token.kind === 'word' ? token.text : token.value);

/** Words after which a table, routine, trigger or view is named. */
const BEFORE_OBJECT = ['FROM', 'JOIN', 'STRAIGHT_JOIN', 'INTO', 'TABLE', 'TABLES', 'REFERENCES', 'CALL', 'VIEW',
  'TRIGGER', 'PROCEDURE', 'FUNCTION', 'EVENT', 'SEQUENCE', 'EXISTS', 'INSERT', 'REPLACE', 'IGNORE', 'TRUNCATE', 'UNION']; // prettier-ignore
const ENDS_LIST = ['WHERE', 'SET', 'GROUP', 'ORDER', 'HAVING', 'LIMIT', 'SELECT', 'VALUES', 'VALUE', 'UNION', 'DO', 'THEN', 'BEGIN', 'END', 'INTO']; // prettier-ignore
/** Functions with a FROM of their own: TRIM(x FROM t.c) names no table. */
const FROM_INSIDE = ['EXTRACT', 'TRIM', 'SUBSTRING', 'SUBSTR', 'MID', 'OVERLAY'];
const SEQUENCE_FUNCTIONS = ['NEXTVAL', 'LASTVAL', 'SETVAL'];

interface Level {
  readonly functionName: string;
  /** Inside a list of tables: a comma is followed by the next one. */
  list: boolean;
}

/** Finds the names of `tokens` (code only, no comments) that have, or may have, a schema before them. */
export function qualifiedNames(tokens: readonly SqlToken[]): QualifiedName[] {
  const found: QualifiedName[] = [];
  const levels: Level[] = [{ functionName: '', list: false }];
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    const level = levels.at(-1) ?? { functionName: '', list: false };
    if (isMark(token, '(')) levels.push(openLevel(tokens, index, level));
    else if (isMark(token, ')') && levels.length > 1) levels.pop();
    else if (isMark(token, ';') || isWord(token, ...ENDS_LIST)) level.list = false;
    else if (startsList(tokens, index, level)) level.list = true;
    if (!isName(token) || isMark(tokens[index - 1], '.') || !isMark(tokens[index + 1], '.')) continue;
    if (isWord(token, 'NEW', 'OLD')) continue;
    const name = readChain(tokens, index, level);
    if (name) found.push(name);
  }
  return found;
}

function openLevel(tokens: readonly SqlToken[], index: number, outer: Level): Level {
  const before = tokens[index - 1];
  const functionName = before?.kind === 'word' ? before.value : '';
  const opensTables =
    outer.list && (isWord(before, 'FROM', 'JOIN') || isMark(before, ',') || isMark(before, '('));
  return { functionName, list: opensTables };
}

function startsList(tokens: readonly SqlToken[], index: number, level: Level): boolean {
  const token = tokens[index];
  if (isWord(token, 'FROM')) return !FROM_INSIDE.includes(level.functionName);
  // ON DUPLICATE KEY UPDATE, FOR UPDATE, ON UPDATE: no table follows.
  return isWord(token, 'UPDATE') && !isWord(tokens[index - 1], 'KEY', 'FOR', 'ON');
}

function readChain(tokens: readonly SqlToken[], index: number, level: Level): QualifiedName | undefined {
  const [first, second, third] = [tokens[index], tokens[index + 2], tokens[index + 4]];
  if (!isName(first)) return undefined;
  const hasThree = isName(second) && isMark(tokens[index + 3], '.') && third !== undefined;
  if (hasThree) return { schema: first, object: nameOf(second), certain: true };
  if (!isName(second)) return undefined;
  const isCall = isMark(tokens[index + 3], '(');
  const certain = isCall || namesAnObject(tokens, index, level);
  return { schema: first, object: nameOf(second), certain };
}

function namesAnObject(tokens: readonly SqlToken[], index: number, level: Level): boolean {
  const before = tokens[index - 1];
  if (isWord(before, 'FROM')) return !FROM_INSIDE.includes(level.functionName);
  if (isWord(before, 'UPDATE')) return !isWord(tokens[index - 2], 'KEY', 'FOR', 'ON');
  if (isWord(before, ...BEFORE_OBJECT)) return true;
  // CREATE TRIGGER … ON schema.table FOR EACH ROW
  if (isWord(before, 'ON') && isWord(tokens[index + 3], 'FOR')) return true;
  if (isWord(before, 'FOR') && isWord(tokens[index - 2], 'VALUE')) return true;
  if (isMark(before, '(') && SEQUENCE_FUNCTIONS.includes(level.functionName)) return true;
  return level.list && (isMark(before, ',') || isMark(before, '('));
}
