import { createServer, type AddressInfo } from 'node:net';
import { type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { clearAfter } from './clear-buffers.js';
import { type SshConnection } from '../ssh/ssh-connection.js';
import { type SshAddress } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { connectLocally } from '../local-host.js';
import { openSshConnection, type SshSettings } from '../ssh/open-ssh.js';

/** A port on the client that leads through this process to the target. */
export interface Tunnel {
  /** On the client's loopback address. */
  readonly port: number;
  bytesCarried(): number;
  /** Why the last connection to the target could not be opened. */
  lastProblem(): unknown;
  close(): Promise<void>;
}

/** Targets end connections on which nobody logs in: after two minutes (LoginGraceTime), some sooner. */
const UNUSED_MS = 5000;

type Opener = () => Promise<Duplex>;

class Carrier {
  bytes = 0;
  problem: unknown;
  readonly #open = new Set<Duplex>();

  /** Copies both ways until either side ends. Errors show at both ends as a closed connection. */
  async carry(near: Duplex, far: Duplex): Promise<void> {
    for (const stream of [near, far]) {
      this.#open.add(stream);
      stream.on('error', () => undefined);
      stream.on('data', (chunk: Buffer) => {
        this.bytes += chunk.length;
        clearAfter(chunk.length);
      });
    }
    await Promise.allSettled([pipeline(near, far), pipeline(far, near)]);
    for (const stream of [near, far]) {
      this.#open.delete(stream);
      stream.destroy();
    }
  }

  closeAll(): void {
    for (const stream of this.#open) stream.destroy();
  }
}

/** Reverse forward on the client's connection (`ssh -R`): the client reaches the target through this process. */
async function reverseTunnel(client: SshConnection, openTarget: Opener): Promise<Tunnel> {
  const carrier = new Carrier();
  const first = connectAhead(openTarget);
  const forward = await client.listen((accept, reject) => {
    first.take().then(
      (far) => carrier.carry(accept(), far),
      (problem: unknown) => {
        carrier.problem = problem;
        reject();
      },
    );
  });
  return {
    port: forward.port,
    bytesCarried: () => carrier.bytes,
    lastProblem: () => carrier.problem,
    close: () => {
      first.end();
      carrier.closeAll();
      // Not waited for: the client's connection, which is closed next, takes it along.
      void forward.close();
      return Promise.resolve();
    },
  };
}

/** The target is reached before the client asks for it: a round trip that nobody waits for. Later ones are opened when asked. */
function connectAhead(open: Opener): { take(): Promise<Duplex>; end(): void } {
  const since = performance.now();
  // It may break while nobody reads it.
  let ahead: Promise<Duplex> | undefined = open().then((stream) => stream.on('error', () => undefined));
  ahead.catch(() => undefined);
  const leave = (): Promise<Duplex> | undefined => {
    const left = ahead;
    ahead = undefined;
    return left;
  };
  return {
    take: async () => {
      const stream = await leave()?.catch(() => undefined);
      if (stream?.destroyed === false && performance.now() - since < UNUSED_MS) return stream;
      stream?.destroy();
      return open();
    },
    end: () => {
      leave()?.then(
        (stream) => stream.destroy(),
        () => undefined,
      );
    },
  };
}

/** The same for a client on this machine: a port on loopback that leads to the target (through a bastion). */
export async function localTunnel(openTarget: Opener): Promise<Tunnel> {
  const carrier = new Carrier();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    openTarget().then(
      (far) => carrier.carry(near, far),
      (problem: unknown) => {
        carrier.problem = problem;
        near.destroy();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    bytesCarried: () => carrier.bytes,
    lastProblem: () => carrier.problem,
    close: async () => {
      carrier.closeAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface TunnelOptions extends SshSettings {
  readonly kind: 'tunnel' | 'direct';
  readonly client: { readonly label: string };
}

/** The tunnel of a route; for `direct` none, for a client that is this machine (undefined) only through a bastion. */
export async function routeTunnel(
  options: TunnelOptions,
  target: SshAddress,
  client: SshConnection | undefined,
): Promise<Tunnel | undefined> {
  if (options.kind === 'direct') {
    if (!target.via) return undefined;
    throw new UnderstudyError(
      'ROUTE_REFUSED',
      `A direct route to ${target.host} cannot go through a bastion.`,
      {
        next: 'Set content.route: tunnel, or remove ssh.via of the target.',
      },
    );
  }
  if (!client && !target.via) return undefined;
  const { open, close } = await targetOpener(options, target);
  try {
    const tunnel = client ? await reverseTunnel(client, open) : await localTunnel(open);
    return {
      ...tunnel,
      close: async () => {
        await tunnel.close();
        close();
      },
    };
  } catch (cause) {
    close();
    throw listenRefused(options.client.label, cause);
  }
}

/** How this process reaches the target's sshd: as for its own connection. */
async function targetOpener(
  options: TunnelOptions,
  target: SshAddress,
): Promise<{ open: () => Promise<Duplex>; close: () => void }> {
  const endpoint = { kind: 'tcp', host: target.host, port: target.port } as const;
  const { via } = target;
  if (!via) return { open: () => connectLocally('the runner', endpoint), close: () => undefined };
  const { agent: _agent, authentication: _authentication, ...settings } = options;
  const bastion = await openSshConnection(`bastion (${via.user}@${via.host})`, via, settings);
  return {
    open: () => bastion.openStream(endpoint),
    close: () => {
      bastion.close();
    },
  };
}

const listenRefused = (label: string, cause: unknown): UnderstudyError =>
  cause instanceof UnderstudyError
    ? cause
    : new UnderstudyError(
        'ROUTE_REFUSED',
        `${label} does not let the runner listen on its loopback address.`,
        {
          host: label,
          next: `Put "AllowTcpForwarding remote" (or "yes") into sshd_config on ${label}, and check that neither PermitListen, DisableForwarding nor restrict or no-port-forwarding in authorized_keys forbids it; reload sshd. Or set content.route: direct.`,
          cause,
        },
      );
