import { scriptWords } from './command.js';
import { quoteOnOneLine } from './quote.js';
import { SUPERVISION_TEXTS } from './ssh.js';

/** What a waiting shell ends with whose input ended before a command came. */
const NOT_NEEDED = 97;

/**
 * Waits for one line and becomes the command in it; what follows on its input is the command's own. `read` takes one
 * byte after the other from a pipe, so nothing of that is lost. $1 … are texts that need not come with the line.
 */
const WAIT = `IFS= read -r line || exit ${String(NOT_NEEDED)}
n=$(echo; echo x)
n=\${n%x}
eval "set -- $line"
exec "$@"`;

/** A shell that is started before there is a command for it: then the command costs no round trip for its start. */
export const waitingShellWords = (): string[] => scriptWords(WAIT, ...SUPERVISION_TEXTS);

export function lineForWaitingShell(words: readonly string[]): string {
  const parts = words.map((word) => {
    const known = SUPERVISION_TEXTS.indexOf(word);
    return known < 0 ? quoteOnOneLine(word, 'n') : `"$${String(known + 1)}"`;
  });
  return `${parts.join(' ')}\n`;
}
