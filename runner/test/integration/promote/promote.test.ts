import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { appendFile, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findMaintenance, type MaintenanceHandle } from '../../../src/maintenance/maintenance-store.js';
import { type Promotion } from '../../../src/maintenance/maintenance-record.js';
import { finishRun } from '../../../src/pipelines/recovery/finish.js';
import { promote, type PromoteRequest } from '../../../src/pipelines/promotion/promote.js';
import { asProductionSession } from '../../../src/pipelines/promotion/with-production.js';
import { endPromotion, rollBackPromotion } from '../../../src/pipelines/promotion/promotion-rollback.js';
import { recoverNow } from '../../../src/pipelines/recovery/recover.js';
import { type Outcome } from '../../../src/run/result.js';
import { loadSite } from '../../../src/config/load/load-sites.js';
import { showStatus } from '../../../src/pipelines/runs/status.js';
import { openOperationFindings } from '../../../src/maintenance/promote/operation/open-operation.js';
import { codeRules } from '../../../src/maintenance/tree/code-rules.js';
import { assertProductionServes } from '../../../src/pipelines/maintenance/archive-host.js';
import { openProductionSession } from '../../../src/pipelines/session/production-session.js';
import { createConsole } from '../../../src/report/terminal/console.js';
import { takeLock } from '../../../src/run/lock.js';
import { freeLock } from '../../../src/pipelines/session/run-lock.js';
import { type Session } from '../../../src/pipelines/session/session.js';
import {
  createPromoteWorld,
  has,
  plugin,
  promotionKilledAt,
  promotionStoppedAt,
  testedRun,
  writePlugin,
  type PromoteWorld,
} from './promote-world.js';

const PLUGIN = 'wp-content/plugins/acme-tool/acme-tool.php';
const OLD = 'wp-content/plugins/acme-old/deep/old.php';
const THREE = [1, 2, 3] as const;
/** Not UTF-8, with a backslash and a line break. */
const ODD_NAME = (folder: string): Buffer =>
  Buffer.concat([Buffer.from(folder), Buffer.from('caf\xe9 \\#351\n.txt', 'latin1')]);
jest.setTimeout(400_000);

let world: PromoteWorld;
let tested: MaintenanceHandle;
const chromium = process.env['UNDERSTUDY_CHROMIUM'];

// What the browser sees of production: runner/test/suites/maintenance.
beforeAll(async () => {
  process.env['UNDERSTUDY_CHROMIUM'] = 'none';
  world = await createPromoteWorld();
  tested = await testedRun(world, async () => {
    await writePlugin(world, 2);
    await writeFile(world.staging('wp-content/plugins/acme-tool/new file.php'), '<?php // new\n');
    await writeFile(ODD_NAME(world.staging('wp-content/plugins/acme-tool/')), 'odd');
    await writeFile(world.staging('wp-content/uploads/photo.txt'), 'staging’s photo');
    await rm(world.staging('wp-content/plugins/acme-old'), { recursive: true });
  });
});
afterAll(async () => {
  if (chromium === undefined) delete process.env['UNDERSTUDY_CHROMIUM'];
  else process.env['UNDERSTUDY_CHROMIUM'] = chromium;
  await world.stop();
});

const inSession = async (work: (session: Session) => Promise<Outcome>): Promise<string> => {
  const session = await world.session();
  try {
    return `${session.said.join('')}${(await work(session)).summary}${session.said.join('')}`;
  } finally {
    await session.close();
  }
};
const approved: PromoteRequest = { approvedBy: 'ada', byPolicy: false, dryRun: false, now: false };
const promoted = (request: Partial<PromoteRequest> = {}): Promise<string> =>
  inSession((session) => promote(session, { ...approved, ...request }));

async function promotionOf(handle: MaintenanceHandle): Promise<Promotion | undefined> {
  const session = await world.session();
  try {
    return (await findMaintenance(session, handle.run))?.record().promotion;
  } finally {
    await session.close();
  }
}

