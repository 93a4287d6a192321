import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Site } from '../../../src/config/site.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { openMaintenance } from '../../../src/maintenance/maintenance-store.js';
import { type RunStore } from '../../../src/run/run-record.js';
import { createRun, listRuns, openRun } from '../../../src/run/run-store.js';
import { assertSameWorkFolder } from '../../../src/run/work-folders.js';
import { openRunWorkspace, saveRecordCopy } from '../../../src/run/workspace.js';

const OLDER = '20261101T080000Z-000001';
const NEWER = '20261102T080000Z-000002';
let folder: string;
let store: RunStore;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'understudy-records-'));
  store = {
    staging: createLocalHost('staging', 'staging'),
    stagingWorkDir: path.join(folder, 'home/.understudy/acme'),
    site: { name: 'acme', type: 'wordpress', digest: 'digest', production: { workDir: '/srv/work' } } as Site,
    workspace: path.join(folder, 'workspace'),
  };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const put = async (id: string, text: string): Promise<string> => {
  const runFolder = path.join(store.stagingWorkDir, 'runs', id);
  await mkdir(runFolder, { recursive: true });
  await writeFile(path.join(runFolder, 'record.json'), text);
  return path.join(runFolder, 'record.json');
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

test('a work folder that changed under a run is named, wherever its record is found', async () => {
  const run = await createRun(store, '20261109T080000Z-000009', { parameters: {} });
  const moved = { ...store, stagingWorkDir: path.join(folder, 'other-home/.understudy/acme') };
  const changed = {
    code: 'WORK_FOLDER_CHANGED',
    message: `The work folder on staging was ${store.stagingWorkDir} when run ${run.id} began, and is ${moved.stagingWorkDir} now.`,
  };
  // Nothing on this machine knows of the run.
  await expect(openRun(moved, run.id)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  saveRecordCopy(openRunWorkspace(store.workspace, 'acme', run.id), run.record());
  await expect(openRun(moved, run.id)).rejects.toMatchObject(changed);
  await expect(openMaintenance({ store: moved, workspace: store.workspace }, run.id)).rejects.toMatchObject(
    changed,
  );
  await cp(store.stagingWorkDir, moved.stagingWorkDir, {
    recursive: true,
    filter: (file) => !file.includes('000007'),
  });
  await expect(openRun(moved, run.id)).rejects.toMatchObject(changed);
  expect((await openRun(store, run.id)).id).toBe(run.id);
  expect(() => {
    assertSameWorkFolder(
      run.record(),
      { ...store, site: { ...store.site, production: { ...store.site.production, workDir: '/root/work' } } },
      'production',
    );
  }).toThrow(/on production was \/srv\/work when .* and is \/root\/work now/);
});
