import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { generateKey } from '../../../../sandbox/servers/keys.js';
import { ACCOUNT_NUMBER } from '../../../../sandbox/servers/host-view.js';
import { sshAddressOf } from '../../../../sandbox/servers/ssh-address.js';
import { startSshd, type SshServer } from '../../../../sandbox/servers/sshd.js';
import { shellScript } from '../../../src/commands/command.js';
import { asAccount } from '../../../src/hosts/as-account.js';
import { connectHost } from '../../../src/hosts/connect-host.js';
import { type WritingHost } from '../../../src/hosts/host.js';
import { phpHost } from '../../../src/maintenance/update/php-host.js';
import { layoutOf } from '../../../src/wordpress/site/host-layout.js';
import { type SideSettings } from '../../../src/config/site.js';
import { sweepJobs } from '../../../src/hosts/process/remote-jobs.js';
import { abortCases, FAMILY, newMark } from '../../integration/hosts/abort-cases.js';
import { processesWith, until } from '../../integration/hosts/stand-ins.js';

/** Hosts on which `deploy` logs in, the files are www-data's, and sudo is the real one. */
let folder: string;
let root: string;
const owner = Number(execFileSync('id', ['-u', 'www-data'], { encoding: 'utf8' }));
const servers: SshServer[] = [];
const hosts: Record<string, WritingHost> = {};

/** What sudo keeps of the sessions of a host that wants that. */
const LOG = path.join(os.tmpdir(), 'understudy-sudo-log');
const SUDOERS = {
  allowed: 'deploy ALL=(www-data) NOPASSWD: ALL',
  strict: 'Defaults use_pty\nDefaults secure_path="/usr/bin:/bin"\ndeploy ALL=(www-data) NOPASSWD: ALL',
  logging: `Defaults log_output, use_pty\nDefaults iolog_dir=${LOG}\ndeploy ALL=(www-data) NOPASSWD: ALL`,
  terminal: 'Defaults requiretty\ndeploy ALL=(www-data) NOPASSWD: ALL',
  password: 'deploy ALL=(www-data) ALL',
  another: 'deploy ALL=(nobody) NOPASSWD: ALL',
  onlyWp: 'deploy ALL=(www-data) NOPASSWD: /usr/local/bin/wp',
} as const;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-sudo-'));
  await chmod(folder, 0o755);
  const key = await generateKey(folder, 'key');
  root = path.join(folder, 'site');
  for (const part of ['wp-includes', 'wp-content/plugins/acme', 'wp-content/themes'])
    await mkdir(path.join(root, part), { recursive: true });
  // Where the account keeps the process ids of its jobs.
  await mkdir(path.join(folder, 'work'), { mode: 0o777 });
  await chmod(path.join(folder, 'work'), 0o777);
  await writeFile(path.join(root, 'wp-includes/version.php'), '<?php');
  execFileSync('chown', ['-R', 'www-data:www-data', root]);
  for (const [name, sudoers] of Object.entries(SUDOERS)) {
    const home = path.join(folder, `${name}-home`);
    await mkdir(home);
    await chown(home, ACCOUNT_NUMBER, ACCOUNT_NUMBER);
    const view = { account: 'deploy', sudoers, home, shell: '/bin/bash' };
    const server = await startSshd({
      folder: path.join(folder, name),
      authorizedKeys: [key.publicKey],
      ...view,
    });
    servers.push(server);
    hosts[name] = await connectHost(sshAddressOf(server, key), { side: 'staging', name });
  }
}, 60_000);
afterAll(async () => {
  for (const host of Object.values(hosts)) await host.close();
  for (const server of servers) await server.stop();
  for (const each of [folder, LOG]) await rm(each, { recursive: true, force: true });
});
const hostCalled = (name: string): WritingHost => {
  const host = hosts[name];
  if (host === undefined) throw new Error(`no host ${name}`);
  return host;
};

const updatesOn = (name: string): Promise<WritingHost> => {
  const side = { path: root } as SideSettings;
  return phpHost(hostCalled(name), side, layoutOf(side, undefined), { core: 'minor', runAs: 'www-data' });
};

describe.each(['allowed', 'strict', 'logging'])('sudoers: %s', (name) => {
  test('what runs belongs to the account of the files, with its home, and gets input and values', async () => {
    const host = await updatesOn(name);
    const script = shellScript('write', 'cat > "$1/new"; printf "%s|%s|%s" "$(id -un)" "$HOME" "$GREETING"', [
      path.join(root, 'wp-content/plugins'),
    ]);
    const { stdout, stderr } = await host.run(
      { ...script, environment: { GREETING: `it's "so" $HOME` } },
      { stdin: Buffer.from([0, 3, 4, 10, 13, 26, 255]) },
    );
    expect([stdout.toString(), stderr]).toEqual([`www-data|/var/www|it's "so" $HOME`, '']);
    const written = await stat(path.join(root, 'wp-content/plugins/new'));
    expect([written.uid, written.size]).toEqual([owner, 7]);
  });
  test('exit code and both outputs come back as they are', async () => {
    const host = await updatesOn(name);
    const said = await host.run(shellScript('write', 'printf "a\\n\\0b"; echo wrong >&2; exit 7'), {
      allowedExitCodes: 'any',
    });
    expect([said.code, said.stdout, said.stderr.trim()]).toEqual([7, Buffer.from('a\n\0b'), 'wrong']);
  });
});

test.each([
  ['password', 'password'],
  ['another', 'not allowed|password'],
  ['terminal', 'tty'],
  ['onlyWp', 'not allowed|password'],
])('sudoers: %s: is refused before anything is changed', async (name, why) => {
  await expect(updatesOn(name)).rejects.toMatchObject({
    code: 'OWNER_NOT_USABLE',
    stderr: expect.stringMatching(why),
  });
});

test.each(['allowed', 'strict'])(
  'sudoers: %s: what a killed runner left is found and ended',
  async (name) => {
    const [mark, work] = [newMark(), await mkdtemp(path.join(folder, 'work/left-'))];
    await chmod(work, 0o777);
    const options = { job: { name: 'update', folder: work }, allowedExitCodes: 'any' as const };
    const host = asAccount(hostCalled(name), 'www-data');
    const left = host.run(shellScript('write', FAMILY, [mark]), options);
    await until(async () => (await processesWith(mark)).length > 3);
    expect(await sweepJobs(hostCalled(name), work)).toMatchObject([{ name: 'update', state: 'ended' }]);
    expect(await processesWith(mark)).toEqual([]);
    await left;
  },
);

abortCases(['allowed', 'strict', 'logging'], {
  hostCalled: (name) => asAccount(hostCalled(name), 'www-data'),
  workFolder: () => path.join(folder, 'work'),
});
