import { type RunnerCall } from '../runner.js';
import { createWorld, type World, type WorldOptions } from '../world.js';
import { startDocker, type DockerDaemon } from './docker-daemon.js';
import { importImage, mariaDbImage, phpImage } from './docker-image.js';
import {
  CONTAINER_PATH,
  DATABASE_CONTAINER,
  moveIntoContainers,
  PHP_CONTAINER,
  startPortainer,
  type DatabaseNetwork,
  type Portainer,
} from './docker-staging.js';
import { secretFile, writeArchitecture } from './site-file.js';

export interface DockerWorld {
  readonly world: World;
  readonly daemon: DockerDaemon;
  readonly portainer: Portainer;
  readonly call: RunnerCall;
  stop(): Promise<void>;
}

/** A world whose staging lives in two containers that Portainer manages, and its site file. */
export async function createDockerWorld(
  network: DatabaseNetwork,
  options: Pick<WorldOptions, 'stagingMode'> = {},
): Promise<DockerWorld> {
  const daemon = await startDocker();
  let world: World | undefined;
  try {
    await Promise.all([importImage(daemon, phpImage), importImage(daemon, mariaDbImage)]);
    world = await createWorld({ ...options, sshd: { staging: [`SetEnv DOCKER_HOST=${daemon.endpoint}`] } });
    await moveIntoContainers(world, daemon, network);
    const portainer = await startPortainer(daemon);
    const call = await writeArchitecture(world, 'docker', {
      staging: {
        container: PHP_CONTAINER,
        containerPath: CONTAINER_PATH,
        ...(network === 'socket' ? { database: { container: DATABASE_CONTAINER } } : {}),
        portainer: { webhook: await secretFile(world, 'webhook', portainer.webhook) },
      },
    });
    const made = world;
    const stop = async (): Promise<void> => {
      await portainer.close();
      await daemon.stop();
      await made.stop();
    };
    return { world, daemon, portainer, call, stop };
  } catch (error) {
    await daemon.stop();
    await world?.stop();
    throw error;
  }
}
