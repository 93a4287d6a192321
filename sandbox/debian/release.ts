import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Argv, withMounts } from '../servers/host-view.js';

const run = promisify(execFile);
const maker = path.join(path.dirname(fileURLToPath(import.meta.url)), 'make-release.sh');

const hostPackages = ['openssh-server', 'rsync', 'zstd', 'php-cli', 'php-mysql'];
/** Debian releases of other ages than this machine's, and what they are here for. */
const releases = {
  /** MariaDB 10.5, PHP 7.4, OpenSSH 8.4, rsync 3.2.3. */
  bullseye: ['mariadb-server', ...hostPackages],
  /** MariaDB 11.8, PHP 8.4, OpenSSH 10. */
  trixie: ['mariadb-server', ...hostPackages],
  /** Their login shells: fish 3.1, zsh 5.8, tcsh 6.21; fish 4.0, zsh 5.9, tcsh 6.24. */
  'bullseye-shells': ['openssh-server', 'zsh', 'fish', 'tcsh'],
  'trixie-shells': ['openssh-server', 'zsh', 'fish', 'tcsh'],
  /** The MySQL of Oracle, server and client programs; its version moves. */
  sid: ['mysql-server-core', 'mysql-client-core'],
} as const;
export type ReleaseName = keyof typeof releases;

export interface DebianRelease {
  readonly name: ReleaseName;
  /** Root of its file system. Nothing may be written into it: it is kept and shared. */
  readonly folder: string;
  /** `mysql-server-core 9.7.4-2, mysql-client-core 9.7.4-2`: what it really has. */
  readonly versions: string;
  /** For {@link HostView.show}: a host whose programs are this release's. */
  readonly show: Readonly<Record<string, string>>;
  /** Words that run a program of this release on this machine's files. */
  command(argv: Argv): Argv;
}

/** Where releases are kept, outside of the project: making one takes half a minute to two. */
const releaseCache = (): string =>
  path.join(process.env['XDG_CACHE_HOME'] || '/var/cache', 'understudy-sandbox');

/**
 * A Debian release in a folder of the cache; made when it is not there (needs root, debootstrap and the mirror that
 * this machine's apt is configured for).
 * @throws Error that says why it is unavailable
 */
export async function debianRelease(name: ReleaseName): Promise<DebianRelease> {
  const folder = path.join(releaseCache(), name);
  if (process.getuid?.() !== 0) throw new Error(`Debian ${name} cannot be made: that needs root`);
  await run('sh', [maker, name.replace(/-shells$/, ''), releases[name].join(','), folder]).catch(
    (cause: unknown) => {
      const stderr = String((cause as { stderr?: string }).stderr ?? cause).trim();
      throw new Error(`Debian ${name} cannot be made in ${folder}: ${stderr}`, { cause });
    },
  );
  const show = shownFolders(folder);
  return {
    name,
    folder,
    versions: await versionsIn(folder, releases[name]),
    show,
    command: (argv) =>
      withMounts(
        Object.entries(show).map(([at, shown]) => [shown, at]),
        argv,
      ),
  };
}

/** /bin, /lib and /sbin are links into /usr, here and there. */
function shownFolders(folder: string): Record<string, string> {
  const targets = ['/usr', '/etc/alternatives', '/etc/php', '/etc/mysql'];
  return Object.fromEntries(
    targets
      .map((target) => [target, path.join(folder, target)] as const)
      .filter(([target, shown]) => existsSync(target) && existsSync(shown)),
  );
}

/** mariadb-server is a name that depends on others in some releases and a package of its own in others. */
async function versionsIn(folder: string, packages: readonly string[]): Promise<string> {
  const { stdout } = await run('dpkg-query', [
    `--admindir=${path.join(folder, 'var/lib/dpkg')}`,
    '--show',
    '--showformat=${Package} ${Version}\\n',
    ...packages,
  ]);
  return stdout.trim().split('\n').join(', ');
}
