import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../servers/server-process.js';
import { wpStandIn } from '../wordpress-updates/packages.js';
import { type DockerDaemon } from './docker-daemon.js';

const run = promisify(execFile);

/** What every image has: a shell, the small tools, and (as in Debian's own image) perl. */
const BASE = [
  ...[
    'sh',
    'bash',
    'perl',
    'env',
    'cat',
    'cp',
    'mv',
    'rm',
    'ls',
    'ln',
    'mkdir',
    'rmdir',
    'mktemp',
    'chmod',
    'stat',
  ],
  ...[
    'head',
    'tail',
    'cut',
    'tr',
    'wc',
    'sort',
    'uniq',
    'tee',
    'dd',
    'df',
    'du',
    'date',
    'sleep',
    'id',
    'uname',
    'nproc',
  ],
  ...[
    'awk',
    'sed',
    'grep',
    'find',
    'xargs',
    'ps',
    'kill',
    'timeout',
    'nice',
    'ionice',
    'setsid',
    'readlink',
    'test',
  ],
  ...[
    'mkfifo',
    'printenv',
    'basename',
    'dirname',
    'sha256sum',
    'od',
    'true',
    'false',
    'touch',
    'sync',
    'printf',
    'tar',
  ],
] as const;

export interface ImageRecipe {
  readonly name: string;
  readonly programs: readonly string[];
  /** Files and folders of this machine that come along as they are. */
  readonly paths: readonly string[];
  /** Its shell and tools are busybox's, as on Alpine; neither bash nor perl. */
  readonly busybox?: boolean;
  /** Files of this machine → where they lie in the image. */
  readonly files?: Readonly<Record<string, string>>;
}

export const phpImage: ImageRecipe = {
  name: 'acme/php',
  programs: ['php', 'gzip'],
  paths: ['/etc/php', '/usr/lib/php'],
};

/** As Alpine's PHP images are: busybox, and an account 82 for PHP. WP-CLI's stand-in comes along. */
export const phpOnBusyboxImage: ImageRecipe = {
  name: 'acme/php-busybox',
  programs: ['php'],
  paths: phpImage.paths,
  busybox: true,
  files: { [wpStandIn]: '/usr/local/bin/wp' },
};

export const mariaDbImage: ImageRecipe = {
  name: 'acme/mariadb',
  programs: ['mariadbd', 'mariadb', 'mariadb-dump', 'mariadb-admin', 'zstd', 'gzip'],
  paths: ['/usr/share/mysql', '/usr/lib/mysql/plugin'],
};

/**
 * Makes an image from this machine's own programs and the libraries that they load: no registry is needed.
 * `docker import` of a tar stream, as of a root file system that somebody handed over.
 */
export async function importImage(daemon: DockerDaemon, recipe: ImageRecipe): Promise<void> {
  const root = await temporaryFolder('image');
  try {
    await layOut(root, recipe);
    await importFolder(daemon, root, recipe.name);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function layOut(root: string, recipe: ImageRecipe): Promise<void> {
  for (const folder of [
    'usr/bin',
    'usr/sbin',
    'usr/lib',
    'usr/lib64',
    'etc',
    'tmp',
    'run',
    'var/tmp',
    'root',
    'proc',
  ]) {
    await mkdir(path.join(root, folder), { recursive: true });
  }
  for (const name of ['tmp', 'var/tmp']) await chmod(path.join(root, name), 0o1777);
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${name}`, path.join(root, name));
  await writeFile(
    path.join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nwww-data:x:82:82::/home/www-data:/sbin/nologin\n',
  );
  await writeFile(path.join(root, 'etc/group'), 'root:x:0:\nwww-data:x:82:\n');
  const tools = recipe.busybox === true ? ['busybox'] : BASE;
  const found = await Promise.all([...tools, ...recipe.programs].map(programFile));
  const programs = found.flatMap((file) => file ?? []);
  const extensions = await files(recipe.paths, '*.so');
  for (const file of programs) await copyTo(root, file, path.join('/usr/bin', path.basename(file)));
  for (const file of await libraries([...programs, ...extensions])) await copyTo(root, file, real(file));
  for (const [file, target] of Object.entries(recipe.files ?? {})) await copyTo(root, file, target);
  if (recipe.busybox === true) await linkApplets(root);
  const perl = recipe.busybox === true ? [] : ['/usr/lib/x86_64-linux-gnu/perl-base'];
  for (const folder of [...recipe.paths, ...perl].filter((one) => existsSync(one))) {
    await cp(folder, path.join(root, folder), { recursive: true, verbatimSymlinks: true });
  }
}

async function linkApplets(root: string): Promise<void> {
  const { stdout } = await run('busybox', ['--list']);
  for (const name of stdout.split('\n').filter((one) => one !== '' && one !== 'busybox'))
    await symlink('busybox', path.join(root, 'usr/bin', name)).catch(() => undefined);
}

/** /lib is a link to /usr/lib on every machine of today; the image has it that way. */
const real = (file: string): string => (/^\/lib(64)?\//.test(file) ? `/usr${file}` : file);

async function copyTo(root: string, file: string, target: string): Promise<void> {
  await mkdir(path.dirname(path.join(root, target)), { recursive: true });
  await cp(file, path.join(root, target), { dereference: true });
}

/** Looked for as root's PATH does. A tool that the shell has built in may be missing as a file. */
async function programFile(name: string): Promise<string | undefined> {
  for (const folder of ['/usr/bin', '/usr/sbin', '/bin', '/sbin']) {
    const file = path.join(folder, name);
    if (existsSync(file)) return file;
  }
  return undefined;
}

async function files(folders: readonly string[], pattern: string): Promise<string[]> {
  const { stdout } = await run('find', ['-L', ...folders, '-type', 'f', '-name', pattern]);
  return stdout.split('\n').filter(Boolean);
}

async function libraries(programs: readonly string[]): Promise<string[]> {
  // ldd fails for what is statically linked; what it says of the others counts.
  const output = await run('ldd', [...programs], { maxBuffer: 16_000_000 }).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string }) => error.stdout ?? '',
  );
  return [...new Set([...output.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1] ?? ''))].sort();
}

async function importFolder(daemon: DockerDaemon, root: string, name: string): Promise<void> {
  const pack = spawn('tar', ['-C', root, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const load = spawn('docker', ['import', '-', name], {
    stdio: [pack.stdout, 'ignore', 'inherit'],
    env: { ...process.env, DOCKER_HOST: daemon.endpoint },
  });
  const code = await new Promise((resolve) => load.once('close', resolve));
  if (code !== 0) throw new Error(`docker import ${name}: exit code ${String(code)}`);
}
