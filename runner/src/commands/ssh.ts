import { scriptWords } from './command.js';
import { quoteForAnyShell } from './quote.js';

/**
 * Closing an SSH channel (or ending `docker exec`) does not stop the process on the other side. So every command runs
 * under a shell script (POSIX sh): in a process group of its own, with a watchdog for the time limit on the host
 * itself, and tells its process id in a line on stderr that the runner takes out again.
 */
export interface Supervision {
  /** Seconds; 0 is no limit. */
  readonly timeoutSeconds: number;
  /** File for the process id, or '' for none. */
  readonly pidFile: string;
  /** Begins each line on stderr that is meant for the runner. Letters, digits and `-`. */
  readonly mark: string;
}

/** `start_of PID` prints the start time of a process in clock ticks since boot (proc(5), field 22), or nothing. */
export const START_OF = `start_of() {
  [ -r "/proc/$1/stat" ] || return 0
  read -r line <"/proc/$1/stat" || return 0
  line="\${line##*) }"
  i=1
  while [ "$i" -lt 20 ]; do line="\${line#* }"; i=$((i + 1)); done
  echo "\${line%% *}"
}`;

/**
 * `end_group PID GRACE`: TERM to the group (or, without one, the process), KILL after GRACE seconds.
 * `alive` does not count zombies: in a container whose first process collects no orphans they stay for ever. It counts
 * what another account owns, below sudo, which takes no signal from here.
 */
export const END_GROUP = `alive() {
  if [ ! -r /proc/self/stat ]; then
    kill -0 "-$1" 2>/dev/null || kill -0 "$1" 2>/dev/null
    return
  fi
  for each in /proc/[0-9]*/stat; do
    { read -r entry <"$each"; } 2>/dev/null || continue
    entry=\${entry##*) }
    case $entry in [ZX]*) continue ;; esac
    [ "$each" = "/proc/$1/stat" ] && return 0
    entry=\${entry#* * }
    [ "\${entry%% *}" = "$1" ] && return 0
  done
  return 1
}
signal_group() { kill "-$2" "-$1" 2>/dev/null || kill "-$2" "$1" 2>/dev/null; }
pause() { sleep 0.2 2>/dev/null || sleep 1; }
end_group() {
  signal_group "$1" TERM
  n=0
  while alive "$1" && [ "$n" -lt "$(($2 * 4))" ]; do pause; n=$((n + 1)); done
  signal_group "$1" KILL
  n=0
  while alive "$1" && [ "$n" -lt 12 ]; do pause; n=$((n + 1)); done
}`;

/**
 * Becomes the command itself, after it has written down its process id and start time: no job runs without its file. It
 * is a subshell, in which `$$` is the supervisor: /proc knows its own number, or a shell that it starts.
 */
const LEADER = `if [ -r /proc/self/stat ]; then
  read -r line </proc/self/stat
  pid=\${line%% *} start=\${line##*) }
  i=1
  while [ "$i" -lt 20 ]; do start="\${start#* }"; i=$((i + 1)); done
  start=\${start%% *}
else
  pid=$(exec sh -c 'echo "$PPID"') start=0
fi
boot=
[ -r /proc/sys/kernel/random/boot_id ] && read -r boot </proc/sys/kernel/random/boot_id
# A full disk holds no content, but still a name: a change may have to be undone on it.
if ! { echo "$pid $start \${boot:-0}" >"$file"; } 2>/dev/null; then
  rm -f "$file"
  : >"\${file%.pid}@$pid@$start@\${boot:-0}.pid" || exit 125
fi
echo "$mark pid $pid $start" >&2
exec $group "$@"`;

const WATCHDOG = `${END_GROUP}
kill -USR1 "$$" 2>/dev/null
end_group "$child" 5`;

/**
 * Every command pays for this script, so it starts few programs: the watchdog is a subshell, and where no file is
 * asked for, the process id is told from here (setsid starts no process of its own below a shell without job control).
 * The start time is proc(5)'s field 22, the 20th after the name.
 */
const SUPERVISOR = `limit=$1 file=$2 mark=$3 leader=$4 watchdog=$5
shift 5
group=
command -v setsid >/dev/null 2>&1 && group=setsid
timed=
trap 'timed=1' USR1
exec 3<&0 4>&2 </dev/null
if [ -n "$file" ]; then
  [ -d "\${file%/*}" ] || (umask 077 && mkdir -p "\${file%/*}") || exit 125
  (eval "$leader") <&3 3<&- 4>&- &
else
  $group "$@" <&3 3<&- 4>&- &
fi
child=$!
exec 3<&- >/dev/null 2>&1
if [ -z "$file" ] && [ -r /proc/self/stat ]; then
  # Nothing is told of a process that is gone already: its number may be another's.
  if read -r line <"/proc/$child/stat"; then
    set -- \${line##*) }
    echo "$mark pid $child \${20:-0}" >&4
  fi
elif [ -z "$file" ]; then
  echo "$mark pid $child 0" >&4
fi
if [ "$limit" != 0 ]; then
  (
    exec 4>&-
    # KILL: a shell that has not become sleep yet would take TERM for itself and go on.
    trap '[ "$!" = "$child" ] || kill -KILL "$!"; exit' TERM
    sleep "$limit" &
    wait "$!"
    trap - TERM
    eval "$watchdog"
  ) &
  watch=$!
fi
wait "$child"
code=$?
if [ -n "$timed" ]; then
  wait "$child"
  wait "$watch"
  code=124
  echo "$mark timeout" >&4
elif [ "$limit" != 0 ]; then
  kill "$watch"
fi
[ -z "$file" ] || rm -f "$file" "\${file%.pid}"@*.pid
exit "$code"`;

