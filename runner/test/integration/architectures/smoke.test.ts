import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { createDockerWorld, type DockerWorld } from '../../../../sandbox/architectures/docker-world.js';
import { everything, expectExit, leftovers, served } from '../../../../sandbox/architectures/observe.js';
import { nameDatabase, oneServer, shareServer } from '../../../../sandbox/architectures/one-server.js';
import { writeArchitecture, type Change } from '../../../../sandbox/architectures/site-file.js';
import { ensureBundle } from '../../../../sandbox/runner.js';
import { startSshd, type SshServer } from '../../../../sandbox/servers/sshd.js';
import { createWorld, type World } from '../../../../sandbox/world.js';

const isRoot = process.getuid?.() === 0;

beforeAll(ensureBundle, 120_000);

// The database container has no network: the runner comes to it through `docker exec` alone.
(isRoot ? describe : describe.skip)('staging in Docker containers', () => {
  let docker: DockerWorld;
  beforeAll(async () => {
    docker = await createDockerWorld('socket');
  }, 600_000);
  afterAll(async () => docker?.stop(), 120_000);

  test('is synced through all six stages; Portainer restarts it afterwards', async () => {
    const { world, call, portainer } = docker;
    const before = await served(world);
    expect(before['/']).toContain('Acme Theatre, last season');
    await expectExit(0, call, 'sync', 'acme');
    const page = await world.get(world.staging, '/');
    expect(page.status).toBe(200);
    expect(page.body).toContain('<title>Acme Theatre &#8211; This is production&#039;s own database');
    expect(page.body).not.toMatch(/www\.acme\.test/i);
    // Asked for before anything changes, restarted once.
    expect(portainer.calls).toEqual(['GET /api/status', 'POST /api/stacks/webhooks/7f1e-secret-hook']);
    expect(await leftovers(world)).toEqual([]);
  }, 600_000);
});

describe('a staging that turns out to be production', () => {
  let world: World;
  let putBack: () => Promise<void>;
  let secondDoor: SshServer;
  let isMounted = false;
  const mounted = (): string => path.join(world.hosts.staging.folder, 'www/mounted');
  beforeAll(async () => {
    world = await createWorld();
    const { home, folder } = world.hosts['production-app'];
    const authorizedKeys = [execFileSync('ssh-keygen', ['-y', '-f', world.keyFile]).toString().trim()];
    // Another name, another port and another host key of production's own machine.
    secondDoor = await startSshd({
      folder: path.join(folder, 'sshd/second'),
      authorizedKeys,
      address: '127.0.0.21',
      home,
    });
    putBack = await shareServer(world);
    await symlink(world.production.root, path.join(world.hosts.staging.folder, 'www/linked'));
    await symlink(world.production.root, path.join(folder, 'www/alias'));
    await mkdir(mounted());
    if (!isRoot) return;
    execFileSync('mount', ['--bind', world.production.root, mounted()]);
    isMounted = true;
  }, 600_000);
  afterAll(async () => {
    if (isMounted) execFileSync('umount', [mounted()]);
    await secondDoor?.stop();
    await world?.stop();
  }, 120_000);

  /** Exit 3 with this code, and not a byte is written on any host or in any database. */
  async function refused(
    name: string,
    change: Change,
    code: string,
    said: RegExp,
    one = true,
  ): Promise<void> {
    const call = one ? await oneServer(world, name, change) : await writeArchitecture(world, name, change);
    const before = await everything(world);
    const { stdout, stderr } = await expectExit(3, call, 'sync', 'acme');
    expect(stdout + stderr).toContain(code);
    expect(stdout + stderr).toMatch(said);
    expect(await everything(world)).toEqual(before);
    expect(existsSync(path.join(call.workspace, 'home/.understudy'))).toBe(false);
  }

  test('refuses one server, unless it is allowed', async () => {
    await refused('not-shared', {}, 'DATABASE_IS_PRODUCTION', /same server/);
  }, 300_000);

  test('refuses one schema, also where the server may be shared', async () => {
    const { server, database: name, account } = world.production;
    const back = await nameDatabase(world.staging.root, { server, name, account });
    try {
      await refused(
        'same-schema',
        { staging: { sharesServer: true } },
        'DATABASE_IS_PRODUCTION',
        /same schema acme_production/,
      );
      // Two servers, as far as the site file knows: only wp-config.php shows it.
      await refused('over-ssh', {}, 'DATABASE_IS_PRODUCTION', /same schema acme_production/, false);
    } finally {
      await back();
    }
  }, 300_000);

  test('refuses a symbolic link to the files of production', async () => {
    await refused(
      'linked',
      { staging: { sharesServer: true, path: path.join(world.hosts.staging.folder, 'www/linked') } },
      'STAGING_IS_PRODUCTION',
      /www\/linked/,
    );
  }, 300_000);

  test('refuses a folder of production that is linked into staging', async () => {
    const link = path.join(world.staging.root, 'wp-content/shared');
    await symlink(path.join(world.production.root, 'wp-content/plugins'), link);
    try {
      await refused(
        'part-linked',
        { staging: { sharesServer: true } },
        'STAGING_IS_PRODUCTION',
        /wp-content\/shared/,
      );
    } finally {
      await rm(link);
    }
  }, 300_000);

  (isRoot ? test : test.skip)(
    'refuses a bind mount of the files of production',
    async () => {
      await refused(
        'mounted',
        { staging: { sharesServer: true, path: mounted() } },
        'STAGING_IS_PRODUCTION',
        /www\/mounted/,
      );
    },
    300_000,
  );

  (isRoot ? test : test.skip)(
    'refuses production under another name',
    async () => {
      const { address: host, port, hostKey } = secondDoor;
      const alias = path.join(world.hosts['production-app'].folder, 'www/alias');
      await refused(
        'other-name',
        { staging: { ssh: { host, port, hostKey }, path: alias } },
        'STAGING_IS_PRODUCTION',
        /is production/,
        false,
      );
    },
    300_000,
  );

  test('lets one server with two folders and two schemas through, and copies', async () => {
    const call = await oneServer(world, 'allowed', { staging: { sharesServer: true } });
    const ours = path.join(world.production.root, 'wp-content/mu-plugins/acme-code.php');
    const [production, code] = [await world.get(world.production, '/'), await readFile(ours, 'utf8')];
    await expectExit(0, call, 'sync', 'acme');
    const page = await world.get(world.staging, '/');
    expect(page.body).toContain('This is production&#039;s own database');
    expect(page.body).not.toMatch(/www\.acme\.test/i);
    expect((await world.get(world.production, '/')).body).toBe(production.body);
    expect(await readFile(ours, 'utf8')).toBe(code);
    expect(await world.production.server.query("SHOW DATABASES LIKE 'acme%'")).toMatch(
      /^acme_production\nacme_second\n(acme_second_understudy_old_\d+\n)?$/,
    );
    await putBack();
  }, 600_000);
});
