import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { accepts } from '../servers/server-process.js';
import { type World } from '../world.js';
import { type DockerDaemon } from './docker-daemon.js';

export const PHP_CONTAINER = 'acme-php';
export const DATABASE_CONTAINER = 'acme-db';
/** Where the PHP container sees staging's document root. */
export const CONTAINER_PATH = '/var/www/html';
const SOCKET_FOLDER = '/run/mysqld';

/** How PHP and the runner reach the database container. */
export type DatabaseNetwork =
  /** By a port of the machine, as with a published port. */
  | 'port'
  /** It has no network at all: only the socket in a shared folder leads to it. */
  | 'socket';

/**
 * Moves the world's staging into containers: the same files (bind mount), the same data folder, the same address.
 * Staging's sshd must have been started with the daemon's DOCKER_HOST.
 */
export async function moveIntoContainers(
  world: World,
  daemon: DockerDaemon,
  network: DatabaseNetwork,
): Promise<void> {
  const { staging } = world;
  await Promise.all([staging.web.stop(), staging.server.stop()]);
  await startDatabase(world, daemon, network);
  await pointWordPressAt(world, network);
  await startWeb(world, daemon);
}

async function startDatabase(world: World, daemon: DockerDaemon, network: DatabaseNetwork): Promise<void> {
  const { folder, port } = world.staging.server;
  const listen =
    network === 'port'
      ? ['--bind-address=127.0.0.1', `--port=${port}`, '--skip-networking=0']
      : ['--skip-networking'];
  await daemon.docker(
    ...['run', '--detach', '--name', DATABASE_CONTAINER, '--network', network === 'port' ? 'host' : 'none'],
    ...['--volume', `${path.join(folder, 'data')}:/var/lib/mysql`, '--volume', `${folder}:${SOCKET_FOLDER}`],
    ...['acme/mariadb', 'mariadbd', '--no-defaults', '--user=root', '--datadir=/var/lib/mysql'],
    ...[
      `--socket=${SOCKET_FOLDER}/mariadb.sock`,
      '--character-set-server=utf8mb4',
      '--max-allowed-packet=256M',
    ],
    ...['--skip-name-resolve', '--event-scheduler=ON', ...listen],
  );
  await until(() =>
    world.staging.server.query('SELECT 1').then(
      () => true,
      () => false,
    ),
  );
}

async function startWeb(world: World, daemon: DockerDaemon): Promise<void> {
  const { root, web, server } = world.staging;
  await daemon.docker(
    ...['run', '--detach', '--name', PHP_CONTAINER, '--network', 'host', '--env', 'PHP_CLI_SERVER_WORKERS=4'],
    ...['--volume', `${root}:${CONTAINER_PATH}`, '--volume', `${server.folder}:${SOCKET_FOLDER}`],
    ...['--env', 'ACME_DB_NAME=acme_staging', 'acme/php', 'php', '-d', 'opcache.enable=0'],
    ...['-S', `${web.address}:${web.port}`, '-t', CONTAINER_PATH],
  );
  await until(() => accepts(web.address, web.port));
}

/** Its name stands in the container's environment alone, as compose files do it. */
async function pointWordPressAt(world: World, network: DatabaseNetwork): Promise<void> {
  const { root, server } = world.staging;
  const file = path.join(root, 'wp-config.php');
  const host = network === 'port' ? `127.0.0.1:${server.port}` : `localhost:${SOCKET_FOLDER}/mariadb.sock`;
  const text = await readFile(file, 'utf8');
  await writeFile(
    file,
    text
      .replace(/define\('DB_HOST', .*\);/, `define('DB_HOST', '${host}');`)
      .replace(/define\('DB_NAME', .*\);/, "define('DB_NAME', getenv('ACME_DB_NAME'));"),
  );
}

async function until(ready: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await ready()); tries++) {
    if (tries > 500) throw new Error('a container did not become ready');
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

export interface Portainer {
  readonly webhook: string;
  /** Requests so far: `POST /path`. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

/** What Portainer's webhook does: it restarts the container in which PHP runs. */
export async function startPortainer(daemon: DockerDaemon): Promise<Portainer> {
  const calls: string[] = [];
  const server = createServer((request, answer) => {
    calls.push(`${request.method ?? ''} ${request.url ?? ''}`);
    daemon.docker('restart', '--time', '1', PHP_CONTAINER).then(
      () => answer.writeHead(204).end(),
      () => answer.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    webhook: `http://127.0.0.1:${port}/api/stacks/webhooks/7f1e-secret-hook`,
    calls,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
