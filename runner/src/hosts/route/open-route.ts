import { randomBytes } from 'node:crypto';
import {
  CONTROL_MASTER,
  mayBeControlSocket,
  remoteShellWords,
  rsyncShell,
  type RemoteShell,
} from '../../commands/remote-shell.js';
import { type HostAddress, type SshAddress } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { type ProductionHost, type ReadingHost, type Side, type WritingHost } from '../host.js';
import { type SshSettings } from '../ssh/open-ssh.js';
import { connectedAddress } from '../ssh/ssh-host.js';
import { type Cleanups, type RouteClient, runAll, startRouteClient } from './client-agent.js';
import { askClient, leaveHostKey, type ClientCapabilities } from './route-client.js';
import { findTargetKey, refusePowerfulKey, type TargetKey } from './route-key.js';
import { keyLender, routeRunner } from './route-runner.js';
import { type Route } from './route.js';
import { type Tunnel } from './tunnel.js';

export interface RouteOptions extends SshSettings {
  readonly kind: 'tunnel' | 'direct';
  /** The more trusted host: archive before production before staging. rsync runs there. */
  readonly client: ProductionHost | WritingHost;
  readonly clientAddress: HostAddress;
  /** Work folder on the client, absolute: takes the known_hosts file of an OpenSSH client before 8.5. */
  readonly clientWorkDir: string;
  readonly target: HostAddress;
  /** The runner's own connection to the target, where it has one: its login proves the key, another is spared. */
  readonly targetHost?: ReadingHost;
  /** `repository`: a git server, reached by git's own ssh. */
  readonly targetSide: Exclude<Side, 'runner'> | 'repository';
  /** Hosts that are more trusted than the client. A key that opens one of them is refused. */
  readonly moreTrusted?: readonly { readonly label: string; readonly address: HostAddress }[];
  /** The client's side, where it was begun before the rest was known. */
  readonly started?: RouteClient | undefined;
  /** Several calls are to come: they go over the connection of the proof, where that works (see {@link Sharing}). */
  readonly shared?: boolean;
  /** Whether a shared connection may be left on the client: nothing is written there before. Without it, it may not. */
  readonly mayShare?: Promise<boolean> | undefined;
  /** What rsync may send at most on this route. */
  readonly megabitsPerSecond?: number | undefined;
}

/**
 * A login through the tunnel waits for some 25 round trips, because each of its own takes two. So the proof leaves its
 * connection to the calls after it (ControlMaster), on a socket in the client's work folder. It ends with the tunnel.
 */
interface Sharing {
  /** Where the socket lies: `clientWorkDir`. */
  readonly folder: string;
  /** For the call that makes the connection. */
  readonly masterWords: readonly string[];
  /** Before, nothing may be written on the client; where it is false, nothing at all. */
  readonly allowed: Promise<boolean>;
  /** From now on every call logs in itself. */
  stop(): void;
}

/** A route with what preflight needs to prove it. */
export interface OpenedRoute extends Route {
  readonly clientLabel: string;
  readonly targetLabel: string;
  /** Words of the ssh call up to the destination; empty for `local`. */
  readonly shellWords: readonly string[];
  /** More of them for a call that carries no data: see {@link QUICK_KEY_EXCHANGE}. */
  readonly proofWords: readonly string[];
  /** The agent lets the key be used for the target alone. False where an end is older than OpenSSH 8.9. */
  readonly keyIsConstrained: boolean;
  /** Whether the client's connection still stands. */
  isOpen(): boolean;
  /** Lets the agent sign: until then a call through this route waits for its login. */
  letSign(): void;
  /** Why this process could not reach the target for the client the last time. */
  lastProblem(): unknown;
  /** Undefined: each call logs in itself. */
  readonly sharing: Sharing | undefined;
}

/** OpenSSH's first choice withstands quantum computers and takes longer; a proof carries nothing that needs it. */
const QUICK_KEY_EXCHANGE = ['-o', 'KexAlgorithms=^curve25519-sha256'];

/** Opens the way for rsync. Nothing falls back: what does not work is an error that names the line to change. */
export async function openRoute(options: RouteOptions): Promise<OpenedRoute> {
  const { clientAddress, target } = options;
  const isLocal = isSameAccount(clientAddress, target);
  if (isLocal || target.kind === 'local') await options.started?.close();
  if (isLocal) return { ...localRoute(options.client), megabitsPerSecond: options.megabitsPerSecond };
  if (target.kind === 'local')
    throw new UnderstudyError(
      'ROUTE_REFUSED',
      `${options.client.label} cannot reach a host that is given as local.`,
      {
        next: `Give ${options.targetSide}.ssh with an address on which this machine's sshd answers.`,
      },
    );
  const cleanups: Cleanups = [];
  try {
    return await openSshRoute(options, target, cleanups);
  } catch (error) {
    await runAll(cleanups);
    throw error;
  }
}

