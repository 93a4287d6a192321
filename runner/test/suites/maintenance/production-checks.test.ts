import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectFolder } from '../../../../sandbox/runner.js';
import { findMaintenance, type MaintenanceHandle } from '../../../src/maintenance/maintenance-store.js';
import { type MaintenanceRecord } from '../../../src/maintenance/maintenance-record.js';
import { instanceCodeFindings } from '../../../src/pipelines/maintenance/refresh-instances.js';
import { promote } from '../../../src/pipelines/promotion/promote.js';
import { asProductionSession } from '../../../src/pipelines/promotion/with-production.js';
import { restoreBeforePromotion } from '../../../src/pipelines/promotion/promotion-rollback.js';
import { type Outcome } from '../../../src/run/result.js';
import { type Session } from '../../../src/pipelines/session/session.js';
import { releaseLock, takeLock } from '../../../src/run/lock.js';
import {
  createPromoteWorld,
  plugin,
  testedRun,
  writePlugin,
  type PromoteWorld,
} from '../../integration/promote/promote-world.js';

const PLUGIN = 'wp-content/plugins/acme-tool/acme-tool.php';
const THREE = [1, 2, 3] as const;
jest.setTimeout(400_000);

let world: PromoteWorld;
let aws: string;
let first = '';
const environment = { PATH: process.env['PATH'] ?? '', AWS_STAND_IN: process.env['AWS_STAND_IN'] };

/** Three instances of an Auto Scaling group behind CloudFront; the AWS CLI is a stand-in that notes its calls. */
beforeAll(async () => {
  world = await createPromoteWorld({
    discover: { autoScalingGroup: 'acme-web', region: 'eu-central-1' },
    maintenance: {
      checks: { screenshots: { width: 600 } },
      cloudfront: { distribution: 'E2ACME' },
      instanceRefresh: true,
    },
  });
  aws = path.join(world.folder, 'aws');
  await mkdir(aws);
  await writeFile(path.join(aws, 'addresses'), '127.0.0.31\n127.0.0.32\n127.0.0.33\n');
  process.env['PATH'] = `${path.join(projectFolder, 'sandbox/aws')}:${environment.PATH}`;
  process.env['AWS_STAND_IN'] = aws;
});
afterAll(async () => {
  process.env['PATH'] = environment.PATH;
  if (environment.AWS_STAND_IN === undefined) delete process.env['AWS_STAND_IN'];
  await world.stop();
});

const inSession = async (
  work: (session: Session & { readonly said: string[] }) => Promise<Outcome>,
): Promise<string> => {
  const session = await world.session();
  try {
    return `${(await work(session)).summary}\n${session.said.join('')}`;
  } finally {
    await session.close();
  }
};
const promoted = (handle: MaintenanceHandle): Promise<string> =>
  inSession((session) =>
    promote(session, { run: handle.run, approvedBy: 'ada', byPolicy: false, dryRun: false, now: false }),
  );
/** A tested run whose plugin has that version and does that. */
const tested = (version: number, body = ''): Promise<MaintenanceHandle> =>
  testedRun(world, () => writePlugin(world, version, body));

async function recordOf({ run }: MaintenanceHandle): Promise<MaintenanceRecord | undefined> {
  const session = await world.session();
  try {
    return (await findMaintenance(session, run))?.record();
  } finally {
    await session.close();
  }
}

/** What an instance serves, as a request gets it that the firewall knows. */
async function expectVersion(version: number, body = ''): Promise<void> {
  for (const index of THREE) {
    expect(await readFile(world.live(index, PLUGIN), 'utf8')).toBe(plugin(version, body));
    expect(existsSync(world.live(index, '.maintenance'))).toBe(false);
    const page = await world.page(index, { 'X-Acme-Maintenance': 'the word that the firewall knows' });
    expect([page.status, page.body.includes(`acme-tool ${String(version)}`)]).toEqual([200, true]);
  }
}

