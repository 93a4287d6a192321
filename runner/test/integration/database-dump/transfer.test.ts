import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type CreatedBackup } from '../../../src/database/dump/create-backup.js';
import { type TransferOrder } from '../../../src/database/dump/patched-files.js';
import { transferFiles } from '../../../src/database/dump/transfer.js';
import { joinedRoute } from '../../../src/hosts/route/joined-route.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { backUp, contents, loadEveryKind, type Production, productionAt, routeFrom, RUN } from './support.js';

let server: MariaDbServer;
let production: Production;
let backup: CreatedBackup;
let source: string;
let staging: string;
const retries: string[] = [];

beforeAll(async () => {
  server = await startMariaDb();
  production = await productionAt(await loadEveryKind(server));
  backup = await backUp(production);
  source = path.join(production.folder, RUN, 'backup');
});
afterAll(async () => {
  await rm(production.folder, { recursive: true, force: true });
  await server.stop();
});
beforeEach(async () => {
  staging = await mkdtemp(path.join(os.tmpdir(), 'understudy-staging-'));
  retries.length = 0;
});
afterEach(() => rm(staging, { recursive: true, force: true }));

const destination = () => path.join(staging, 'runs', RUN, 'backup');

async function transfer(changes: Partial<TransferOrder> = {}) {
  const route = await routeFrom(production);
  return transferFiles({
    client: production.host,
    target: createLocalHost('staging', 'staging'),
    route,
    source,
    destination: destination(),
    manifestSha256: backup.manifestSha256,
    run: RUN,
    site: 'acme',
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onRetry: (why) => retries.push(why),
    timeoutSeconds: 60,
    ...changes,
  });
}

test('the files arrive as they are', async () => {
  const { manifest } = await transfer();
  expect(manifest).toEqual(backup.manifest);
  expect(await contents(destination())).toEqual(await contents(source));
  expect(retries).toEqual([]);
});

test('what an earlier attempt left is completed; what does not belong to the backup goes', async () => {
  await transfer();
  await truncate(path.join(destination(), 'objects.sql.zst'), 100);
  await writeFile(path.join(destination(), 'data', '0099.sql.zst'), 'of another backup');
  await symlink('/etc/passwd', path.join(destination(), 'stray'));
  await transfer();
  expect(await contents(destination())).toEqual(await contents(source));
  expect(execFileSync('ls', ['-A', destination()]).toString()).toBe(
    'data\nmanifest.json\nobjects.sql.zst\nschema.sql.zst\n',
  );
});

test('a file that arrived with other bytes of the same length is found and sent again', async () => {
  await transfer();
  const file = path.join(destination(), 'data/0001.sql.zst');
  const bytes = await readFile(file);
  bytes[10] = (bytes[10] ?? 0) ^ 0xff;
  await writeFile(file, bytes);
  execFileSync('touch', ['-r', path.join(source, 'data/0001.sql.zst'), file]);
  await transfer();
  expect(retries).toEqual(['1 file differs from the manifest (data/0001.sql.zst), sent again.']);
  expect(await contents(destination())).toEqual(await contents(source));
});

/** Through this process, as between hosts. */
const joined = () =>
  joinedRoute({
    client: production.host,
    clientWorkDir: production.folder,
    target: createLocalHost('staging', 'staging'),
  });

test('a small backup comes in one stream, without rsync', async () => {
  const route = { ...joined(), run: () => Promise.reject(new Error('rsync was asked for')) };
  const { bytes, sentBytes } = await transfer({ route });
  expect(await contents(destination())).toEqual(await contents(source));
  expect([sentBytes > bytes, route.bytesCarried() === sentBytes]).toEqual([true, true]);
});

test('a stream that ends early leaves the files to rsync, and nothing half made', async () => {
  const [shortened, carried]: [number[], string[]] = [[], []];
  const route = joined();
  const { carry } = route;
  if (carry === undefined) throw new Error('the route carries nothing');
  const short: typeof carry = (from, to, options) => {
    carried.push(to.effect);
    // One file less than the far end was told of.
    return carry({ ...from, argv: ['cat', '--', ...from.argv.slice(3)] }, to, options).catch(
      (cause: unknown) => {
        shortened.push(1);
        throw cause;
      },
    );
  };
  await transfer({ route: { ...route, carry: short } });
  expect({ shortened, carried }).toEqual({ shortened: [1], carried: ['write'] });
  expect(await contents(destination())).toEqual(await contents(source));
  expect(execFileSync('ls', ['-A', destination()]).toString()).toBe(
    'data\nmanifest.json\nobjects.sql.zst\nschema.sql.zst\n',
  );
});

test('a file that is wrong on production is named', async () => {
  const copy = path.join(staging, 'copy');
  await mkdir(copy);
  execFileSync('cp', ['-a', `${source}/.`, copy]);
  await appendFile(path.join(copy, 'schema.sql.zst'), 'x');
  await expect(transfer({ source: copy })).rejects.toMatchObject({
    code: 'TRANSFER_FAILED',
    details: ['schema.sql.zst'],
  });
});

test.each([
  ['another manifest than the run wrote', { manifestSha256: '0'.repeat(64) }],
  ['the backup of another run', { run: '20200101T000000Z-000000' }],
  ['a folder without a manifest', { source: os.tmpdir() }],
])('%s is refused', async (_name, changes) => {
  await expect(transfer(changes)).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
});

test('a connection that breaks is taken up again', async () => {
  const programs = path.join(staging, 'bin');
  await mkdir(programs);
  const once = path.join(staging, 'once');
  await writeFile(
    path.join(programs, 'rsync'),
    `#!/bin/sh\n[ -e ${once} ] || { : >${once}; exit 12; }\nexec /usr/bin/rsync "$@"\n`,
  );
  await chmod(path.join(programs, 'rsync'), 0o755);
  const before = process.env['PATH'];
  process.env['PATH'] = `${programs}:${before ?? ''}`;
  try {
    await transfer();
  } finally {
    process.env['PATH'] = before;
  }
  expect(retries).toEqual([
    'The connection was lost (rsync exit code 12); the transfer resumes where it stopped.',
  ]);
  expect(await contents(destination())).toEqual(await contents(source));
});
