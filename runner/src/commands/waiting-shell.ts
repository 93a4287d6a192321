import { scriptWords } from './command.js';
import { quoteOnOneLine } from './quote.js';
import { SUPERVISION_TEXTS } from './ssh.js';

/** What a waiting shell ends with whose input ended before a command came. */
const NOT_NEEDED = 97;

/**
 * Waits for a line and becomes the command in it; `read` takes byte by byte, so what follows is the command's own. A
 * script (`sh -c TEXT NAME …`) needs no other shell.
 */
const WAIT = `IFS= read -r line || exit ${String(NOT_NEEDED)}
n=$(echo; echo x)
n=\${n%x}
eval "set -- $line"
[ "$1 $2" = 'sh -c' ] || exec "$@"
script=$3
shift 4
eval "$script"`;

/** A shell that is started before there is a command for it: then the command costs no round trip for its start. */
export const waitingShellWords = (): string[] => scriptWords(WAIT, ...SUPERVISION_TEXTS);

export function lineForWaitingShell(words: readonly string[]): string {
  const parts = words.map((word) => {
    const known = SUPERVISION_TEXTS.indexOf(word);
    return known < 0 ? quoteOnOneLine(word) : `"$${String(known + 1)}"`;
  });
  return `${parts.join(' ')}\n`;
}
