import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { namespacesWork, withHostView, type HostView } from './host-view.js';
import { generateKey, keyFingerprint } from './keys.js';
import { accepts, freePort, startServer, waitUntilReady } from './server-process.js';

export interface SshServer {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
  stop(): Promise<void>;
}

export interface SshServerOptions extends HostView {
  /** Host key, configuration and log lie here; kept afterwards. */
  readonly folder: string;
  readonly authorizedKeys: readonly string[];
  /**
   * Home folder of the account on this host. Never the machine's own: what its profiles start would be started on the
   * host, and killed halfway when a test ends it.
   */
  readonly home: string;
  /** A loopback address; default 127.0.0.1. */
  readonly address?: string;
  readonly port?: number;
  /** sshd_config lines that come first, so that they win over the usual ones. */
  readonly config?: readonly string[];
}

/**
 * A real sshd on loopback that lets the current user in. As root it runs with an /etc of its own, so that the
 * account's home folder is `home` for every program (`ssh` and `sshd` read it in /etc/passwd, not from $HOME).
 */
export async function startSshd(options: SshServerOptions): Promise<SshServer> {
  const { folder } = options;
  const address = options.address ?? '127.0.0.1';
  const user = os.userInfo().username;
  // sshd reads authorized_keys as the account that logs in.
  await mkdir(folder, { recursive: true, mode: options.account === undefined ? 0o700 : 0o711 });
  await mkdir(options.home, { recursive: true, mode: 0o755 });
  const hostKeyFile = path.join(folder, 'host_key');
  if (!(await exists(hostKeyFile))) await generateKey(folder, 'host_key');
  const port = options.port ?? (await freePort(address));
  await writeFile(
    path.join(folder, 'authorized_keys'),
    options.authorizedKeys.map((key) => `${key}\n`).join(''),
    {
      mode: options.account === undefined ? 0o600 : 0o644,
    },
  );
  await writeFile(path.join(folder, 'sshd_config'), configuration(options, address, port));
  const logFile = path.join(folder, 'sshd.log');
  const sshd = await findSshd();
  const command = [sshd, '-D', '-e', '-f', path.join(folder, 'sshd_config')] as const;
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const server = startServer({ argv: await withHostView(folder, options, command), logFile });
  await waitUntilReady(server, 'sshd', logFile, () => accepts(address, port));
  const [type, key] = (await readFile(`${hostKeyFile}.pub`, 'utf8')).trim().split(' ');
  return {
    address,
    port,
    user: options.account ?? user,
    hostKey: `${type} ${key}`,
    fingerprint: await keyFingerprint(`${hostKeyFile}.pub`),
    stop: () => server.stop(),
  };
}

function configuration(options: SshServerOptions, address: string, port: number): string {
  // Only the first SetEnv line counts. Without a mount namespace this is all that can be done about `~`.
  const home = namespacesWork() ? [] : [`SetEnv HOME="${options.home}"`];
  return [
    // The first value of a keyword wins.
    ...(options.config ?? []),
    ...home,
    `ListenAddress ${address}:${port}`,
    `HostKey ${path.join(options.folder, 'host_key')}`,
    `PidFile ${path.join(options.folder, 'sshd.pid')}`,
    `AuthorizedKeysFile ${path.join(options.folder, 'authorized_keys')}`,
    // The folders lie below /tmp, which everybody may write to.
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    'PubkeyAuthentication yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'AllowAgentForwarding yes',
    'AllowTcpForwarding yes',
    'AllowStreamLocalForwarding yes',
    'GatewayPorts no',
    'X11Forwarding no',
    'PrintMotd no',
    'MaxSessions 10',
    'UseDNS no',
    'AcceptEnv LANG LC_*',
    'Subsystem sftp internal-sftp',
    '',
  ].join('\n');
}

/** sshd wants to be called by its whole path, because it starts itself again. */
async function findSshd(): Promise<string> {
  for (const file of ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/sbin/sshd'])
    if (await exists(file)) return file;
  throw new Error('sshd is missing: install openssh-server');
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
