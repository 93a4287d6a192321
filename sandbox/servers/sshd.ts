import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
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

export interface SshServerOptions {
  /** Host key, configuration and log lie here; kept afterwards. */
  readonly folder: string;
  readonly authorizedKeys: readonly string[];
  /** A loopback address; default 127.0.0.1. */
  readonly address?: string;
  readonly port?: number;
  /** sshd_config lines that come first, so that they win over the usual ones. */
  readonly config?: readonly string[];
  /** Home folder of the account on this host; default: the current user's own. */
  readonly home?: string;
  /** What /etc/machine-id says on this host; needs root. */
  readonly machineId?: string;
  /** Login shell on this host, for instance `/bin/dash`; needs root. */
  readonly shell?: string;
  /** Folders of other hosts that must look empty from this one; needs root. */
  readonly hide?: readonly string[];
  /** Folder as seen on this host → the folder that is shown there, so that several hosts have the same paths; needs root. */
  readonly show?: Readonly<Record<string, string>>;
}

/**
 * A real sshd on loopback that lets the current user in. As root it runs in a mount namespace with an
 * /etc/passwd of its own, so that the account's home folder is `home` for every program (`ssh` and `sshd`
 * read it there, not from $HOME).
 */
export async function startSshd(options: SshServerOptions): Promise<SshServer> {
  const { folder } = options;
  const address = options.address ?? '127.0.0.1';
  const user = os.userInfo().username;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (options.home !== undefined) await mkdir(options.home, { recursive: true, mode: 0o755 });
  const hostKeyFile = path.join(folder, 'host_key');
  if (!(await exists(hostKeyFile))) await generateKey(folder, 'host_key');
  const port = options.port ?? (await freePort(address));
  await writeFile(
    path.join(folder, 'authorized_keys'),
    options.authorizedKeys.map((key) => `${key}\n`).join(''),
    {
      mode: 0o600,
    },
  );
  await writeFile(path.join(folder, 'sshd_config'), configuration(options, address, port));
  const logFile = path.join(folder, 'sshd.log');
  const sshd = await findSshd();
  const command = [sshd, '-D', '-e', '-f', path.join(folder, 'sshd_config')] as const;
  const server = startServer({ argv: await inNamespace(options, user, command), logFile });
  await waitUntilReady(server, 'sshd', logFile, () => accepts(address, port));
  const [type, key] = (await readFile(`${hostKeyFile}.pub`, 'utf8')).trim().split(' ');
  return {
    address,
    port,
    user,
    hostKey: `${type} ${key}`,
    fingerprint: await keyFingerprint(`${hostKeyFile}.pub`),
    stop: () => server.stop(),
  };
}

function configuration(options: SshServerOptions, address: string, port: number): string {
  // Only the first SetEnv line counts. Without a mount namespace this is all that can be done about `~`.
  const home = options.home === undefined || namespacesWork() ? [] : [`SetEnv HOME="${options.home}"`];
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

type Argv = readonly [string, ...string[]];

/** Puts the host's own passwd, shadow and machine-id over the machine's, for this server and what it starts. */
async function inNamespace(options: SshServerOptions, user: string, command: Argv): Promise<Argv> {
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  if (!namespacesWork()) return command;
  const binds: [string, string][] = [];
  const bind = async (target: string, text: string): Promise<void> => {
    const file = path.join(options.folder, `etc-${path.basename(target)}`);
    await writeFile(file, text);
    binds.push([file, target]);
  };
  if (options.home !== undefined || options.shell !== undefined) {
    await bind('/etc/passwd', await passwdWith(user, options));
    // A locked password (`!`) would lock key logins out too, because PAM is not asked.
    await bind('/etc/shadow', `${user}:*:20000:0:99999:7:::\n`);
  }
  if (options.machineId !== undefined) await bind('/etc/machine-id', `${options.machineId}\n`);
  const nothing = path.join(options.folder, 'nothing');
  await mkdir(nothing, { recursive: true });
  for (const folder of options.hide ?? []) binds.push([nothing, folder]);
  for (const [target, folder] of Object.entries(options.show ?? {})) binds.push([folder, target]);
  if (binds.length === 0) return command;
  const script = 'while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit 1; shift 2; done; shift; exec "$@"';
  const unshare = ['unshare', '--mount', '--propagation', 'slave', 'sh', '-c', script, 'sh'] as const;
  return [...unshare, ...binds.flat(), '--', ...command];
}

async function passwdWith(user: string, options: SshServerOptions): Promise<string> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n');
  return lines
    .map((line) => {
      const fields = line.split(':');
      if (fields[0] !== user) return line;
      if (options.home !== undefined) fields[5] = options.home;
      if (options.shell !== undefined) fields[6] = options.shell;
      return fields.join(':');
    })
    .join('\n');
}

let namespaces: boolean | undefined;
/** Root may make mount namespaces, but not in every container. */
function namespacesWork(): boolean {
  namespaces ??=
    process.getuid?.() === 0 &&
    spawnSync('unshare', ['--mount', '--propagation', 'slave', 'true'], { stdio: 'ignore' }).status === 0;
  return namespaces;
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
