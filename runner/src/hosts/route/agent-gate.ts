import { connect } from 'node:net';
import { Duplex, Transform } from 'node:stream';
import ssh2 from 'ssh2';

/** SSH_AGENTC_SIGN_REQUEST (RFC draft-ietf-sshm-ssh-agent, section 6.1). */
const SIGN_REQUEST = 13;
/** A message is its length in four bytes, its kind in one, and the rest. */
const HEAD = 5;

/**
 * An agent that lists its keys at once and signs when it may: a login can go on up to the moment at which the key lets it
 * in, while it is still open whether it may come in.
 */
export class GatedAgent extends ssh2.BaseAgent {
  #open: () => void = () => undefined;
  readonly #opened = new Promise<void>((resolve) => (this.#open = resolve));

  /** @param socket of the agent behind it */
  constructor(private readonly socket: string) {
    super();
  }

  /** From now on it signs. */
  open(): void {
    this.#open();
  }

  /** What a session on the host that is shown the agent talks to. */
  override getStream(callback: (error: Error | null, stream: Duplex) => void): void {
    const agent = connect(this.socket);
    const refuse = (error: Error): void => {
      callback(error, agent);
    };
    agent.once('error', refuse);
    agent.once('connect', () => {
      agent.off('error', refuse).on('error', () => undefined);
      const asked = this.#held();
      asked.pipe(agent);
      agent.once('close', () => asked.destroy());
      asked.on('error', () => agent.destroy());
      callback(null, Duplex.from({ writable: asked, readable: agent }));
    });
  }

  /** Passes messages on, one after the other; signatures wait. */
  #held(): Transform {
    let waiting = Buffer.alloc(0);
    const pass = async (stream: Transform): Promise<void> => {
      while (waiting.length >= HEAD) {
        const size = 4 + waiting.readUInt32BE(0);
        if (waiting.length < size) return;
        const message = waiting.subarray(0, size);
        waiting = waiting.subarray(size);
        if (message[4] === SIGN_REQUEST) await this.#opened;
        stream.push(message);
      }
    };
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        waiting = Buffer.concat([waiting, chunk]);
        pass(this).then(
          () => done(),
          (error: unknown) => done(error as Error),
        );
      },
    });
  }

  /** The runner's own logins do not use it. */
  getIdentities(callback: (error: Error) => void): void {
    callback(new Error('This agent is for the host that it is shown to.'));
  }

  sign(): void {
    throw new Error('This agent is for the host that it is shown to.');
  }
}
