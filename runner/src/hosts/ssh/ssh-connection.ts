import { randomBytes } from 'node:crypto';
import { type Duplex, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type NodeSSH } from 'node-ssh';
import { type Channel, type ClientChannel } from 'ssh2';
import { type SshAddress } from '../../config/site.js';
import { remoteLine } from '../../commands/ssh.js';
import { UnderstudyError, messageOf } from '../../errors/index.js';
import { AfterMark } from './after-mark.js';
import { type StreamTarget } from '../host.js';
import { type HostKey } from './host-keys.js';
import { forwardRefused } from './ssh-errors.js';
import { type EnterOptions, SessionLimit } from './session-limit.js';
import { WaitingShells } from './waiting-shells.js';
import { type ProcessEnd, type RemoteProcess } from '../process/transport.js';

/** Servers allow 10 sessions on a connection (MaxSessions); two are kept free for ending others. */
const MOST_SESSIONS = 8;

/** How often, and how long apart, a session is asked for that is refused though none of Understudy is open: 2 seconds. */
const MOST_TRIES = 20;
const RETRY_MS = 100;

export interface ExecOptions extends EnterOptions {
  /** Lets the process on the host use the agent that the connection was opened with. */
  readonly forwardAgent?: boolean;
}

export interface ReverseForward {
  /** Port on the host's loopback address. */
  readonly port: number;
  close(): Promise<void>;
}

/** One authenticated SSH connection whose host key was verified. Made by openSshConnection. */
export class SshConnection {
  readonly #sessions = new SessionLimit(MOST_SESSIONS);
  readonly #waiting = new WaitingShells(this.#sessions, (words) =>
    this.#startSession(words, this.showsAgent),
  );
  #lost: Error | undefined;

  constructor(
    readonly label: string,
    readonly address: SshAddress,
    /** The key that the host showed and that was trusted. */
    readonly hostKey: HostKey,
    private readonly ssh: NodeSSH,
    private readonly bastion: SshConnection | undefined,
    /** It was opened with an agent for its sessions. */
    private readonly showsAgent: boolean,
  ) {
    const client = this.#client();
    client.on('error', (error: Error) => {
      this.#lost ??= error;
    });
    client.on('close', () => {
      this.#lost ??= new Error('the connection was closed');
      this.bastion?.close();
    });
  }

  get isOpen(): boolean {
    return this.#lost === undefined && this.ssh.isConnected();
  }

  /** @throws SessionsHeld where a session would have to wait for those that stay open */
  async exec(words: readonly string[], options: ExecOptions = {}): Promise<RemoteProcess> {
    const forwardAgent = options.forwardAgent ?? false;
    for (let tries = 1; ; tries += 1) {
      const isOrdinary = forwardAgent === this.showsAgent;
      const ready = isOrdinary ? this.#waiting.take(words, options.longLived === true) : undefined;
      if (ready !== undefined) {
        this.#waiting.fill();
        return ready;
      }
      if (this.#sessions.isFull) this.#waiting.endOne();
      const place = await this.#sessions.enter(options);
      try {
        const starting = this.#startSession(words, forwardAgent);
        this.#waiting.fill();
        const process = await starting;
        void process.ended.then(place.leave);
        return process;
      } catch (cause) {
        const refused = isChannelRefusal(cause) && !options.urgent;
        const fewer = refused && this.#sessions.lower();
        place.leave();
        if (refused) this.#waiting.stop();
        if (!refused || (!fewer && tries > MOST_TRIES)) throw this.#notStarted(cause);
        // Nothing of Understudy is open any more, but the server may not have noticed yet.
        if (!fewer) await sleep(RETRY_MS);
      }
    }
  }

  async openStream(target: StreamTarget): Promise<Duplex> {
    try {
      return target.kind === 'tcp'
        ? await this.ssh.forwardOut('127.0.0.1', 0, target.host, target.port)
        : await this.ssh.forwardOutStreamLocal(target.path);
    } catch (cause) {
      throw forwardRefused(this.label, target, cause);
    }
  }

  /** Listens on the host's loopback address; each connection there is handed to `onConnection`. */
  async listen(onConnection: (open: () => Channel, reject: () => void) => void): Promise<ReverseForward> {
    const { port, dispose } = await this.ssh.forwardIn('127.0.0.1', 0, (_details, accept, reject) => {
      onConnection(() => accept(), reject);
    });
    return {
      port,
      close: async () => {
        if (this.isOpen) await dispose().catch(() => undefined);
      },
    };
  }

  close(): void {
    this.ssh.dispose();
  }

  #client(): NonNullable<NodeSSH['connection']> {
    const client = this.ssh.connection;
    if (!client) throw this.#notStarted(this.#lost);
    return client;
  }

  #startSession(words: readonly string[], agentForward: boolean): Promise<RemoteProcess> {
    const mark = `understudy-${randomBytes(9).toString('hex')}:`;
    const line = remoteLine(words, mark);
    return new Promise((resolve, reject) => {
      const client = this.#client();
      const onClose = (): void => {
        reject(this.#lost ?? new Error('the connection was closed'));
      };
      client.once('close', onClose);
      // ssh2 knows `agentForward` for one session; its types only know it for the whole connection.
      const options: Record<string, unknown> = agentForward ? { agentForward } : {};
      client.exec(line, options, (error, channel) => {
        client.off('close', onClose);
        if (error) reject(error);
        // At once: the exit code of a fast command comes in the same packet.
        else resolve(this.#asProcess(channel, mark));
      });
    });
  }

  #asProcess(channel: ClientChannel, mark: string): RemoteProcess {
    const [stdout, stderr] = [new AfterMark(mark), new AfterMark(mark)];
    pipeToTheEnd(channel, stdout);
    pipeToTheEnd(channel.stderr, stderr);
    const ended = new Promise<ProcessEnd>((resolve) => {
      let exit: { code: number | null; signal: string | null } | undefined;
      channel.once('exit', (code: number | null, signal?: string) => {
        exit = { code, signal: signal ?? null };
      });
      channel.once('close', () => {
        endAfter(channel, stdout);
        endAfter(channel.stderr, stderr);
        const said = [stdout.noise, stderr.noise].filter((text) => text !== '').join('\n');
        if (exit && !stdout.seen && !stderr.seen) resolve({ ...exit, shellSaid: said });
        else if (exit) resolve(exit);
        else
          resolve({
            code: null,
            signal: null,
            lost: this.#lost ?? new Error('the host sent no exit code'),
          });
      });
    });
    channel.on('error', () => undefined);
    return {
      stdin: channel,
      stdout,
      stderr,
      ended,
      close: () => {
        if (this.isOpen) channel.close();
        channel.destroy();
        stdout.destroy();
        stderr.destroy();
      },
    };
  }

  #notStarted(cause: unknown): UnderstudyError {
    if (cause instanceof UnderstudyError) return cause;
    const message = messageOf(cause);
    return new UnderstudyError('CONNECTION_LOST', `No session on ${this.label}: ${message}.`, {
      host: this.label,
      cause,
    });
  }
}

const isChannelRefusal = (cause: unknown): boolean =>
  cause instanceof Error && cause.message.includes('Channel open failure');

/** A channel closes when it was read to its end, also where nobody wants the rest: its session is not free before. */
function pipeToTheEnd(from: Readable, to: AfterMark): void {
  from.pipe(to);
  to.once('close', () => from.resume());
}

/** Ends it when what came over the channel was read: a lost connection ends neither of the two by itself. */
function endAfter(from: Readable, to: AfterMark): void {
  if (from.readableLength === 0 || from.destroyed) to.end();
  else from.push(null);
}
