/** The one function that makes a shell word of a value. Every remote word passes through it. */
function quoteWord(word: string): string {
  if (word.includes('\0')) throw new TypeError('a shell word cannot contain a NUL byte');
  if (word !== '' && /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) && !/^[=~]/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Quoted words joined by spaces: what a POSIX shell splits back into exactly `words`. */
export const quoteWords = (words: readonly string[]): string => words.map(quoteWord).join(' ');

/** A MySQL identifier in backquotes. */
export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0')) throw new TypeError('not a MySQL identifier');
  return `\`${name.replaceAll('`', '``')}\``;
}
