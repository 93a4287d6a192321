import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { startSshd, type SshServer } from '../servers/sshd.js';

const run = promisify(execFile);

/** The most trusted machine: its folder stands for an Elastic File System mount. */
export interface ArchiveHost extends SshServer {
  readonly home: string;
  /** The site's folder on EFS; empty at first. */
  readonly efs: string;
}

export interface ArchiveHostOptions {
  readonly folder: string;
  readonly authorizedKeys: readonly string[];
  readonly site: string;
  readonly address?: string;
  readonly hide?: readonly string[];
}

export async function startArchiveHost(options: ArchiveHostOptions): Promise<ArchiveHost> {
  const { folder, authorizedKeys, site, address = '127.0.0.14', hide } = options;
  const home = path.join(folder, 'home');
  const efs = path.join(folder, 'efs', site);
  await mkdir(efs, { recursive: true });
  const server = await startSshd({
    folder: path.join(folder, 'sshd'),
    authorizedKeys,
    address,
    home,
    machineId: '4'.repeat(32),
    ...(hide === undefined ? {} : { hide }),
  });
  return { ...server, home, efs };
}

/** A git server over ssh with one bare repository, which takes git's commands alone: what GitHub is for a deploy key. */
export interface GitServer extends SshServer {
  /** The bare repository on this machine's disk. */
  readonly repository: string;
  /** `ssh://user@address:port/…` */
  readonly url: string;
  /** git in the repository, as its administrator. */
  git(...args: string[]): Promise<string>;
}

export interface GitServerOptions {
  readonly folder: string;
  readonly deployKey: string;
  readonly name: string;
  readonly address?: string;
  readonly branch?: string;
}

export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  const { folder, deployKey, name, address = '127.0.0.15', branch = 'main' } = options;
  const home = path.join(folder, 'home');
  const repository = path.join(folder, 'repositories', `${name}.git`);
  await mkdir(repository, { recursive: true });
  const git = async (...args: string[]): Promise<string> => {
    const environment = { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
    const { stdout } = await run('git', ['-C', repository, ...args], {
      env: environment,
      maxBuffer: 2 ** 28,
    });
    return stdout;
  };
  await git('init', '-q', '--bare', `--initial-branch=${branch}`);
  await git('config', 'uploadpack.allowFilter', 'true');
  await git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  const onlyGit = `restrict,command="git-shell -c \\"$SSH_ORIGINAL_COMMAND\\""`;
  const server = await startSshd({
    folder: path.join(folder, 'sshd'),
    authorizedKeys: [`${onlyGit} ${deployKey}`],
    address,
    home,
  });
  const url = `ssh://${server.user}@${server.address}:${String(server.port)}${repository}`;
  return { ...server, repository, url, git };
}