/** A line that runs for visitors alone: behind the maintenance page all is well. */
const forVisitors = (code: string): string =>
  `if (!isset($_SERVER['HTTP_X_UNDERSTUDY_PROMOTION'])) { ${code} }`;
const calls = async (): Promise<string> => readFile(path.join(aws, 'calls'), 'utf8');

describe('after a promotion production is looked at as visitors get it', () => {
  test('through a firewall that knows the secret header, and stays', async () => {
    await world.closeProduction();
    expect((await world.page(1)).status).toBe(403);
    const handle = await tested(2);
    const said = await promoted(handle);
    expect(said).toContain('Looking at production before the promotion');
    expect(said).not.toContain('CHECKS_BLOCKED');
    const promotion = (await recordOf(handle))?.promotion;
    expect(promotion).toMatchObject({ state: 'complete', checks: { newFailures: 0 } });
    expect(promotion?.checks?.passed).toBeGreaterThan(10);
    first = handle.run;
    await expectVersion(2);
  });

  test('CloudFront forgets the old pages, and the group is asked to refresh its instances', async () => {
    const lines = (await calls()).split('\n');
    expect(lines).toContain(
      'cloudfront create-invalidation --distribution-id E2ACME --output json --paths /*',
    );
    expect(lines).toContain(
      'autoscaling start-instance-refresh --region eu-central-1 --auto-scaling-group-name acme-web --output json',
    );
  });

  test.each([
    [
      'a page that nobody declared',
      "add_action('template_redirect', function () { if (is_feed()) nobody_made_this(); });",
      '/feed/',
    ],
    [
      'an error that only the browser sees',
      "add_action('wp_head', function () { echo '<script>throw new Error(\"lost\")</script>'; });",
      'error in the console',
    ],
    [
      'a file that is missing',
      "add_action('wp_head', function () { echo '<link rel=stylesheet href=/wp-content/gone.css>'; });",
      '/wp-content/gone.css',
    ],
  ])('%s takes the code back by itself', async (_, code, evidence) => {
    const before = (await calls()).split('create-invalidation').length;
    const handle = await tested(3, forVisitors(code));
    await expect(promoted(handle)).rejects.toMatchObject({
      code: 'PROMOTION_ROLLED_BACK',
      details: expect.arrayContaining([
        expect.stringContaining(evidence),
        expect.stringContaining(`--restore-database --run ${handle.run}`),
      ]),
    });
    await expectVersion(2);
    // The database is never put back by itself once visitors could write.
    expect(await world.option('acme_tool_db')).toBe('3');
    const promotion = (await recordOf(handle))?.promotion;
    expect(promotion?.state).toBe('rolled-back');
    expect(promotion?.checks?.failures.join()).toContain(evidence);
    // For the new code, and again for the former.
    expect((await calls()).split('create-invalidation')).toHaveLength(before + 2);
    await writePlugin(world, 2);
  });

  test('what only looks different is told, and stays: content goes on changing there', async () => {
    const body = forVisitors(
      "add_action('wp_head', function () { echo '<style>body { background: #102a43 }</style>'; });",
    );
    const handle = await tested(4, body);
    const said = await promoted(handle);
    expect(said).toContain('PRODUCTION_LOOKS_DIFFERENT');
    expect(said).toContain('/: looks different');
    await expectVersion(4, body);
  });

  test('AWS that refuses is told and stops nothing', async () => {
    for (const operation of ['create-invalidation', 'start-instance-refresh'])
      await writeFile(path.join(aws, `denied-${operation}`), '');
    const said = await promoted(await tested(5));
    expect(said).toContain('CACHES_NOT_CLEARED: CloudFront E2ACME was not invalidated');
    expect(said).toContain('INSTANCES_NOT_REFRESHED');
    await expectVersion(5);
    for (const operation of ['create-invalidation', 'start-instance-refresh'])
      await rm(path.join(aws, `denied-${operation}`));
  });
});

