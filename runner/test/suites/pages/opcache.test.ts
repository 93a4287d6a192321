import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type PhpServer, startPhp } from '../../../../sandbox/servers/php.js';
import { type World } from '../../../../sandbox/world.js';
import { publishVersion, startClient } from '../../integration/pages/busy-client.js';
import { emptyStaging, openWorld, outcome, understudy } from '../../integration/stage6/stage6-world.js';

/** PHP of staging never looks at a file again that it has compiled, as it is set up where every deployment reloads it. */
const NEVER_LOOKS = [
  'opcache.enable=1',
  'opcache.enable_cli=1',
  'opcache.validate_timestamps=0',
  'opcache.file_update_protection=0',
];

let world: World;
let web: PhpServer;
beforeAll(async () => {
  world = await openWorld();
  const { root } = world.staging;
  const { address, port } = world.staging.web;
  await emptyStaging(world);
  await world.staging.web.stop();
  web = await startPhp({ root, address, port, settings: NEVER_LOOKS });
}, 300_000);
afterAll(async () => {
  await web?.stop();
  await world?.stop();
});

async function serves(version: number): Promise<void> {
  const { status, body } = await world.get(world.staging, '/?version=1');
  const text = String(version);
  expect([status, body.trim()]).toEqual([200, `V:${text}:${text}:${text}:${text}:V`]);
}

async function exchange(command: 'sync' | 'rollback', version: number): Promise<void> {
  if (command === 'sync') await publishVersion(world, version, 20);
  const done = await understudy(world, command, 'acme');
  expect(outcome(done)).toEqual({ code: 0 });
  expect(done.stdout).not.toMatch(/OPcache|page did not answer/);
  await serves(version);
}

// Under load OPcache stays off until the requests are answered that were under way when it was emptied.
test('is emptied by every sync and every way back', async () => {
  await exchange('sync', 1);
  await exchange('sync', 2);
  await exchange('rollback', 1);
  await exchange('sync', 3);
}, 600_000);

test('is emptied under load', async () => {
  const client = startClient(world);
  try {
    await exchange('sync', 4);
    await exchange('rollback', 3);
  } finally {
    await client.stop();
  }
  const { mixed, errors } = client.answers;
  expect({ mixed, errors }).toEqual({ mixed: [], errors: [] });
}, 600_000);