/** Old code everywhere, no page, no journal: as if nothing had been tried. */
async function expectUntouched(instances: readonly number[] = THREE, version = 1): Promise<void> {
  for (const index of instances) {
    expect(await readFile(world.live(index, PLUGIN), 'utf8')).toBe(plugin(version));
    expect(has(world.live(index, OLD))).toBe(version === 1);
    expect(has(world.live(index, '.maintenance'))).toBe(false);
    const page = await world.page(index);
    expect([page.status, page.body.includes(`acme-tool ${String(version)}`)]).toEqual([200, true]);
  }
  expect(await world.option('acme_tool_db')).toBe(String(version));
}

describe('a promotion is refused, and nothing is touched,', () => {
  test('without an approval', async () => {
    await expect(promoted({ approvedBy: '' })).rejects.toMatchObject({ code: 'NOT_APPROVED' });
    await expectUntouched();
  });

  test('when staging is not what was tested', async () => {
    const file = world.staging('wp-content/plugins/acme-tool/new file.php');
    await appendFile(file, '// later\n');
    await expect(promoted()).rejects.toMatchObject({
      code: 'STAGING_CHANGED',
      details: ['~ wp-content/plugins/acme-tool/new file.php'],
    });
    await writeFile(file, '<?php // new\n');
    await expectUntouched();
  });

  test('when somebody edited a file on one host, and the file is named', async () => {
    const file = world.live(2, 'wp-includes/version.php');
    const before = await readFile(file);
    await appendFile(file, '// a hot fix\n');
    await expect(promoted()).rejects.toMatchObject({
      code: 'PRODUCTION_CHANGED',
      details: [expect.stringContaining('127.0.0.32'), '  ~ wp-includes/version.php'],
    });
    expect((await readFile(file, 'utf8')).endsWith('// a hot fix\n')).toBe(true);
    await writeFile(file, before);
    await expectUntouched();
  });

  test('on every host, when the files that arrived on one are not those that were tested', async () => {
    const flag = path.join(world.folder, 'instances/2/corrupt');
    await writeFile(flag, '');
    await expect(promoted()).rejects.toMatchObject({
      code: 'PROMOTION_FAILED',
      message: expect.stringContaining('nothing was switched on any host'),
      details: [`~ ${PLUGIN}`],
    });
    await rm(flag);
    await expectUntouched();
  });
});

test('the plan says what changes where and how long the page is on, and changes nothing', async () => {
  const said = await promoted({ dryRun: true, approvedBy: '' });
  expect(said).toContain('127.0.0.33:');
  expect(said).toContain('1 changed, 2 new, 1 removed');
  expect(said).toMatch(/Maintenance page on; about \d+ s/);
  expect(said).toMatch(/database \(about \d+ s\) back/);
  await expectUntouched();
});

test('a page that breaks behind the maintenance page takes code and database back', async () => {
  await writePlugin(world, 2, "add_action('template_redirect', function () { nobody_made_this(); });");
  const bad = await retest();
  const comments = await world.database.query('SELECT COUNT(*) FROM wp_posts', 'acme_production');
  await expect(promoted({ run: bad.run })).rejects.toMatchObject({
    code: 'PROMOTION_FAILED',
    details: expect.arrayContaining([expect.stringContaining('127.0.0.31:')]),
  });
  // admin_init had written 2 behind the page: the backup is back.
  await expectUntouched();
  expect(await world.database.query('SELECT COUNT(*) FROM wp_posts', 'acme_production')).toBe(comments);
  expect((await promotionOf(bad))?.state).toBe('failed');
  await writePlugin(world, 2);
});

/** `understudy unlock`: a command that is not of the killed run would wait for the end of its lease. */
async function unlockedThen(
  session: Session,
  command: (session: Session) => Promise<Outcome>,
): Promise<Outcome> {
  await expect(command(session)).rejects.toMatchObject({ code: 'LOCKED' });
  expect(await freeLock(session, tested.run)).toBe('released');
  return command(session);
}

