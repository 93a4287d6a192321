import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from './server-process.js';

const run = promisify(execFile);

/** A folder for a host's PATH in which the shell and the tools are busybox's, as on Alpine. */
export interface BusyboxTools {
  readonly folder: string;
  /** sshd_config line. */
  readonly setPath: string;
}

/** What an Alpine host for a sync has beside busybox: no perl, no zstd, no lsattr, nothing of GNU's. */
const INSTALLED = [
  ...['rsync', 'ssh', 'ssh-agent', 'ssh-add', 'ssh-keygen'],
  ...['mariadb', 'mariadb-dump', 'php'],
];

/** @param others programs that busybox does not have: all of the system's, or those alone that somebody installed */
export async function busyboxTools(others: 'all' | 'installed' = 'all'): Promise<BusyboxTools> {
  const folder = await temporaryFolder('busybox');
  const where = async (name: string) =>
    (await run('sh', ['-c', 'command -v "$1"', 'sh', name])).stdout.trim();
  const { stdout } = await run('busybox', ['--list']);
  const program = await where('busybox');
  const names = stdout.split('\n').filter((name) => name !== '');
  await Promise.all(names.map((name) => symlink(program, path.join(folder, name))));
  if (others === 'all') return { folder, setPath: `SetEnv PATH="${folder}:/usr/sbin:/usr/bin:/sbin:/bin"` };
  for (const name of INSTALLED) await symlink(await where(name), path.join(folder, name));
  return { folder, setPath: `SetEnv PATH="${folder}"` };
}
