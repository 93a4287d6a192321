import { readdir, readFile } from 'node:fs/promises';
import { type World } from '../../../../sandbox/world.js';

/** Command lines that work on the world's hosts' folders and are no server. */
export async function processesOfHosts({ folder }: Pick<World, 'folder'>): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    // A process may end while it is looked at.
    const line = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
    const isServer = /^(perl|php|mariadbd|sshd:?|\/usr\/sbin\/sshd|unshare) /.test(line);
    if (line.includes(`${folder}/hosts`) && !isServer) found.push(line);
  }
  return found;
}
