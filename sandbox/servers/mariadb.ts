import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort, startServer, temporaryFolder, waitUntilReady } from './server-process.js';

const run = promisify(execFile);

export interface MariaDbServer {
  readonly socket: string;
  readonly port: number;
  readonly folder: string;
  /** As root through the mariadb client: tab-separated rows without header. */
  query(sql: string, database?: string): Promise<string>;
  stop(): Promise<void>;
}

export interface MariaDbOptions {
  /** Kept afterwards; an existing data folder in it is used again. Default: a temporary one, removed at the end. */
  readonly folder?: string;
  /** Further options of the server: `--event-scheduler=ON`. */
  readonly config?: readonly string[];
  readonly port?: number;
}

/** Starts a MariaDB of its own on loopback, with the current user as root over the unix socket. */
export async function startMariaDb(options: MariaDbOptions = {}): Promise<MariaDbServer> {
  const folder = options.folder ?? (await temporaryFolder('mariadb'));
  const data = path.join(folder, 'data');
  const socket = path.join(folder, 'mariadb.sock');
  const logFile = path.join(folder, 'mariadb.log');
  // A server that starts removes what it takes for leftovers in its folder for temporary tables, others' among them.
  await mkdir(path.join(folder, 'tmp'), { recursive: true });
  if (!(await exists(data))) await copyTemplate(data);
  const port = options.port ?? (await freePort());
  const server = startServer({
    argv: ['mariadbd', ...serverOptions(data, socket, port), ...(options.config ?? [])],
    logFile,
    ...(options.folder === undefined ? { remove: folder } : {}),
  });
  await waitUntilReady(server, 'MariaDB', logFile, () => answers(socket));
  return {
    socket,
    port,
    folder,
    query: (sql, database) => query(socket, sql, database),
    stop: () => server.stop(),
  };
}

function serverOptions(data: string, socket: string, port: number): string[] {
  return [
    '--no-defaults',
    `--user=${os.userInfo().username}`,
    `--datadir=${data}`,
    `--socket=${socket}`,
    `--tmpdir=${path.join(path.dirname(socket), 'tmp')}`,
    `--pid-file=${path.join(path.dirname(socket), 'mariadb.pid')}`,
    '--skip-networking=0',
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    '--skip-name-resolve',
    '--character-set-server=utf8mb4',
    '--max-allowed-packet=256M',
  ];
}

async function answers(socket: string): Promise<boolean> {
  if (!(await exists(socket))) return false;
  return query(socket, 'SELECT 1').then(
    (text) => text === '1\n',
    () => false,
  );
}

/** SQL goes through stdin, so that its size has no limit and DELIMITER works. */
function query(socket: string, sql: string, database?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = spawn(
      'mariadb',
      [
        '--no-defaults',
        `--socket=${socket}`,
        `--user=${os.userInfo().username}`,
        '--batch',
        '--skip-column-names',
        '--comments',
        '--binary-mode',
        '--default-character-set=utf8mb4',
        '--max-allowed-packet=256M',
        ...(database === undefined ? [] : [database]),
      ],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    client.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    client.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    client.stdin.on('error', () => undefined);
    client.once('error', reject);
    client.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output).toString('utf8'));
      else reject(new Error(`mariadb: ${Buffer.concat(errors).toString('utf8').slice(0, 2000)}`));
    });
    client.stdin.end(sql);
  });
}

/** mariadb-install-db takes most of a second; its result is kept below the temporary folder, by version and user. */
async function copyTemplate(data: string): Promise<void> {
  const { stdout } = await run('mariadbd', ['--no-defaults', '--version']);
  const version = /Ver (\S+)/.exec(stdout)?.[1]?.replaceAll(/[^\w.]/g, '-') ?? 'unknown';
  const user = os.userInfo().username;
  const template = path.join(os.tmpdir(), `understudy-mariadb-template-${version}-${user}`);
  if (!(await exists(template))) await makeTemplate(template, user);
  await run('cp', ['-a', '--sparse=always', template, data]);
}

async function makeTemplate(template: string, user: string): Promise<void> {
  const fresh = await mkdtemp(`${template}-`);
  await run('mariadb-install-db', [
    '--no-defaults',
    // Only root may (and must) name the account that the server runs as.
    ...(process.getuid?.() === 0 ? [`--user=${user}`] : []),
    `--datadir=${fresh}`,
    '--auth-root-authentication-method=socket',
    `--auth-root-socket-user=${user}`,
    '--skip-test-db',
  ]);
  // Two processes may have made one at the same moment: the first wins.
  await rename(fresh, template).catch(async () => {
    await rm(fresh, { recursive: true, force: true });
    if (!(await exists(template))) throw new Error(`cannot keep a MariaDB template in ${template}`);
  });
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
