import { execFile } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { generateDatabase, sizeFiles, sizeUnits, type Size } from './content/generate.js';
import { writeSiteFiles as writePluginsAndMedia } from './content/files.js';
import { Random } from './content/random.js';
import { generateKey } from './servers/keys.js';
import { type Network } from './servers/network.js';
import { startMariaDb, type MariaDbServer } from './servers/mariadb.js';
import { startPhp, type PhpServer } from './servers/php.js';
import { startServer, temporaryFolder } from './servers/server-process.js';
import { accounts, allowSwap, createSchema, type Account } from './world/accounts.js';
import { getPage, type Page } from './world/get-page.js';
import { hostFolder, startHosts, type HostName, type WorldHost } from './world/hosts.js';
import { installShop } from './world/shop-site.js';
import { writeSiteFiles } from './world/site-files.js';
import { installWordPress, type Administrator } from './world/wordpress-site.js';

const run = promisify(execFile);

export interface WorldOptions {
  /** About 3 MB, 30 MB, 300 MB or 2 GB of database; default tiny. */
  readonly size?: Size;
  /** WordPress without what only makes it large; default: where the world is tiny. */
  readonly lean?: boolean;
  readonly multisite?: boolean;
  /** Whether staging's account may import beside its live schema; default swap. */
  readonly stagingMode?: 'swap' | 'replace';
  /** Merged over the top level of `sites/acme.yaml`. */
  readonly siteFile?: Readonly<Record<string, unknown>>;
  /** Megabytes of a disk of its own (memory) for a host, or for a server's data; root only. What fills it fills no other. */
  readonly disks?: Partial<Record<HostName | 'production-data' | 'staging-data', number>>;
  /** sshd_config lines per host. */
  readonly sshd?: Partial<Record<HostName, readonly string[]>>;
  /** Between the runner and everything else: sshd's and web servers are reached through it. */
  readonly network?: Network;
  /** Told what is being made. */
  readonly onProgress?: (text: string) => void;
}

export interface WebSide {
  readonly url: string;
  /** Document root. */
  readonly root: string;
  readonly web: PhpServer;
  readonly database: string;
  readonly account: Account;
}

export interface WordPressSide extends WebSide {
  readonly title: string;
  readonly administrator: Administrator;
  readonly server: MariaDbServer;
}

export type { Page };

/** Production and staging of an agency on one machine: real sshd's, MariaDB servers, PHP and WordPress. */
export interface World {
  readonly folder: string;
  /** Folder of the site files `acme.yaml` and `shop-php.yaml`. */
  readonly sites: string;
  /** An empty folder for the runner's workspace. */
  readonly workspace: string;
  /** The runner's private key; it opens all hosts, and lies on none of them. */
  readonly keyFile: string;
  readonly hosts: Readonly<Record<HostName, WorldHost>>;
  readonly production: WordPressSide;
  readonly staging: WordPressSide;
  readonly shop: Readonly<Record<'production' | 'staging', WebSide>>;
  /** A page as a browser gets it, redirects not followed. */
  get(side: WebSide, pathAndQuery: string, init?: RequestInit): Promise<Page>;
  stop(): Promise<void>;
}

/** Builds the world in a temporary folder; all of it is gone when this process ends, however it ends. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await temporaryFolder('world');
  const janitor = startServer({ argv: ['sleep', 'infinity'], logFile: '/dev/null', remove: folder });
  try {
    return await buildWorld(folder, options, async () => janitor.stop());
  } catch (error) {
    await janitor.stop();
    throw error;
  }
}

const isLean = ({ size = 'tiny', lean }: WorldOptions): boolean => lean ?? size === 'tiny';

const about: Readonly<Record<Size, string>> = {
  tiny: '3 MB',
  small: '30 MB',
  medium: '300 MB',
  large: '2 GB',
  huge: '5 GB',
};

async function buildWorld(
  folder: string,
  options: WorldOptions,
  removeAll: () => Promise<void>,
): Promise<World> {
  const progress = options.onProgress ?? (() => undefined);
  const key = await generateKey(path.join(folder, 'keys'), 'runner');
  const disks = await mountDisks(folder, options.disks ?? {});
  progress('starting three SSH servers and two MariaDB servers');
  const [hosts, productionServer, stagingServer] = await Promise.all([
    startHosts(folder, key.publicKey, options.sshd ?? {}, options.network),
    startMariaDb({ folder: path.join(folder, 'databases/production'), config: ['--event-scheduler=ON'] }),
    startMariaDb({ folder: path.join(folder, 'databases/staging'), config: ['--event-scheduler=ON'] }),
  ]);
  progress('installing WordPress on production and staging');
  const [production, staging] = await Promise.all([
    productionSide(folder, productionServer, options),
    stagingSide(folder, stagingServer, options),
  ]);
  const shop = await shops(folder, productionServer, stagingServer);
  const size = options.size ?? 'tiny';
  progress(`filling the databases (${size}: about ${about[size]})`);
  await fill(folder, production, sizeUnits[size], sizeFiles[size], 1);
  await fill(folder, staging, sizeUnits[size] / 5, sizeFiles[size] / 2, 2);
  await plantPeculiarities(production, staging);
  const workspace = path.join(folder, 'workspace');
  const servers = [
    production.web,
    staging.web,
    shop.production.web,
    shop.staging.web,
    ...Object.values(hosts),
  ];
  const world: World = {
    folder,
    sites: path.join(folder, 'sites'),
    workspace,
    keyFile: key.privateKeyFile,
    hosts,
    production,
    staging,
    shop,
    get: getPage,
    stop: async () => {
      await Promise.all([...servers, productionServer, stagingServer].map((server) => server.stop()));
      await options.network?.stop();
      for (const disk of disks) await run('umount', ['-l', disk]);
      await removeAll();
    },
  };
  await writeSiteFiles(world, options.siteFile ?? {});
  return world;
}

/** @returns where they are mounted */
async function mountDisks(folder: string, disks: NonNullable<WorldOptions['disks']>): Promise<string[]> {
  const mounted: string[] = [];
  for (const [name, megabytes] of Object.entries(disks)) {
    const data = /^(\w+)-data$/.exec(name)?.[1];
    const disk =
      data === undefined ? hostFolder(folder, name as HostName) : path.join(folder, 'databases', data);
    await mkdir(disk, { recursive: true });
    await run('mount', [
      '-t',
      'tmpfs',
      '-o',
      `size=${String(megabytes)}m,mode=755`,
      'understudy-sandbox',
      disk,
    ]);
    mounted.push(disk);
  }
  return mounted;
}

