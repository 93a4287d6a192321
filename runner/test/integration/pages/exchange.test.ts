import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type World } from '../../../../sandbox/world.js';
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
  it('gets whole pages or the maintenance page, of a sync and of a rollback', async () => {
    await publishVersion(world, 2, 500);
    const client = startClient(world);
    for (const command of ['sync', 'rollback'])
      expect(outcome(await understudy(world, command, 'acme'))).toEqual({ code: 0 });
    const { whole, closed, mixed, errors } = await client.stop();
    expect({ mixed, errors }).toEqual({ mixed: [], errors: [] });
    expect([whole > 50, closed > 0]).toEqual([true, true]);
  }, 300_000);
});
