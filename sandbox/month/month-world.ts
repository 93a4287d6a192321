import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  startArchiveHost,
  startGitServer,
  type ArchiveHost,
  type GitServer,
} from '../archive/archive-host.js';
import { generateKey } from '../servers/keys.js';
import { hostFolder } from '../world/hosts.js';
import { startInstance, writeDiscovery, type Instance } from '../world/instances.js';
import { sshSection, writeSiteFiles } from '../world/site-files.js';
import { createWorld, type Page, type World } from '../world.js';
import { startDocker } from '../architectures/docker-daemon.js';
import { intoBedrock } from './bedrock.js';
import { intoContainer } from './container.js';
import { installPlugins, offerUpdates, wpStandIn } from '../wordpress-updates/packages.js';

const run = promisify(execFile);

/** A machine that serves production, as the month looks at it. */
export interface ProductionPlace {
  readonly name: string;
  /** Document root, as this process sees it. */
  readonly root: string;
  page(pathAndQuery: string): Promise<Page>;
}

/** The world of the demo, with production on three instances, an archive host and a git server. */
export interface MonthWorld extends World {
  readonly instances: readonly ProductionPlace[];
  readonly archive: ArchiveHost;
  readonly git: GitServer;
}

const MONTH_PLUGINS = [
  'acme-good',
  'acme-fatal',
  'acme-banner',
  'acme-events',
  'acme-seats',
  'acme-premium',
] as const;

/** Who approves: the login that Jenkins' `input` gives back, and the person whom the site file knows by it. */
export const APPROVER = { login: 'ada', person: 'Ada Lovelace <ada@acme.test>' } as const;

const OTHERS = [
  { name: 'production-app-2', address: '127.0.0.21', digit: '5' },
  { name: 'production-app-3', address: '127.0.0.22', digit: '6' },
] as const;

/** The owner of production's files where staging's are a container's: `www-data` of Debian. */
export const PRODUCTION_OWNER = '33';

export interface MonthOptions {
  readonly onProgress?: (text: string) => void;
  /** Merged over `maintenance` of the site file. */
  readonly maintenance?: Readonly<Record<string, unknown>>;
  /** Both sides as Bedrock projects that Composer manages; default: as wordpress.org ships it. */
  readonly bedrock?: boolean;
  /** Staging's PHP in a container, as uid 82; its files in a folder of the machine or in a named volume. */
  readonly container?: 'bind' | 'volume';
  /** The other instances mount the first one's document root: one file system, three machines. */
  readonly shared?: boolean;
}

