import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { type MaintenanceHandle } from '../../../src/maintenance/maintenance-store.js';
import { promote } from '../../../src/pipelines/promotion/promote.js';
import { asProductionSession } from '../../../src/pipelines/promotion/with-production.js';
import { endPromotion, rollBackPromotion } from '../../../src/pipelines/promotion/promotion-rollback.js';
import { type Outcome } from '../../../src/run/result.js';
import { type Session } from '../../../src/pipelines/session/session.js';
import { findMaintenance } from '../../../src/maintenance/maintenance-store.js';
import {
  createPromoteWorld,
  has,
  plugin,
  promotionKilledAt,
  testedRun,
  writePlugin,
  type PromoteWorld,
} from '../../integration/promote/promote-world.js';

const PLUGIN = 'wp-content/plugins/acme-tool/acme-tool.php';
jest.setTimeout(400_000);

let world: PromoteWorld;
let tested: MaintenanceHandle;
beforeAll(async () => {
  process.env['UNDERSTUDY_CHROMIUM'] = 'none';
  world = await createPromoteWorld({ shared: true });
  tested = await testedRun(world, () => writePlugin(world, 2));
});
afterAll(async () => world.stop());

async function inSession(work: (session: Session) => Promise<Outcome>): Promise<string> {
  const session = await world.session();
  try {
    const { summary } = await work(session);
    return `${summary}\n${session.said.join('')}`;
  } finally {
    await session.close();
  }
}
const promoted = (): Promise<string> =>
  inSession((session) =>
    promote(session, { run: tested.run, approvedBy: 'ada', byPolicy: false, dryRun: false, now: false }),
  );
const serves = async (version: number): Promise<void> => {
  expect(await readFile(world.live(1, PLUGIN), 'utf8')).toBe(plugin(version));
  expect(has(world.live(1, '.maintenance'))).toBe(false);
  for (const index of [1, 2, 3])
    expect((await world.page(index)).body).toContain(`acme-tool ${String(version)}`);
  expect((await readdir(world.live(1))).filter((name) => name.startsWith('.understudy'))).toEqual([]);
};

test('a promotion of machines that share their files, killed in the middle, is undone once', async () => {
  await promotionKilledAt(world, tested.run, /Switching the code/);
  expect((await world.page(3)).status).toBe(503);
  await inSession((session) => endPromotion(asProductionSession(session)));
  await serves(1);
});

test('is one tree for files and three machines for processes', async () => {
  const said = await promoted();
  expect(said).toContain('beside the live code of 1 host\n');
  expect(said).toContain('serves on 3 hosts');
  await serves(2);
  const folder = world.own(1, 'home/.understudy/acme/promotion');
  expect(await readdir(folder)).toHaveLength(1);
  const session = await world.session();
  expect((await findMaintenance(session, tested.run))?.record().promotion?.hosts).toHaveLength(3);
  await session.close();
});

test('goes back as one', async () => {
  await inSession((session) => rollBackPromotion(asProductionSession(session), undefined));
  await serves(1);
});
