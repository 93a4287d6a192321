import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { everything, expectExit, leftovers } from '../../../../sandbox/architectures/observe.js';
import { writeArchitecture, type Change } from '../../../../sandbox/architectures/site-file.js';
import { ensureBundle, type RunnerCall } from '../../../../sandbox/runner.js';
import { generateKey } from '../../../../sandbox/servers/keys.js';
import { startSshd, type SshServer } from '../../../../sandbox/servers/sshd.js';
import { createWorld, type World } from '../../../../sandbox/world.js';

let world: World;
let bastion: SshServer;
let bastionKey: string;
beforeAll(async () => {
  await ensureBundle();
  world = await createWorld({ sshd: { 'production-app': ['AllowTcpForwarding local'] } });
  const key = await generateKey(path.join(world.folder, 'keys'), 'bastion');
  bastionKey = key.privateKeyFile;
  bastion = await startSshd({
    folder: path.join(world.folder, 'bastion'),
    home: path.join(world.folder, 'bastion-home'),
    authorizedKeys: [key.publicKey],
    address: '127.0.0.31',
    config: ['LogLevel DEBUG1'],
  });
}, 600_000);
afterAll(async () => {
  await bastion?.stop();
  await world?.stop();
}, 120_000);

const DIRECT: Change = { content: { route: 'direct' } };

/** Plan and doctor change nothing, then the sync puts production's page on staging. */
async function proven(call: RunnerCall): Promise<void> {
  await world.staging.server.query(
    "UPDATE wp_options SET option_value = 'Not synced' WHERE option_name = 'blogname'",
    world.staging.database,
  );
  const before = await everything(world);
  const doctor = await expectExit(0, call, 'doctor', 'acme');
  expect(doctor.stdout).toContain('acme is ready for a sync.');
  const plan = await expectExit(0, call, 'plan', 'acme', '--verbose');
  expect(plan.stdout).toContain('rsync');
  expect(plan.stdout).toContain('swap');
  expect(await everything(world)).toEqual(before);
  await expectExit(0, call, 'sync', 'acme');
  const page = await world.get(world.staging, '/');
  expect(page.body).toContain('<title>Acme Theatre &#8211; This is production&#039;s own database');
  expect(page.body).not.toMatch(/www\.acme\.test/i);
  expect(await leftovers(world)).toEqual([]);
}

const bastionLog = (): Promise<string> => readFile(path.join(world.folder, 'bastion/sshd.log'), 'utf8');

describe('ways to production', () => {
  test('through the runner, where production takes no reverse forward', async () => {
    await proven(await writeArchitecture(world, 'tunnel', {}));
  }, 900_000);

  test('database and application on hosts of their own, direct route', async () => {
    await proven(await writeArchitecture(world, 'direct', DIRECT));
  }, 900_000);

  test('a bastion in front of production', async () => {
    const { address: host, port, hostKey, user } = bastion;
    const via = { host, port, user, hostKey, key: { file: bastionKey } };
    const ssh = { ssh: { via } };
    const call = await writeArchitecture(world, 'bastion', {
      ...DIRECT,
      production: { ...ssh, database: ssh },
    });
    await proven(call);
    const log = await bastionLog();
    for (const name of ['production-app', 'production-db'] as const) {
      const target = world.hosts[name];
      expect(log).toContain(`target ${target.address} port ${target.port}`);
    }
    expect(log).not.toContain(`target ${world.hosts.staging.address}`);
  }, 900_000);

  test('an autoscaled production: the instance that answers is used', async () => {
    const { address } = world.hosts['production-app'];
    // Nothing listens on that port of the first address: an instance that is just going down.
    const script = path.join(world.folder, 'instances.sh');
    await writeFile(script, `echo '127.0.0.1 # going down'\necho ${address}\n`);
    const command = ['sh', script];
    const ssh = { host: null, discover: { command } };
    await proven(await writeArchitecture(world, 'discover', { ...DIRECT, production: { ssh } }));
  }, 900_000);

  test('says that no instance was found', async () => {
    const ssh = { host: null, discover: { command: ['true'] } };
    const call = await writeArchitecture(world, 'nobody', { ...DIRECT, production: { ssh } });
    const { stderr } = await expectExit(3, call, 'sync', 'acme');
    expect(stderr).toContain('HOST_DISCOVERY_FAILED');
  }, 300_000);

  test('left no key behind on any host', () => {
    const homes = Object.values(world.hosts).map(({ home }) => home);
    const { stdout } = spawnSync('grep', ['-rl', 'PRIVATE KEY', ...homes], { encoding: 'utf8' });
    expect(stdout).toBe('');
  });
});
