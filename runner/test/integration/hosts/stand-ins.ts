import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';

/**
 * A `docker` that runs `docker exec -i NAME words` as the real client does it: the process belongs to the daemon
 * and lives on when the client is ended; stdin, output and exit code are passed on. Its containers have no address.
 */
export async function writeFakeDocker(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'docker');
  const script = `#!/bin/sh
[ "$1" != inspect ] || { echo bridge; exit; }
[ "$1 $2" = 'exec -i' ] || { echo "fake docker: $*" >&2; exit 125; }
shift 3
exec 3<&0
setsid "$@" <&3 3<&- &
exec 3<&-
wait $!
`;
  await writeFile(file, script);
  await chmod(file, 0o755);
  return folder;
}

/** Command lines of all processes of this machine that contain a text. */
export async function processesWith(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const words = await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => '');
    if (words.includes(text)) found.push(`${name} ${words.replaceAll('\0', ' ').slice(-200)}`);
  }
  return found;
}

/** Waits until `done` says so; a hang is ended by jest's own limit. */
export async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 25));
}

export interface Link {
  readonly port: number;
  /** Ends all connections now. */
  cut(): void;
  /** Lets no byte through any more on the connections that are open, and says nothing. */
  freeze(): void;
  close(): void;
}

/** A TCP link to a port on loopback that can be cut. */
export async function startLink(port: number): Promise<Link> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = createConnection(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    near.pipe(far);
    far.pipe(near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    freeze: () => {
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    close: () => {
      cut();
      server.close();
    },
  };
}
