import { shellScript } from '../commands/command.js';
import { UnderstudyError } from '../errors/index.js';
import { type WritingHost } from '../hosts/host.js';

/** Who holds the lock; shown to whoever finds it taken. */
export interface LockHolder {
  readonly run: string;
  /** `jenkins build 41 of acme/sync` or `ada@laptop`. */
  readonly holder: string;
  /** URL of the build, '' without one. */
  readonly build: string;
  readonly phase: 'running' | 'between-stages' | 'awaiting-approval';
}

export interface LockState extends LockHolder {
  /** Seconds since 1970 by staging's own clock. */
  readonly leaseUntil: number;
  /** Staging's clock when it was asked. */
  readonly now: number;
}

/**
 * One script does every change, on the staging host, under a short mutex (`lock.mutex`, an atomic mkdir that is broken
 * when older than a minute: its critical section lasts milliseconds). Times are that host's own.
 * $1 folder, $2 verb, $3 run, $4 lease in seconds, $5 JSON of the holder.
 * Output: `taken`, `held <leaseUntil> <now> <json>`, `expired-alive …`, `free`, `released`.
 */
const LOCK_SCRIPT = String.raw`
umask 077
dir=$1 verb=$2 run=$3 lease=$4 info=$5
mkdir -p -- "$dir" || exit 1
tries=0
until mkdir "$dir/lock.mutex" 2>/dev/null; do
  tries=$((tries + 1))
  if [ -n "$(find "$dir/lock.mutex" -prune -mmin +1 2>/dev/null)" ]; then rmdir "$dir/lock.mutex" 2>/dev/null; continue; fi
  [ "$tries" -gt 50 ] && { echo 'the lock cannot be looked at: lock.mutex stays' >&2; exit 1; }
  sleep 0.1 2>/dev/null || sleep 1
done
trap 'rmdir "$dir/lock.mutex" 2>/dev/null' EXIT
trap 'exit 1' HUP INT TERM
now=$(date +%s)
owner= until=0 text=
if [ -d "$dir/lock" ]; then
  owner=$(cat "$dir/lock/run" 2>/dev/null); until=$(cat "$dir/lock/lease" 2>/dev/null); text=$(cat "$dir/lock/holder.json" 2>/dev/null)
  case $until in ''|*[!0-9]*) until=0 ;; esac
fi
write() {
  mkdir -p "$dir/lock" && printf '%s\n' "$run" > "$dir/lock/run" && printf '%s\n' "$info" > "$dir/lock/holder.json" &&
  printf '%s\n' "$((now + lease))" > "$dir/lock/lease" || exit 1
}
alive() {
  for file in "$dir/jobs/$owner"*.pid "$dir/runs/$owner/jobs"/*.pid; do
    [ -f "$file" ] || continue
    pid=$(head -n 1 "$file" | cut -d' ' -f1)
    case $pid in ''|*[!0-9]*) continue ;; esac
    kill -0 "$pid" 2>/dev/null && return 0
  done
  return 1
}
held() { printf '%s %s %s %s %s\n' "$1" "$until" "$now" "$owner" "$text"; }
case $verb in
  take)
    if [ -z "$owner" ] || [ "$owner" = "$run" ]; then write; echo taken
    elif [ "$until" -ge "$now" ]; then held held
    elif alive; then held expired-alive
    else write; held taken-over; fi ;;
  release)
    if [ "$owner" = "$run" ]; then rm -f "$dir/lock/run" "$dir/lock/lease" "$dir/lock/holder.json"; rmdir "$dir/lock"; echo released
    elif [ -z "$owner" ]; then rmdir "$dir/lock" 2>/dev/null; echo free
    else held held; fi ;;
  *) if [ -z "$owner" ]; then echo free; else held held; fi ;;
esac
`;

export interface LockPlace {
  readonly staging: WritingHost;
  readonly workDir: string;
  readonly site: string;
}

async function runLockScript(
  place: LockPlace,
  verb: string,
  run: string,
  lease: number,
  info: string,
): Promise<string> {
  const script = shellScript('write', LOCK_SCRIPT, [place.workDir, verb, run, String(lease), info]);
  const result = await place.staging.run(script, { describe: `${verb} the lock of ${place.site}` });
  return result.stdout.toString().trim();
}

/**
 * Takes the lock for a run or extends it when that run holds it already.
 * @returns the former holder when an expired lock was taken over.
 * @throws LOCKED with who holds it, since when, and what to do.
 */
export async function takeLock(
  place: LockPlace,
  holder: LockHolder,
  leaseSeconds: number,
): Promise<LockState | undefined> {
  const answer = await runLockScript(
    place,
    'take',
    holder.run,
    Math.round(leaseSeconds),
    JSON.stringify(holder),
  );
  if (answer === 'taken') return undefined;
  const state = parseState(answer);
  if (answer.startsWith('taken-over ')) return state;
  throw lockedError(place.site, state, answer.startsWith('expired-alive '));
}

/** Frees the lock if this run holds it; anybody else's stays. */
export async function releaseLock(place: LockPlace, run: string): Promise<'released' | 'free' | 'held'> {
  const answer = await runLockScript(place, 'release', run, 0, '');
  return answer === 'released' || answer === 'free' ? answer : 'held';
}

/** Who holds the lock; undefined when nobody does. */
export async function readLock(place: LockPlace): Promise<LockState | undefined> {
  const answer = await runLockScript(place, 'show', '', 0, '');
  return answer === 'free' ? undefined : parseState(answer);
}

function parseState(answer: string): LockState {
  const match = /^\S+ (\d+) (\d+) (\S*) ?(.*)$/s.exec(answer);
  const text = match?.[4] ?? '';
  let holder: Partial<Record<keyof LockHolder, unknown>> = {};
  try {
    holder = JSON.parse(text) as typeof holder;
  } catch {
    // The holder was killed between two writes; the run id in the lock is enough to free it.
  }
  const word = (value: unknown): string =>
    typeof value === 'string' ? value.replace(/[^\x20-\x7e]/g, '?').slice(0, 200) : '';
  return {
    run: match?.[3] ?? '',
    holder: word(holder.holder),
    build: word(holder.build),
    phase:
      holder.phase === 'awaiting-approval' || holder.phase === 'between-stages' ? holder.phase : 'running',
    leaseUntil: Number(match?.[1] ?? 0),
    now: Number(match?.[2] ?? 0),
  };
}

function lockedError(site: string, state: LockState, alive: boolean): UnderstudyError {
  const until = new Date(state.leaseUntil * 1000).toISOString().replace('.000', '');
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
  const sentence = alive
    ? `The lock of run ${state.run} of ${site} has expired, but processes of that run still live on staging.`
    : `Run ${state.run} works on ${site} until ${until} at the latest.`;
  return new UnderstudyError('LOCKED', sentence, {
    details: [`held by ${who}`],
    next: `Wait until it has ended. If you are sure that it is dead: ${unlock}`,
  });
}
