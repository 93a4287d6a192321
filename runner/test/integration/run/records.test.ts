import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Site } from '../../../src/config/site.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { createRun, listRuns, openRun, type RunStore } from '../../../src/run/run-store.js';

const OLDER = '20261101T080000Z-000001';
const NEWER = '20261102T080000Z-000002';
let store: RunStore;

beforeAll(async () => {
  const stagingWorkDir = await mkdtemp(path.join(tmpdir(), 'understudy-records-'));
  store = {
    staging: createLocalHost('staging', 'staging'),
    stagingWorkDir,
    site: { name: 'acme', type: 'wordpress', digest: 'digest' } as Site,
  };
});

afterAll(() => rm(store.stagingWorkDir, { recursive: true, force: true }));

const put = async (id: string, text: string): Promise<string> => {
  const folder = path.join(store.stagingWorkDir, 'runs', id);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'record.json'), text);
  return path.join(folder, 'record.json');
};

test('where nothing ever ran there are no runs', async () => {
  expect(await listRuns(store)).toEqual([]);
});

test('all runs, the newest first; what holds no valid record is left out', async () => {
  const parameters = { allowDeletions: false };
  const older = await createRun(store, OLDER, { parameters });
  const newer = await createRun(store, NEWER, { parameters });
  await put('20261103T080000Z-000003', '');
  await put('20261104T080000Z-000004', '{"version":1}\nunderstudy-');
  await put('20261105T080000Z-000005', `${JSON.stringify(newer.record())}\n`);
  await put('of-somebody-else', `${JSON.stringify(newer.record())}\n`);
  await mkdir(path.join(store.stagingWorkDir, 'runs/20261106T080000Z-000006'));
  const hidden = await put('20261107T080000Z-000007', 'not to be read');
  await chmod(hidden, 0o000);
  expect(await listRuns(store)).toEqual([newer.record(), older.record()]);
});

test('one run by its name', async () => {
  expect((await openRun(store, OLDER)).record().id).toBe(OLDER);
  await expect(openRun(store, '20261108T080000Z-000008')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
});