export async function createMonthWorld(options: MonthOptions = {}): Promise<MonthWorld> {
  if (process.getuid?.() !== 0)
    throw new Error(
      'The month needs root: its three instances have the same paths, each in a mount namespace.',
    );
  const progress = options.onProgress ?? (() => undefined);
  const started: { stop(): Promise<void> }[] = [];
  const daemon = options.container === undefined ? undefined : await startDocker();
  const sshd = daemon === undefined ? {} : { staging: [`SetEnv DOCKER_HOST=${daemon.endpoint}`] };
  const world = await createWorld({ size: 'small', onProgress: progress, sshd }).catch(
    async (cause: unknown) => {
      await daemon?.stop();
      throw cause;
    },
  );
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
    await daemon?.stop();
    await world.stop();
  };
  try {
    progress('installing plugins, and offering the month’s updates');
    await installPlugins(world.production.root, world.production.url, [...MONTH_PLUGINS]);
    await world.get(world.production, '/wp-admin/admin-ajax.php?action=install');
    if (options.bedrock === true) started.push(...(await intoBedrock(world)));
    else await offerUpdates(world.staging.root, [...MONTH_PLUGINS]);
    const container =
      daemon === undefined || options.container === undefined
        ? undefined
        : await intoContainer(world, daemon, options.container);
    if (container !== undefined) {
      started.push(container);
      await run('chown', ['-R', `${PRODUCTION_OWNER}:${PRODUCTION_OWNER}`, world.production.root]);
    }
    progress('two more instances of production, the archive host and the git server');
    const others = await Promise.all(OTHERS.map((other) => anotherInstance(world, other, options)));
    started.push(...others);
    const [deploy, archive] = await Promise.all([
      generateKey(path.join(world.folder, 'keys'), 'deploy'),
      archiveHost(world),
    ]);
    started.push(archive);
    const git = await startGitServer({
      folder: path.join(world.folder, 'github'),
      deployKey: deploy.publicKey,
      name: 'acme/website',
    });
    started.push(git);
    await commitLastMonth(world, git, options);
    await writeMonthSite(
      world,
      { others, archive, git, deployKey: deploy.privateKeyFile, staging: container?.staging ?? {} },
      options,
    );
    const places = [
      { name: 'production-app', web: world.production.web },
      ...OTHERS.map(({ name }, index) => ({ name, web: others[index]?.web ?? world.production.web })),
    ];
    return {
      ...world,
      archive,
      git,
      instances: places.map(({ name, web }) => ({
        name,
        root: options.shared === true ? world.production.root : rootOf(world, name),
        page: (target) => world.get({ ...world.production, web }, target),
      })),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const folderOf = (world: World, name: string): string => path.join(world.folder, 'hosts', name);
const rootOf = (world: World, name: string): string => path.join(folderOf(world, name), 'www/acme');

/** A copy of the first instance, as a group makes it: same paths, same ports, another address. */
async function anotherInstance(
  world: World,
  { name, address, digit }: (typeof OTHERS)[number],
  { bedrock, shared }: MonthOptions,
): Promise<Instance> {
  const own = shared === true ? hostFolder(world.folder, 'production-app') : folderOf(world, name);
  if (shared !== true) {
    await mkdir(path.join(own, 'www'), { recursive: true });
    await run('cp', ['-a', world.production.root, rootOf(world, name)]);
  }
  const authorizedKey = await run('ssh-keygen', ['-y', '-f', world.keyFile]);
  return startInstance({
    seen: hostFolder(world.folder, 'production-app'),
    own,
    sshdFolder: path.join(world.folder, 'sshd', name),
    address,
    sshPort: world.hosts['production-app'].port,
    webPort: world.production.web.port,
    machineId: digit.repeat(32),
    authorizedKey: authorizedKey.stdout.trim(),
    ...(bedrock === true ? { webFolder: 'web' } : {}),
    hide: [
      ...['keys', 'secrets', 'sites', 'workspace'].map((folder) => path.join(world.folder, folder)),
      hostFolder(world.folder, 'production-db'),
      hostFolder(world.folder, 'staging'),
    ],
  });
}

async function archiveHost(world: World): Promise<ArchiveHost> {
  const { stdout } = await run('ssh-keygen', ['-y', '-f', world.keyFile]);
  return startArchiveHost({
    folder: path.join(world.folder, 'archive'),
    authorizedKeys: [stdout.trim()],
    site: 'acme',
  });
}

const COPY_USUAL = `cd "$1" && for name in *; do case $name in wp-config.php|wp-content|robots.txt) ;; *) cp -a "$name" "$2/" ;; esac; done
mkdir -p "$2/wp-content" && for name in index.php plugins themes mu-plugins languages; do
  [ ! -e "wp-content/$name" ] || cp -a "wp-content/$name" "$2/wp-content/"
done`;
const COPY_BEDROCK = `cd "$1" && cp -a composer.json composer.lock config vendor web "$2/" &&
rm -rf "$2/web/app/uploads" "$2/web/app/cache" "$2/web/wp-config.php" "$2/web/robots.txt" "$2/web/.htaccess"`;

/** What last month's maintenance left on GitHub: production's code as it is now, and a file of the developers. */
async function commitLastMonth(world: World, git: GitServer, { bedrock }: MonthOptions): Promise<void> {
  const folder = path.join(world.folder, 'last-month');
  await mkdir(folder, { recursive: true });
  const copy = bedrock === true ? COPY_BEDROCK : COPY_USUAL;
  const script = `${copy}
find "$2" -name .git -prune -exec rm -rf {} +
cd "$2" && echo '# Acme Theatre' > README.md && git init -q -b main && git add -f -A &&
git -c user.name=Dev -c user.email=dev@acme.test commit -q -m 'The site as it was last month' && git push -q "$3" main`;
  await run('sh', ['-c', script, 'sh', world.production.root, folder, git.repository], {
    env: { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
  });
  await rm(folder, { recursive: true, force: true });
}

interface Parts {
  readonly others: readonly Instance[];
  readonly archive: ArchiveHost;
  readonly git: GitServer;
  readonly deployKey: string;
  /** Laid over `staging` of the site file. */
  readonly staging: Readonly<Record<string, unknown>>;
}

async function writeMonthSite(
  world: World,
  { others, archive, git, deployKey, staging }: Parts,
  options: MonthOptions,
): Promise<void> {
  const { production } = world;
  const first = world.hosts['production-app'];
  const discover = path.join(world.folder, 'discover');
  await writeDiscovery(discover, [first.address, ...OTHERS.map(({ address }) => address)]);
  const header = path.join(world.folder, 'secrets/maintenance-header');
  await writeFile(header, 'the-word-that-the-firewall-knows', { mode: 0o600 });
  const { host: _, hostKey: __, ...anywhere } = sshSection(world, first);
  await writeSiteFiles(world, {
    production: {
      url: production.url,
      ssh: {
        ...anywhere,
        hostKey: [first.hostKey, ...others.map(({ ssh }) => ssh.hostKey)],
        discover: { command: [discover] },
      },
      path: production.root,
      database: { ssh: sshSection(world, world.hosts['production-db']) },
      http: { resolve: `${production.web.address}:${String(production.web.port)}` },
    },
    staging: {
      url: world.staging.url,
      ssh: sshSection(world, world.hosts.staging),
      path: world.staging.root,
      http: { resolve: `${world.staging.web.address}:${String(world.staging.web.port)}` },
      ...staging,
    },
    maintenance: {
      wp: options.container === undefined ? wpStandIn : '/usr/local/bin/wp',
      header: { name: 'X-Acme-Maintenance', value: { file: header } },
      checks: { paths: ['/', '/tickets/'], maxPages: 6, screenshots: { width: 800 } },
      approve: { policy: 'person', by: [APPROVER.login], people: { [APPROVER.login]: APPROVER.person } },
      ...options.maintenance,
    },
    archive: { ssh: sshSection(world, archive), path: archive.efs },
    publish: {
      repository: git.url,
      commits: 'per-item',
      author: { name: 'Acme maintenance', email: 'web@acme.test' },
      tag: 'maintenance-{date}',
      key: { file: deployKey },
      hostKey: git.hostKey,
    },
  });
}
