import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { type RunnerCall } from '../runner.js';
import { generateKey } from '../servers/keys.js';
import { startPhp } from '../servers/php.js';
import { startServer, temporaryFolder } from '../servers/server-process.js';
import { startSshd, type SshServer } from '../servers/sshd.js';
import { accounts, allowSwap, createSchema } from '../world/accounts.js';
import { sshSection } from '../world/site-files.js';
import { installWordPress } from '../world/wordpress-site.js';
import { type WebSide } from '../world.js';
import { clientTools } from './clients.js';
import { type EngineName, type EngineServer, startEngine, type Vendor } from './engines.js';

export interface EngineSide extends WebSide {
  readonly server: EngineServer;
  /** Makes the database what it was after WordPress was installed, and forgets all syncs. */
  reset(): Promise<void>;
}

type SideName = 'production' | 'staging';

export interface EngineWorldOptions {
  readonly production: readonly EngineName[];
  readonly staging: readonly EngineName[];
  /** Whose client programs there are hosts with. */
  readonly clients: readonly Vendor[];
  /** Options of the servers of a side. */
  readonly config?: Partial<Record<SideName, readonly string[]>>;
}

/** One server of either vendor on each side, and hosts with either vendor's programs. */
export const EITHER_VENDOR: EngineWorldOptions = {
  production: ['mysql', 'mariadb-10.11'],
  staging: ['mysql', 'mariadb-10.11'],
  clients: ['mariadb', 'mysql'],
};

/** One cell of the matrix. */
export interface Pair {
  readonly production: EngineName;
  readonly staging: EngineName;
  /** Whose client programs production's database host and staging's host have. */
  readonly clients: readonly [production: Vendor, staging: Vendor];
  readonly mode: 'swap' | 'replace';
}

/** WordPress on several database servers, as production and as staging, and hosts with either vendor's programs. */
export interface EngineWorld {
  readonly folder: string;
  side(name: SideName, engine: EngineName): EngineSide;
  /** Writes the site file of a pair; returns how the runner is called for it. The site is called `acme`. */
  site(pair: Pair): Promise<RunnerCall>;
  stop(): Promise<void>;
}

const addresses = { production: '127.0.0.11', database: '127.0.0.12', staging: '127.0.0.13' };

export async function createEngineWorld(options: EngineWorldOptions): Promise<EngineWorld> {
  const folder = await temporaryFolder('engines');
  const janitor = startServer({ argv: ['sleep', 'infinity'], logFile: '/dev/null', remove: folder });
  const key = await generateKey(path.join(folder, 'keys'), 'runner');
  const hosts = await startEngineHosts(folder, key.publicKey, options.clients);
  const sides = new Map<string, EngineSide>();
  const start = async (name: SideName, engine: EngineName) =>
    sides.set(`${name} ${engine}`, await startSide(folder, name, engine, options.config?.[name]));
  await Promise.all([
    ...options.production.map((engine) => start('production', engine)),
    ...options.staging.map((engine) => start('staging', engine)),
  ]);
  const known = <Value>(map: ReadonlyMap<string, Value>, name: string): Value => {
    const found = map.get(name);
    if (found === undefined) throw new Error(`this world has no ${name}`);
    return found;
  };
  const side = (name: SideName, engine: EngineName) => known(sides, `${name} ${engine}`);
  const host = (name: string) => sshSection({ keyFile: key.privateKeyFile }, known(hosts, name));
  return {
    folder,
    side,
    site: (pair) => writeSite(folder, pair, side, host),
    stop: async () => {
      await Promise.all([...hosts.values()].map((each) => each.stop()));
      await Promise.all([...sides.values()].flatMap((each) => [each.web.stop(), each.server.stop()]));
      await janitor.stop();
    },
  };
}

async function startEngineHosts(
  folder: string,
  authorizedKey: string,
  clients: readonly Vendor[],
): Promise<ReadonlyMap<string, SshServer>> {
  const hosts = new Map<string, SshServer>();
  const start = async (name: keyof typeof addresses, label: string, config: readonly string[]) => {
    const home = path.join(folder, 'hosts', name);
    const own = path.join(folder, 'sshd', label.replace(' ', '-'));
    await mkdir(own, { recursive: true });
    hosts.set(
      label,
      await startSshd({
        folder: own,
        authorizedKeys: [authorizedKey],
        address: addresses[name],
        home,
        machineId: String(Object.keys(addresses).indexOf(name) + 1).repeat(32),
        config,
        hide: ['keys', 'sites', 'workspace'].map((each) => path.join(folder, each)),
      }),
    );
  };
  for (const each of ['keys', 'sites', 'workspace'])
    await mkdir(path.join(folder, each), { recursive: true });
  await start('production', 'production', []);
  for (const vendor of clients) {
    const setPath = await clientTools(path.join(folder, 'tools', vendor), vendor);
    for (const name of ['database', 'staging'] as const) await start(name, `${name} ${vendor}`, [setPath]);
  }
  return hosts;
}

