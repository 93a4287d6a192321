import { scriptWords } from './command.js';
import { END_GROUP, START_OF } from './ssh.js';

/**
 * As the other account: runs the command in a group of its own, and ends that group when the process outside, $1 with
 * start time $2, is gone: sudo takes no signal from the account that called it, and closes all files but the three.
 */
const INSIDE = `${START_OF}
${END_GROUP}
outside=$1 start=$2
shift 2
group=
command -v setsid >/dev/null 2>&1 && group=setsid
exec 3<&0 </dev/null
$group "$@" <&3 3<&- &
child=$!
exec 3<&-
(
  exec >/dev/null 2>&1
  while [ "$(start_of "$outside")" = "$start" ]; do sleep 0.5 2>/dev/null || sleep 1; done
  end_group "$child" 2
) &
watch=$!
wait "$child"
code=$?
kill "$watch" 2>/dev/null
exit "$code"`;

/** As the account itself: what can be ended in the place of sudo. Arguments: the other account, {@link INSIDE}, the command. */
const OUTSIDE = `${START_OF}
name=$1 inside=$2
shift 2
start=$(start_of $$)
exec 3<&0 </dev/null
sudo -n -H -u "$name" -- sh -c "$inside" understudy "$$" "$start" "$@" <&3 3<&- &
child=$!
exec 3<&-
trap 'exit 143' TERM INT HUP
wait "$child"`;

/** The words that run `words` as another account, by a sudo that must not ask for a password. */
export const sudoWords = (name: string, words: readonly string[]): readonly [string, ...string[]] =>
  scriptWords(OUTSIDE, name, INSIDE, ...words);
