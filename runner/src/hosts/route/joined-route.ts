import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { JOINED_REMOTE, JOINED_SHELL, nearRsync } from '../../commands/joined-rsync.js';
import { type Command, type ReadCommand } from '../../commands/command.js';
import { type RsyncCommand } from '../../commands/rsync.js';
import { UnderstudyError } from '../../errors/index.js';
import { type CommandResult, type ProductionHost, type RunOptions, type WritingHost } from '../host.js';
import { clearAfter } from './clear-buffers.js';
import { ClientOutput, Joint } from './joint.js';
import { type OpenedRoute, type RouteRunOptions } from './route.js';

/** What ssh ends with when it cannot reach the far end. */
const LINK_BROKEN = 255;
/** rsync: the protocol's stream broke off. What the far end ended with says more. */
const STREAM_BROKEN = 12;
const SOCKET_BROKEN = 10;

export interface JoinedEnds {
  /** The more trusted host. rsync's client runs there. */
  readonly client: ProductionHost | WritingHost;
  /** Work folder on the client, absolute. */
  readonly clientWorkDir: string;
  readonly target: WritingHost;
  readonly megabitsPerSecond?: number | undefined;
}

/**
 * rsync through this process: a session on each host, whose bytes are passed on. The client needs no way to the target
 * and no key for it, and neither host's sshd has to allow forwarding.
 */
export function joinedRoute({ client, clientWorkDir, target, megabitsPerSecond }: JoinedEnds): OpenedRoute {
  let carried = 0;
  const count = (bytes: number): void => {
    carried += bytes;
    clearAfter(bytes);
  };
  // A client that is production's refuses by itself what may not be done there.
  const ends = { client: client as WritingHost, folder: clientWorkDir, target, count };
  return {
    kind: 'tunnel',
    remoteShell: JOINED_SHELL,
    remote: JOINED_REMOTE,
    megabitsPerSecond,
    run: (command, options = {}) => new JoinedRun(ends, command, options).finish(),
    carry: (from, to, options) => carry(ends, from, to, options),
    bytesCarried: () => carried,
    close: async () => undefined,
    isOpen: () => true,
    // The guards and the preflight have talked with both hosts, and each stage asks for rsync there.
    prove: async () => [],
  };
}

interface Ends {
  readonly client: WritingHost;
  readonly folder: string;
  readonly target: WritingHost;
  readonly count: (bytes: number) => void;
}

/** One stream, from a command on the client to one on the far host. What fails on one of them ends the other. */
async function carry(
  { client, target, count }: Ends,
  from: ReadCommand,
  to: Command<'write'>,
  { signal, ...options }: Pick<RunOptions, 'signal' | 'timeoutSeconds'>,
): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])]);
  const pipe = new PassThrough();
  let first: unknown;
  const watched = (work: Promise<unknown>) =>
    work.catch((cause: unknown) => {
      first ??= cause;
      stop.abort();
    });
  await Promise.all([
    watched(client.run(from, { ...options, signal: both, stdout: new Joint(pipe, count) })),
    watched(target.run(to, { ...options, signal: both, stdin: pipe })),
  ]);
  if (first !== undefined) throw first as Error;
}

/** One rsync, on both hosts. What fails on one of them ends the other. */
class JoinedRun {
  readonly #mark = `understudy-${randomBytes(9).toString('hex')}`;
  readonly #toFar = new PassThrough();
  readonly #toClient = new PassThrough();
  readonly #stop = new AbortController();
  readonly #output: ClientOutput;
  #failed: { readonly cause: unknown; readonly side: 'client' | 'far' } | undefined;

  constructor(
    private readonly ends: Ends,
    private readonly command: RsyncCommand,
    private readonly options: RouteRunOptions,
  ) {
    this.#output = new ClientOutput(this.#mark, options.stdout, () => this.#toClient.end());
  }

  async finish(): Promise<CommandResult> {
    // What the far end says early must not be taken for a name.
    const named = this.#sendNames();
    const far = this.#far(named).finally(() => this.#toFar.destroy());
    const near = this.#near().finally(() => this.#toClient.destroy());
    const [farEnd, nearEnd] = await Promise.all([
      this.#watched('far', far),
      this.#watched('client', near),
      this.#watched('client', named),
    ]);
    const { client, target } = this.ends;
    const isLost = this.#failed?.side === 'far' && isConnectionLost(this.#failed.cause);
    if (this.#failed !== undefined && !isLost) throw this.#failed.cause;
    const code = isLost ? LINK_BROKEN : codeOf(nearEnd?.code ?? 0, farEnd?.code ?? 0);
    const farSaid = isLost ? `The connection to ${target.label} was lost.` : (farEnd?.stderr ?? '');
    if (farSaid !== '') this.options.onStderr?.(Buffer.from(`${farSaid}\n`));
    const stderr = [this.#output.complaints, farSaid].filter((text) => text !== '').join('\n');
    const { allowedExitCodes: allowed = [0], label = 'rsync' } = this.options;
    if (allowed !== 'any' && !allowed.includes(code))
      throw new UnderstudyError('COMMAND_FAILED', `${label} ended with exit code ${String(code)}.`, {
        host: `${client.label}, ${target.label}`,
        command: this.command.argv.join(' '),
        stderr,
      });
    return { code, stdout: Buffer.alloc(0), stderr };
  }

  /** The first failure is the one to tell: the other side is ended because of it. */
  async #watched<Result>(side: 'client' | 'far', work: Promise<Result>): Promise<Result | undefined> {
    try {
      return await work;
    } catch (cause) {
      this.#failed ??= { cause, side };
      this.#stop.abort();
      return undefined;
    }
  }

  async #sendNames(): Promise<void> {
    const { names } = this.options;
    if (names === undefined) return;
    let broke: unknown;
    const source = names.open().once('error', (error) => (broke = error));
    // Where the client stopped reading, it says why.
    await pipeline(source, this.#toClient, { end: false }).catch(() => undefined);
    if (broke !== undefined) throw broke as Error;
  }

  #far(named: Promise<void>): Promise<CommandResult> {
    const { target, count } = this.ends;
    return target.run(this.command.far, {
      ...this.#common(),
      stdin: this.#toFar,
      stdout: new Joint(this.#toClient, count, named),
      label: `rsync on ${target.label}`,
    });
  }

  #near(): Promise<CommandResult> {
    const { client, folder, count } = this.ends;
    const { names, job, label = 'rsync', onStderr } = this.options;
    this.#output.onComplaint = onStderr;
    return client.run(nearRsync(this.command, { mark: this.#mark, folder, namesBytes: names?.bytes }), {
      ...this.#common(),
      ...(job === undefined ? {} : { job }),
      stdin: this.#toClient,
      stdout: new Joint(this.#toFar, count),
      stderr: this.#output,
      label,
    });
  }

  #common() {
    const { signal, timeoutSeconds } = this.options;
    const signals = [this.#stop.signal, ...(signal === undefined ? [] : [signal])];
    return {
      signal: AbortSignal.any(signals),
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
      allowedExitCodes: 'any',
      longLived: true,
    } as const;
  }
}

/** What says no more than that the other end is gone. */
const SAYS_LITTLE: ReadonlySet<number> = new Set([0, SOCKET_BROKEN, STREAM_BROKEN]);

/** Where the stream broke off on the client, the reason lies at the far end. */
const codeOf = (near: number, far: number): number =>
  near === 0 || (near === STREAM_BROKEN && !SAYS_LITTLE.has(far)) ? far : near;

const isConnectionLost = (cause: unknown): boolean =>
  cause instanceof UnderstudyError && cause.code === 'CONNECTION_LOST';
