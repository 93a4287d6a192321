import { type HostAddress, type SshAddress } from '../../config/site.js';
import { runCommand } from '../process/run-command.js';
import { openSshConnection, type SshSettings } from '../ssh/open-ssh.js';
import { type SshConnection } from '../ssh/ssh-connection.js';
import { PrivateAgent } from './private-agent.js';
import { askClient, type ClientCapabilities } from './route-client.js';
import { routeTunnel, type Tunnel } from './tunnel.js';

/** An agent without a key, and the connection that will show it to the client. */
export interface RouteClient {
  readonly opened: Promise<OpenedAgent>;
  /** Ends both, whatever became of them. */
  close(): Promise<void>;
}

/** Where the way from a client leads, as far as its own side of it depends on that. */
export interface WayFrom {
  readonly kind: 'tunnel' | 'direct';
  readonly client: { readonly label: string };
  readonly clientAddress: HostAddress;
  readonly target: SshAddress;
}

/** Begins with the client's side of a route: connecting takes as long as finding out the rest. */
export function startRouteClient(way: WayFrom, settings: SshSettings): RouteClient {
  const cleanups: Cleanups = [];
  const opened = openAgent(way, settings, cleanups);
  opened.catch(() => undefined);
  return {
    opened,
    close: async () => {
      await opened.catch(() => undefined);
      await runAll(cleanups);
    },
  };
}

interface OpenedAgent {
  readonly agent: PrivateAgent;
  /** Undefined where the client is this machine. */
  readonly client: SshConnection | undefined;
  readonly canConstrain: boolean;
  /** What the client said over this connection; undefined where it is this machine. */
  readonly capabilities: Promise<ClientCapabilities> | undefined;
  /** The client's way to the target through this process; undefined where it needs none. */
  readonly tunnel: Promise<Tunnel | undefined>;
}

async function openAgent(way: WayFrom, settings: SshSettings, cleanups: Cleanups): Promise<OpenedAgent> {
  const agent = await PrivateAgent.launch();
  cleanups.push(() => agent.stop());
  // The connection asks for the agent only when a command on the client does.
  const opening = openClient(way, { ...settings, agent: agent.socket }).then((client) => {
    if (client)
      cleanups.push(() => {
        client.close();
      });
    return client;
  });
  const [client, canConstrain, started] = await Promise.allSettled([
    opening,
    agent.canConstrain(),
    agent.ready(),
  ]);
  if (started.status === 'rejected') throw started.reason;
  if (canConstrain.status === 'rejected') throw canConstrain.reason;
  if (client.status === 'rejected') throw client.reason;
  const capabilities = client.value && askOver(client.value);
  const tunnel = routeTunnel({ ...settings, ...way }, way.target, client.value);
  // What fails is told to anyone who waits for it.
  void Promise.allSettled([capabilities, tunnel]);
  cleanups.push(async () => (await tunnel.catch(() => undefined))?.close());
  return { agent, client: client.value, canConstrain: canConstrain.value, capabilities, tunnel };
}

/** Over the connection that stands, before it is known where on the client anything may be written. */
const askOver = (client: SshConnection): Promise<ClientCapabilities> => {
  const { label } = client;
  const transport = { label, start: (words: readonly string[]) => client.exec(words) };
  return askClient({ label, run: (command, options) => runCommand(transport, command, options) });
};

/** A connection of its own for tunnel and agent: bulk data and the lent key end with it. */
async function openClient(
  { client: { label }, clientAddress: address }: WayFrom,
  settings: SshSettings,
): Promise<SshConnection | undefined> {
  return address.kind === 'local' ? undefined : openSshConnection(label, address, settings);
}

/** Something to end, the last made first. */
export type Cleanups = (() => Promise<void> | void)[];

export const runAll = async (cleanups: Cleanups): Promise<void> => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    try {
      await cleanup();
    } catch {
      // Each of them is tried; the error that led here is the one to tell.
    }
  }
};