export const supervised = (
  words: readonly string[],
  { timeoutSeconds, pidFile, mark }: Supervision,
): string[] => {
  const limit = String(Math.ceil(timeoutSeconds));
  return scriptWords(SUPERVISOR, limit, pidFile, mark, LEADER, WATCHDOG, ...words);
};

const END_JOB = `${START_OF}
${END_GROUP}
pid=$1 start=$2 grace=$3
now=$(start_of "$pid")
if [ -n "$now" ] && [ "$now" != "$start" ] && [ "$start" != 0 ]; then echo gone; exit 0; fi
end_group "$pid" "$grace"
if alive "$pid"; then echo alive; else echo gone; fi`;

/** Ends the process group of a job if it is still ours: TERM, then KILL. Prints `gone` or `alive`. */
export const endJobWords = (pid: number, start: string, graceSeconds: number): string[] =>
  scriptWords(END_JOB, String(pid), start, String(graceSeconds));

const SWEEP = `${START_OF}
${END_GROUP}
boot=
[ -r /proc/sys/kernel/random/boot_id ] && read -r boot </proc/sys/kernel/random/boot_id
for folder in "$@"; do for file in "$folder"/jobs/*.pid "$folder"/runs/*/jobs/*.pid; do
  [ -f "$file" ] && [ ! -L "$file" ] || continue
  name=\${file##*/} pid= start= then=
  case $name in
    *@*@*@*) then=\${name##*@} then=\${then%.pid} pid=\${name%@*@*} pid=\${pid##*@} start=\${name%@*} start=\${start##*@} name=\${name%@*@*@*} ;;
    *) read -r pid start then <"$file" || true ;;
  esac
  case $pid in ''|0|1|*[!0-9]*) pid= ;; esac
  state=stale
  if [ -n "$pid" ] && [ -n "$start" ] && [ "$start" != 0 ] && [ "$then" = "$boot" ] &&
    [ "$(start_of "$pid")" = "$start" ]; then
    end_group "$pid" 5
    if alive "$pid"; then state=alive; else state=ended; fi
  fi
  [ "$state" = alive ] || rm -f "$file"
  echo "$state \${pid:-0} \${name%.pid}"
done; done`;

/**
 * Ends what a killed runner left behind: every `jobs/*.pid` of the folders and of the runs in them whose process is still the one that wrote
 * it (same boot, same start time). Prints one line per file: `ended|stale|alive <pid> <name>`.
 */
export const sweepWords = (folders: readonly string[]): [string, ...string[]] =>
  scriptWords(SWEEP, ...folders);

/** How a command ends that was refused, because the lock of the site is not its run's any more. */
export const FENCED_CODE = 96;

/** Becomes the command if the first line of the file $1 is $2; one line, for any login shell. See {@link fenced}. */
const FENCE = [
  'held=',
  'if [ -f "$1" ] && [ ! -L "$1" ]; then { IFS= read -r held <"$1"; } 2>/dev/null; fi',
  `[ "$held" = "$2" ] || { echo "the lock belongs to \${held:-nobody}, not to $2" >&2; exit ${String(FENCED_CODE)}; }`,
  'shift 2',
  'exec "$@"',
].join('; ');

/** What a file on the host says first while its holder has a lock. */
export interface FenceLine {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
}

/** The words that run `words` only while the file says so. */
export const fenced = (words: readonly string[], { file, text }: FenceLine): [string, ...string[]] =>
  scriptWords(FENCE, file, text, ...words);

/** The long texts of {@link supervised} and {@link fenced}, which are the same every time. */
export const SUPERVISION_TEXTS: readonly string[] = [SUPERVISOR, LEADER, WATCHDOG, FENCE];

/** What of the account's environment a program gets. `SSH_AUTH_SOCK` is the agent that a route lends. */
const PASSED = ['USER', 'LOGNAME', 'TMPDIR', 'DOCKER_HOST', 'XDG_RUNTIME_DIR', 'SSH_AUTH_SOCK', 'http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']; // prettier-ignore

/**
 * The first program behind a login shell: says on both outputs that it has begun, puts line breaks back into the words,
 * and starts the command in a clean environment. $1 mark, $2 what stands for a line break ('' for nothing). Without
 * quotes, backslashes or `!`, so that it passes every shell.
 */
const DOORSTEP = [
  'm=$1 t=$2; shift 2; printf %s "$m"; printf %s "$m" >&2',
  'if [ -n "$t" ]; then n=$(echo; echo x); n=${n%x}; c=$#',
  'while [ "$c" -gt 0 ]; do w=$1 o=; shift',
  'while :; do case $w in *"$t"*) o=$o${w%%"$t"*}$n; w=${w#*"$t"} ;; *) break ;; esac; done',
  'set -- "$@" "$o$w"; c=$((c - 1)); done; fi',
  'exec env -i PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}" HOME="${HOME:-/}" ' +
    `${PASSED.map((name) => '${NAME:+NAME="$NAME"}'.replaceAll('NAME', name)).join(' ')} "$@"`,
].join('; ');

/** For the account's login shell, whichever that is. What comes before `mark` on either output is the shell's own. */
export function remoteLine(words: readonly string[], mark: string): string {
  let newline = '';
  if (words.some((word) => word.includes('\n')))
    for (newline = '@n@'; words.some((word) => word.includes(newline)); newline = `@${newline}`);
  const encoded = words.map((word) => word.replaceAll('\n', newline));
  return `exec ${quoteForAnyShell(scriptWords(DOORSTEP, mark, newline, ...encoded))}`;
}
