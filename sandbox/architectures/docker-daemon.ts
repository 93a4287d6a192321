import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { startServer, temporaryFolder, waitUntilReady } from '../servers/server-process.js';

const run = promisify(execFile);

export interface DockerDaemon {
  /** What `DOCKER_HOST` has to say for this daemon. */
  readonly endpoint: string;
  readonly socket: string;
  /** `docker …`; returns what it prints. */
  docker(...words: string[]): Promise<string>;
  stop(): Promise<void>;
}

/**
 * A real dockerd of its own. It needs root. Its mounts and its containers' processes live in namespaces of their
 * own, so that nothing of it is left when it ends, however it ends. There is no bridge: containers use the machine's
 * network, another container's, or none.
 */
export async function startDocker(): Promise<DockerDaemon> {
  if (process.getuid?.() !== 0) throw new Error('dockerd needs root');
  const folder = await temporaryFolder('docker');
  const socket = path.join(folder, 'docker.sock');
  const logFile = path.join(folder, 'dockerd.log');
  const endpoint = `unix://${socket}`;
  const namespaces = [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    '--pid',
    '--fork',
    '--mount-proc',
  ] as const;
  const daemon = [
    'dockerd',
    '--bridge=none',
    '--iptables=false',
    `--data-root=${path.join(folder, 'data')}`,
    `--exec-root=${path.join(folder, 'exec')}`,
    `--pidfile=${path.join(folder, 'dockerd.pid')}`,
    `--host=${endpoint}`,
    '--log-level=warn',
  ];
  const server = startServer({ argv: [...namespaces, '--kill-child', ...daemon], logFile, remove: folder });
  const docker = async (...words: string[]): Promise<string> => {
    const { stdout } = await run('docker', words, {
      env: { ...process.env, DOCKER_HOST: endpoint },
      maxBuffer: 64_000_000,
    });
    return stdout;
  };
  const answers = (): Promise<boolean> =>
    docker('version').then(
      () => true,
      () => false,
    );
  await waitUntilReady(server, 'dockerd', logFile, async () => existsSync(socket) && answers());
  return {
    endpoint,
    socket,
    docker,
    stop: async () => {
      const containers = (await docker('ps', '--all', '--quiet').catch(() => '')).split('\n').filter(Boolean);
      if (containers.length > 0) await docker('rm', '--force', ...containers).catch(() => '');
      await server.stop();
    },
  };
}
