/** SGR codes (ECMA-48, 8.3.117). */
const STYLE = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

type Style = keyof typeof STYLE;

const dress = (text: string, ...styles: readonly Style[]): string =>
  text === '' ? '' : `\u001b[${styles.map((style) => STYLE[style]).join(';')}m${text}\u001b[0m`;

/** What our own lines begin with (── ✓ ✗ ! ·), and how the first group of each looks. The first that matches counts. */
const MARKS: readonly (readonly [RegExp, readonly Style[]])[] = [
  [/^(\u2500\u2500 .*)/, ['bold']],
  [/^ *(\u2713)/, ['green']],
  [/^ *(\u2717 ?[A-Z][A-Z0-9_]+(?=:)|\u2717)/, ['red']],
  [/^ *(! ?[A-Z][A-Z0-9_]+(?=:)|!)/, ['yellow']],
  [/^ *(\u00b7.*)/, ['dim']],
  [/^([A-Z][A-Z0-9_]{3,}:)/, ['red', 'bold']],
  [/^(Next:)/, ['bold']],
  [/^(What to do|Stages)$/, ['bold']],
];

/**
 * Colours the marks and codes of our own lines. They stand at the start of a line, so nothing that came from elsewhere
 * is coloured by what it holds. Pure; the visible text stays the same.
 */
export const colourText = (text: string): string =>
  text
    .split('\n')
    .map((line) => {
      for (const [pattern, styles] of MARKS) {
        const found = pattern.exec(line);
        const mark = found?.[1];
        if (mark === undefined) continue;
        const at = line.indexOf(mark);
        return `${line.slice(0, at)}${dress(mark, ...styles)}${line.slice(at + mark.length)}`;
      }
      return line;
    })
    .join('\n');

/**
 * Whether a stream gets colours: `--no-color` and NO_COLOR (https://no-color.org, not empty) say no, FORCE_COLOR says yes,
 * else a terminal that is not dumb.
 */
export function wantsColour(
  stream: { readonly isTTY?: boolean },
  environment: NodeJS.ProcessEnv,
  allowed: boolean,
): boolean {
  if (!allowed || (environment['NO_COLOR'] ?? '') !== '') return false;
  const forced = environment['FORCE_COLOR'] ?? '';
  if (forced !== '') return forced !== '0';
  return stream.isTTY === true && environment['TERM'] !== 'dumb';
}
