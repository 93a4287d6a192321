import { afterAll, beforeAll } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { generateKey } from '../../../../sandbox/servers/keys.js';
import { sshAddressOf } from '../../../../sandbox/servers/ssh-address.js';
import { startSshd, type SshServer } from '../../../../sandbox/servers/sshd.js';
import { connectHost } from '../../../src/hosts/connect-host.js';
import { type WritingHost } from '../../../src/hosts/host.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { abortCases } from '../../integration/hosts/abort-cases.js';

// bash over ssh and a container are part of `npm test`; here are the other shell and the runner's own machine.
let folder: string;
let server: SshServer;
const hosts = new Map<string, WritingHost>();

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-abort-'));
  const key = await generateKey(folder, 'key');
  server = await startSshd({
    folder: path.join(folder, 'dash'),
    home: path.join(folder, 'dash-home'),
    authorizedKeys: [key.publicKey],
    shell: '/bin/dash',
  });
  const address = sshAddressOf(server, key);
  hosts.set('ssh with dash', await connectHost(address, { side: 'staging', name: 'dash' }));
  hosts.set('local', createLocalHost('staging', 'staging'));
});
afterAll(async () => {
  for (const host of hosts.values()) await host.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

abortCases(['ssh with dash', 'local'], {
  hostCalled: (name) => {
    const host = hosts.get(name);
    if (!host) throw new Error(`no host ${name}`);
    return host;
  },
  workFolder: () => folder,
});
