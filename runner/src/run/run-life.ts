import { localTime } from '../report/page/local-time.js';
import { stagesOf } from '../config/stage-list.js';
import { type Site } from '../config/site.js';
import { type LockState } from './lock.js';
import { type RunRecord } from './run-record.js';

/** How a run is now. Its record alone does not know: a killed process leaves `running` behind. */
export type RunLife = 'complete' | 'failed' | 'aborted' | 'running' | 'waiting' | 'dead';

/**
 * @param lock of the site; the run that it names lives while its lease lasts (`waiting`: for its next stage or an
 * approval). A run that says `running` without it is dead: anyone who worked on it is gone.
 */
export function lifeOf({ id, state }: Pick<RunRecord, 'id' | 'state'>, lock: LockState | undefined): RunLife {
  if (state !== 'running') return state;
  if (lock?.run !== id || lock.leaseUntil < lock.now) return 'dead';
  return lock.phase === 'running' ? 'running' : 'waiting';
}

/** A run as lists show it, and as `--json` does. */
export interface RunLine {
  readonly run: string;
  readonly state: RunLife;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Of the stage that ended last; '' when none has. */
  readonly endedAt: string;
  /** From the start of the run to the end of its last stage. */
  readonly seconds: number;
  readonly stagesDone: number;
  readonly stages: number;
  /** The stage that failed or is at work; '' without one. */
  readonly stage: string;
}

export function runLine(record: RunRecord, type: Site['type'], lock: LockState | undefined): RunLine {
  const order = stagesOf(type);
  const ends = order.flatMap((name) => record.stages[name]?.finishedAt ?? []).sort();
  const endedAt = ends.at(-1) ?? '';
  const open = order.find((name) => {
    const state = record.stages[name]?.state;
    return state !== undefined && state !== 'complete' && state !== 'skipped';
  });
  return {
    run: record.id,
    state: lifeOf(record, lock),
    startedAt: record.createdAt,
    endedAt,
    seconds: endedAt === '' ? 0 : Math.max(0, (Date.parse(endedAt) - Date.parse(record.createdAt)) / 1000),
    stagesDone: order.filter((name) => record.stages[name]?.state === 'complete').length,
    stages: order.length,
    stage: open ?? '',
  };
}

/** Who holds the lock, in one sentence. */
export function lockSentence(lock: LockState | undefined): string {
  if (lock === undefined) return 'The lock is free.';
  const until = localTime(new Date(lock.leaseUntil * 1000));
  const who = lock.holder === '' ? '' : ` (${lock.holder})`;
  if (lock.leaseUntil < lock.now)
    return `The lock of run ${lock.run}${who} ran out at ${until}; the next run takes it over.`;
  const what = {
    running: 'works',
    'between-stages': 'waits for its next stage',
    'awaiting-approval': 'waits for approval',
  };
  return `The lock is held by run ${lock.run}${who}: it ${what[lock.phase]}, until ${until} at the latest.`;
}
