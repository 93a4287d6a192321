import { holderWord, type LockHolder, parseHolder } from './holder.js';
import { localTime } from '../report/page/local-time.js';
import { shellScript } from '../commands/command.js';
import { UnderstudyError } from '../errors/index.js';
import { type WritingHost } from '../hosts/host.js';

export interface LockState extends LockHolder {
  /** Of the acquisition that holds it. */
  readonly number: number;
  /** Seconds since 1970 by staging's own clock. */
  readonly leaseUntil: number;
  /** Staging's clock when it was asked. */
  readonly now: number;
}

/**
 * Every change of the lock, on the staging host and by its clock. `lock.mutex` is an atomic mkdir, broken when older than
 * a minute: it is held for milliseconds. Anything else in the place of one of these files is no lock. On a full disk the
 * lease is written over in place, so that nobody loses the lock.
 *
 * Each acquisition has a number that only grows (`lock.number` outlives the lock). `lock/fence` holds `RUN NUMBER` of the
 * one that counts; every change on this host compares it first (hosts/guard/fenced-host.ts).
 * $1 folder, $2 verb, $3 run, $4 number, $5 lease in seconds, $6 JSON of the holder.
 * Output: `taken <number>`, `extended`, `released`, `free`, or a word and who holds it:
 * `held|taken-over|lost <number> <leaseUntil> <now> <run> <json>`.
 */
const LOCK_SCRIPT = String.raw`
umask 077
dir=$1 verb=$2 run=$3 number=$4 lease=$5 info=$6
if [ "$verb" = show ] && [ ! -d "$dir" ]; then echo free; exit 0; fi
mkdir -p -- "$dir" || exit 1
tries=0
until mkdir "$dir/lock.mutex" 2>/dev/null; do
  tries=$((tries + 1))
  [ "$tries" -gt 50 ] && { echo "the lock cannot be looked at: $dir/lock.mutex stays" >&2; exit 1; }
  if [ -n "$(find "$dir/lock.mutex" -prune -mmin +1 2>/dev/null)" ]; then rm -rf -- "$dir/lock.mutex" 2>/dev/null && continue; fi
  sleep 0.1 2>/dev/null || sleep 1
done
trap 'rmdir "$dir/lock.mutex" 2>/dev/null' EXIT
# PIPE too: what a connection that broke leaves behind is no lock that nobody can look at.
trap 'exit 1' HUP INT TERM PIPE
read_file() { if [ -f "$1" ] && [ ! -L "$1" ]; then head -c 4096 -- "$1" 2>/dev/null; fi; }
put() { printf '%s\n' "$2" > "$dir/$1.new" && mv -f -- "$dir/$1.new" "$dir/$1" || exit 1; }
whole() { case $1 in ''|*[!0-9]*|?????????????*) echo 0 ;; *) echo "$1" ;; esac; }
now=$(date +%s)
fence= owner= holds=0 until=0 text=
if [ -L "$dir/lock" ] || { [ -e "$dir/lock" ] && [ ! -d "$dir/lock" ]; }; then rm -f -- "$dir/lock" || exit 1; fi
if [ -d "$dir/lock" ]; then
  fence=$(read_file "$dir/lock/fence") owner=$(read_file "$dir/lock/run") text=$(read_file "$dir/lock/holder.json")
  until=$(whole "$(read_file "$dir/lock/lease")")
  if [ -n "$fence" ]; then read -r owner holds rest < "$dir/lock/fence"; holds=$(whole "$holds"); fi
fi
grant() {
  last=$(whole "$(read_file "$dir/lock.number")")
  [ "$last" -ge "$holds" ] || last=$holds
  put lock.number "$((last + 1))"
  mkdir -p "$dir/lock" || exit 1
  put lock/fence "$run $((last + 1))"
  put lock/run "$run"
  sign
}
over() { [ -f "$dir/$1" ] && [ ! -L "$dir/$1" ] && printf '%s\n' "$2" | dd of="$dir/$1" conv=notrunc 2>/dev/null; }
sign() {
  (put lock/holder.json "$info") 2>/dev/null || rm -f -- "$dir/lock/holder.json.new"
  (put lock/lease "$((now + lease))") 2>/dev/null && return
  rm -f -- "$dir/lock/lease.new"
  over lock/lease "$((now + lease))" || exit 1
}
held() { printf '%s %s %s %s %s %s\n' "$1" "$2" "$until" "$now" "$owner" "$text"; }
case $verb in
  take)
    if [ -z "$owner" ] || [ "$owner" = "$run" ]; then grant; echo "taken $((last + 1))"
    elif [ "$until" -ge "$now" ]; then held held "$holds"
    else grant; held taken-over "$((last + 1))"; fi ;;
  extend)
    if [ "$fence" = "$run $number" ]; then sign; echo extended
    elif [ -z "$owner" ]; then echo free
    else held lost "$holds"; fi ;;
  release)
    if [ "$fence" = "$run $number" ]; then
      rm -f -- "$dir/lock/fence" "$dir/lock/run" "$dir/lock/lease" "$dir/lock/holder.json" "$dir/lock"/*.new
      rmdir "$dir/lock"; echo released
    elif [ -z "$owner" ]; then rmdir "$dir/lock" 2>/dev/null; echo free
    else held held "$holds"; fi ;;
  *) if [ -z "$owner" ]; then echo free; else held held "$holds"; fi ;;
esac
`;

