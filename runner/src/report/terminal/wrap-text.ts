/**
 * Breaks text between words so that no line is longer than `width` signs, where it can be; the lines after the first begin
 * with `indent`. A word that is longer (an address, a path) stays whole: it is there to be copied.
 */
export function wrapText(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.trim() !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
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
