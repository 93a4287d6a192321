import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Network } from '../servers/network.js';
import { startSshd, type SshServer } from '../servers/sshd.js';

export type HostName = 'production-app' | 'production-db' | 'staging';

/** A machine of the world: an sshd with a home folder, a machine id and a view of its own. */
export interface WorldHost extends SshServer {
  readonly name: HostName;
  /** Everything that lies on this machine. */
  readonly folder: string;
  readonly home: string;
}

const addresses: Readonly<Record<HostName, string>> = {
  'production-app': '127.0.0.11',
  'production-db': '127.0.0.12',
  staging: '127.0.0.13',
};
const names = Object.keys(addresses) as HostName[];

export const hostFolder = (world: string, name: HostName): string => path.join(world, 'hosts', name);

/** Starts the three, behind the network if there is one; `authorizedKey` opens all of them, and none holds a key. */
export async function startHosts(
  world: string,
  authorizedKey: string,
  config: Partial<Record<HostName, readonly string[]>>,
  network: Network | undefined,
): Promise<Record<HostName, WorldHost>> {
  const notOnHosts = ['keys', 'secrets', 'sites', 'workspace'].map((name) => path.join(world, name));
  for (const folder of [...notOnHosts, ...names.map((name) => hostFolder(world, name))]) {
    await mkdir(folder, { recursive: true });
  }
  const start = async (name: HostName, index: number): Promise<WorldHost> => {
    const folder = hostFolder(world, name);
    const home = path.join(folder, 'home');
    const server = await startSshd({
      folder: path.join(folder, 'sshd'),
      authorizedKeys: [authorizedKey],
      address: addresses[name],
      home,
      machineId: String(index + 1).repeat(32),
      config: config[name] ?? [],
      hide: [
        ...notOnHosts,
        ...names.filter((other) => other !== name).map((other) => hostFolder(world, other)),
      ],
    });
    return { ...server, ...(await network?.link(server, name)), name, folder, home };
  };
  const [application, database, staging] = await Promise.all([
    start('production-app', 0),
    start('production-db', 1),
    start('staging', 2),
  ]);
  return { 'production-app': application, 'production-db': database, staging };
}