export interface LockTarget {
  /** Not fenced: the lock is what the fence looks at. */
  readonly staging: WritingHost;
  readonly workDir: string;
  readonly site: string;
}

export interface LockGrant {
  readonly run: string;
  /** Grows with every acquisition. */
  readonly number: number;
  /** Whose expired lock was taken over. */
  readonly former?: LockState;
}

async function runLockScript(
  target: LockTarget,
  verb: 'take' | 'extend' | 'release' | 'show',
  given: {
    readonly run?: string;
    readonly number?: number;
    readonly lease?: number;
    readonly info?: LockHolder;
  },
): Promise<string> {
  const { run = '', number = 0, lease = 0, info } = given;
  const args = [
    run,
    String(number),
    String(Math.round(lease)),
    info === undefined ? '' : JSON.stringify(info),
  ];
  const script = shellScript('write', LOCK_SCRIPT, [target.workDir, verb, ...args]);
  const result = await target.staging.run(script, { label: `${verb} the lock of ${target.site}` });
  return result.stdout.toString().trim();
}

/**
 * Takes the lock for a run. A run that holds it already gets it again, with a new number: what its other processes
 * do from now on is refused.
 * @throws LOCKED with who holds it, since when, and what to do.
 */
export async function takeLock(
  target: LockTarget,
  holder: LockHolder,
  leaseSeconds: number,
): Promise<LockGrant> {
  const { run } = holder;
  const answer = await runLockScript(target, 'take', { run, lease: leaseSeconds, info: holder });
  const taken = /^taken ([1-9]\d*)$/.exec(answer);
  if (taken !== null) return { run, number: Number(taken[1]) };
  const state = parseState(answer);
  if (answer.startsWith('taken-over ')) return { run, number: state.number, former: state };
  throw lockedError(target.site, state);
}

/** A sign of life. @throws LOCK_LOST when the lock is not this acquisition's any more */
export async function extendLock(
  target: LockTarget,
  { number }: LockGrant,
  holder: LockHolder,
  leaseSeconds: number,
): Promise<void> {
  const { run } = holder;
  const answer = await runLockScript(target, 'extend', { run, number, lease: leaseSeconds, info: holder });
  if (answer === 'extended') return;
  throw lockLost(target.site, run, answer === 'free' ? undefined : parseState(answer));
}

/** Frees the lock if this acquisition holds it; anybody else's stays. */
export async function releaseLock(
  target: LockTarget,
  { run, number }: LockGrant,
): Promise<'released' | 'free' | 'held'> {
  const answer = await runLockScript(target, 'release', { run, number });
  return answer === 'released' || answer === 'free' ? answer : 'held';
}

/** Who holds the lock; undefined when nobody does. */
export async function readLock(target: LockTarget): Promise<LockState | undefined> {
  const answer = await runLockScript(target, 'show', {});
  return answer === 'free' ? undefined : parseState(answer);
}

/** @param state who holds it now; undefined: nobody, it was unlocked */
function lockLost(site: string, run: string, state: LockState | undefined): UnderstudyError {
  const now =
    state === undefined
      ? 'it was unlocked'
      : state.run === run
        ? `another process of this run took it (${state.holder || 'somebody'})`
        : `run ${state.run} took it (${state.holder || 'somebody'})`;
  return new UnderstudyError('LOCK_LOST', `Run ${run} no longer holds the lock of ${site}: ${now}.`, {
    next: `Nothing more was changed. To see what staging serves: understudy runs ${site}`,
  });
}

function parseState(answer: string): LockState {
  const match = /^\S+ (\d+) (\d+) (\d+) (\S*) ?(.*)$/s.exec(answer);
  const text = match?.[5] ?? '';
  // The run id in the lock is enough to free it.
  const { phase, ...holder } = parseHolder(text);
  return {
    run: match?.[4] ?? '',
    number: Number(match?.[1] ?? 0),
    holder: holderWord(holder['holder']),
    build: holderWord(holder['build']),
    phase: phase === 'awaiting-approval' || phase === 'between-stages' ? phase : 'running',
    leaseUntil: Number(match?.[2] ?? 0),
    now: Number(match?.[3] ?? 0),
  };
}

function lockedError(site: string, state: LockState): UnderstudyError {
  const until = localTime(new Date(state.leaseUntil * 1000));
  const who = `${state.holder || 'somebody'}${state.build ? ` (${state.build})` : ''}`;
  const unlock = `understudy unlock ${site} --run ${state.run}`;
  if (state.phase === 'awaiting-approval') {
    return new UnderstudyError(
      'LOCKED',
      `Staging of ${site} is frozen for the approval of run ${state.run} until ${until}.`,
      {
        details: [`held by ${who}`],
        next: `Approve or reject that run, or wait. To give it up: ${unlock}`,
      },
    );
  }
  const sentence = `Run ${state.run} is working on ${site} until ${until} at the latest.`;
  return new UnderstudyError('LOCKED', sentence, {
    details: [`held by ${who}`],
    next: `Wait until it has finished. If you are sure that it is dead: ${unlock}`,
  });
}
