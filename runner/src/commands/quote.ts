/** The one function that makes a shell word of a value. Every remote word passes through it. */
function quoteWord(word: string): string {
  if (word.includes('\0')) throw new TypeError('a shell word cannot contain a NUL byte');
  if (word !== '' && /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) && !/^[=~]/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Quoted words joined by spaces: what a POSIX shell splits back into exactly `words`. */
export const quoteWords = (words: readonly string[]): string => words.map(quoteWord).join(' ');

/** A word that a POSIX shell reads from one line: line breaks in it come from the variable `n`. */
export const quoteOnOneLine = (word: string): string => word.split('\n').map(quoteWord).join('"$n"');

/**
 * Quoted words joined by spaces that every login shell reads alike: sh, bash, zsh, fish and tcsh. No line break is among
 * what they have in common; see `remoteLine`. In fish, two backslashes between single quotes are one; tcsh expands `!`
 * there. Outside of quotes a backslash means the same in all of them.
 */
export const quoteForAnyShell = (words: readonly string[]): string =>
  words
    .map((word) => {
      if (/[\0\n]/.test(word)) throw new TypeError('no login shell takes this word');
      if (/^[A-Za-z0-9_./-]+$/.test(word)) return word;
      return `'${word.replaceAll(/['\\!]/g, (each) => (each === "'" ? `'"'"'` : `'\\${each}'`))}'`;
    })
    .join(' ');

export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0')) throw new TypeError('not a MySQL identifier');
  return `\`${name.replaceAll('`', '``')}\``;
}

export const quoteTable = (schema: string, table: string): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