describe('a promotion that is killed', () => {
  test.each([
    ['while the database is backed up', 'promote --recover', /Backing up the database/],
    ['while it switches', 'recover', /Switching the code/],
    ['after the database was upgraded', 'finish, as the end of the build,', /Database upgraded/],
  ])(
    '%s: %s undoes it, code and database',
    async (_, command, at) => {
      await promotionKilledAt(world, tested.run, at);
      // The page is on: nobody sees half a switch, and nothing can write.
      expect((await world.page(1)).status).toBe(503);
      await inSession(async (session) => {
        const findings = await openOperationFindings(
          await session.hosts.productionApplication(),
          session.site,
        );
        expect(findings).toMatchObject([{ severity: 'error', code: 'PRODUCTION_OPEN' }]);
        const said: string[] = [];
        const console = createConsole({ write: (text: string) => said.push(text) });
        const { signal } = new AbortController();
        const { workspace } = world;
        await showStatus([await loadSite(world.sites, 'acme')], { console, signal, workspace });
        expect(said.join('').replaceAll(/\s+/g, ' ')).toContain(
          'has not ended: understudy promote acme --recover',
        );
        return { run: '', summary: '' };
      });
      const end = (session: Session): Promise<Outcome> => {
        if (command === 'recover') return unlockedThen(session, recoverNow);
        return command === 'promote --recover'
          ? endPromotion(asProductionSession(session))
          : finishRun(session, tested.run);
      };
      await inSession(end);
      expect((await world.page(1)).status).toBe(200);
      await expectUntouched();
    },
    400_000,
  );
});

test('a promotion that is asked to stop while it switches, again and again, undoes it and ends with 130', async () => {
  const { code, stderr } = await promotionStoppedAt(world, tested.run, 'Switching the code');
  expect([code, stderr]).toEqual([130, expect.stringContaining('INTERRUPTED')]);
  await expectUntouched();
});

test('the tested code serves on all instances, also on one that joins in the middle', async () => {
  await world.letFourthJoin();
  const modeBefore = (await stat(world.live(1, PLUGIN))).mode;
  const said = await promoted({ run: tested.run });
  expect(said).toContain('127.0.0.34');
  for (const index of [1, 2, 3, 4]) {
    expect(await readFile(world.live(index, PLUGIN), 'utf8')).toBe(plugin(2));
    expect(has(world.live(index, 'wp-content/plugins/acme-tool/new file.php'))).toBe(true);
    expect(await readFile(ODD_NAME(world.live(index, 'wp-content/plugins/acme-tool/')), 'utf8')).toBe('odd');
    expect(has(world.live(index, 'wp-content/plugins/acme-old'))).toBe(false);
    expect(has(world.live(index, '.maintenance'))).toBe(false);
    // Never content, never either side's own files.
    expect(await readFile(world.live(index, 'wp-content/uploads/photo.txt'), 'utf8')).toBe('a photo');
    expect(await readFile(world.live(index, 'wp-config.php'), 'utf8')).toContain('acme_production');
    expect(has(world.live(index, 'wp-content/mu-plugins/staging-banner.php'))).toBe(false);
    expect((await world.page(index)).body).toContain('acme-tool 2');
  }
  expect((await stat(world.live(1, PLUGIN))).mode).toBe(modeBefore);
  // The plugin brought its data up to date behind the page.
  expect(await world.option('acme_tool_db')).toBe('2');
  const promotion = await promotionOf(tested);
  expect(promotion).toMatchObject({ state: 'complete' });
  expect(new Set(promotion?.hosts.map(({ digest }) => digest))).toEqual(
    new Set([tested.record().testedTree?.digest]),
  );
  expect(promotion?.hosts).toHaveLength(4);
});

test('a second promotion of the same run finds everything in place', async () => {
  expect(await promoted({ run: tested.run })).toContain('had the tested code already');
});

