import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runUnderstudy, type RunnerCall, type RunnerResult } from '../../../../sandbox/runner.js';

/** Event lines of all runs in a workspace. */
export function eventLines(workspace: string): string[] {
  if (!existsSync(workspace)) return [];
  return readdirSync(workspace, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('events.ndjson'))
    .flatMap((name) => readFileSync(path.join(workspace, name), 'utf8').split('\n'))
    .filter((line) => line !== '');
}

/** The run that wrote an event last; '' without any. */
export const newestRun = (workspace: string): string =>
  eventLines(workspace)
    .map((line) => parse(line))
    .sort((one, other) => String(one['time']).localeCompare(String(other['time'])))
    .map((event) => String(event['run']))
    .at(-1) ?? '';

/** Runs the runner and ends it with SIGKILL as soon as `wanted` accepts what it said, or what it has done by then. */
export async function runAndKillWhen(
  call: RunnerCall,
  wanted: (stdout: string) => boolean,
  ...words: string[]
): Promise<RunnerResult> {
  let [stdout, pid] = ['', 0];
  let watching: NodeJS.Timeout | undefined;
  const look = (): void => {
    if (pid === 0 || !wanted(stdout)) return;
    clearInterval(watching);
    process.kill(pid, 'SIGKILL');
    pid = 0;
  };
  const onStart = (started: number): void => {
    pid = started;
    watching = setInterval(look, 20);
  };
  const onOutput = (text: string): void => {
    stdout = text;
    look();
  };
  try {
    return await runUnderstudy({ ...call, onStart, onOutput }, ...words);
  } finally {
    clearInterval(watching);
  }
}

/** The same with SIGKILL: the result's code is 137 when that worked, else what it ended with. */
export const runAndKill = (
  call: RunnerCall,
  wanted: (event: Readonly<Record<string, unknown>>) => boolean,
  ...words: string[]
): Promise<RunnerResult> => runAndSignal('SIGKILL', call, wanted, ...words);

/**
 * Runs the runner and sends it a signal as soon as it writes an event that `wanted` accepts.
 * @param again the signal comes some more times while it ends, as from somebody who is impatient
 */
export async function runAndSignal(
  signal: NodeJS.Signals,
  call: RunnerCall & { readonly again?: boolean },
  wanted: (event: Readonly<Record<string, unknown>>) => boolean,
  ...words: string[]
): Promise<RunnerResult> {
  const before = eventLines(call.workspace).length;
  let watching: NodeJS.Timeout | undefined;
  const onStart = (pid: number): void => {
    const send = (): void => {
      // It may have ended since the last look.
      if (isAlive(pid)) process.kill(pid, signal);
    };
    watching = setInterval(() => {
      const fresh = eventLines(call.workspace).slice(before);
      if (!fresh.some((line) => wanted(parse(line)))) return;
      clearInterval(watching);
      send();
      if (call.again !== true) return;
      // A few, while it ends: one that comes when node itself takes its handlers away is not heard by it.
      let left = 4;
      watching = setInterval(() => {
        send();
        left -= 1;
        if (left === 0) clearInterval(watching);
      }, 25);
    }, 2);
  };
  try {
    return await runUnderstudy({ ...call, onStart }, ...words);
  } finally {
    clearInterval(watching);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The last line may be half written. */
function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {};
  }
}
