import { mkdirSync } from 'node:fs';
import { runUnderstudy, type RunnerResult } from '../../../sandbox/runner.js';
import { type World } from '../../../sandbox/world.js';
import { machineSeconds, peakMemory, processorSeconds, serverSeconds } from './machine.js';

export interface MeasuredRun extends RunnerResult {
  /** Largest resident memory of the runner's process, MB. */
  readonly peakMemory: number;
  /** Processor seconds of the runner, of staging's database server, and of everything on this machine. */
  readonly processor: { readonly runner: number; readonly server: number; readonly machine: number };
}

/** Runs the bundled runner on the world; throws with the end of its output when it fails. */
export async function measuredRun(world: World, ...words: string[]): Promise<MeasuredRun> {
  mkdirSync(world.workspace, { recursive: true });
  let pid = 0;
  let [peak, runner] = [0, 0];
  const before = serverSeconds(world.staging.server.folder);
  const busy = machineSeconds();
  const sampling = setInterval(() => {
    peak = Math.max(peak, peakMemory(pid));
    runner = Math.max(runner, processorSeconds(pid));
  }, 20);
  try {
    const call = { sites: world.sites, workspace: world.workspace, onStart: (id: number) => (pid = id) };
    const result = await runUnderstudy(call, ...words);
    if (result.code !== 0) {
      const lines = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-25).join('\n');
      throw new Error(`understudy ${words.join(' ')} ended with ${result.code}:\n${lines}`);
    }
    const server = serverSeconds(world.staging.server.folder) - before;
    return { ...result, peakMemory: peak, processor: { runner, server, machine: machineSeconds() - busy } };
  } finally {
    clearInterval(sampling);
  }
}
