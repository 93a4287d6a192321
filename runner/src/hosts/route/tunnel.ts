import { createServer, type AddressInfo } from 'node:net';
import { type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { clearAfter } from './clear-buffers.js';
import { type SshConnection } from '../ssh/ssh-connection.js';

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
export async function reverseTunnel(client: SshConnection, openTarget: Opener): Promise<Tunnel> {
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
