import { gitNetwork, type GitTarget, type GitTransport } from '../../commands/git.js';
import { resolveSecret } from '../../config/secrets/resolve-secret.js';
import { type PublishSettings } from '../../config/sections.js';
import { type HostAddress, type SshAddress } from '../../config/site.js';
import { type Secret, UnderstudyError } from '../../errors/index.js';
import { type CommandResult, type RunOptions, type WritingHost } from '../../hosts/host.js';
import { openSshRoute } from '../../hosts/route/ssh-route.js';
import { type RepositoryAddress } from './repository-address.js';

/** The repository on GitHub, as git on the archive host reaches it. */
export interface GitRemote {
  /** What git is given; the same in every run, and without any secret. */
  readonly url: string;
  /** Runs `fetch`, `push` or `ls-remote`. */
  run(target: GitTarget, args: readonly string[], options?: RunOptions): Promise<CommandResult>;
  close(): Promise<void>;
}

export interface RemoteOptions {
  readonly address: RepositoryAddress;
  readonly settings: Pick<PublishSettings, 'key' | 'hostKeys' | 'knownHosts' | 'token'>;
  /** The machine on which the archive's folder is mounted. */
  readonly host: WritingHost;
  readonly hostAddress: HostAddress;
  readonly workDir: string;
  /** `tunnel`: through the runner, so that the archive host needs no way to the internet. */
  readonly route: 'tunnel' | 'direct';
  readonly signal: AbortSignal;
}

/**
 * The deploy key stays with the runner and is lent through a forwarded agent, limited to the repository's host key; a
 * token is fed to git's credential helper on stdin. Neither is ever an argument, in the environment or a file there.
 */
export async function openGitRemote(options: RemoteOptions): Promise<GitRemote> {
  const { address } = options;
  switch (address.kind) {
    case 'ssh':
      return openOverSsh(options, address);
    case 'http':
      return openOverHttp(options, address);
    case 'file':
      return plainRemote(options.host, `file://${address.path}`, { protocol: 'file' });
  }
}

const plainRemote = (
  host: Pick<WritingHost, 'run'>,
  url: string,
  transport: GitTransport,
  token?: Secret,
): GitRemote => ({
  url,
  run: (target, args, options) =>
    host.run(gitNetwork(target, transport, args), {
      ...options,
      ...(token === undefined ? {} : { stdin: `${token.reveal()}\n` }),
    }),
  close: async () => undefined,
});

async function openOverSsh(
  options: RemoteOptions,
  address: Extract<RepositoryAddress, { kind: 'ssh' }>,
): Promise<GitRemote> {
  const { settings, host, hostAddress, workDir, route, signal } = options;
  const target: SshAddress = {
    kind: 'ssh',
    host: address.host,
    port: address.port,
    user: address.user,
    hostKeys: settings.hostKeys,
    key: settings.key,
    knownHosts: settings.knownHosts,
  };
  const opened = await openSshRoute({
    kind: route,
    client: host,
    clientAddress: hostAddress,
    clientWorkDir: workDir,
    target,
    targetSide: 'repository',
    signal,
  });
  const url = address.short ? `${opened.remote}:${address.path}` : `ssh://${opened.remote}${address.path}`;
  const { run, close } = plainRemote(opened, url, { protocol: 'ssh', shellWords: opened.shellWords });
  return {
    url,
    run,
    close: async () => {
      await close();
      await opened.close();
    },
  };
}

async function openOverHttp(
  options: RemoteOptions,
  address: Extract<RepositoryAddress, { kind: 'http' }>,
): Promise<GitRemote> {
  const { token } = options.settings;
  if (token === undefined)
    throw new UnderstudyError('PUBLISH_NOT_CONFIGURED', 'An https repository needs publish.token.', {
      next: 'Name a token that may write to the repository, or give an SSH address and a deploy key.',
    });
  const transport = { protocol: address.protocol, tokenFor: address.origin };
  return plainRemote(options.host, `${address.origin}${address.path}`, transport, await resolveSecret(token));
}
