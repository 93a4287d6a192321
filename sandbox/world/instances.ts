import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startPhp, type PhpServer } from '../servers/php.js';
import { startSshd, type SshServer } from '../servers/sshd.js';

/** One machine of a group that serves the same site: an sshd and a web server over files of its own. */
export interface Instance {
  readonly ssh: SshServer;
  readonly web: PhpServer;
  stop(): Promise<void>;
}

export interface InstanceOptions {
  /** What every instance calls its own: home and document root lie below it, at the same paths everywhere. */
  readonly seen: string;
  /** The folder that is shown there on this instance. */
  readonly own: string;
  /** sshd's host key, configuration and log. */
  readonly sshdFolder: string;
  readonly address: string;
  /** The same on every instance, as in a group. */
  readonly sshPort: number;
  readonly webPort: number;
  readonly machineId: string;
  readonly authorizedKey: string;
  readonly hide?: readonly string[];
  /** sshd_config lines. */
  readonly config?: readonly string[];
  /** What of the site's folder the web server serves; default: all of it. */
  readonly webFolder?: string;
}

/** The document root of an instance, relative to its folder. */
export const INSTANCE_ROOT = 'www/acme';

/** Starts one instance; its site lies in `<own>/www/acme` already. Needs root: every instance has the same paths. */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { seen, own, address } = options;
  await Promise.all([mkdir(path.join(own, 'home'), { recursive: true }), mkdir(seen, { recursive: true })]);
  const [ssh, web] = await Promise.all([
    startSshd({
      folder: options.sshdFolder,
      authorizedKeys: [options.authorizedKey],
      address,
      port: options.sshPort,
      home: path.join(seen, 'home'),
      machineId: options.machineId,
      show: { [seen]: own },
      hide: options.hide ?? [],
      config: options.config ?? [],
    }),
    startPhp({
      root: path.join(own, INSTANCE_ROOT, options.webFolder ?? ''),
      address,
      port: options.webPort,
    }),
  ]);
  return {
    ssh,
    web,
    stop: async () => {
      await Promise.all([ssh.stop(), web.stop()]);
    },
  };
}

/** A command for `production.ssh.discover`: prints the addresses, then does what `more` says. */
export async function writeDiscovery(
  file: string,
  addresses: readonly string[],
  more: readonly string[] = [],
): Promise<void> {
  const lines = ['#!/bin/sh', ...addresses.map((address) => `echo ${address}`), ...more, 'exit 0', ''];
  await writeFile(file, lines.join('\n'));
  await chmod(file, 0o755);
}
