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
