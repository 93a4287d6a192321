import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { debianRelease } from '../debian/release.js';
import { type Vendor } from './engines.js';

const PROGRAMS = ['mysql', 'mysqldump', 'mariadb', 'mariadb-dump', 'mysqladmin', 'mariadb-admin'];

/**
 * A folder for a host's PATH in which the database programs are one vendor's alone, and everything else is this
 * machine's.
 * @returns the sshd_config line for it
 */
export async function clientTools(folder: string, vendor: Vendor): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const from of ['/usr/local/bin', '/usr/bin', '/usr/sbin'])
    for (const name of await readdir(from).catch(() => []))
      if (!PROGRAMS.includes(name))
        await symlink(path.join(from, name), path.join(folder, name)).catch(ignoreTwins);
  if (vendor === 'mariadb')
    for (const name of PROGRAMS.filter((each) => each.startsWith('mariadb')))
      await symlink(path.join('/usr/bin', name), path.join(folder, name));
  else {
    const release = await debianRelease('sid');
    for (const name of PROGRAMS.filter((each) => each.startsWith('mysql'))) {
      const words = release.command([path.join('/usr/bin', name)]);
      const file = path.join(folder, name);
      await writeFile(file, `#!/bin/sh\nexec ${words.map(shellWord).join(' ')} "$@"\n`);
      await chmod(file, 0o755);
    }
  }
  return `SetEnv PATH="${folder}"`;
}

const shellWord = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

function ignoreTwins(cause: unknown): void {
  if ((cause as { code?: string }).code !== 'EEXIST') throw cause;
}
