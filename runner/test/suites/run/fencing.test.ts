import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { startCutProxy } from '../../../../sandbox/servers/cut-proxy.js';
import { type World } from '../../../../sandbox/world.js';
import { served, setTitle, start, until } from '../../integration/run/runners.js';
import { changeSite, openWorld, outcome } from '../../integration/stage6/stage6-world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  changeSite(world, (site) => Object.assign(site, { run: { heartbeat: '6s' } }));
}, 180_000);
afterAll(async () => world.stop());

describe('a run that was suspended beyond its lease', () => {
  test('changes nothing once another run has taken the lock over, and says so', async () => {
    await setTitle(world, 'Third');
    const first = start(world, 'third');
    await until(first, 'Proving that nothing points to production');
    first.signal('SIGSTOP');
    await sleep(7000);
    await setTitle(world, 'Fourth');
    const second = start(world, 'fourth');
    await until(second, 'Importing rows');
    first.signal('SIGCONT');
    const lost = await first.ended;
    expect(outcome(lost, 6)).toEqual({ code: 6 });
    expect(lost.stderr).toContain('LOCK_LOST');
    const done = await second.ended;
    expect(outcome(done)).toEqual({ code: 0 });
    expect(done.stdout).toContain('LOCK_TAKEN_OVER');
    expect(await served(world)).toContain('Fourth');
  }, 300_000);

  test('goes on when it wakes up in time to find that nobody took its place', async () => {
    await setTitle(world, 'Fifth');
    const only = start(world, 'fifth');
    await until(only, 'Proving that nothing points to production');
    only.signal('SIGSTOP');
    await sleep(8000);
    only.signal('SIGCONT');
    expect(outcome(await only.ended)).toEqual({ code: 0 });
    expect(await served(world)).toContain('Fifth');
  }, 300_000);
});

describe('a run whose link to staging is cut for longer than its lease', () => {
  test('stops, and changes nothing when the link is there again', async () => {
    const proxy = await startCutProxy(world.hosts.staging);
    const sites = path.join(world.folder, 'sites-cut');
    cpSync(world.sites, sites, { recursive: true });
    const file = path.join(sites, 'acme.yaml');
    const site = parse(readFileSync(file, 'utf8')) as { staging: { ssh: { port: number } } };
    site.staging.ssh.port = proxy.port;
    writeFileSync(file, stringify(site, { lineWidth: 0 }));
    try {
      await setTitle(world, 'Sixth');
      const first = start(world, 'sixth', sites);
      await until(first, 'Proving that nothing points to production');
      proxy.cut();
      await sleep(7000);
      await setTitle(world, 'Seventh');
      const second = start(world, 'seventh');
      await until(second, 'Importing rows');
      const lost = await first.ended;
      expect(outcome(lost, 6)).toEqual({ code: 6 });
      expect(lost.stderr).toContain('could not be extended for 6 seconds');
      proxy.join();
      expect(outcome(await second.ended)).toEqual({ code: 0 });
      expect(await served(world)).toContain('Seventh');
    } finally {
      await proxy.stop();
    }
  }, 300_000);
});
