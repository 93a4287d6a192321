import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeStaging, LOGIN, type ClosedStaging } from '../../../../sandbox/architectures/closed-staging.js';
import { expectExit } from '../../../../sandbox/architectures/observe.js';
import { secretFile, writeArchitecture, type Change } from '../../../../sandbox/architectures/site-file.js';
import { ensureBundle, type RunnerCall } from '../../../../sandbox/runner.js';
import { createWorld, type World } from '../../../../sandbox/world.js';

let world: World;
let closed: ClosedStaging;
beforeAll(async () => {
  await ensureBundle();
  world = await createWorld();
  closed = await closeStaging(world);
}, 600_000);
afterAll(async () => {
  await closed?.stop();
  await world?.stop();
}, 120_000);

const site = async (name: string, http: Change = {}): Promise<RunnerCall> =>
  writeArchitecture(world, name, {
    staging: {
      url: closed.url,
      http: {
        resolve: `${closed.address}:${closed.port}`,
        ca: closed.ca,
        basicAuth: await secretFile(world, 'login', `${LOGIN.user}:${LOGIN.password}`),
        ...http,
      },
    },
  });

test('is synced and looked at through TLS of a private authority and a password', async () => {
  expect((await closed.get('/')).status).toBe(401);
  const { stdout, stderr } = await expectExit(0, await site('closed'), 'sync', 'acme');
  const page = await closed.get('/', LOGIN);
  expect(page.status).toBe(200);
  expect(page.body).toContain('This is production&#039;s own database');
  expect(page.body).toContain('https://staging.acme.test/');
  expect(page.body).not.toMatch(/www\.acme\.test|http:\/\/staging\.acme\.test/i);
  const own = (await closed.requests()).filter((line) => line.includes(' Understudy'));
  expect(own.filter((line) => line.startsWith(`${LOGIN.user} 200 / `)).length).toBeGreaterThan(0);
  expect(own.filter((line) => / 401 /.test(line))).toEqual([]);
  expect(stdout + stderr).not.toContain(LOGIN.password);
}, 600_000);

test('says why pages cannot be read without the authority, and does not trust the certificate', async () => {
  const call = await site('no-authority', { ca: null });
  const before = (await closed.requests()).length;
  const { stdout, stderr } = await expectExit(0, call, 'sync', 'acme');
  expect(stdout + stderr).toMatch(/certificate/i);
  expect(await closed.requests()).toHaveLength(before);
}, 600_000);
