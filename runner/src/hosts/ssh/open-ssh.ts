import { readFile } from 'node:fs/promises';
import { type Duplex } from 'node:stream';
import { NodeSSH, type Config } from 'node-ssh';
import { type AnyAuthMethod } from 'ssh2';
import { inRunnerHome } from '../../basics/runner-home.js';
import { type SshAddress } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { hostKeyError, HostKeyUnknownError } from './host-key-errors.js';
import {
  judgeHostKey,
  knownHostsKeys,
  parseKeyBlob,
  pinnedKeys,
  preferredAlgorithms,
  type HostKey,
  type TrustedKeys,
  fingerprintOf,
} from './host-keys.js';
import { authenticateEarly, signAtOnce } from './fewer-login-trips.js';
import { SshConnection } from './ssh-connection.js';
import { connectFailed } from './ssh-errors.js';
import {
  authenticationMethods,
  describeIdentities,
  readKeyFromRunner,
  type ReadKey,
} from './ssh-identities.js';

export interface SshSettings {
  /** Reads private keys; default: from the runner's environment and files. */
  readonly readKey?: ReadKey | undefined;
  /** For the TCP connection, the handshake and the login together; default 20. Each bastion has its own. */
  readonly connectTimeoutSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Socket of an agent that sessions may forward; the login does not use it. */
  readonly agent?: string | undefined;
  /** Instead of the address's own key: to find out what a certain key opens. */
  readonly authentication?: readonly AnyAuthMethod[];
}

/** node:crypto has AES-GCM from OpenSSL; ChaCha20 is slower there. */
const CIPHERS = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes256-ctr'] as const;

/** Connects and logs in, through bastions too. @throws HOST_…, SSH_KEY_UNUSABLE, INTERRUPTED */
export async function openSshConnection(
  label: string,
  address: SshAddress,
  settings: SshSettings = {},
): Promise<SshConnection> {
  const { signal } = settings;
  if (signal?.aborted) throw new UnderstudyError('INTERRUPTED', undefined, { host: label });
  const [trusted, authHandler, bastion] = await prepare(label, address, settings);
  let offered: HostKey | undefined;
  let problem: UnderstudyError | undefined;
  const seconds = settings.connectTimeoutSeconds ?? 20;
  const ssh = new NodeSSH();
  const onAbort = (): void => {
    ssh.connection?.destroy();
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const sock = await bastion?.openStream({ kind: 'tcp', host: address.host, port: address.port });
    await ssh.connect({
      ...connectConfig(address, trusted, authHandler, seconds, sock),
      ...(settings.agent === undefined ? {} : { agent: settings.agent }),
      hostVerifier: (blob: Buffer) => {
        // ssh2 leaves Nagle's algorithm on: every small answer and question would wait 40 ms for the other's
        // acknowledgement. From here on, nothing waits.
        ssh.connection?.setNoDelay(true);
        signAtOnce(ssh.connection);
        authenticateEarly(ssh.connection);
        offered = parseKeyBlob(blob);
        const verdict = judgeHostKey(trusted, offered);
        if (verdict === 'trusted') return true;
        problem = hostKeyError(verdict, { label, ...address }, offered, trusted, knownHostsFile(address));
        return false;
      },
    });
    if (!offered) throw new Error('the host key was not verified');
    return new SshConnection(label, address, offered, ssh, bastion, settings.agent !== undefined);
  } catch (cause) {
    ssh.dispose();
    bastion?.close();
    if (signal?.aborted) throw new UnderstudyError('INTERRUPTED', undefined, { host: label, cause });
    throw (
      problem ??
      connectFailed(label, `${address.host}:${String(address.port)}`, seconds, {
        cause,
        user: address.user,
        tried:
          settings.authentication === undefined ? await describeIdentities(address) : 'the key of the route',
      })
    );
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

async function prepare(
  label: string,
  address: SshAddress,
  settings: SshSettings,
): Promise<[TrustedKeys, AnyAuthMethod[], SshConnection | undefined]> {
  const trusted = await trustedKeys(address);
  const methods = settings.authentication
    ? [...settings.authentication]
    : await authenticationMethods(address, settings.readKey ?? readKeyFromRunner);
  if (methods.length === 0)
    throw new UnderstudyError('HOST_AUTH_FAILED', `There is no key to log in to ${label} with.`, {
      host: label,
      details: [`looked for: ${await describeIdentities(address)}`],
      next: 'Name one under ssh.key in the site file ({ file: ~/.ssh/… }), or start an ssh-agent and load one: ssh-add',
    });
  // What belongs to the target alone (its own agent, a trial key) is not for its bastion.
  const { readKey, connectTimeoutSeconds, signal } = settings;
  const bastion = address.via
    ? await openSshConnection(`bastion (${address.via.user}@${address.via.host})`, address.via, {
        readKey,
        connectTimeoutSeconds,
        signal,
      })
    : undefined;
  return [trusted, methods, bastion];
}

function connectConfig(
  address: SshAddress,
  trusted: TrustedKeys,
  authHandler: AnyAuthMethod[],
  seconds: number,
  sock: Duplex | undefined,
): Config {
  return {
    host: address.host,
    port: address.port,
    username: address.user,
    authHandler,
    readyTimeout: seconds * 1000,
    keepaliveInterval: 15_000,
    keepaliveCountMax: 4,
    algorithms: {
      serverHostKey: preferredAlgorithms(trusted) as NonNullable<Config['algorithms']>['serverHostKey'],
      cipher: [...CIPHERS],
    },
    ...(sock ? { sock: sock as NonNullable<Config['sock']> } : {}),
  } as Config;
}

const knownHostsFile = (address: SshAddress): string => address.knownHosts ?? '~/.ssh/known_hosts';

/** Pinned keys of the site file; without any, the known_hosts file. A missing file knows nobody. */
async function trustedKeys(address: SshAddress): Promise<TrustedKeys> {
  if (address.hostKeys.length > 0) return pinnedKeys(address.hostKeys);
  const file = knownHostsFile(address);
  const resolved = inRunnerHome(file);
  const text = await readFile(resolved, 'utf8').catch(() => '');
  return knownHostsKeys(text, address.host, address.port, file);
}

interface ShownKey {
  readonly type: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
  /** The runner's known_hosts, or the address itself, vouches for it. */
  readonly known: boolean;
}

/** Looks which key a host shows. @throws HOST_UNREACHABLE, HOST_KEY_CHANGED, HOST_AUTH_FAILED */
export async function learnHostKey(
  label: string,
  address: SshAddress,
  signal: AbortSignal,
): Promise<ShownKey> {
  try {
    const connection = await openSshConnection(label, address, { signal });
    const { type } = connection.hostKey;
    connection.close();
    return { type, fingerprint: fingerprintOf(connection.hostKey), known: true };
  } catch (error) {
    if (!(error instanceof HostKeyUnknownError)) throw error;
    return { type: error.offered.type, fingerprint: fingerprintOf(error.offered), known: false };
  }
}
