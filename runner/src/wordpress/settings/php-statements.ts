import { type PhpToken } from './php-tokens.js';

export const isMark = (token: PhpToken | undefined, ...values: readonly string[]): boolean =>
  token?.kind === 'mark' && values.includes(token.value);

/** @param values in lower case: PHP does not tell the cases of keywords and functions apart */
export const isName = (token: PhpToken | undefined, ...values: readonly string[]): boolean =>
  token?.kind === 'name' && values.includes(token.value.toLowerCase());

/** Index of the first of `marks` outside parentheses and brackets, from `from`; the number of tokens where there is none. */
export function endOf(tokens: readonly PhpToken[], from: number, marks: readonly string[]): number {
  let depth = 0;
  for (let index = from; index < tokens.length; index++) {
    const token = tokens[index];
    if (depth === 0 && isMark(token, ...marks)) return index;
    if (isMark(token, '(', '[', '{')) depth += 1;
    if (isMark(token, ')', ']', '}')) depth -= 1;
  }
  return tokens.length;
}

/** Index of the brace that closes the one at `open`; the number of tokens where there is none. */
export const endOfBraces = (tokens: readonly PhpToken[], open: number): number =>
  endOf(tokens, open + 1, ['}']);
