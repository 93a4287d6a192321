/** How OpenSSH's client is to reach a host and to know it again. */
export interface RemoteShell {
  readonly host: string;
  readonly port: number;
  /** The name under which the host key is known; no real host name. */
  readonly alias: string;
  readonly hostKey: { readonly type: string; readonly base64: string };
  /** known_hosts file on the client; without it the key stands in the options (OpenSSH ≥ 8.5). */
  readonly knownHostsFile?: string | undefined;
}

/** AES-GCM first: the client's default, ChaCha20, is slower on processors that know AES. */
const CIPHERS =
  'aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr';

/** Words of an `ssh` call without destination: given host key and agent alone, none of the account's configuration. */
export function remoteShellWords(shell: RemoteShell): string[] {
  const { type, base64 } = shell.hostKey;
  const options = [
    `HostName=${shell.host}`,
    `HostKeyAlias=${shell.alias}`,
    `UserKnownHostsFile=${shell.knownHostsFile ?? '/dev/null'}`,
    'GlobalKnownHostsFile=/dev/null',
    ...(shell.knownHostsFile === undefined
      ? [`KnownHostsCommand=/bin/echo ${shell.alias} ${type} ${base64}`]
      : []),
    'StrictHostKeyChecking=yes',
    `HostKeyAlgorithms=${type === 'ssh-rsa' ? 'rsa-sha2-512,rsa-sha2-256' : type}`,
    'CheckHostIP=no',
    'BatchMode=yes',
    'IdentityFile=none',
    'PreferredAuthentications=publickey',
    'ForwardAgent=no',
    'ClearAllForwardings=yes',
    'ControlPath=none',
    'Compression=no',
    'ConnectTimeout=30',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=4',
    'LogLevel=ERROR',
  ];
  return [
    'ssh',
    '-F',
    '/dev/null',
    '-p',
    String(shell.port),
    '-c',
    CIPHERS,
    ...options.flatMap((option) => ['-o', option]),
  ];
}

export const knownHostsLine = (shell: Pick<RemoteShell, 'alias' | 'hostKey'>): string =>
  `${shell.alias} ${shell.hostKey.type} ${shell.hostKey.base64}\n`;

/** rsync splits the value of -e at spaces and knows quotes, but no backslashes (rsync(1), --rsh). */
export function rsyncShell(words: readonly string[]): string {
  return words
    .map((word) => {
      if (word.includes("'")) throw new TypeError('a quote in a remote shell word');
      return /[\s"]/.test(word) ? `'${word}'` : word;
    })
    .join(' ');
}
