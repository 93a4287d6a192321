import { execFile } from 'node:child_process';
import { mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type DockerDaemon } from '../architectures/docker-daemon.js';
import { importImage, phpOnBusyboxImage } from '../architectures/docker-image.js';
import { CONTAINER_PATH, PHP_CONTAINER, startPortainer } from '../architectures/docker-staging.js';
import { secretFile } from '../architectures/site-file.js';
import { accepts } from '../servers/server-process.js';
import { type World } from '../world.js';

const run = promisify(execFile);

/** PHP's account in Alpine's images. No account of the machine has it. */
export const CONTAINER_OWNER = '82';

export interface ContainerStaging {
  /** Laid over `staging` of the site file. */
  readonly staging: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

/**
 * Moves staging's PHP into a container with busybox, whose PHP runs as uid 82 while `docker exec` is root; the site's files
 * are that uid's, in a folder of the machine or in a named volume. Portainer restarts the container by a webhook.
 */
export async function intoContainer(
  world: World,
  daemon: DockerDaemon,
  where: 'bind' | 'volume',
): Promise<ContainerStaging> {
  const { root, web } = world.staging;
  await importImage(daemon, phpOnBusyboxImage);
  await web.stop();
  const place = where === 'bind' ? root : await intoVolume(daemon, root);
  await run('chown', ['-R', `${CONTAINER_OWNER}:${CONTAINER_OWNER}`, place]);
  await daemon.docker(
    ...['run', '--detach', '--name', PHP_CONTAINER, '--network', 'host', '--env', 'PHP_CLI_SERVER_WORKERS=4'],
    ...['--volume', `${where === 'bind' ? root : 'acme-site'}:${CONTAINER_PATH}`],
    ...['--volume', `${path.join(path.dirname(root), 'wp-updates')}:/var/www/wp-updates:ro`],
    ...[phpOnBusyboxImage.name, 'start-stop-daemon', '-S', '-c', `${CONTAINER_OWNER}:${CONTAINER_OWNER}`],
    ...['-x', '/usr/bin/php', '--', '-d', 'opcache.enable=0'],
    ...['-S', `${web.address}:${String(web.port)}`, '-t', CONTAINER_PATH],
  );
  for (let tries = 0; !(await accepts(web.address, web.port)); tries++) {
    if (tries > 500)
      throw new Error(`the container did not start: ${await daemon.docker('logs', PHP_CONTAINER)}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  const portainer = await startPortainer(daemon);
  return {
    staging: {
      path: place,
      container: PHP_CONTAINER,
      containerPath: CONTAINER_PATH,
      workDir: `${path.dirname(place)}/understudy-work`,
      portainer: { webhook: await secretFile(world, 'webhook', portainer.webhook) },
    },
    stop: () => portainer.close(),
  };
}

/** The machine sees it in Docker's own folder; the link keeps the old path for everybody else. */
async function intoVolume(daemon: DockerDaemon, root: string): Promise<string> {
  await daemon.docker('volume', 'create', 'acme-site');
  const folder = (
    await daemon.docker('volume', 'inspect', '--format', '{{.Mountpoint}}', 'acme-site')
  ).trim();
  await mkdir(folder, { recursive: true });
  await run('cp', ['-a', `${root}/.`, folder]);
  await rm(root, { recursive: true });
  await symlink(folder, root);
  return folder;
}
