import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { syncRows, Worlds } from '../../faults/sync-rows.js';

let worlds: Worlds;
beforeAll(async () => {
  worlds = new Worlds({ disks: false });
  await worlds.of('swap');
}, 600_000);
afterAll(async () => worlds.stop());

// All of them: npm run test:faults.
test.each([
  [
    "sync, swap | rename tables | staging's database killed and started again",
    /serves the (former|new) copy/,
  ],
  // Neither finished nor undone: recover, the command that is named, ends it.
  [
    'sync, swap | objects | ALL on acme_staging.* revoked',
    /^exit 7 STAGING_NEEDS_REPAIR, serves the maintenance page; recover$/,
  ],
  // It was read, and judged, before stage 6 began; cutover/hostile-files shows one that is read as it is here.
  ['sync, swap | leak check | imported.json makes a file', /^exit 0, serves the new copy$/],
])(
  '%s',
  async (id, outcome) => {
    const row = syncRows(worlds).find((each) => each.id === id);
    expect(await row?.try()).toEqual({ wrong: [], outcome: expect.stringMatching(outcome) });
  },
  900_000,
);
