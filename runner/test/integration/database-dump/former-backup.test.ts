import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type CreatedBackup } from '../../../src/database/dump/create-backup.js';
import { transferFiles, type TransferredBackup } from '../../../src/database/dump/transfer.js';
import { readBackup } from '../../../src/database/restore/read-backup.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import {
  backUp,
  contents,
  loadEveryKind,
  type Production,
  productionAt,
  routeFrom,
  SCHEMA,
} from './support.js';

const [FIRST, SECOND] = ['20261121T201500Z-3f9a1c', '20261122T201500Z-4e8b2d'];
/** An original, and the same rows after one in a hundred changed, some came in the middle and some went. */
const CHANGES = `
UPDATE \`many rows\` SET note = CONCAT(note, ' changed ', MD5(id)) WHERE id % 100 = 0;
INSERT INTO \`many rows\` SELECT id + 1, CONCAT('new ', MD5(id)) FROM \`many rows\` WHERE id BETWEEN 20000 AND 20100;
DELETE FROM \`many rows\` WHERE id BETWEEN 30000 AND 30050;`;

let server: MariaDbServer;
let production: Production;
let second: CreatedBackup;
let staging: string;
const target = createLocalHost('staging', 'staging');
const retries: string[] = [];
const before = process.env['PATH'];

beforeAll(async () => {
  server = await startMariaDb();
  production = await productionAt(await loadEveryKind(server));
  await server.query(
    `CREATE TABLE \`many rows\` (id int PRIMARY KEY, note text);
    INSERT INTO \`many rows\` SELECT seq * 2, REPEAT(MD5(seq), 6) FROM seq_1_to_30000`,
    SCHEMA,
  );
  const first = await backUp(production, order(FIRST));
  staging = await mkdtemp(path.join(os.tmpdir(), 'understudy-former-'));
  await transfer(FIRST, first);
  await server.query(CHANGES, SCHEMA);
  second = await backUp(production, order(SECOND));
  execFileSync('cp', ['-a', staging, `${staging}.kept`]);
});
afterAll(async () => {
  for (const folder of [production.folder, staging, `${staging}.kept`])
    await rm(folder, { recursive: true, force: true });
  await server.stop();
});
beforeEach(() => {
  retries.length = 0;
});
afterEach(async () => {
  process.env['PATH'] = before;
  await rm(staging, { recursive: true, force: true });
  execFileSync('cp', ['-a', `${staging}.kept`, staging]);
});

const order = (run: string) => ({ run, folder: path.join(production.folder, run, 'backup') });
const onStaging = (run: string) => path.join(staging, 'runs', run, 'backup');

/** Both ends are here; what of it counts for the transfer is `kind`. */
async function transfer(
  run: string,
  { manifestSha256 }: CreatedBackup,
  kind: 'tunnel' | 'local' = 'tunnel',
): Promise<TransferredBackup> {
  const route = await routeFrom(production);
  return transferFiles({
    client: production.host,
    target,
    route: { ...route, kind },
    source: order(run).folder,
    destination: onStaging(run),
    manifestSha256,
    run,
    site: 'acme',
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onRetry: (why) => retries.push(why),
    timeoutSeconds: 60,
  });
}

/** By a reader that is not the transfer's: what the next stages compare. */
async function expectWhole({ manifestSha256 }: TransferredBackup): Promise<void> {
  await readBackup(target, onStaging(SECOND), manifestSha256);
  const [here, there] = [await contents(onStaging(SECOND)), await contents(order(SECOND).folder)];
  for (const files of [here, there])
    for (const name of [...files.keys()])
      if (!/^(schema|objects|data\/.*)\.sql$/.test(name)) files.delete(name);
  expect(here).toEqual(there);
  expect((await readdir(onStaging(SECOND))).sort()).toEqual([
    'data',
    'manifest.json',
    'objects.sql.zst',
    'schema.sql.zst',
  ]);
}

/** A program of this name comes first in PATH, on both sides. */
async function instead(program: string, script: string): Promise<void> {
  const folder = path.join(staging, 'bin');
  await mkdir(folder);
  await writeFile(path.join(folder, program), `#!/bin/sh\n${script}\n`);
  await chmod(path.join(folder, program), 0o755);
  process.env['PATH'] = `${folder}:${before ?? ''}`;
}

const keptShard = () => path.join(onStaging(FIRST), 'data/0002.sql.zst');