describe('an instance that boots with the former code', () => {
  test('is named when the refresh has ended, and by doctor', async () => {
    const third = world.live(3, PLUGIN);
    const former = path.join(aws, 'former');
    await writeFile(former, plugin(4));
    await writeFile(path.join(aws, 'on-refresh'), `cp ${former} '${third}'\n`);
    const said = await promoted(await tested(5, '// again'));
    expect(said).toContain('Instance refresh of acme-web is complete');
    expect(said).toMatch(/INSTANCES_DIFFER: 127\.0\.0\.33:\d+ came up with other code/);
    const session = await world.session();
    try {
      const [finding, ...others] = await instanceCodeFindings(session);
      expect(finding).toMatchObject({
        severity: 'error',
        code: 'INSTANCES_DIFFER',
        message: expect.stringContaining(PLUGIN),
      });
      expect([finding?.message, others]).toEqual([expect.stringMatching(/^127\.0\.0\.33:\d+ /), []]);
    } finally {
      await session.close();
    }
    await rm(path.join(aws, 'on-refresh'));
    await writeFile(third, plugin(5, '// again'));
    await promoted(await tested(5));
    await expectVersion(5);
  });
});

describe('--restore-database', () => {
  test('needs the run to be named', async () => {
    await expect(
      inSession((session) => restoreBeforePromotion(asProductionSession(session), undefined)),
    ).rejects.toMatchObject({
      code: 'USAGE',
    });
  });

  test('refuses a run after which another one was promoted', async () => {
    await expect(
      inSession((session) => restoreBeforePromotion(asProductionSession(session), first)),
    ).rejects.toMatchObject({
      code: 'PROMOTION_FAILED',
      message: expect.stringContaining('not the last one'),
    });
    await expectVersion(5);
  });

  test('puts code and database back as they were before that promotion; what was written since is gone', async () => {
    const handle = await tested(6);
    await promoted(handle);
    await world.database.query(
      "INSERT INTO wp_options (option_name, option_value) VALUES ('acme_order', 'written since')",
      'acme_production',
    );
    expect([await world.option('acme_tool_db'), await world.option('acme_order')]).toEqual([
      '6',
      'written since',
    ]);
    expect(
      await inSession((session) => restoreBeforePromotion(asProductionSession(session), handle.run)),
    ).toContain('Code and database are as they were');
    await expectVersion(5);
    expect([await world.option('acme_tool_db'), await world.option('acme_order')]).toEqual(['5', '']);
    expect((await recordOf(handle))?.promotion?.state).toBe('rolled-back');
    await writePlugin(world, 5);
  });
});

test('an approval on a frozen day is kept: when the freeze is over nobody is asked again', async () => {
  const handle = await tested(6);
  const file = path.join(world.sites, 'acme.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(
    file,
    text.replace('maintenance:\n', 'maintenance:\n  freeze: ["2020-01-01/2099-12-31"]\n'),
  );
  await expect(promoted(handle)).rejects.toMatchObject({ code: 'PROMOTION_FROZEN' });
  await expectVersion(5);
  await writeFile(file, text);
  await inSession((session) =>
    promote(session, { run: handle.run, byPolicy: false, dryRun: false, now: false }),
  );
  await expectVersion(6);
  expect((await recordOf(handle))?.approval).toMatchObject({ by: 'ada', how: 'person' });
});

describe('the lock', () => {
  test('of its own run lets a promotion through; of another one it keeps it out, and nothing is touched', async () => {
    const handle = await tested(7);
    const session = await world.session();
    try {
      const other = { run: '20261121T201500Z-3f9a1c', phase: 'running', holder: 'grace', build: '' } as const;
      const grant = await takeLock(session.lock, other, 600);
      await expect(promoted(handle)).rejects.toMatchObject({ code: 'LOCKED' });
      await expectVersion(6);
      await releaseLock(session.lock, grant);
      await takeLock(session.lock, { ...other, run: handle.run, phase: 'awaiting-approval' }, 3600);
      await promoted(handle);
    } finally {
      await session.close();
    }
    await expectVersion(7);
  });
});
