import { execFile, spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type Argv = readonly [string, ...string[]];

/** How a host of the sandbox differs from the machine that it runs on; all of it needs root. */
export interface HostView {
  /** Home folder of the account on this host; default: the current user's own. */
  readonly home?: string;
  /** What /etc/machine-id says on this host. */
  readonly machineId?: string;
  /** A further account of this host, without a password, with `home` as its home folder. Its number is 2001. */
  readonly account?: string;
  /** Groups of this host that it belongs to besides its own. */
  readonly groups?: readonly string[];
  /** Lines of /etc/sudoers.d on this host, for a real sudo. */
  readonly sudoers?: string;
  /** Login shell on this host, for instance `/bin/dash`. */
  readonly shell?: string;
  /** Folders of other hosts that must look empty from this one. */
  readonly hide?: readonly string[];
  /** Folder as seen on this host → the folder that is shown there, so that several hosts have the same paths. */
  readonly show?: Readonly<Record<string, string>>;
}

/**
 * Words that run `command` with the host's view of the machine: a mount namespace whose whole /etc is the host's own
 * copy, in `folder`. A mount over a single file such as /etc/passwd would be gone as soon as the machine replaces that
 * file, which every package does that adds an account.
 */
export async function withHostView(folder: string, view: HostView, command: Argv): Promise<Argv> {
  if (!namespacesWork()) return command;
  const binds: [string, string][] = [];
  const own = [view.home, view.shell, view.machineId, view.account, view.sudoers];
  if (own.some((each) => each !== undefined)) binds.push([await ownEtc(folder, view), '/etc']);
  const nothing = path.join(folder, 'nothing');
  await mkdir(nothing, { recursive: true });
  for (const hidden of view.hide ?? []) binds.push([nothing, hidden]);
  for (const [target, shown] of Object.entries(view.show ?? {})) binds.push([shown, target]);
  return withMounts(binds, command);
}

/** Words that run `command` in a mount namespace of its own, with each folder shown at the place beside it. */
export function withMounts(binds: readonly (readonly [shown: string, at: string])[], command: Argv): Argv {
  if (binds.length === 0) return command;
  const script = 'while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit 1; shift 2; done; shift; exec "$@"';
  const unshare = ['unshare', '--mount', '--propagation', 'slave', 'sh', '-c', script, 'sh'] as const;
  return [...unshare, ...binds.flat(), '--', ...command];
}

/** User and group of {@link HostView.account}. */
export const ACCOUNT_NUMBER = 2001;

async function ownEtc(folder: string, view: HostView): Promise<string> {
  const etc = path.join(folder, 'etc');
  await mkdir(etc, { recursive: true });
  // A file that goes away while it is copied (somebody installs a package) is no loss; what matters is written below.
  await run('cp', ['-a', '/etc/.', etc]).catch(() => undefined);
  const user = os.userInfo().username;
  await writeFile(path.join(etc, 'passwd'), await passwdWith(user, view));
  // A locked password (`!`) would lock key logins out too, because PAM is not asked.
  const locked = [user, ...(view.account === undefined ? [] : [view.account])];
  await writeFile(path.join(etc, 'shadow'), locked.map((name) => `${name}:*:20000:0:99999:7:::\n`).join(''));
  if (view.account !== undefined)
    await writeFile(path.join(etc, 'group'), await groupsWith(view.account, view));
  if (view.machineId !== undefined) await writeFile(path.join(etc, 'machine-id'), `${view.machineId}\n`);
  if (view.sudoers !== undefined)
    await writeFile(path.join(etc, 'sudoers.d/understudy'), `${view.sudoers}\n`, { mode: 0o440 });
  return etc;
}

async function groupsWith(account: string, { groups = [] }: HostView): Promise<string> {
  const lines = (await readFile('/etc/group', 'utf8')).split('\n').filter((line) => line !== '');
  const joined = lines.map((line) => {
    const [name = '', , , members] = line.split(':');
    return groups.includes(name) ? `${line}${members === '' ? '' : ','}${account}` : line;
  });
  return [...joined, `${account}:x:${String(ACCOUNT_NUMBER)}:`, ''].join('\n');
}

async function passwdWith(user: string, { home, shell, account }: HostView): Promise<string> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').filter((line) => line !== '');
  // Where there is an account of the host's own, the user of the tests is only its administrator: without a home, so that
  // what a machine's own profiles start is not started on the host.
  const at = account === undefined ? home : '/';
  const own = `${account ?? ''}:x:${ACCOUNT_NUMBER}:${ACCOUNT_NUMBER}::${home ?? '/'}:${shell ?? '/bin/bash'}`;
  const others = lines
    .filter((line) => account === undefined || !line.startsWith(`${account}:`))
    .map((line) => {
      const fields = line.split(':');
      if (fields[0] !== user) return line;
      if (at !== undefined) fields[5] = at;
      if (account === undefined && shell !== undefined) fields[6] = shell;
      return fields.join(':');
    });
  return [...others, ...(account === undefined ? [] : [own]), ''].join('\n');
}

let namespaces: boolean | undefined;
/** Root may make mount namespaces, but not in every container. */
export function namespacesWork(): boolean {
  namespaces ??=
    process.getuid?.() === 0 &&
    spawnSync('unshare', ['--mount', '--propagation', 'slave', 'true'], { stdio: 'ignore' }).status === 0;
  return namespaces;
}