async function openSshRoute(
  options: RouteOptions,
  target: SshAddress,
  cleanups: Cleanups,
): Promise<OpenedRoute> {
  const targetLabel = `${options.targetSide} (${target.user}@${target.host})`;
  const asked = findTargetKey(targetLabel, target, options);
  const address = connectedAddress(options.client, options.clientAddress);
  const started =
    options.started ?? startRouteClient({ ...options, target, clientAddress: address }, options);
  cleanups.push(() => started.close());
  const { opened } = started;
  // Both have ended, however they did, before anything is cleaned up.
  await Promise.allSettled([asked, opened]);
  const key = await asked;
  const { agent, client, canConstrain, letSign, ...begun } = await opened;
  // No key is in the agent yet.
  await refusePowerfulKey(key.key, targetLabel, options);
  const [capabilities, tunnel] = await Promise.all([
    begun.capabilities ?? askClient(options.client),
    begun.tunnel,
  ]);
  const shell = remoteShell(options, target, key, tunnel, capabilities);
  if (shell.knownHostsFile !== undefined)
    cleanups.push(await leaveHostKey(options.client, options.clientWorkDir, shell.knownHostsFile, shell));
  const constrained = capabilities.bindsSessions && canConstrain;
  const lend = keyLender(agent, key, constrained ? shell : undefined, target.user);
  const run = routeRunner(options, client, agent.socket, lend);
  const { mayShare } = options;
  let socket = tunnel && client && capabilities.bindsSessions ? controlSocket(options) : undefined;
  if (socket === undefined) letSign();
  const shellWords = (): string[] =>
    remoteShellWords(socket === undefined ? shell : { ...shell, controlSocket: socket });
  return {
    kind: options.kind,
    get remoteShell() {
      return rsyncShell(shellWords());
    },
    remote: `${target.user}@${shell.alias}`,
    megabitsPerSecond: options.megabitsPerSecond,
    run,
    bytesCarried: () => tunnel?.bytesCarried() ?? 0,
    close: () => runAll(cleanups),
    clientLabel: options.client.label,
    targetLabel,
    get shellWords() {
      return shellWords();
    },
    proofWords: capabilities.takesKnownHostsCommand ? QUICK_KEY_EXCHANGE : [],
    keyIsConstrained: constrained,
    letSign,
    isOpen: () => client?.isOpen ?? true,
    lastProblem: () => tunnel?.lastProblem(),
    get sharing() {
      const stop = (): void => (socket = undefined);
      return socket === undefined || mayShare === undefined
        ? undefined
        : { folder: options.clientWorkDir, masterWords: CONTROL_MASTER, allowed: mayShare, stop };
    },
  };
}

/** A name for the socket, where ssh can have one. */
function controlSocket({ shared, mayShare, clientWorkDir }: RouteOptions): string | undefined {
  const socket = `${clientWorkDir}/ssh-${randomBytes(4).toString('hex')}`;
  return shared === true && mayShare !== undefined && mayBeControlSocket(socket) ? socket : undefined;
}

function remoteShell(
  options: RouteOptions,
  target: SshAddress,
  key: TargetKey,
  tunnel: Tunnel | undefined,
  capabilities: ClientCapabilities,
): RemoteShell {
  const file = `${options.clientWorkDir}/known_hosts.${randomBytes(4).toString('hex')}`;
  return {
    host: tunnel ? '127.0.0.1' : target.host,
    port: tunnel ? tunnel.port : target.port,
    alias: `understudy-${options.targetSide}`,
    hostKey: key.hostKey,
    knownHostsFile: capabilities.takesKnownHostsCommand ? undefined : file,
  };
}

function localRoute(client: ProductionHost | WritingHost): OpenedRoute {
  return {
    kind: 'local',
    remoteShell: undefined,
    remote: '',
    run: (command, options) => (client as WritingHost).run(command, options),
    bytesCarried: () => 0,
    close: async () => undefined,
    clientLabel: client.label,
    targetLabel: client.label,
    shellWords: [],
    proofWords: [],
    keyIsConstrained: true,
    letSign: () => undefined,
    isOpen: () => true,
    lastProblem: () => undefined,
    sharing: undefined,
  };
}

/** The same account on the same machine by the site file: rsync needs no ssh there. */
function isSameAccount(one: HostAddress, other: HostAddress): boolean {
  if (one.kind === 'local' || other.kind === 'local') return one.kind === other.kind;
  return (
    one.host === other.host &&
    one.port === other.port &&
    one.user === other.user &&
    one.via?.host === other.via?.host
  );
}
