import { type RunnerCall, type RunnerResult, runUnderstudy } from '../../../../sandbox/runner.js';
import { eventLines } from '../../integration/sandbox/kill-at.js';

export interface Moment {
  readonly stage: string;
  /** Event of that stage at which the signal is sent; default: the first after its start. */
  readonly type?: string;
  /** Milliseconds after the event. */
  readonly later?: number;
}

/** Runs the runner and sends it a signal at that moment, as Jenkins' abort does. */
export async function runAndSignal(
  call: RunnerCall,
  signal: NodeJS.Signals,
  moment: Moment,
  ...words: string[]
): Promise<RunnerResult> {
  const before = eventLines(call.workspace).length;
  let watching: NodeJS.Timeout | undefined;
  const matches = (line: string): boolean => {
    try {
      const event = JSON.parse(line) as { stage?: string; type?: string };
      if (event.stage !== moment.stage) return false;
      return moment.type === undefined ? event.type !== 'stage-started' : event.type === moment.type;
    } catch {
      return false;
    }
  };
  const onStart = (pid: number): void => {
    watching = setInterval(() => {
      if (!eventLines(call.workspace).slice(before).some(matches)) return;
      clearInterval(watching);
      setTimeout(() => {
        try {
          process.kill(pid, signal);
        } catch {
          // It has ended; its exit code tells.
        }
      }, moment.later ?? 0);
    }, 2);
  };
  try {
    return await runUnderstudy({ ...call, onStart }, ...words);
  } finally {
    clearInterval(watching);
  }
}
