import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type World } from '../../../../sandbox/world.js';
import { newestRun, runAndKillWhen } from '../sandbox/kill-at.js';
import { openWorld, outcome, understudy } from '../stage6/stage6-world.js';
import { publishVersion, startClient } from './busy-client.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await publishVersion(world, 1, 500);
  expect(outcome(await understudy(world, 'sync', 'acme'))).toEqual({ code: 0 });
}, 300_000);
afterAll(async () => world.stop());

// npm run suites -- pages asks 10,000 times.
describe('a client that asks staging for pages all the time', () => {
  test('gets whole pages or the maintenance page, of a sync and of a rollback', async () => {
    await publishVersion(world, 2, 500);
    const client = startClient(world);
    for (const command of ['sync', 'rollback'])
      expect(outcome(await understudy(world, command, 'acme'))).toEqual({ code: 0 });
    const { whole, closed, mixed, errors } = await client.stop();
    expect({ mixed, errors }).toEqual({ mixed: [], errors: [] });
    expect([whole > 50, closed > 0]).toEqual([true, true]);
  }, 300_000);
});

describe('a sync that is killed', () => {
  const call = () => ({ sites: world.sites, workspace: world.workspace });
  const workDir = () => path.join(world.hosts.staging.home, '.understudy/acme');
  const runs = () => path.join(workDir(), 'runs');
  const stateOf = (run: string): unknown =>
    (JSON.parse(readFileSync(path.join(runs(), run, 'record.json'), 'utf8')) as { state: unknown }).state;
  const gone = 'wp-content/acme-late/gone.php';

  async function killed(when: (said: string) => boolean): Promise<string> {
    const { code } = await runAndKillWhen(call(), when, 'sync', 'acme');
    expect(code).toBe(137);
    const run = newestRun(world.workspace);
    expect(outcome(await understudy(world, 'unlock', 'acme', '--run', run))).toEqual({ code: 0 });
    return run;
  }

  /** The journal says so: from here on a recovery goes forwards. */
  const isProven = (): boolean => {
    const journal = path.join(workDir(), 'journal.json');
    const text = existsSync(journal) ? readFileSync(journal, 'utf8') : 'awaitsProof';
    return text.endsWith('\n') && !text.includes('awaitsProof');
  };

  test('after the new copy has passed its proof is completed by a recovery, whole', async () => {
    await publishVersion(world, 3, 500);
    writeFileSync(path.join(world.production.root, gone), '<?php // soon gone\n');
    const run = await killed(() => isProven());
    const recovered = await understudy(world, 'recover', 'acme');
    expect(outcome(recovered)).toEqual({ code: 0 });
    expect(recovered.stdout).toContain('Staging serves the new generation');
    expect(recovered.stdout).not.toMatch(/AFTER_CUTOVER_FAILED|CACHES_NOT_CLEARED|GENERATIONS_NOT_REMOVED/);
    expect((await world.get(world.staging, '/?version=1')).body).toBe('V:3:3:3:3:V');
    expect(stateOf(run)).toBe('complete');
    expect(readdirSync(workDir()).filter((name) => name === 'journal.json')).toEqual([]);
    expect(existsSync(path.join(world.staging.root, gone))).toBe(true);
  }, 300_000);

  test('leaves nothing behind once the next run has begun, and what production deletes goes', async () => {
    rmSync(path.join(world.production.root, gone));
    const dead = await killed((said) => said.includes('Importing rows'));
    expect(await incomingSchemas()).not.toBe('');
    writeFileSync(path.join(workDir(), 'runs', dead, 'record.json.tmp.4711'), 'half');
    expect(outcome(await understudy(world, 'sync', 'acme'))).toEqual({ code: 0 });
    expect(existsSync(path.join(world.staging.root, gone))).toBe(false);
    expect(await incomingSchemas()).toBe('');
    for (const { home } of Object.values(world.hosts))
      expect(
        readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes(dead)),
      ).toEqual([]);
    expect(readdirSync(runs()).map(stateOf)).toEqual(readdirSync(runs()).map(() => 'complete'));
    expect(readdirSync(path.join(workDir(), 'jobs'))).toEqual([]);
  }, 300_000);

  const incomingSchemas = (): Promise<string> =>
    world.staging.server.query("SHOW DATABASES LIKE '%understudy\\_in\\_%'");
});
