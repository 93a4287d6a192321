import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What lies between the runner's machine and the others. */
export interface NetworkOptions {
  /** Milliseconds from a question to the first byte of its answer, beside what the server takes. */
  readonly roundTripMs: number;
  /** Of each link and direction, for all its connections together; undefined: as fast as loopback. */
  readonly megabitsPerSecond?: number;
}

/** What passed so far. */
export interface Traffic {
  /**
   * Round trips that had to wait for one another. Counted as logical clocks do: what goes out carries the number of round
   * trips that ended before, and its answer, one more. So questions that are asked at once count once, whatever the time.
   */
  readonly roundTrips: number;
  readonly connections: number;
  readonly bytes: number;
  /** Of these, by the name of the link. */
  readonly bytesBy: Readonly<Record<string, number>>;
}

/** The way to one server. */
interface Link {
  readonly name: string;
  readonly target: Address;
  /** When each direction has carried what it was given, milliseconds. */
  readonly free: { up: number; down: number };
}

interface Address {
  readonly address: string;
  readonly port: number;
}

/** Bytes that may be on their way in one direction before the sender is made to wait. */
const MOST_UNDERWAY = 4 * 1024 * 1024;

/**
 * A network in user space: a proxy before each server, which hands bytes on, in order, after half a round trip and not
 * faster than the rate. Beside `tc`, it needs no rights, and it counts round trips.
 */
export class Network {
  #options: NetworkOptions;
  #clock = 0;
  #connections = 0;
  readonly #bytesBy = new Map<string, number>();
  #spoiling = 0;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  constructor(options: NetworkOptions = { roundTripMs: 0 }) {
    this.#options = options;
  }

  /** From now on, also for connections that stand. */
  set(options: NetworkOptions): void {
    this.#options = options;
  }

  traffic(): Traffic {
    const bytesBy = Object.fromEntries(this.#bytesBy);
    const bytes = Object.values(bytesBy).reduce((sum, each) => sum + each, 0);
    return { roundTrips: this.#clock, connections: this.#connections, bytes, bytesBy };
  }

  /** @returns where the server is reached through this network */
  async link(target: Address, name: string): Promise<Address> {
    const link: Link = { name, target, free: { up: 0, down: 0 } };
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
      void this.#connect(near, link);
    });
    await new Promise<void>((resolve) => server.listen(0, target.address, resolve));
    this.#servers.push(server);
    return { address: target.address, port: (server.address() as AddressInfo).port };
  }

  /** Ends every connection, as a router that restarts does. */
  break(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The next bytes that come back on every connection are other ones. */
  spoil(): void {
    this.#spoiling += 1;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  /** A TCP handshake takes a round trip before the client may send anything. */
  async #connect(near: Socket, link: Link): Promise<void> {
    const { target } = link;
    this.#connections += 1;
    // What the server knows of what ended before; its answers end one more.
    let known = this.#clock + 1;
    near.pause();
    this.#keep(near);
    await sleep(this.#options.roundTripMs);
    if (near.destroyed) return;
    this.#clock = Math.max(this.#clock, known);
    const far = connect({ host: target.address, port: target.port, allowHalfOpen: true, noDelay: true });
    this.#keep(far);
    this.#carry(near, far, link, 'up', () => {
      const sent = this.#clock;
      return () => (known = Math.max(known, sent));
    });
    let spoilt = this.#spoiling;
    this.#carry(far, near, link, 'down', (chunk) => {
      if (spoilt < this.#spoiling) chunk.fill(0x55, chunk.length / 2);
      spoilt = this.#spoiling;
      const answers = known + 1;
      return () => (this.#clock = Math.max(this.#clock, answers));
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }

  /** One queue and one timer per direction: timers of different lengths fire in another order than they were set. */
  #carry(
    from: Socket,
    to: Socket,
    { name, free }: Link,
    direction: 'up' | 'down',
    stamp: (chunk: Buffer) => () => void,
  ): void {
    const queue: { readonly due: number; readonly size: number; readonly deliver: () => void }[] = [];
    let [underway, timer] = [0, undefined as NodeJS.Timeout | undefined];
    const flush = (): void => {
      timer = undefined;
      for (let first = queue[0]; first !== undefined && first.due <= performance.now(); first = queue[0]) {
        queue.shift();
        underway -= first.size;
        first.deliver();
      }
      const next = queue[0];
      if (next !== undefined) timer ??= setTimeout(flush, Math.max(0, next.due - performance.now()));
      if (underway < MOST_UNDERWAY) from.resume();
    };
    const enqueue = (size: number, deliver: () => void): void => {
      const { roundTripMs, megabitsPerSecond } = this.#options;
      const now = performance.now();
      free[direction] =
        Math.max(free[direction], now) +
        (megabitsPerSecond === undefined ? 0 : (size * 8) / (megabitsPerSecond * 1000));
      queue.push({ due: free[direction] + roundTripMs / 2, size, deliver });
      underway += size;
      if (underway >= MOST_UNDERWAY) from.pause();
      if (queue.length === 1 && queue[0]?.due === now) flush();
      else timer ??= setTimeout(flush, Math.max(0, (queue[0]?.due ?? now) - now));
    };
    from.on('data', (chunk: Buffer) => {
      this.#bytesBy.set(name, (this.#bytesBy.get(name) ?? 0) + chunk.length);
      const arrive = stamp(chunk);
      enqueue(chunk.length, () => {
        arrive();
        to.write(chunk);
      });
    });
    from.on('end', () => {
      enqueue(0, () => to.end());
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      enqueue(0, () => to.destroySoon());
    });
    from.resume();
  }
}
