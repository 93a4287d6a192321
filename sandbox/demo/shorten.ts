/** Longer than any sentence of the runner; commands with forty filters are. */
const LONGEST = 400;
const [HEAD, TAIL] = [120, 100];

/** The world's own folder becomes `…`, and the middle of long commands is left out. */
export function shorten(text: string, folder: string): string {
  return text
    .split('\n')
    .map((line) => line.replaceAll(folder, '…'))
    .map((line) =>
      line.length <= LONGEST
        ? line
        : `${line.slice(0, HEAD)} [… ${String(line.length - HEAD - TAIL)} characters …] ${line.slice(-TAIL)}`,
    )
    .join('\n');
}
