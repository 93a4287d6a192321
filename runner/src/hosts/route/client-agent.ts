import { type HostAddress } from '../../config/site.js';
import { openSshConnection, type SshSettings } from '../ssh/open-ssh.js';
import { type SshConnection } from '../ssh/ssh-connection.js';
import { PrivateAgent } from './private-agent.js';

/** An agent without a key, and the connection that will show it to the client. */
export interface RouteClient {
  readonly opened: Promise<OpenedAgent>;
  /** Ends both, whatever became of them. */
  close(): Promise<void>;
}

/** Begins with the client's side of a route: connecting takes as long as finding out the rest. */
export function startRouteClient(label: string, address: HostAddress, settings: SshSettings): RouteClient {
  const cleanups: Cleanups = [];
  const opened = openAgent(label, address, settings, cleanups);
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
}

async function openAgent(
  label: string,
  address: HostAddress,
  settings: SshSettings,
  cleanups: Cleanups,
): Promise<OpenedAgent> {
  const agent = await PrivateAgent.launch();
  cleanups.push(() => agent.stop());
  // The connection asks for the agent only when a command on the client does.
  const opening = openClient(label, address, { ...settings, agent: agent.socket }).then((client) => {
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
  return { agent, client: client.value, canConstrain: canConstrain.value };
}

/** A connection of its own for tunnel and agent: bulk data and the lent key end with it. */
async function openClient(
  label: string,
  address: HostAddress,
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
