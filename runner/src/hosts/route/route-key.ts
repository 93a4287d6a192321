import path from 'node:path';
import { homedir } from 'node:os';
import { type SshAddress } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { type ReadingHost } from '../host.js';
import { type HostKey } from '../ssh/host-keys.js';
import { openSshConnection, type SshSettings } from '../ssh/open-ssh.js';
import { SshTransport } from '../ssh/ssh-host.js';
import {
  DEFAULT_IDENTITIES,
  parsePrivateKey,
  publicKeyMethod,
  readKeyFromRunner,
  type PrivateKey,
} from '../ssh/ssh-identities.js';
import { transportOf } from '../process/transport.js';

export interface TargetKey {
  readonly key: PrivateKey;
  /** What the target showed to the runner, which checked it. */
  readonly hostKey: HostKey;
}

/** The one key that opens the target, proven by logging in from the runner; and the target's verified host key. */
export async function findTargetKey(
  label: string,
  target: SshAddress,
  settings: SshSettings & { readonly targetHost?: ReadingHost },
): Promise<TargetKey> {
  const readKey = settings.readKey ?? readKeyFromRunner;
  if (target.key) {
    const key = await readKey(target.key);
    const hostKey = settings.targetHost && (await shownTo(settings.targetHost, target));
    return hostKey ? { key, hostKey } : tryKey(label, target, key, settings);
  }
  for (const name of DEFAULT_IDENTITIES) {
    const file = path.join(homedir(), '.ssh', name);
    try {
      return await tryKey(label, target, await readKey({ source: 'file', path: file }), settings);
    } catch (error) {
      if (!(error instanceof UnderstudyError) || !isKeyProblem(error)) throw error;
    }
  }
  throw new UnderstudyError('ROUTE_REFUSED', `There is no key file on the runner that opens ${label}.`, {
    next: 'Name the key under ssh.key in the site file: a route lends exactly one key, and an ssh-agent does not give its keys away.',
  });
}

/** The host key of a connection to this very address, which logged in with the same key, so proves it too. */
async function shownTo(host: ReadingHost, target: SshAddress): Promise<HostKey | undefined> {
  const transport = transportOf(host);
  if (!(transport instanceof SshTransport)) return undefined;
  const { address, settings } = transport;
  if (settings.authentication !== undefined || JSON.stringify(address) !== JSON.stringify(target))
    return undefined;
  return (await transport.connection()).hostKey;
}

const isKeyProblem = (error: UnderstudyError): boolean =>
  error.code === 'SSH_KEY_UNUSABLE' || error.code === 'HOST_AUTH_FAILED';

async function tryKey(
  label: string,
  target: SshAddress,
  key: PrivateKey,
  settings: SshSettings,
): Promise<TargetKey> {
  const authentication = [publicKeyMethod(target.user, parsePrivateKey(key))];
  const connection = await openSshConnection(label, target, { ...settings, authentication });
  connection.close();
  return { key, hostKey: connection.hostKey };
}
