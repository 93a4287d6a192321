import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from './server-process.js';

const run = promisify(execFile);

/** A folder that comes first in a host's PATH, so that its shell and its tools are busybox's, as on Alpine. */
export interface BusyboxTools {
  readonly folder: string;
  /** sshd_config line. */
  readonly setPath: string;
}

/** What busybox has no program for (rsync, the database clients, zstd, PHP) still comes from the system. */
export async function busyboxTools(): Promise<BusyboxTools> {
  const folder = await temporaryFolder('busybox');
  const { stdout } = await run('busybox', ['--list']);
  const program = (await run('sh', ['-c', 'command -v busybox'])).stdout.trim();
  const names = stdout.split('\n').filter((name) => name !== '');
  await Promise.all(names.map((name) => symlink(program, path.join(folder, name))));
  return { folder, setPath: `SetEnv PATH="${folder}:/usr/sbin:/usr/bin:/sbin:/bin"` };
}
