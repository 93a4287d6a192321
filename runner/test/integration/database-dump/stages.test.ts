import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Site } from '../../../src/config/site.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { backupDatabase } from '../../../src/stages/backup-database.js';
import { type StageContext } from '../../../src/stages/stage.js';
import { transferBackup } from '../../../src/stages/transfer-backup.js';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { loadEveryKind, type Production, productionAt, RUN } from './support.js';

let server: MariaDbServer;
let production: Production;
let staging: string;
let context: StageContext;
const outputs: Record<string, Readonly<Record<string, unknown>>> = {};
const metrics: Record<string, unknown> = {};

beforeAll(async () => {
  server = await startMariaDb();
  production = await productionAt(await loadEveryKind(server));
  staging = await mkdtemp(path.join(os.tmpdir(), 'understudy-staging-'));
  const local = { kind: 'local' } as const;
  // Only what the two stages look at.
  const site = {
    name: 'acme',
    production: {
      address: local,
      workDir: production.folder,
      database: { address: local },
      limits: { waitSeconds: 0 },
    },
    staging: { address: local, workDir: staging },
    content: { route: 'tunnel' },
    database: { structureOnly: ['cache'], exclude: [], alsoInSchema: [] },
    run: { keepBackups: 1, stageTimeoutSeconds: 300 },
  } as unknown as Site;
  const stagingHost = createLocalHost('staging', 'staging');
  context = {
    site,
    run: {
      id: RUN,
      stagingFolder: path.join(staging, 'runs', RUN),
      outputs: (stage: string) => outputs[stage] ?? {},
    },
    hosts: { productionDatabase: async () => production.host, staging: async () => stagingHost },
    database: { production: async () => production.access },
    reporter: {
      step: () => undefined,
      progress: () => undefined,
      warn: () => undefined,
      metric: (name: string, value: unknown) => (metrics[name] = value),
      counts: () => undefined,
    },
    signal: new AbortController().signal,
    dryRun: false,
  } as unknown as StageContext;
});
afterAll(async () => {
  await rm(production.folder, { recursive: true, force: true });
  await rm(staging, { recursive: true, force: true });
  await server.stop();
});

test('preflight has nothing against it, and names the table outside the snapshot', async () => {
  const findings = [
    ...(await backupDatabase.preflight(context)),
    ...(await transferBackup.preflight(context)),
  ];
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(findings.map(({ code }) => code)).toEqual(['DUMP_NOT_TRANSACTIONAL']);
});

test('the plan shows the commands without the password and changes nothing', async () => {
  const lines = [...(await backupDatabase.plan(context)), ...(await transferBackup.plan(context))]
    .map((line) => (typeof line === 'string' ? line : line.detail))
    .join('\n');
  expect(lines).toContain('--single-transaction');
  expect(lines).toContain('rsync');
  expect(lines).not.toContain('wo#rd');
  expect(await readdir(production.folder)).toEqual([]);
  expect(await readdir(staging)).toEqual([]);
});

test('backup, then transfer; older backups of Understudy go', async () => {
  const older = '20250101T000000Z-abcdef';
  for (const folder of [path.join(production.folder, older), path.join(staging, 'runs', older)])
    await mkdir(path.join(folder, 'backup'), { recursive: true });
  const backup = await backupDatabase.run(context);
  outputs['backup-database'] = backup.outputs;
  expect(backup.outputs).toMatchObject({
    tables: 17,
    rows: expect.any(Number),
    manifestSha256: expect.any(String),
  });
  const transfer = await transferBackup.run(context);
  const received = path.join(staging, 'runs', RUN, 'backup');
  const sum = createHash('sha256')
    .update(await readFile(path.join(received, 'manifest.json')))
    .digest('hex');
  expect(sum).toBe(backup.outputs['manifestSha256']);
  expect(transfer.outputs).toMatchObject({
    manifestSha256: sum,
    route: 'local',
    bytes: backup.outputs['bytes'],
  });
  expect(await readdir(path.join(staging, 'runs', older))).toEqual([]);
  expect(await readdir(production.folder)).not.toContain(older);
  expect(metrics).toMatchObject({ tables: 17, 'backups removed from production': 1 });
});

test('a transfer that fails because of its route says which line to change', async () => {
  const refused = { code: 51, stdout: Buffer.alloc(0), stderr: '', seconds: 0 };
  const fault = { severity: 'error', code: 'ROUTE_REFUSED', message: 'no agent', next: 'allow it' } as const;
  const route = {
    kind: 'direct',
    remoteShell: 'ssh',
    remote: 'deploy@understudy-staging',
    run: () => Promise.resolve(refused),
    bytesCarried: () => 0,
    prove: () => Promise.resolve([fault]),
    close: () => Promise.resolve(),
  };
  const routes = { open: () => Promise.resolve(route) };
  await expect(transferBackup.run({ ...context, routes } as unknown as StageContext)).rejects.toMatchObject({
    code: 'ROUTE_REFUSED',
    message: 'no agent',
    details: ['rsync ended with exit code 51.'],
    next: 'allow it',
  });
});

test.each([
  ['a route that the run began with is opened, not proven again', 5, 'complete', 'start'],
  ['one that was proven long ago is proven again', 45, 'complete', 'check'],
  ['one of a run that has not begun is proven', 0, undefined, 'check'],
])('%s', async (_, minutes, state, expected) => {
  const asked: string[] = [];
  const routes = {
    start: () => (asked.push('start'), Promise.resolve([])),
    check: () => (asked.push('check'), Promise.resolve([])),
  };
  const record = {
    createdAt: new Date(Date.now() - minutes * 60_000).toISOString(),
    stages: state === undefined ? {} : { 'sync-content': { state } },
  };
  const { site, run } = context;
  const own = { ...site.production, database: { address: { kind: 'ssh' } } };
  const other = {
    ...context,
    site: { ...site, production: own },
    run: { ...run, record: () => record },
    routes,
  };
  await transferBackup.preflight(other as unknown as StageContext);
  expect(asked).toEqual([expected]);
});
