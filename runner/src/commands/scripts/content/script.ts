import { type Command, type Effect, shellScript } from '../../command.js';

/** The same job twice: perl where the host has it (one process for thousands of files), else plain sh. */
export interface TwoScripts {
  readonly perl: string;
  readonly sh: string;
}

/** Which of the two runs; `sh` is for tests and for hosts whose perl is broken. */
export type Interpreter = 'auto' | 'sh';

const CHOOSE = `perl=$1 sh=$2; shift 2
if [ -n "$perl" ] && perl -e 1 2>/dev/null; then exec perl -e "$perl" -- "$@"; fi
exec sh -c "$sh" understudy "$@"`;

export const twoScripts = <E extends Effect>(
  effect: E,
  texts: TwoScripts,
  args: readonly string[],
  interpreter: Interpreter,
): Command<E> => shellScript(effect, CHOOSE, [interpreter === 'sh' ? '' : texts.perl, texts.sh, ...args]);

/** Shell text as it is written, but for `\${`, which is the shell's own `${`; parts are put in as they are. */
export const shellText = (text: TemplateStringsArray, ...parts: readonly string[]): string =>
  text.raw.map((piece, index) => piece.replaceAll('\\${', '${') + (parts[index] ?? '')).join('');

/**
 * Lines of standard input that a file has too (`also_in`), or has not (`not_in`), in their order. Not `comm`: not every
 * busybox has it.
 */
export const LINES_IN = `lines_in() { awk 'BEGIN { while ((getline line < ARGV[1]) > 0) has[line] = 1; want = ARGV[2]; ARGV[1] = ARGV[2] = "" }
($0 in has) == want' "$1" "$2" -; }
also_in() { lines_in "$1" 1; }
not_in() { lines_in "$1" 0; }
`;
