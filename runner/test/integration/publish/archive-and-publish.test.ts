import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type GitServer, startGitServer } from '../../../../sandbox/archive/archive-host.js';
import { generateKey } from '../../../../sandbox/servers/keys.js';
import { archiveSite } from '../../../src/pipelines/maintenance/archive.js';
import { publishSite } from '../../../src/pipelines/maintenance/publish-site.js';
import { openSession, type Session } from '../../../src/pipelines/session/session.js';
import { startMaintenance } from '../../../src/maintenance/maintenance-store.js';
import { USUAL_LAYOUT } from '../../../src/wordpress/site/site-layout.js';
import { recordTestedTree } from '../../../src/maintenance/tree/run-trees.js';
import { createRun } from '../../../src/run/run-store.js';
import { freeLock } from '../../../src/pipelines/session/run-lock.js';
import { readLock } from '../../../src/run/lock.js';
import { type SshAddress } from '../../../src/config/site.js';
import { type ArchiveWorld, createArchiveWorld, put } from '../archive/archive-world.js';
import { item, RUN } from './publish-world.js';

let world: ArchiveWorld;
let server: GitServer;
let session: Session;
const reported: string[] = [];

const sshOf = (address: SshAddress): object => ({
  host: address.host,
  port: address.port,
  user: address.user,
  key: { file: address.key?.source === 'file' ? address.key.path : '' },
  hostKey: address.hostKeys[0],
});

beforeAll(async () => {
  world = await createArchiveWorld();
  const deploy = await generateKey(path.join(world.folder, 'keys'), 'deploy');
  server = await startGitServer({
    folder: path.join(world.folder, 'github'),
    deployKey: deploy.publicKey,
    name: 'acme/website',
  });
  // Promoted code that is never archived would give the archive another digest; archive-tree.test.ts has it.
  for (const name of ['id_rsa', 'backup.sql.gz'])
    rmSync(path.join(world.stagingRoot, 'wp-content/plugins/jetpack', name));
  const production = path.join(world.folder, 'production/www');
  cpSync(world.stagingRoot, production, { recursive: true, verbatimSymlinks: true });
  const site = await world.site({
    production: {
      url: 'https://www.acme.test',
      ssh: sshOf(world.archiveAddress),
      path: production,
      workDir: '~/production-work',
    },
    staging: { url: 'https://staging.acme.test', ssh: sshOf(world.stagingAddress), path: world.stagingRoot },
    archive: { ssh: sshOf(world.archiveAddress), path: world.efs },
    publish: {
      repository: server.url,
      author: { name: 'Acme maintenance', email: 'web@acme.test' },
      key: { file: deploy.privateKeyFile },
      hostKey: server.hostKey,
    },
  });
  session = await openSession(site, {
    console: {
      line: (text) => reported.push(text),
      block: (text) => reported.push(text),
      note: (text) => reported.push(text),
      data: () => undefined,
      quiet: false,
      verbose: false,
      transient: () => undefined,
      terminal: false,
      columns: 120,
    },
    signal: new AbortController().signal,
    workspace: path.join(world.folder, 'workspace'),
  });
});
afterAll(async () => {
  await session.close();
  await server.stop();
  await world.stop();
});

/** What update and promote leave behind. */
async function promote(id = RUN): Promise<string> {
  // Another process than the session's, whose lock is over.
  const store = { ...session.store, staging: session.lock.staging };
  const run = await createRun(store, id, { parameters: {} });
  const maintenance = await startMaintenance({ ...session, store }, id);
  const place = {
    site: session.site,
    staging: store.staging,
    stagingFolder: run.stagingFolder,
    layout: () => Promise.resolve(USUAL_LAYOUT),
  };
  const testedTree = await recordTestedTree(place);
  const { digest } = testedTree;
  const at = new Date().toISOString();
  await maintenance.update((record) => ({
    ...record,
    items: [item('plugin', 'akismet', '5.3', '5.3.1')],
    testedTree,
    approval: { by: 'ada', at, how: 'person', digest },
    promotion: {
      startedAt: at,
      finishedAt: at,
      state: 'complete',
      hosts: [{ host: 'one', digest }],
      backup: '',
      pageSeconds: 1,
    },
  }));
  return digest;
}

const recordNow = (id = RUN): { readonly archive?: { readonly digest: string } } =>
  JSON.parse(readFileSync(path.join(session.workspace, 'acme', id, 'maintenance.json'), 'utf8')) as {
    readonly archive?: { readonly digest: string };
  };

