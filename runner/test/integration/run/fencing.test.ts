import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { runUnderstudy, type RunnerCall, type RunnerResult } from '../../../../sandbox/runner.js';
import { startCutProxy } from '../../../../sandbox/servers/cut-proxy.js';
import { pageTitle } from '../../../../sandbox/world/browser.js';
import { type World } from '../../../../sandbox/world.js';
import { eventLines, newestRun } from '../sandbox/kill-at.js';
import { changeSite, openWorld, outcome } from '../stage6/stage6-world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  changeSite(world, (site) => Object.assign(site, { run: { heartbeat: '6s' } }));
}, 180_000);
afterAll(async () => world.stop());

/** A runner that a test suspends and wakes; each has a workspace of its own, as two agents have. */
interface Runner {
  readonly workspace: string;
  readonly ended: Promise<RunnerResult>;
  said(): string;
  signal(name: NodeJS.Signals): void;
}

function start(name: string, ...words: string[]): Runner {
  return startWith(world.sites, name, ...words);
}

function startWith(sites: string, name: string, ...words: string[]): Runner {
  const workspace = `${world.folder}/workspace-${name}`;
  mkdirSync(workspace, { recursive: true });
  let [pid, said] = [0, ''];
  const call: RunnerCall = {
    sites,
    workspace,
    onStart: (started) => (pid = started),
    onOutput: (text) => (said = text),
  };
  const ended = runUnderstudy(call, ...words);
  return { workspace, ended, said: () => said, signal: (signal) => process.kill(pid, signal) };
}

/** Waits for what a runner says; the test fails with all of it when it ends first. */
async function until(runner: Runner, text: string): Promise<void> {
  let result: RunnerResult | undefined;
  void runner.ended.then((ended) => (result = ended));
  while (!runner.said().includes(text)) {
    if (result !== undefined) throw new Error(`it never said “${text}”:\n${result.stdout}${result.stderr}`);
    await sleep(10);
  }
}

const setTitle = (side: 'production' | 'staging', title: string): Promise<string> =>
  world[side].server.query(
    `UPDATE wp_options SET option_value = '${title}' WHERE option_name = 'blogname'`,
    world[side].database,
  );
const served = async (): Promise<string> => pageTitle(await world.get(world.staging, '/'));
const count = (table: string, database = world.staging.database): Promise<string> =>
  world.staging.server.query(`SELECT COUNT(*) FROM ${table}`, database);

describe('a run that was suspended and lost its lock', () => {
  it('changes nothing once another run imports, and says that it lost the lock', async () => {
    await setTitle('production', 'First');
    const first = start('first', 'sync', 'acme');
    await until(first, 'Proving that nothing points to production');
    first.signal('SIGSTOP');
    const unlocked = await runUnderstudy(
      { sites: world.sites, workspace: world.workspace },
      ...['unlock', 'acme', '--run', newestRun(first.workspace)],
    );
    expect(outcome(unlocked)).toEqual({ code: 0 });
    await setTitle('production', 'Second');
    const second = start('second', 'sync', 'acme');
    await until(second, 'Importing rows');
    first.signal('SIGCONT');
    const lost = await first.ended;
    expect(outcome(lost, 6)).toEqual({ code: 6 });
    expect(lost.stderr).toContain('LOCK_LOST');
    expect(outcome(await second.ended)).toEqual({ code: 0 });
    expect(await served()).toContain('Second');
    expect(await count('wp_posts')).toBe(
      await world.production.server.query('SELECT COUNT(*) FROM wp_posts', world.production.database),
    );
    expect(eventLines(second.workspace).join('\n')).not.toContain('LOCK_TAKEN_OVER');
  }, 300_000);

  it('does the same when nobody unlocked and its lease ran out', async () => {
    await setTitle('production', 'Third');
    const first = start('third', 'sync', 'acme');
    await until(first, 'Proving that nothing points to production');
    first.signal('SIGSTOP');
    await sleep(7000);
    await setTitle('production', 'Fourth');
    const second = start('fourth', 'sync', 'acme');
    await until(second, 'Importing rows');
    first.signal('SIGCONT');
    const lost = await first.ended;
    expect(outcome(lost, 6)).toEqual({ code: 6 });
    expect(lost.stderr).toContain('LOCK_LOST');
    const done = await second.ended;
    expect(outcome(done)).toEqual({ code: 0 });
    expect(done.stdout).toContain('LOCK_TAKEN_OVER');
    expect(await served()).toContain('Fourth');
  }, 300_000);

  it('goes on when it wakes up in time to find that nobody took its place', async () => {
    await setTitle('production', 'Fifth');
    const only = start('fifth', 'sync', 'acme');
    await until(only, 'Proving that nothing points to production');
    only.signal('SIGSTOP');
    await sleep(8000);
    only.signal('SIGCONT');
    expect(outcome(await only.ended)).toEqual({ code: 0 });
    expect(await served()).toContain('Fifth');
  }, 300_000);
});

describe('a run whose link to staging is cut for longer than its lease', () => {
  it('stops, and changes nothing when the link is there again', async () => {
    const proxy = await startCutProxy(world.hosts.staging);
    const sites = path.join(world.folder, 'sites-cut');
    cpSync(world.sites, sites, { recursive: true });
    const file = path.join(sites, 'acme.yaml');
    const site = parse(readFileSync(file, 'utf8')) as { staging: { ssh: { port: number } } };
    site.staging.ssh.port = proxy.port;
    writeFileSync(file, stringify(site, { lineWidth: 0 }));
    try {
      await setTitle('production', 'Sixth');
      const first = startWith(sites, 'sixth', 'sync', 'acme');
      await until(first, 'Proving that nothing points to production');
      proxy.cut();
      await sleep(7000);
      await setTitle('production', 'Seventh');
      const second = start('seventh', 'sync', 'acme');
      await until(second, 'Importing rows');
      const lost = await first.ended;
      expect(outcome(lost, 6)).toEqual({ code: 6 });
      expect(lost.stderr).toContain('could not be extended for 6 seconds');
      proxy.join();
      expect(outcome(await second.ended)).toEqual({ code: 0 });
      expect(await served()).toContain('Seventh');
    } finally {
      await proxy.stop();
    }
  }, 300_000);
});
