import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type DebianRelease } from '../debian/release.js';
import { type Argv } from './host-view.js';
import { freePort, startServer, temporaryFolder, waitUntilReady } from './server-process.js';

const run = promisify(execFile);

export interface DatabaseServer {
  readonly socket: string;
  readonly port: number;
  readonly folder: string;
  /** As root through the server's own client: tab-separated rows without header. */
  query(sql: string, database?: string): Promise<string>;
  stop(): Promise<void>;
}

export interface DatabaseServerOptions {
  /** Kept afterwards; an existing data folder in it is used again. Default: a temporary one, removed at the end. */
  readonly folder?: string;
  /** Further options of the server: `--event-scheduler=ON`. */
  readonly config?: readonly string[];
  readonly port?: number;
  /** Where its programs come from; default: this machine. */
  readonly release?: DebianRelease;
}

/** What differs between the vendors. */
export interface Engine {
  readonly name: 'MariaDB' | 'MySQL';
  readonly server: string;
  readonly client: string;
  readonly serverOptions: readonly string[];
  /** Words that make an empty data folder with the current user as root over the unix socket. */
  readonly install: (data: string) => Argv;
}

/** Starts a server of its own on loopback, with the current user as root over the unix socket. */
export async function startDatabaseServer(
  engine: Engine,
  options: DatabaseServerOptions,
): Promise<DatabaseServer> {
  const folder = options.folder ?? (await temporaryFolder(engine.name.toLowerCase()));
  const data = path.join(folder, 'data');
  const socket = path.join(folder, `${engine.name.toLowerCase()}.sock`);
  const logFile = path.join(folder, `${engine.name.toLowerCase()}.log`);
  const from = (argv: Argv): Argv => options.release?.command(argv) ?? argv;
  // A server that starts removes what it takes for leftovers in its folder for temporary tables, others' among them.
  await mkdir(path.join(folder, 'tmp'), { recursive: true });
  if (!(await exists(data))) await copyTemplate(engine, from, data);
  const port = options.port ?? (await freePort());
  const own = serverOptions(data, socket, port);
  const server = startServer({
    argv: from([engine.server, ...own, ...engine.serverOptions, ...(options.config ?? [])]),
    logFile,
    ...(options.folder === undefined ? { remove: folder } : {}),
  });
  const query = (sql: string, database?: string) =>
    runClient(from(clientWords(engine, socket, database)), sql);
  const answers = () =>
    query('SELECT 1').then(
      (text) => text === '1\n',
      () => false,
    );
  await waitUntilReady(server, engine.name, logFile, async () => (await exists(socket)) && (await answers()));
  return { socket, port, folder, query, stop: () => server.stop() };
}

function serverOptions(data: string, socket: string, port: number): string[] {
  return [
    '--no-defaults',
    `--user=${os.userInfo().username}`,
    `--datadir=${data}`,
    `--socket=${socket}`,
    `--tmpdir=${path.join(path.dirname(socket), 'tmp')}`,
    `--pid-file=${socket.replace(/sock$/, 'pid')}`,
    '--skip-networking=0',
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    '--skip-name-resolve',
    '--character-set-server=utf8mb4',
    '--max-allowed-packet=256M',
  ];
}

const clientWords = (engine: Engine, socket: string, database: string | undefined): Argv => [
  engine.client,
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
];

/** SQL goes through stdin, so that its size has no limit and DELIMITER works. */
function runClient([program, ...words]: Argv, sql: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    client.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    client.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    client.stdin.on('error', () => undefined);
    client.once('error', reject);
    client.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output).toString('utf8'));
      else reject(new Error(`client: ${Buffer.concat(errors).toString('utf8').slice(0, 2000)}`));
    });
    client.stdin.end(sql);
  });
}

/** Making a data folder takes seconds; its result is kept below the temporary folder, by version and user. */
async function copyTemplate(engine: Engine, from: (argv: Argv) => Argv, data: string): Promise<void> {
  const [program, ...words] = from([engine.server, '--no-defaults', '--version']);
  const { stdout } = await run(program, words);
  const version = /Ver (\S+)/.exec(stdout)?.[1]?.replaceAll(/[^\w.]/g, '-') ?? 'unknown';
  const name = `understudy-${engine.name.toLowerCase()}-template-${version}-${os.userInfo().username}`;
  const template = path.join(process.env['UNDERSTUDY_TEMPLATES'] ?? os.tmpdir(), name);
  if (!(await exists(template))) await makeTemplate(engine, from, template);
  await run('cp', ['-a', '--sparse=always', template, data]);
}

async function makeTemplate(engine: Engine, from: (argv: Argv) => Argv, template: string): Promise<void> {
  const fresh = await mkdtemp(`${template}-`);
  const [program, ...words] = from(engine.install(fresh));
  await run(program, words);
  // Two processes may have made one at the same moment: the first wins.
  await rename(fresh, template).catch(async () => {
    await rm(fresh, { recursive: true, force: true });
    if (!(await exists(template))) throw new Error(`cannot keep a ${engine.name} template in ${template}`);
  });
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
