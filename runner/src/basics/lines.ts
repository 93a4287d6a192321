/** The lines of a text that are not empty. */
export const linesIn = (text: string | Buffer): string[] =>
  text
    .toString()
    .split('\n')
    .filter((line) => line !== '');
