import { type HostAddress, type SshAddress } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { type ReadingHost, type Side, type WritingHost } from '../host.js';
import { createIdentityReader } from '../identity.js';
import { openSshConnection, type SshSettings } from './open-ssh.js';
import { runCommand } from '../process/run-command.js';
import { SessionsHeld } from './session-limit.js';
import { type SshConnection } from './ssh-connection.js';
import {
  registerTransport,
  transportOf,
  type RemoteProcess,
  type StartOptions,
  type Transport,
} from '../process/transport.js';

/** A machine behind SSH: one connection, opened again when it was lost. */
export class SshTransport implements Transport {
  #connection: Promise<SshConnection> | undefined;
  #closed = false;

  constructor(
    readonly label: string,
    readonly address: SshAddress,
    readonly settings: SshSettings,
  ) {}

  /** The connection; a lost one is replaced, so that a later command works again. */
  async connection(): Promise<SshConnection> {
    if (this.#closed)
      throw new UnderstudyError('CONNECTION_LOST', `The connection to ${this.label} is closed.`);
    const open = await this.#connection?.catch(() => undefined);
    if (open?.isOpen) return open;
    this.#connection = openSshConnection(this.label, this.address, this.settings);
    return this.#connection;
  }

  async start(words: readonly string[], options: StartOptions = {}): Promise<RemoteProcess> {
    // The run's own signal has fired already when a fresh one is needed.
    const { signal: _signal, ...settings } = this.settings;
    if (options.fresh) return this.#startAlone(words, options, settings);
    try {
      return await (await this.connection()).exec(words, options);
    } catch (cause) {
      if (!(cause instanceof SessionsHeld)) throw cause;
      return this.#startAlone(words, options, this.settings);
    }
  }

  async #startAlone(
    words: readonly string[],
    options: StartOptions,
    settings: SshSettings,
  ): Promise<RemoteProcess> {
    const connection = await openSshConnection(this.label, this.address, settings);
    const process = await connection.exec(words, options);
    void process.ended.then(() => {
      connection.close();
    });
    return process;
  }

  async close(): Promise<void> {
    this.#closed = true;
    (await this.#connection?.catch(() => undefined))?.close();
  }
}

/** Where a host really is: of discovered ones the address that answered, else what the site file says. */
export function connectedAddress(host: ReadingHost, address: HostAddress): HostAddress {
  if (address.kind === 'local' || address.discover === undefined) return address;
  const transport = transportOf(host);
  return transport instanceof SshTransport ? transport.address : address;
}

/** Connects at once, so that what is wrong is told here and not at the first command. */
export async function createSshHost(
  side: Side,
  name: string,
  address: SshAddress,
  settings: SshSettings,
): Promise<WritingHost> {
  const transport = new SshTransport(`${name} (${address.user}@${address.host})`, address, settings);
  await transport.connection();
  const run: WritingHost['run'] = (command, options) => runCommand(transport, command, options);
  const host: WritingHost = {
    side,
    label: transport.label,
    run,
    openStream: async (target) => (await transport.connection()).openStream(target),
    identity: createIdentityReader(run),
    close: () => transport.close(),
  };
  return registerTransport(host, transport);
}
