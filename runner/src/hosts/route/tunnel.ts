import { type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { clearAfter } from './clear-buffers.js';
import { type SshConnection } from '../ssh/ssh-connection.js';
import { type SshAddress } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { connectLocally } from '../local-host.js';

/** A port on the client that leads through this process to the target. */
export interface Tunnel {
  /** On the client's loopback address. */
  readonly port: number;
  /** Why the last connection to the target could not be opened. */
  lastProblem(): unknown;
  close(): Promise<void>;
}

type Opener = () => Promise<Duplex>;

class Carrier {
  problem: unknown;
  readonly #open = new Set<Duplex>();

  /** Copies both ways until either side ends. Errors show at both ends as a closed connection. */
  async carry(near: Duplex, far: Duplex): Promise<void> {
    for (const stream of [near, far]) {
      this.#open.add(stream);
      stream.on('error', () => undefined);
      stream.on('data', (chunk: Buffer) => {
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

/** How the client's ssh is to reach the target. */
interface TunnelOptions {
  readonly kind: 'tunnel' | 'direct';
  readonly client: { readonly label: string };
}

/**
 * A reverse forward on the client's connection (`ssh -R`): the client reaches the target through this process. Undefined
 * where it needs none: for a direct way, and on this machine.
 */
export async function routeTunnel(
  { kind, client: { label } }: TunnelOptions,
  target: SshAddress,
  client: SshConnection | undefined,
): Promise<Tunnel | undefined> {
  if (kind === 'direct') {
    if (!target.via) return undefined;
    throw new UnderstudyError(
      'ROUTE_REFUSED',
      `A direct route to ${target.host} cannot go through a bastion.`,
      {
        next: 'Set content.route: tunnel, or remove ssh.via of the target.',
      },
    );
  }
  if (!client) return undefined;
  try {
    const { host, port } = target;
    return await reverseTunnel(client, () => connectLocally('the runner', { kind: 'tcp', host, port }));
  } catch (cause) {
    throw listenRefused(label, cause);
  }
}

async function reverseTunnel(client: SshConnection, openTarget: Opener): Promise<Tunnel> {
  const carrier = new Carrier();
  const forward = await client.listen((accept, reject) => {
    openTarget().then(
      (far) => carrier.carry(accept(), far),
      (problem: unknown) => {
        carrier.problem = problem;
        reject();
      },
    );
  });
  return {
    port: forward.port,
    lastProblem: () => carrier.problem,
    close: () => {
      carrier.closeAll();
      // Not waited for: the client's connection, which is closed next, takes it along.
      void forward.close();
      return Promise.resolve();
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
