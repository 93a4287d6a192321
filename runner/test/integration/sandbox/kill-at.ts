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

/**
 * Runs the runner and kills it with SIGKILL as soon as it writes an event that `wanted` accepts.
 * The result's code is 137 when that worked, else what it ended with.
 */
export async function runAndKill(
  call: RunnerCall,
  wanted: (event: Readonly<Record<string, unknown>>) => boolean,
  ...words: string[]
): Promise<RunnerResult> {
  const before = eventLines(call.workspace).length;
  let watching: NodeJS.Timeout | undefined;
  const onStart = (pid: number): void => {
    watching = setInterval(() => {
      const fresh = eventLines(call.workspace).slice(before);
      if (fresh.some((line) => wanted(parse(line)))) {
        clearInterval(watching);
        process.kill(pid, 'SIGKILL');
      }
    }, 2);
  };
  try {
    return await runUnderstudy({ ...call, onStart }, ...words);
  } finally {
    clearInterval(watching);
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