async function productionSide(
  folder: string,
  server: MariaDbServer,
  options: WorldOptions,
): Promise<WordPressSide> {
  return wordpress({
    root: path.join(hostFolder(folder, 'production-app'), 'www/acme'),
    url: 'http://www.acme.test',
    title: 'Acme Theatre',
    administrator: { user: 'director', password: 'production-director', email: 'director@acme.test' },
    server,
    database: 'acme_production',
    account: accounts.production,
    environment: 'production',
    multisite: options.multisite ?? false,
    lean: isLean(options),
    webAddress: '127.0.0.11',
    network: options.network,
  });
}

async function stagingSide(
  folder: string,
  server: MariaDbServer,
  options: WorldOptions,
): Promise<WordPressSide> {
  const side = await wordpress({
    root: path.join(hostFolder(folder, 'staging'), 'www/acme'),
    url: 'http://staging.acme.test',
    title: 'Acme Theatre, last season',
    administrator: { user: 'stagehand', password: 'staging-stagehand', email: 'stagehand@acme.test' },
    server,
    database: 'acme_staging',
    account: accounts.staging,
    environment: 'staging',
    multisite: options.multisite ?? false,
    lean: isLean(options),
    webAddress: '127.0.0.13',
    network: options.network,
  });
  if (options.stagingMode !== 'replace') await allowSwap(server, side.database, side.account);
  return side;
}

type WordPressPlan = Omit<WordPressSide, 'web'> & {
  readonly environment: 'production' | 'staging';
  readonly multisite: boolean;
  readonly lean: boolean;
  readonly webAddress: string;
  readonly network: Network | undefined;
};

async function wordpress(plan: WordPressPlan): Promise<WordPressSide> {
  await createSchema(plan.server, plan.database, plan.account);
  await installWordPress({ ...plan, tagline: `This is ${plan.environment}'s own database` });
  const php = await startPhp({ root: plan.root, address: plan.webAddress });
  const web = { ...php, ...(await plan.network?.link(php, 'web')) };
  const { root, url, title, administrator, server, database, account } = plan;
  return { root, url, title, administrator, server, database, account, web };
}

async function shops(
  folder: string,
  productionServer: MariaDbServer,
  stagingServer: MariaDbServer,
): Promise<World['shop']> {
  const shop = async (side: 'production' | 'staging', server: MariaDbServer): Promise<WebSide> => {
    const live = side === 'production';
    const root = path.join(hostFolder(folder, live ? 'production-app' : 'staging'), 'www/shop');
    const account = live ? accounts.shopProduction : accounts.shopStaging;
    const database = live ? 'shop_production' : 'shop_staging';
    await createSchema(server, database, account);
    if (!live) await allowSwap(server, database, account);
    const [title, version] = live ? ['Props for sale', 'new'] : ['Props, staging', 'old'];
    await installShop({ root, title, version, server, database, account, products: live ? 60 : 5 });
    const web = await startPhp({ root, address: live ? '127.0.0.11' : '127.0.0.13' });
    return {
      url: live ? 'http://shop.acme.test' : 'http://shop-staging.acme.test',
      root,
      web,
      database,
      account,
    };
  };
  return {
    production: await shop('production', productionServer),
    staging: await shop('staging', stagingServer),
  };
}

async function fill(
  folder: string,
  side: WordPressSide,
  units: number,
  files: number,
  seed: number,
): Promise<void> {
  const load = path.join(folder, 'load');
  const { server, database, url } = side;
  const owner = side.account.user;
  await generateDatabase({ server, database, owner, url, units, seed, folder: load });
  const written = new Date(Date.UTC(2026, seed, 1));
  await writePluginsAndMedia(side.root, files, new Random(seed), written);
  await rm(load, { recursive: true, force: true });
}

/** What real servers hold beside the site: version control, links, files that only staging has, old tables. */
async function plantPeculiarities(production: WordPressSide, staging: WordPressSide): Promise<void> {
  const git = path.join(production.root, 'wp-content/plugins/acme-plugin-02/.git');
  await mkdir(git, { recursive: true });
  await writeFile(path.join(git, 'HEAD'), 'ref: refs/heads/main\n');
  await symlink('acme-plugin-01', path.join(production.root, 'wp-content/plugins/linked'));
  await writeFile(
    path.join(staging.root, 'wp-content/mu-plugins/staging-banner.php'),
    '<?php // only staging has this\n',
  );
  await staging.server.query(
    `CREATE TABLE wp_last_season (id int PRIMARY KEY, note text);
     INSERT INTO wp_last_season VALUES (1, 'production dropped this table long ago');`,
    staging.database,
  );
}
