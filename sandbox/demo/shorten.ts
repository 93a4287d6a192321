const longestLine = 220;

/** The world's own folder becomes `…`, and the middle of a command with forty filters is left out. */
export function shorten(text: string, folder: string): string {
  return text
    .split('\n')
    .map((line) => line.replaceAll(folder, '…'))
    .map((line) =>
      line.length <= longestLine
        ? line
        : `${line.slice(0, 120)} [… ${String(line.length - longestLine)} characters …] ${line.slice(-100)}`,
    )
    .join('\n');
}