const readsRoutines = { mariadb: 'SELECT ON mysql.proc', mysql: 'SHOW_ROUTINE ON *.*' } as const;

async function startSide(
  world: string,
  name: SideName,
  engine: EngineName,
  config: readonly string[] | undefined,
): Promise<EngineSide> {
  const folder = path.join(world, 'databases', `${name}-${engine}`);
  await mkdir(folder, { recursive: true });
  const server = await startEngine(engine, folder, config);
  const isProduction = name === 'production';
  const database = `acme_${name}`;
  const account = accounts[name];
  await createSchema(server, database, account);
  // What the kinds hold was made by an administrator: its routines are not the account's own.
  if (isProduction) await server.query(`GRANT ${readsRoutines[server.vendor]} TO '${account.user}'@'%'`);
  if (!isProduction) await allowSwap(server, database, account);
  const url = isProduction ? 'http://www.acme.test' : 'http://staging.acme.test';
  const root = path.join(world, 'hosts', name, 'www', engine);
  await installWordPress({
    root,
    url,
    title: isProduction ? 'Acme Theatre' : 'Acme Theatre, last season',
    tagline: `This is ${name} on ${engine}`,
    administrator: { user: name, password: `${name}-password`, email: `${name}@acme.test` },
    server,
    database,
    account,
    environment: name,
    multisite: false,
    lean: true,
  });
  const web = await startPhp({ root, address: addresses[name] });
  await copyTables(server, database, `${database}_fresh`);
  const reset = async () => {
    for (const host of isProduction ? ['production', 'database'] : ['staging'])
      await rm(path.join(world, 'hosts', host, '.understudy', engine), { recursive: true, force: true });
    await rm(path.join(root, '.maintenance'), { force: true });
    const left = await server.query(
      `SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '${database}\\_understudy\\_%'`,
    );
    for (const schema of left.split('\n').filter((each) => each !== ''))
      await server.query(`DROP DATABASE \`${schema}\``);
    await copyTables(server, `${database}_fresh`, database);
  };
  return { url, root, web, database, account, server, reset };
}

/** Makes `to` anew, with the tables of `from`. */
async function copyTables(server: EngineServer, from: string, to: string): Promise<void> {
  const tables = await server.query(
    `SELECT table_name FROM information_schema.tables WHERE table_schema = '${from}'`,
  );
  const copies = tables
    .trim()
    .split('\n')
    .map((table) => [`\`${to}\`.\`${table}\``, `\`${from}\`.\`${table}\``])
    .map(
      ([copy, table]) =>
        `CREATE TABLE ${String(copy)} LIKE ${String(table)}; INSERT INTO ${String(copy)} SELECT * FROM ${String(table)};`,
    );
  await server.query(
    `SET sql_mode = ''; DROP DATABASE IF EXISTS \`${to}\`; CREATE DATABASE \`${to}\` CHARACTER SET utf8mb4; ${copies.join('\n')}`,
  );
}

async function writeSite(
  folder: string,
  pair: Pair,
  sideOf: (name: SideName, engine: EngineName) => EngineSide,
  host: (name: string) => Readonly<Record<string, unknown>>,
): Promise<RunnerCall> {
  const [production, staging] = [sideOf('production', pair.production), sideOf('staging', pair.staging)];
  const [dumping, importing] = pair.clients;
  const http = ({ web }: EngineSide) => ({ resolve: `${web.address}:${String(web.port)}` });
  const site = {
    type: 'wordpress',
    production: {
      url: production.url,
      ssh: host('production'),
      path: production.root,
      // All engines lie on one host, on either side; two pairs may be synced at a time.
      workDir: `~/.understudy/${pair.production}`,
      database: { ssh: host(`database ${dumping}`) },
      http: http(production),
    },
    staging: {
      url: staging.url,
      ssh: host(`staging ${importing}`),
      path: staging.root,
      workDir: `~/.understudy/${pair.staging}`,
      http: http(staging),
    },
    database: { mode: pair.mode },
  };
  const name = [pair.production, pair.staging, ...pair.clients, pair.mode].join('_');
  const call = { sites: path.join(folder, 'sites', name), workspace: path.join(folder, 'workspace', name) };
  await Promise.all(Object.values(call).map((each) => mkdir(each, { recursive: true })));
  await writeFile(path.join(call.sites, 'acme.yaml'), stringify(site, { lineWidth: 0 }));
  return call;
}
