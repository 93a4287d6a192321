import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { syncRows, Worlds } from '../../faults/sync-rows.js';

let worlds: Worlds;
beforeAll(async () => {
  worlds = new Worlds({ disks: false });
  await worlds.of('swap');
}, 300_000);
afterAll(async () => worlds.stop());

// All rows of the campaign: npm run test:faults; two more in npm run suites -- faults.
it('an exchange that can neither be finished nor undone ends with 7, and recover, the named command, ends it', async () => {
  const id = 'sync, swap | objects | ALL on acme_staging.* revoked';
  const row = syncRows(worlds).find((each) => each.id === id);
  expect(await row?.try()).toEqual({
    wrong: [],
    outcome: 'exit 7 STAGING_NEEDS_REPAIR, serves the maintenance page; recover',
  });
}, 300_000);
