import { randomBytes } from 'node:crypto';
import { remoteShellWords, type RemoteShell } from '../../commands/remote-shell.js';
import { type HostAddress, type SshAddress } from '../../config/site.js';
import { type ProductionHost, type ReadingHost, type WritingHost } from '../host.js';
import { type SshSettings } from '../ssh/open-ssh.js';
import { connectedAddress } from '../ssh/ssh-host.js';
import { type Cleanups, type RouteClient, runAll, startRouteClient } from './client-agent.js';
import { askClient, leaveHostKey, type ClientCapabilities } from './route-client.js';
import { findTargetKey, type TargetKey } from './route-key.js';
import { keyLender, routeRunner, type RunOnClient } from './route-runner.js';
import { type Tunnel } from './tunnel.js';

export interface SshRouteOptions extends SshSettings {
  /** `tunnel`: the client reaches the target through this process. */
  readonly kind: 'tunnel' | 'direct';
  /** The more trusted host: archive before production before staging. ssh runs there. */
  readonly client: ProductionHost | WritingHost;
  readonly clientAddress: HostAddress;
  /** Work folder on the client, absolute: takes the known_hosts file of an OpenSSH client before 8.5. */
  readonly clientWorkDir: string;
  readonly target: SshAddress;
  /** The runner's own connection to the target, where it has one: its login proves the key, another is spared. */
  readonly targetHost?: ReadingHost;
  /** `repository`: a git server, reached by git's own ssh. */
  readonly targetSide: 'staging' | 'repository';
  /** The client's side, where it was begun before the rest was known. */
  readonly started?: RouteClient | undefined;
}

/** A way for the client's own ssh to the target, with the target's key lent to it. */
export interface SshRoute {
  readonly kind: 'tunnel' | 'direct';
  /** What stands before the colon in an address (`deploy@understudy-staging`). */
  readonly remote: string;
  readonly clientLabel: string;
  readonly targetLabel: string;
  /** Words of the ssh call up to the destination. */
  readonly shellWords: readonly string[];
  /** The agent lets the key be used for the target alone. False where an end is older than OpenSSH 8.9. */
  readonly keyIsConstrained: boolean;
  readonly run: RunOnClient;
  /** Whether the client's connection still stands. */
  isOpen(): boolean;
  /** Why this process could not reach the target for the client the last time. */
  lastProblem(): unknown;
  close(): Promise<void>;
}

/** Opens the way. Nothing falls back: what does not work is an error that names the line to change. */
export async function openSshRoute(options: SshRouteOptions): Promise<SshRoute> {
  const cleanups: Cleanups = [];
  try {
    return await openWith(options, cleanups);
  } catch (error) {
    await runAll(cleanups);
    throw error;
  }
}

async function openWith(options: SshRouteOptions, cleanups: Cleanups): Promise<SshRoute> {
  const { target } = options;
  const targetLabel = `${options.targetSide} (${target.user}@${target.host})`;
  const asked = findTargetKey(targetLabel, target, options);
  const address = connectedAddress(options.client, options.clientAddress);
  const started = options.started ?? startRouteClient({ ...options, clientAddress: address }, options);
  cleanups.push(() => started.close());
  const { opened } = started;
  // Both have ended, however they did, before anything is cleaned up.
  await Promise.allSettled([asked, opened]);
  const key = await asked;
  const { agent, client, canConstrain, ...begun } = await opened;
  const [capabilities, tunnel] = await Promise.all([
    begun.capabilities ?? askClient(options.client),
    begun.tunnel,
  ]);
  const shell = remoteShell(options, key, tunnel, capabilities);
  if (shell.knownHostsFile !== undefined)
    cleanups.push(await leaveHostKey(options.client, options.clientWorkDir, shell.knownHostsFile, shell));
  const keyIsConstrained = capabilities.bindsSessions && canConstrain;
  const lend = keyLender(agent, key, keyIsConstrained ? shell : undefined, target.user);
  return {
    kind: options.kind,
    remote: `${target.user}@${shell.alias}`,
    clientLabel: options.client.label,
    targetLabel,
    shellWords: remoteShellWords(shell),
    keyIsConstrained,
    run: routeRunner(options, client, agent.socket, lend),
    isOpen: () => client?.isOpen ?? true,
    lastProblem: () => tunnel?.lastProblem(),
    close: () => runAll(cleanups),
  };
}

function remoteShell(
  { target, targetSide, clientWorkDir }: SshRouteOptions,
  key: TargetKey,
  tunnel: Tunnel | undefined,
  capabilities: ClientCapabilities,
): RemoteShell {
  const file = `${clientWorkDir}/known_hosts.${randomBytes(4).toString('hex')}`;
  return {
    host: tunnel ? '127.0.0.1' : target.host,
    port: tunnel ? tunnel.port : target.port,
    alias: `understudy-${targetSide}`,
    hostKey: key.hostKey,
    knownHostsFile: capabilities.takesKnownHostsCommand ? undefined : file,
  };
}
