/**
 * Breaks text between words so that no line is longer than `width` signs, where it can be; the lines after the first begin
 * with `indent`. A word that fits on no line (an address, a path) stays whole and where it is: it is there to be copied.
 */
export function wrapText(text: string, width: number, indent: string): string {
  const [, lead = '', rest = ''] = /^( *)(.*)$/s.exec(text) ?? [];
  const [first = '', ...words] = rest.split(' ');
  const lines: string[] = [];
  let line = `${lead}${first}`;
  for (const word of words) {
    const fitsHere = line.length + 1 + word.length <= width;
    const fitsBelow = word !== '' && indent.length + word.length <= width;
    if (fitsHere || !fitsBelow) line = `${line} ${word}`;
    else {
      lines.push(line.trimEnd());
      line = `${indent}${word}`;
    }
  }
  return [...lines, line].join('\n');
}

/** Every line that is too long goes on below its own first word, two signs further in. */
export const wrapLines = (text: string, width: number): string =>
  text
    .split('\n')
    .map((line) => {
      const indent = /^ */.exec(line)?.[0] ?? '';
      return line.length <= width ? line : wrapText(line, width, `${indent}  `);
    })
    .join('\n');
