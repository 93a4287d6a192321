import { setTimeout as sleep } from 'node:timers/promises';
import { type RunnerCall, type RunnerResult, runUnderstudy } from '../../../sandbox/runner.js';

/** A runner that stands still at the moment of a fault. */
export interface RunningCommand {
  readonly pid: number;
  readonly call: RunnerCall;
  readonly ended: Promise<RunnerResult>;
  /** Sends it a signal; nothing when it has ended. */
  signal(name: NodeJS.Signals): void;
  isOver(): boolean;
}

/** @returns whether the fault was met, and how the command ended */
export async function runUntil(
  call: RunnerCall,
  words: readonly string[],
  text: RegExp,
  strike: (command: RunningCommand) => Promise<void>,
): Promise<{ readonly met: boolean; readonly result: RunnerResult }> {
  let [pid, over] = [0, false];
  let meet: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (meet = resolve));
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (!over) process.kill(pid, name);
    } catch {
      // It ended a moment ago.
    }
  };
  let met = false;
  const look = (said: string): void => {
    if (met || !text.test(said)) return;
    met = true;
    signal('SIGSTOP');
    meet();
  };
  const ended = runUnderstudy(
    { ...call, onStart: (started) => (pid = started), onOutput: look },
    ...words,
  ).finally(() => (over = true));
  await Promise.race([reached, ended]);
  if (met) {
    await strike({ pid, call, ended, signal, isOver: () => over });
    signal('SIGCONT');
  }
  return { met, result: await ended };
}

/** Waits until a runner has said something, or has ended. */
export async function waitFor(isSo: () => boolean, isOver: () => boolean): Promise<boolean> {
  while (!isSo()) {
    if (isOver()) return false;
    await sleep(5);
  }
  return true;
}
