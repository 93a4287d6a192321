import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { type MaintenanceHandle } from '../../../src/maintenance/maintenance-store.js';
import { promote } from '../../../src/pipelines/promotion/promote.js';
import { asProductionSession } from '../../../src/pipelines/promotion/with-production.js';
import { endPromotion, rollBackPromotion } from '../../../src/pipelines/promotion/promotion-rollback.js';
import { type Outcome } from '../../../src/run/result.js';
import { type Session } from '../../../src/pipelines/session/session.js';
import {
  createPromoteWorld,
  has,
  plugin,
  promotionKilledAt,
  testedRun,
  type PromoteWorld,
} from '../../integration/promote/promote-world.js';

const PLUGIN = 'app/plugins/acme-tool/acme-tool.php';
jest.setTimeout(400_000);

let world: PromoteWorld;
let tested: MaintenanceHandle;
beforeAll(async () => {
  process.env['UNDERSTUDY_CHROMIUM'] = 'none';
  world = await createPromoteWorld({ folders: true });
});
afterAll(async () => world.stop());

async function inSession(work: (session: Session) => Promise<Outcome>): Promise<string> {
  const session = await world.session();
  try {
    return (await work(session)).summary;
  } finally {
    await session.close();
  }
}
const serves = async (version: number): Promise<void> => {
  for (const index of [1, 2, 3]) {
    expect(await readFile(world.live(index, PLUGIN), 'utf8')).toBe(plugin(version));
    expect(has(world.live(index, 'wp/.maintenance'))).toBe(false);
    const page = await world.page(index);
    expect([page.status, page.body.includes(`acme-tool ${String(version)}`)]).toEqual([200, true]);
  }
  expect(await world.option('acme_tool_db')).toBe(String(version));
};

test('a tree without plugins is an error, and never a tested one', async () => {
  await rename(world.staging('app/plugins'), world.staging('app/plug-ins'));
  const hidden = testedRun(world, () => Promise.resolve());
  await expect(hidden).rejects.toThrow();
  await rename(world.staging('app/plug-ins'), world.staging('app/plugins'));
  tested = await testedRun(world, () => writeFile(world.staging(PLUGIN), plugin(2)));
  expect(tested.record().testedTree?.files).toBeGreaterThan(500);
});

test('WordPress in a folder of its own: the page is on where WordPress looks for it, and a kill is undone', async () => {
  await promotionKilledAt(world, tested.run, /Database upgraded/);
  expect(has(world.live(1, 'wp/.maintenance'))).toBe(true);
  expect((await world.page(1)).status).toBe(503);
  await inSession((session) => endPromotion(asProductionSession(session)));
  await serves(1);
});

test('is promoted with plugins and core, and goes back', async () => {
  await inSession((session) =>
    promote(session, { run: tested.run, approvedBy: 'ada', byPolicy: false, dryRun: false, now: false }),
  );
  await serves(2);
  await inSession((session) => rollBackPromotion(asProductionSession(session), undefined));
  expect(await readFile(world.live(2, PLUGIN), 'utf8')).toBe(plugin(1));
});