test('one row in a hundred changed: at most a tenth of the bytes travels', async () => {
  const kept = await contents(onStaging(FIRST));
  const sent = await transfer(SECOND, second);
  await expectWhole(sent);
  expect(sent.sentBytes).toBeLessThan(sent.bytes / 10);
  expect(sent.manifestSha256).toBe(second.manifestSha256);
  expect(retries).toEqual([]);
  expect(await contents(onStaging(FIRST))).toEqual(kept);
  // What is there is not sent again.
  const again = await transfer(SECOND, second);
  await expectWhole(again);
  expect(again.sentBytes).toBeLessThan(10_000);
});

test('another zstd on staging gives other bytes of the same rows, and the manifest there says which', async () => {
  await instead('zstd', `[ "$*" = "-1 -q -c" ] && set -- -5 -q -c; exec /usr/bin/zstd "$@"`);
  const sent = await transfer(SECOND, second);
  await expectWhole(sent);
  expect(sent.manifestSha256).not.toBe(second.manifestSha256);
  expect(sent.sentBytes).toBeLessThan(sent.bytes / 10);
  expect(retries).toEqual([]);
});

test.each([
  ['has other bytes', async () => writeFile(keptShard(), 'other bytes')],
  ['is cut off', async () => truncate(keptShard(), 1000)],
  ['is a link', async () => rm(keptShard()).then(() => symlink('/dev/zero', keptShard()))],
  ['is not there', async () => rm(keptShard())],
])('a shard of the former backup that %s costs bytes, and nothing else', async (_what, damage) => {
  await damage();
  const sent = await transfer(SECOND, second);
  await expectWhole(sent);
  expect(retries.join()).toContain('sent again');
});

test.each([
  [
    'a zstd that makes no patches',
    async () => instead('zstd', 'case "$*" in *patch-from*) exit 1; esac; exec /usr/bin/zstd "$@"'),
  ],
  ['a former backup without a manifest', async () => rm(path.join(onStaging(FIRST), 'manifest.json'))],
  [
    'a former backup that production does not know',
    async () =>
      execFileSync('mv', [
        path.dirname(onStaging(FIRST)),
        path.join(staging, 'runs/20261120T201500Z-000000'),
      ]),
  ],
])('with %s everything travels', async (_what, change) => {
  await change();
  const sent = await transfer(SECOND, second);
  await expectWhole(sent);
  expect(sent.sentBytes).toBeGreaterThan(sent.bytes);
  expect(retries).toEqual([]);
});

test('a folder in the place of a shard does not take it in', async () => {
  await mkdir(path.join(onStaging(SECOND), 'data/0002.sql.zst'), { recursive: true });
  const sent = await transfer(SECOND, second);
  await expectWhole(sent);
  expect(sent.sentBytes).toBeLessThan(sent.bytes / 10);
});

test('of a shard of the former backup that holds more than it should, only what it should is read', async () => {
  execFileSync('sh', ['-c', `zstd -q -c /usr/bin/bash >>'${keptShard()}'`]);
  const sent = await transfer(SECOND, second);
  await expectWhole(sent);
  expect(sent.sentBytes).toBeLessThan(sent.bytes / 10);
});

test('on one machine what changed is copied whole', async () => {
  const sent = await transfer(SECOND, second, 'local');
  await expectWhole(sent);
  expect(sent.sentBytes).toBeGreaterThan(sent.bytes / 2);
});

test('a former backup of another site is not touched', async () => {
  const file = path.join(order(FIRST).folder, 'manifest.json');
  const manifest = await readFile(file, 'utf8');
  try {
    await writeFile(file, manifest.replace('"site": "acme"', '"site": "other"'));
    const sent = await transfer(SECOND, second);
    await expectWhole(sent);
    expect(sent.sentBytes).toBeGreaterThan(sent.bytes);
  } finally {
    await writeFile(file, manifest);
  }
});

test('a connection that breaks among patches is taken up again', async () => {
  const once = path.join(staging, 'once');
  await instead('rsync', `[ -e ${once} ] || { : >${once}; exit 12; }\nexec /usr/bin/rsync "$@"`);
  const sent = await transfer(SECOND, second);
  await expectWhole(sent);
  expect(sent.sentBytes).toBeLessThan(sent.bytes / 10);
  expect(retries).toEqual([
    'The connection was lost (rsync exit code 12); the transfer resumes where it stopped.',
  ]);
});
