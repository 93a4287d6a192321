import { mkdirSync } from 'node:fs';
import { runUnderstudy, type RunnerResult } from '../../../sandbox/runner.js';
import { type World } from '../../../sandbox/world.js';
import { peakMemory } from './machine.js';

export interface MeasuredRun extends RunnerResult {
  /** Largest resident memory of the runner's process, MB. */
  readonly peakMemory: number;
}

/** Runs the bundled runner on the world; throws with its last lines when it fails. */
export async function measuredRun(world: World, ...words: string[]): Promise<MeasuredRun> {
  mkdirSync(world.workspace, { recursive: true });
  let pid = 0;
  let peak = 0;
  const sampling = setInterval(() => (peak = Math.max(peak, peakMemory(pid))), 20);
  try {
    const call = { sites: world.sites, workspace: world.workspace, onStart: (id: number) => (pid = id) };
    const result = await runUnderstudy(call, ...words);
    if (result.code !== 0) {
      const lines = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-25).join('\n');
      throw new Error(`understudy ${words.join(' ')} ended with ${result.code}:\n${lines}`);
    }
    return { ...result, peakMemory: peak };
  } finally {
    clearInterval(sampling);
  }
}
