import { mkdtemp, mkdir, readFile, rename, rm, writeFile, access } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Site } from '../../../src/config/site.js';
import { type FileSwap, type OpenFileSwap } from '../../../src/cutover/exchange/file-swap.js';
import { type DatabaseAccess } from '../../../src/database/connection/access.js';
import { type Finding, Secret, UnderstudyError } from '../../../src/errors/index.js';
import { type WritingHost } from '../../../src/hosts/host.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { type MariaDbServer } from '../../../../sandbox/servers/mariadb.js';
import { type StagingContext } from '../../../src/run/site-context.js';

export const PASSWORD = 'staging-password-1';

/** Staging's account, with all that a swap needs. */
export async function createStagingAccount(server: MariaDbServer): Promise<void> {
  await server.query(
    `CREATE USER staging@localhost IDENTIFIED BY '${PASSWORD}';
     GRANT ALL ON acme.* TO staging@localhost;
     GRANT ALL ON \`acme\\_understudy\\_%\`.* TO staging@localhost;`,
  );
}

/** As much of a site as a cutover reads. */
function exampleSite(folder: string, extra: Partial<Site['staging']> = {}): Site {
  const database = { address: { kind: 'local' }, name: 'acme' };
  const site = {
    name: 'acme',
    type: 'wordpress',
    database: {
      mode: 'auto',
      connections: 4,
      alsoInSchema: [],
      exclude: [],
      structureOnly: [],
    },
    staging: {
      path: path.join(folder, 'html'),
      workDir: path.join(folder, 'work'),
      keepGenerations: 1,
      events: 'disable',
      sharesServer: false,
      database,
      scrub: { sql: [] },
      ...extra,
    },
    production: { database },
  };
  return site as unknown as Site;
}

export interface World {
  readonly folder: string;
  readonly context: StagingContext & { readonly steps: string[]; readonly findings: Finding[] };
  remove(): Promise<void>;
}

export async function makeWorld(
  server: MariaDbServer,
  options: {
    readonly host?: (host: WritingHost) => WritingHost;
    readonly site?: (site: Site) => Site;
    readonly folder?: string;
    readonly user?: string;
    readonly run?: string;
  } = {},
): Promise<World> {
  const folder = options.folder ?? (await mkdtemp(path.join(tmpdir(), 'understudy-cutover-')));
  await mkdir(path.join(folder, 'html'), { recursive: true });
  const plain = createLocalHost('staging', 'staging');
  const host = options.host ? options.host(plain) : plain;
  const run = options.run ?? '20261121T201500Z-3f9a1c';
  const site = exampleSite(folder);
  const steps: string[] = [];
  const findings: Finding[] = [];
  const staging: DatabaseAccess = {
    server: { kind: 'socket', path: server.socket },
    name: 'acme',
    user: options.user ?? 'staging',
    password: new Secret(PASSWORD),
    charset: 'utf8mb4',
    prefix: 'wp_',
    multisite: false,
  };
  return {
    folder,
    context: {
      site: options.site ? options.site(site) : site,
      run: { id: run, stagingFolder: path.join(folder, 'work', 'runs', run) },
      hosts: { staging: async () => host, stagingDatabase: async () => host },
      database: { staging: async () => staging },
      reporter: {
        step: (text) => steps.push(text),
        warn: (finding) => findings.push(finding),
        metric: () => undefined,
      },
      signal: new AbortController().signal,
      steps,
      findings,
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A file half with one file: `live` and `incoming` change places. Its state is what the page would show. */
export function oneFileSwap(folder: string): OpenFileSwap {
  const live = path.join(folder, 'html', 'version.txt');
  return async (context, run) => {
    const incoming = path.join(folder, 'work', `incoming-${run}.txt`);
    const retired = path.join(folder, 'work', `retired-${run}.txt`);
    const host = await context.hosts.staging();
    const alive = async () => void (await host.run({ effect: 'read', argv: ['true'] }));
    const move = async (from: string, to: string) => {
      await alive();
      await rename(from, to);
    };
    const swap: FileSwap = {
      apply: async () => {
        if (await missing(incoming)) return;
        if (await missing(retired)) await move(live, retired);
        await move(incoming, live);
      },
      undo: async () => {
        if (await missing(retired)) return;
        if (await missing(incoming)) await move(live, incoming);
        await move(retired, live);
      },
    };
    return swap;
  };
}

const missing = (file: string) =>
  access(file).then(
    () => false,
    () => true,
  );

export async function placeFiles(folder: string, run: string): Promise<void> {
  await mkdir(path.join(folder, 'work'), { recursive: true });
  await writeFile(path.join(folder, 'html', 'version.txt'), 'former');
  await writeFile(path.join(folder, 'work', `incoming-${run}.txt`), 'new');
}

export const servedFile = (folder: string): Promise<string> =>
  readFile(path.join(folder, 'html', 'version.txt'), 'utf8');

/** Nothing tries again after it, and nothing is put back. */
const killed = (): Error => new UnderstudyError('LOCK_LOST', 'killed');

/**
 * Dies at the n-th thing that this process does to the outside: nothing is done any more afterwards, not even by the
 * code that would put staging back. `late`: the n-th thing itself still arrives (a statement runs, nobody reads the answer).
 */
export function dyingHost(at: number, late: boolean) {
  const life = { count: 0, dead: false };
  const sockets: { destroy(): void }[] = [];
  const act = (): boolean => {
    if (life.dead) return false;
    life.count += 1;
    if (life.count < at) return true;
    life.dead = true;
    return late;
  };
  const wrap = (host: WritingHost): WritingHost => ({
    ...host,
    run: async (command, options) => {
      if (!act()) throw killed();
      const result = await host.run(command, options);
      if (life.dead) throw killed();
      return result;
    },
    openStream: async (target) => {
      if (!act()) throw killed();
      const socket = createConnection((target as { path: string }).path);
      sockets.push(socket);
      const write = socket.write.bind(socket);
      socket.write = ((...args: Parameters<typeof write>) => {
        if (!act()) {
          socket.destroy(new Error('killed'));
          return false;
        }
        const sent = write(...args);
        if (life.dead) setTimeout(() => socket.destroy(new Error('killed')), 30);
        return sent;
      }) as typeof write;
      return socket;
    },
  });
  return { life, wrap };
}
