import { type Command, scriptWords, shellScript } from './command.js';
import { rsyncShell } from './remote-shell.js';

/**
 * rsync between two hosts that cannot reach each other: the runner starts it on both and carries its bytes. The client
 * is told to start a "remote shell" that only copies between rsync and the client's session; the server is started by
 * the runner, in a session of the far host.
 */

/**
 * What the client's rsync starts in the place of ssh. File descriptors 3 and 4 are the session's input and output, where
 * the far end's rsync is. The flags that it is to be started with (letters, which depend on the client's version) go
 * first, as a line. It ends when the far end's bytes have ended.
 */
const CARRY =
  'exec 2>/dev/null; for flags; do :; done; printf "%s\\n" "${flags#-}" >&4; exec 5<&0; ' +
  'cat <&5 >&4 3<&- 4>&- 5<&- & sent=$!; exec 4>&- 5<&-; cat <&3; kill "$sent"; exit 0';

/** Value of rsync's `-e` for a command that is joined, and what stands before the colon of its far path. */
export const JOINED_SHELL = rsyncShell(scriptWords(CARRY));
export const JOINED_REMOTE = 'far';

/**
 * The client's part. $1 mark, $2 folder of our own, $3 how many bytes of names come first on stdin ('' for none), then
 * rsync's words. Names wait in a file without a name, because rsync talks with the far end before it reads them.
 * The session's output belongs to the far end, so what rsync prints goes to stderr, then the mark in a line, then what
 * it complains of.
 */
const NEAR = `mark=$1 folder=$2 size=$3
shift 3
exec 3<&0 4>&1 5>&2 6</dev/null
end() {
  printf '\\n%s\\n%s' "$mark" "$said" >&5
  exit "$1"
}
if [ -n "$size" ]; then
  rm -f -- "$folder"/names.*
  names=$folder/names.$$
  said=$( (umask 077 && head -c "$size" <&3 >"$names" && [ "$(wc -c <"$names")" -eq "$size" ]) 2>&1) &&
    exec 6<"$names" || end 11
  rm -f -- "$names"
fi
said=$("$@" <&6 2>&1 >&5 5>&- 6<&-)
end "$?"`;

/** The far part: becomes rsync's server with the flags that the client names. $@: \`--sender\`, or nothing. */
const FAR = `IFS= read -r flags || exit 12
case $flags in ''|*[!A-Za-z0-9.]*) exit 12 ;; esac
exec rsync --server "$@" "-$flags"`;

/** Whether the far end's rsync writes there, and in which direction the files go. */
export type FarWork = 'compares' | 'receives' | 'sends';

export const farRsync = (work: FarWork): Command<'read' | 'write'> =>
  shellScript(work === 'receives' ? 'write' : 'read', FAR, work === 'sends' ? ['--sender'] : []);

/**
 * @param folder the client's work folder; names are put there for a moment
 * @param namesBytes length of the list of names on stdin; undefined: there is none
 */
export function nearRsync(
  command: Command,
  { mark, folder, namesBytes }: { mark: string; folder: string; namesBytes: number | undefined },
): Command {
  const { environment } = command;
  const args = [mark, folder, namesBytes === undefined ? '' : String(namesBytes), ...command.argv];
  const effect = command.effect === 'read' && namesBytes !== undefined ? 'own-file' : command.effect;
  return { ...shellScript(effect, NEAR, args, folder), environment };
}