test('nothing is archived or published before a promotion', async () => {
  await expect(archiveSite(session, { allowDeletions: false, dryRun: false })).rejects.toMatchObject({
    code: 'NOTHING_PROMOTED',
  });
});

test('staging → EFS → git server, each over ssh; the record names digest and commit', async () => {
  const digest = await promote();
  await expect(publishSite(session, { overwrite: false, dryRun: false })).rejects.toMatchObject({
    code: 'NOTHING_ARCHIVED',
  });
  expect((await archiveSite(session, { allowDeletions: false, dryRun: true })).summary).toContain('dry run');
  expect(readdirSync(world.efs)).toEqual([]);
  await archiveSite(session, { allowDeletions: false, dryRun: false });
  expect(recordNow()).toMatchObject({ archive: { digest } });
  await publishSite(session, { overwrite: false, dryRun: false });
  const head = (await server.git('rev-parse', 'main')).trim();
  expect(recordNow()).toMatchObject({ publish: { commits: [head], branch: 'main' } });
  expect(await server.git('log', '-1', '--format=%B', 'main')).toContain(
    `Understudy-Tree: ${digest}\nApproved-by: ada`,
  );
  expect(await readLock(session.lock)).toBeUndefined();
});

test('the deploy key is on no disk of the archive host, and nothing of a route stays there', () => {
  const found = spawnSync('grep', ['-rl', 'PRIVATE KEY', `${world.archiveHome}/.understudy`], {
    encoding: 'utf8',
  });
  expect([found.status, found.stdout]).toEqual([1, '']);
  const left = execFileSync(
    'find',
    [world.archiveHome, '-name', 'known_hosts*', '-o', '-name', '*.pid', '-o', '-name', '*.lock'],
    { encoding: 'utf8' },
  );
  expect(left).toBe('');
});

test('a second publish finds nothing to do; a staging that changed is refused with the difference', async () => {
  const again = await publishSite(session, { overwrite: false, dryRun: false });
  expect(again.summary).toContain('nothing to commit');
  await put(world.stagingRoot, 'wp-content/plugins/akismet/backdoor.php', '<?php\n');
  await expect(archiveSite(session, { allowDeletions: false, dryRun: false })).rejects.toMatchObject({
    code: 'ARCHIVE_TREE_DIFFERS',
    details: expect.arrayContaining(['+ wp-content/plugins/akismet/backdoor.php']) as unknown,
  });
  await put(world.efs, 'index.php', '<?php // changed on EFS\n');
  await expect(publishSite(session, { overwrite: false, dryRun: false })).rejects.toMatchObject({
    code: 'PUBLISH_TREE_CHANGED',
  });
});

test('a key among the promoted files is named and goes neither to EFS nor to GitHub; the rest does', async () => {
  const key = 'wp-content/plugins/jetpack/id_rsa';
  const later = '20261122T201500Z-3f9a1c';
  rmSync(path.join(world.stagingRoot, 'wp-content/plugins/akismet/backdoor.php'));
  for (const root of [world.stagingRoot, path.join(world.folder, 'production/www')]) {
    await put(root, key, 'a private key\n');
    await put(root, 'wp-content/plugins/akismet/new.php', '<?php // of this month\n');
  }
  // A publication that failed keeps the lock for the next try.
  expect(await freeLock(session, RUN)).toBe('released');
  const digest = await promote(later);
  reported.length = 0;
  await archiveSite(session, { run: later, allowDeletions: false, dryRun: false });
  expect(reported.join('\n')).toContain(`ARCHIVE_LEFT_OUT: 1 promoted files are not archived`);
  expect(reported.join('\n')).toContain(key);
  const archived = recordNow(later).archive?.digest;
  expect(archived).not.toBe(digest);
  await publishSite(session, { run: later, overwrite: false, dryRun: false });
  expect(readdirSync(path.join(world.efs, path.dirname(key)))).not.toContain('id_rsa');
  const files = await server.git('ls-tree', '-r', '--name-only', 'main');
  expect(files).toContain('wp-content/plugins/akismet/new.php');
  expect(files).not.toContain('id_rsa');
  expect(await server.git('log', '-1', '--format=%B', 'main')).toContain(
    `Understudy-Tree: ${archived ?? ''}`,
  );
});
