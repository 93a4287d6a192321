import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type PhpServer, startPhp } from '../../../../sandbox/servers/php.js';
import { type World } from '../../../../sandbox/world.js';
import { publishVersion, startClient } from '../../integration/pages/busy-client.js';
import { openWorld, outcome, understudy } from '../../integration/stage6/stage6-world.js';

const REQUESTS = Number(process.env['UNDERSTUDY_PAGE_REQUESTS'] ?? 10_000);

describe.each([
  ['swap', 'without OPcache', ['opcache.enable=0']],
  ['swap', 'with OPcache', ['opcache.enable=1', 'opcache.enable_cli=1', 'opcache.revalidate_freq=2']],
  ['replace', 'without OPcache', ['opcache.enable=0']],
] as const)('%s mode, PHP %s', (stagingMode, _php, settings) => {
  let world: World;
  let web: PhpServer;
  beforeAll(async () => {
    world = await openWorld({ stagingMode });
    const { root } = world.staging;
    const { address, port } = world.staging.web;
    await world.staging.web.stop();
    web = await startPhp({ root, address, port, settings });
    await publishVersion(world, 1, 1500);
    expect(outcome(await understudy(world, 'sync', 'acme'))).toEqual({ code: 0 });
  }, 300_000);
  afterAll(async () => {
    await web.stop();
    await world.stop();
  });

  test(`mixes no page of ${String(REQUESTS)}`, async () => {
    const client = startClient(world);
    let [version, changes, previous, answered, exchanges] = [1, 0, 0, 0, 0];
    const { answers } = client;
    while (answered < REQUESTS) {
      if (changes % 4 === 0) await publishVersion(world, ++version, 1500);
      expect(outcome(await understudy(world, changes % 4 === 0 ? 'sync' : 'rollback', 'acme'))).toEqual({
        code: 0,
      });
      changes++;
      exchanges++;
      answered = answers.whole + answers.closed + answers.mixed.length + answers.errors.length;
      if (answered === previous) throw new Error('nothing is answered any more');
      previous = answered;
    }
    const { whole, closed, mixed, errors } = await client.stop();
    console.info(
      `${stagingMode}, ${_php}: ${String(exchanges)} exchanges, ${String(whole)} whole pages, ${String(closed)} maintenance pages, ${String(mixed.length)} mixed, ${String(errors.length)} errors`,
    );
    expect({ mixed, errors }).toEqual({ mixed: [], errors: [] });
  }, 3_600_000);
});
