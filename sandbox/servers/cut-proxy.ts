import { connect, createServer, type Socket } from 'node:net';
import { type AddressInfo } from 'node:net';

/** A link to a server that can be cut without either end being told. */
export interface CutProxy {
  readonly address: string;
  readonly port: number;
  /** From now on no byte goes through, and no connection is refused or ended. */
  cut(): void;
  /** What was sent meanwhile arrives. */
  join(): void;
  /** Ends every connection that there is; new ones are let through. */
  breakAll(): void;
  stop(): Promise<void>;
}

/** A proxy in user space before a server on loopback. */
export async function startCutProxy(target: {
  readonly address: string;
  readonly port: number;
}): Promise<CutProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const apply = (socket: Socket): void => {
    if (isCut) socket.pause();
    else socket.resume();
  };
  const link = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('data', (chunk: Buffer) => {
      to.write(chunk);
    });
    from.on('end', () => {
      to.end();
    });
    from.on('error', () => {
      to.destroy();
    });
    from.on('close', () => {
      sockets.delete(from);
    });
    apply(from);
  };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ host: target.address, port: target.port, allowHalfOpen: true });
    link(near, far);
    link(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, target.address, resolve));
  const set = (value: boolean) => (): void => {
    isCut = value;
    for (const socket of sockets) apply(socket);
  };
  return {
    address: target.address,
    port: (server.address() as AddressInfo).port,
    cut: set(true),
    join: set(false),
    breakAll: () => {
      for (const socket of sockets) socket.destroy();
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
