import { type Command, type ReadCommand } from '../../commands/command.js';
import { type RemoteShell } from '../../commands/remote-shell.js';
import { type CommandResult, type ProductionHost, type RunOptions, type WritingHost } from '../host.js';
import { createLocalTransport } from '../local-host.js';
import { openSshConnection, type SshSettings } from '../ssh/open-ssh.js';
import { type PrivateAgent } from './private-agent.js';
import { restrictToReading } from '../guard/production-host.js';
import { type TargetKey } from './route-key.js';
import { runCommand } from '../process/run-command.js';
import { type SshConnection } from '../ssh/ssh-connection.js';
import { type Transport } from '../process/transport.js';

/** Runs a command on the client with the route attached (forwarded agent, reverse forward). */
export type RunOnClient = (command: ReadCommand | Command, options?: RunOptions) => Promise<CommandResult>;

interface RunnerOptions extends SshSettings {
  readonly client: ProductionHost | WritingHost;
}

/** A key without a limit of the command's own stays in the agent this long at most. */
const LONGEST_LIFETIME_SECONDS = 24 * 3600;

/** @returns what gives the key back */
type Lend = (seconds: number) => Promise<() => Promise<void>>;

/** Puts the key into the agent while a command uses the route. @param shell the one destination; undefined: any */
export function keyLender(
  agent: PrivateAgent,
  key: TargetKey,
  shell: RemoteShell | undefined,
  user: string,
): Lend {
  let users = 0;
  return async (seconds) => {
    users += 1;
    const giveBack = async (): Promise<void> => {
      users -= 1;
      if (users === 0) await agent.removeKeys();
    };
    try {
      await agent.add(key.key, {
        lifetimeSeconds: seconds,
        ...(shell ? { destination: { name: `${user}@${shell.alias}`, hostKey: shell } } : {}),
      });
    } catch (error) {
      await giveBack();
      throw error;
    }
    return giveBack;
  };
}

/** Runs commands with the key in the agent. @param client its connection; undefined when the client is this machine */
export function routeRunner(
  options: RunnerOptions,
  client: SshConnection | undefined,
  agentSocket: string,
  lend: Lend,
): RunOnClient {
  const transport: Transport = client
    ? clientTransport(options, client)
    : localTransportWithAgent(options.client.label, agentSocket);
  const runOnClient = (command: Command, runOptions?: RunOptions) =>
    runCommand(transport, command, runOptions);
  // The rules of a connection to production hold on its route too.
  const guarded: WritingHost['run'] =
    'workDir' in options.client
      ? (restrictToReading(
          { ...(options.client as WritingHost), run: runOnClient },
          options.client.workDir,
          options.client,
        ).run as WritingHost['run'])
      : runOnClient;
  return async (command, runOptions = {}) => {
    const limit = runOptions.timeoutSeconds ?? 60;
    const giveBack = await lend(limit > 0 ? limit + 60 : LONGEST_LIFETIME_SECONDS);
    try {
      return await guarded(command, runOptions);
    } finally {
      await giveBack();
    }
  };
}

const clientTransport = (options: RunnerOptions, client: SshConnection): Transport => ({
  label: client.label,
  start: async (words, startOptions = {}) => {
    if (startOptions.fresh) {
      const { signal: _signal, ...settings } = options;
      const fresh = await openSshConnection(client.label, client.address, settings);
      const process = await fresh.exec(words, startOptions);
      void process.ended.then(() => {
        fresh.close();
      });
      return process;
    }
    return client.exec(words, { ...startOptions, forwardAgent: startOptions.urgent !== true });
  },
});

function localTransportWithAgent(label: string, agentSocket: string): Transport {
  const local = createLocalTransport(label, 'production');
  return {
    label,
    start: (words, options) => local.start(['env', `SSH_AUTH_SOCK=${agentSocket}`, ...words], options),
  };
}
