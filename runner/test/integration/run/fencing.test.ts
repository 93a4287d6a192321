import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runUnderstudy } from '../../../../sandbox/runner.js';
import { type World } from '../../../../sandbox/world.js';
import { eventLines, newestRun } from '../sandbox/kill-at.js';
import { openWorld, outcome } from '../stage6/stage6-world.js';
import { served, setTitle, start, until } from './runners.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
}, 180_000);
afterAll(async () => world.stop());

// npm run suites -- run has the runs whose lease runs out, and whose link is cut.
describe('a run that was suspended and lost its lock', () => {
  test('changes nothing once another run imports, and says that it lost the lock', async () => {
    await setTitle(world, 'First');
    const first = start(world, 'first');
    await until(first, 'Proving that nothing points to production');
    first.signal('SIGSTOP');
    const unlocked = await runUnderstudy(
      { sites: world.sites, workspace: world.workspace },
      ...['unlock', 'acme', '--run', newestRun(first.workspace)],
    );
    expect(outcome(unlocked)).toEqual({ code: 0 });
    await setTitle(world, 'Second');
    const second = start(world, 'second');
    await until(second, 'Importing rows');
    first.signal('SIGCONT');
    const lost = await first.ended;
    expect(outcome(lost, 6)).toEqual({ code: 6 });
    expect(lost.stderr).toContain('LOCK_LOST');
    expect(outcome(await second.ended)).toEqual({ code: 0 });
    expect(await served(world)).toContain('Second');
    const posts = 'SELECT COUNT(*) FROM wp_posts';
    expect(await world.staging.server.query(posts, world.staging.database)).toBe(
      await world.production.server.query(posts, world.production.database),
    );
    expect(eventLines(second.workspace).join('\n')).not.toContain('LOCK_TAKEN_OVER');
  }, 300_000);
});
