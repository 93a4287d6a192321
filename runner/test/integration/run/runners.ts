import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runUnderstudy, type RunnerCall, type RunnerResult } from '../../../../sandbox/runner.js';
import { pageTitle } from '../../../../sandbox/world/browser.js';
import { type World } from '../../../../sandbox/world.js';

/** A runner that a test suspends and wakes; each has a workspace of its own, as two agents have. */
export interface Runner {
  readonly workspace: string;
  readonly ended: Promise<RunnerResult>;
  said(): string;
  signal(name: NodeJS.Signals): void;
}

/** Starts one with the site files of the world, or with others. */
export function start(world: World, name: string, sites = world.sites): Runner {
  const workspace = `${world.folder}/workspace-${name}`;
  mkdirSync(workspace, { recursive: true });
  let [pid, said] = [0, ''];
  const call: RunnerCall = {
    sites,
    workspace,
    onStart: (started) => (pid = started),
    onOutput: (text) => (said = text),
  };
  const ended = runUnderstudy(call, 'sync', 'acme');
  return { workspace, ended, said: () => said, signal: (signal) => process.kill(pid, signal) };
}

/** Waits for what a runner says; the test fails with all of it when it ends first. */
export async function until(runner: Runner, text: string): Promise<void> {
  let result: RunnerResult | undefined;
  void runner.ended.then((ended) => (result = ended));
  while (!runner.said().includes(text)) {
    if (result !== undefined) throw new Error(`it never said “${text}”:\n${result.stdout}${result.stderr}`);
    await sleep(10);
  }
}

/** What tells apart whose copy staging serves. */
export const setTitle = (world: World, title: string): Promise<string> =>
  world.production.server.query(
    `UPDATE wp_options SET option_value = '${title}' WHERE option_name = 'blogname'`,
    world.production.database,
  );

export const served = async (world: World): Promise<string> => pageTitle(await world.get(world.staging, '/'));