let third: MaintenanceHandle;
test('a page that breaks once visitors see it takes the code back, and leaves the database', async () => {
  // Behind the page all is well.
  third = await testedRun(world, () =>
    writePlugin(world, 3, "if (!isset($_SERVER['HTTP_X_UNDERSTUDY_PROMOTION'])) { nobody_made_this(); }"),
  );
  await expect(promoted({ run: third.run, approvedBy: '', byPolicy: true })).rejects.toMatchObject({
    code: 'PROMOTION_ROLLED_BACK',
    details: expect.arrayContaining([expect.stringContaining(`--restore-database --run ${third.run}`)]),
  });
  for (const index of [1, 2, 3, 4]) {
    expect(await readFile(world.live(index, PLUGIN), 'utf8')).toBe(plugin(2));
    expect((await world.page(index)).body).toContain('acme-tool 2');
  }
  expect(await world.option('acme_tool_db')).toBe('3');
  expect((await promotionOf(third))?.state).toBe('rolled-back');
  await writePlugin(world, 2);
});

describe('--rollback waits for nothing of staging:', () => {
  test('its lock is held, its machine does not answer, and every host has the replaced code', async () => {
    const session = await world.session();
    await takeLock(session.lock, { run: third.run, holder: 'a sync', build: '', phase: 'running' }, 3600);
    await session.close();
    await world.stopStaging();
    const said: string[] = [];
    const production = await openProductionSession(await loadSite(world.sites, 'acme'), {
      console: createConsole({ write: (text: string) => said.push(text) }),
      signal: new AbortController().signal,
      workspace: world.workspace,
    });
    await rollBackPromotion(production, undefined);
    for (const index of [1, 2, 3, 4]) {
      expect(await readFile(world.live(index, PLUGIN), 'utf8')).toBe(plugin(1));
      expect(has(world.live(index, OLD))).toBe(true);
      expect(has(world.live(index, 'wp-content/plugins/acme-tool/new file.php'))).toBe(false);
      expect(has(world.live(index, '.maintenance'))).toBe(false);
    }
    expect(said.join('')).toContain('PROMOTION_NOT_NOTED');
    // The record on staging says `complete` still: what archive and publish ask is production.
    const { digest = '' } = tested.record().testedTree ?? {};
    await expect(
      assertProductionServes(production, tested.run, digest, codeRules(production.site), undefined),
    ).rejects.toMatchObject({ code: 'NOTHING_PROMOTED' });
    await production.close();
  });
});

/** The same sync, tested again after another change: as if the update had been repeated. */
async function retest(): Promise<MaintenanceHandle> {
  const session = await world.session();
  try {
    const { recordTested } = await import('../../../src/pipelines/maintenance/record-trees.js');
    const handle = await findMaintenance(session, tested.run);
    if (handle === undefined) throw new Error('no record');
    const bad = await copyOf(session, handle);
    const testedTree = await recordTested(session, {
      stagingFolder: `${session.site.staging.workDir}/runs/${bad.run}`,
    });
    await bad.update((record) => ({ ...record, testedTree }));
    return bad;
  } finally {
    await session.close();
  }
}

async function copyOf(session: Session, from: MaintenanceHandle): Promise<MaintenanceHandle> {
  const { createRun } = await import('../../../src/run/run-store.js');
  const { createRunId } = await import('../../../src/run/run-id.js');
  const { startMaintenance } = await import('../../../src/maintenance/maintenance-store.js');
  const { readHostFile, writeHostFile } = await import('../../../src/hosts/host-files.js');
  const handle = await createRun(session.store, createRunId(), { parameters: {} });
  const kept = await readHostFile(
    session.store.staging,
    `${session.site.staging.workDir}/runs/${from.run}/trees/kept.json`,
  );
  await writeHostFile(session.store.staging, `${handle.stagingFolder}/trees/kept.json`, kept ?? '[]');
  const copy = await startMaintenance(session, handle.id);
  const { productionTree, checks } = from.record();
  await copy.update((record) => ({
    ...record,
    ...(productionTree === undefined ? {} : { productionTree }),
    ...(checks === undefined ? {} : { checks }),
  }));
  return copy;
}
