import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { ensureBundle, type RunnerCall, type RunnerResult } from '../../../../sandbox/runner.js';
import { generateKey } from '../../../../sandbox/servers/keys.js';
import { startMariaDb, type MariaDbServer } from '../../../../sandbox/servers/mariadb.js';
import { freePort, temporaryFolder } from '../../../../sandbox/servers/server-process.js';
import { startSshd, type SshServer, type SshServerOptions } from '../../../../sandbox/servers/sshd.js';
import { accounts, createSchema } from '../../../../sandbox/world/accounts.js';
import { getPage } from '../../../../sandbox/world/get-page.js';
import {
  INSTANCE_ROOT,
  startInstance,
  writeDiscovery,
  type Instance,
  type InstanceOptions,
} from '../../../../sandbox/world/instances.js';
import { installWordPress } from '../../../../sandbox/world/wordpress-site.js';
import { loadSite } from '../../../src/config/load/load-sites.js';
import { startMaintenance, type MaintenanceHandle } from '../../../src/maintenance/maintenance-store.js';
import { recordProductionTree, recordTested } from '../../../src/pipelines/maintenance/record-trees.js';
import { openSession, type Session } from '../../../src/pipelines/session/session.js';
import { createConsole } from '../../../src/report/terminal/console.js';
import { createRunId } from '../../../src/run/run-id.js';
import { createRun } from '../../../src/run/run-store.js';
import { runAndKillWhen, runAndSignal } from '../sandbox/kill-at.js';

const run = promisify(execFile);
const INSTANCES = [1, 2, 3, 4] as const;
const addressOf = (index: number): string => `127.0.0.${String(30 + index)}`;

/** Production on three instances (a fourth can join), and staging; one database server; real sshd's, PHP, WordPress. */
export interface PromoteWorld {
  readonly folder: string;
  readonly sites: string;
  readonly workspace: string;
  readonly database: MariaDbServer;
  /** Path below an instance's document root, as this process sees it. */
  live(instance: number, name?: string): string;
  staging(name?: string): string;
  /** From now on a firewall answers 403 to everybody who does not send the secret header. */
  closeProduction(): Promise<void>;
  /** Everything that lies on an instance. */
  own(instance: number, name?: string): string;
  /** Starts the sshd of an instance again that was killed. */
  revive(instance: number): Promise<void>;
  /** From now on the fourth instance is in the group while (and after) the first one shows its maintenance page. */
  letFourthJoin(): Promise<void>;
  page(instance: number, headers?: Record<string, string>): Promise<{ status: number; body: string }>;
  option(name: string): Promise<string>;
  /** From now on staging's machine does not answer. */
  stopStaging(): Promise<void>;
  session(): Promise<Session & { readonly said: string[] }>;
  stop(): Promise<void>;
}

const PLUGIN = 'wp-content/plugins/acme-tool/acme-tool.php';

/** `body` runs when the plugin is loaded. On its first admin page the plugin brings its option up to date. */
export const plugin = (version: number, body = ''): string => `<?php
/* Plugin Name: Acme tool
 * Version: ${String(version)} */
${body}
add_action('wp_head', function () { echo '<!-- acme-tool ${String(version)} -->'; });
add_action('admin_init', function () { update_option('acme_tool_db', '${String(version)}'); });
`;

export const writePlugin = (world: PromoteWorld, version: number, body = ''): Promise<void> =>
  writeFile(world.staging(PLUGIN), plugin(version, body));

export interface PromoteWorldOptions {
  /** Merged over `maintenance` of the site file. */
  readonly maintenance?: Readonly<Record<string, unknown>>;
  /** Each instance has a disk of its own of this many megabytes, and a gate at which commands can meet a fault. */
  readonly faults?: { readonly megabytes: number };
  /** All instances show the files of the first: one file system that several machines mount. */
  readonly shared?: boolean;
  /** WordPress in `wp`, its content folder in `app`, both below the document root, as Bedrock has them. */
  readonly folders?: boolean;
  /** `production.ssh.discover`; default: a command. */
  readonly discover?: Readonly<Record<string, unknown>>;
}

/** The header by which production's firewall knows us, once {@link PromoteWorld.closeProduction} was called. */
const HEADER = { name: 'X-Acme-Maintenance', value: 'the word that the firewall knows' };

export async function createPromoteWorld(options: PromoteWorldOptions = {}): Promise<PromoteWorld> {
  const folder = await temporaryFolder('promote');
  // What every instance calls its own: home and document root on one mount.
  const seen = path.join(folder, 'production');
  await mkdir(seen, { recursive: true });
  const own = (index: number): string =>
    path.join(folder, 'instances', String(options.shared === true ? 1 : index));
  const live = (index: number, name = ''): string => path.join(own(index), INSTANCE_ROOT, name);
  if (options.faults !== undefined)
    for (const index of INSTANCES) await mountDisk(own(index), options.faults.megabytes);
  const stagingRoot = path.join(folder, 'staging/www/acme');
  const [key, database] = await Promise.all([
    generateKey(path.join(folder, 'keys'), 'runner'),
    startMariaDb({ folder: path.join(folder, 'database') }),
  ]);
  await install(database, live(1), path.join(folder, 'firewall'));
  if (options.folders === true) await intoFolders(live(1));
  for (const root of [...(options.shared === true ? [] : [live(2), live(3), live(4)]), stagingRoot]) {
    await mkdir(path.dirname(root), { recursive: true });
    await run('cp', ['-a', live(1), root]);
  }
  await becomeStaging(database, stagingRoot, options.folders === true ? 'app' : 'wp-content');
  const [sshPort, webPort] = await Promise.all([freePort(addressOf(1)), freePort(addressOf(1))]);
  const shared = { seen, sshPort, webPort, authorizedKey: key.publicKey };
  const [instances, stagingHost] = await Promise.all([
    Promise.all(INSTANCES.map((index) => instance(own(index), folder, index, shared, options))),
    startSshd({
      folder: path.join(folder, 'sshd-staging'),
      authorizedKeys: [key.publicKey],
      address: addressOf(9),
      home: path.join(folder, 'staging/home'),
      machineId: '9'.repeat(32),
    }),
  ]);
  const hosts = [...instances.map(({ ssh }) => ssh), stagingHost];
  const discover = path.join(folder, 'discover');
  const joins = path.join(folder, 'fourth-joins');
  await writeDiscovery(discover, [1, 2, 3].map(addressOf), [
    `[ -e ${joins} ] && [ -e ${live(1, '.maintenance')} ] && : > ${joins}.now`,
    `[ -e ${joins}.now ] && echo ${addressOf(4)}`,
  ]);
  const world: PromoteWorld = {
    folder,
    sites: path.join(folder, 'sites'),
    workspace: path.join(folder, 'workspace'),
    database,
    live,
    staging: (name = '') => path.join(stagingRoot, name),
    own: (index, name = '') => path.join(own(index), name),
    revive: async (index) => {
      const place = index - 1;
      await instances[place]?.ssh.stop();
      const ssh = await startSshd(sshOptions(own(index), folder, index, shared, options));
      const web = instances[place]?.web;
      if (web === undefined) throw new Error('no such instance');
      instances[place] = { ssh, web, stop: async () => void (await Promise.all([ssh.stop(), web.stop()])) };
    },
    closeProduction: () => writeFile(path.join(folder, 'firewall'), ''),
    letFourthJoin: () => writeFile(joins, ''),
    page: async (index, headers = {}) =>
      getPage({ url: 'http://www.acme.test', web: { address: addressOf(index), port: webPort } }, '/', {
        headers,
      }),
    option: async (name) =>
      (
        await database.query(
          `SELECT option_value FROM wp_options WHERE option_name = '${name}'`,
          'acme_production',
        )
      ).trim(),
    stopStaging: () => stagingHost.stop(),
    session: async () => {
      const said: string[] = [];
      const session = await openSession(await loadSite(world.sites, 'acme'), {
        console: createConsole({ write: (text: string) => said.push(text) }),
        signal: new AbortController().signal,
        workspace: world.workspace,
      });
      return Object.assign(session, { said });
    },
    stop: async () => {
      await Promise.all([...instances, stagingHost, database].map((server) => server.stop()));
      if (options.faults !== undefined)
        for (const index of INSTANCES) await run('umount', ['-l', own(index)]).catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
  await mkdir(world.workspace, { recursive: true });
  await writeSite(world, hosts, { key: key.privateKeyFile, discover, webPort, seen, stagingRoot }, options);
  return world;
}

async function install(database: MariaDbServer, root: string, firewall: string): Promise<void> {
  await createSchema(database, 'acme_production', accounts.production);
  await createSchema(database, 'acme_staging', accounts.staging);
  await installWordPress({
    root,
    url: 'http://www.acme.test',
    title: 'Acme Theatre',
    tagline: 'On stage',
    administrator: { user: 'director', password: 'production-director', email: 'director@acme.test' },
    server: database,
    database: 'acme_production',
    account: accounts.production,
    environment: 'production',
    multisite: false,
    lean: true,
  });
  await standBehindFirewall(root, firewall);
  await mkdir(path.join(root, 'wp-content/plugins/acme-tool'), { recursive: true });
  await mkdir(path.join(root, 'wp-content/plugins/acme-old/deep'), { recursive: true });
  await mkdir(path.join(root, 'wp-content/uploads'), { recursive: true });
  await writeFile(path.join(root, PLUGIN), plugin(1), { mode: 0o664 });
  await chmod(path.join(root, PLUGIN), 0o664);
  await writeFile(path.join(root, 'wp-content/plugins/acme-old/deep/old.php'), '<?php // goes away\n');
  await writeFile(path.join(root, 'wp-content/uploads/photo.txt'), 'a photo');
  await database.query(
    `UPDATE wp_options SET option_value = 'a:1:{i:0;s:23:"acme-tool/acme-tool.php";}' WHERE option_name = 'active_plugins';
     INSERT INTO wp_options (option_name, option_value) VALUES ('acme_tool_db', '1');`,
    'acme_production',
  );
}

/** Stands for a firewall in front of the site: it decides before any code of the site runs. */
async function standBehindFirewall(root: string, firewall: string): Promise<void> {
  const file = path.join(root, 'wp-config.php');
  const text = await readFile(file, 'utf8');
  const variable = `HTTP_${HEADER.name.toUpperCase().replaceAll('-', '_')}`;
  const gate = `if (PHP_SAPI !== 'cli' && is_file('${firewall}') && ($_SERVER['${variable}'] ?? '') !== '${HEADER.value}') { http_response_code(403); exit('Request blocked'); }`;
  await writeFile(file, text.replace('<?php', `<?php\n${gate}`));
}

/** The same site in another layout: only its document root's index.php and wp-config.php stay where they were. */
async function intoFolders(root: string): Promise<void> {
  const script = `cd "$1" && mkdir wp.new && for name in *; do
  case $name in wp.new|wp-content|wp-config.php) ;; *) mv "$name" wp.new/ ;; esac
done && mv wp.new wp && mv wp-content app`;
  await run('sh', ['-c', script, 'sh', root]);
  await writeFile(
    path.join(root, 'index.php'),
    "<?php define('WP_USE_THEMES', true); require __DIR__ . '/wp/wp-blog-header.php';\n",
  );
  const file = path.join(root, 'wp-config.php');
  const defines = [
    "define('WP_CONTENT_DIR', __DIR__ . '/app');",
    "define('WP_CONTENT_URL', 'http://www.acme.test/app');",
    "define('WP_HOME', 'http://www.acme.test');",
    "define('WP_SITEURL', 'http://www.acme.test/wp');",
  ];
  await writeFile(file, (await readFile(file, 'utf8')).replace('<?php', `<?php\n${defines.join('\n')}`));
}

async function becomeStaging(database: MariaDbServer, root: string, content: string): Promise<void> {
  const file = path.join(root, 'wp-config.php');
  const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
  let text = await readFile(file, 'utf8');
  for (const [name, value] of [
    ['DB_NAME', 'acme_staging'],
    ['DB_USER', accounts.staging.user],
    ['DB_PASSWORD', accounts.staging.password],
  ] as const)
    text = text
      .split('\n')
      .map((line) => (line.startsWith(`define('${name}'`) ? `define('${name}', ${quote(value)});` : line))
      .join('\n');
  await writeFile(file, text);
  await writeFile(
    path.join(root, content, 'mu-plugins/staging-banner.php'),
    '<?php // only staging has this\n',
  );
  await database.query('CREATE TABLE wp_options (option_id int PRIMARY KEY)', 'acme_staging');
}

/** A disk of its own: what fills it fills no other. */
async function mountDisk(folder: string, megabytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m,mode=755`, 'understudy-test', folder]);
}

type Shared = Pick<InstanceOptions, 'seen' | 'sshPort' | 'webPort' | 'authorizedKey'>;

/**
 * Each command goes through the gate: the first that holds the text of `fault.pattern` meets `fault.action` first. The
 * command of a shell that was started before there was one is the first line that comes. `go` runs the command.
 */
const GATE = (own: string): string => `#!/bin/sh
line= waits=
case $SSH_ORIGINAL_COMMAND in *'IFS= read -r line'*) waits=yes; IFS= read -r line || exit 97 ;; esac
go() {
  if [ -n "$waits" ]; then { printf '%s\\n' "$line"; cat; } | /bin/sh -c "$SSH_ORIGINAL_COMMAND"
  else /bin/sh -c "$SSH_ORIGINAL_COMMAND"
  fi
}
if [ -e ${own}/fault.pattern ]; then
  pattern=$(cat ${own}/fault.pattern)
  case $SSH_ORIGINAL_COMMAND$line in *"$pattern"*) rm -f ${own}/fault.pattern; . ${own}/fault.action ;; esac
fi
go
`;

const sshOptions = (
  own: string,
  folder: string,
  index: number,
  shared: Shared,
  { faults }: PromoteWorldOptions,
): SshServerOptions => {
  const { seen } = shared;
  return {
    folder: path.join(folder, `sshd-${String(index)}`),
    authorizedKeys: [shared.authorizedKey],
    address: addressOf(index),
    port: shared.sshPort,
    home: path.join(seen, 'home'),
    machineId: String(index).repeat(32),
    show: { [seen]: own },
    config: [
      `SetEnv PATH="${seen}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"`,
      ...(faults !== undefined ? [`ForceCommand /bin/sh ${path.join(folder, `gate-${String(index)}`)}`] : []),
    ],
  };
};

/** The second instance has an rsync that damages what it fetched while `corrupt` lies in its folder. */
async function instance(
  own: string,
  folder: string,
  index: number,
  shared: Shared,
  options: PromoteWorldOptions,
): Promise<Instance> {
  const { seen } = shared;
  const programs = path.join(own, 'bin');
  await mkdir(programs, { recursive: true });
  await writeFile(
    path.join(programs, 'rsync'),
    `#!/bin/sh
/usr/bin/rsync "$@"; code=$?
for last do :; done
[ -e ${seen}/corrupt ] && [ -f "$last/${PLUGIN}" ] && echo '// damaged' >> "$last/${PLUGIN}"
exit $code\n`,
  );
  await chmod(path.join(programs, 'rsync'), 0o755);
  await writeFile(path.join(folder, `gate-${String(index)}`), GATE(own));
  const { config = [], machineId = '' } = sshOptions(own, folder, index, shared, options);
  return startInstance({
    ...shared,
    own,
    sshdFolder: path.join(folder, `sshd-${String(index)}`),
    address: addressOf(index),
    machineId,
    config,
  });
}

async function writeSite(
  world: PromoteWorld,
  hosts: readonly SshServer[],
  facts: { key: string; discover: string; webPort: number; seen: string; stagingRoot: string },
  options: PromoteWorldOptions,
): Promise<void> {
  const [first] = hosts;
  const staging = hosts.at(-1);
  if (first === undefined || staging === undefined) throw new Error('no hosts');
  const ssh = (server: SshServer) => ({
    host: server.address,
    port: server.port,
    user: server.user,
    key: { file: facts.key },
    hostKey: server.hostKey,
  });
  const { host: _, ...anywhere } = ssh(first);
  await mkdir(world.sites, { recursive: true });
  const secret = path.join(world.folder, 'keys/header');
  await writeFile(secret, HEADER.value, { mode: 0o600 });
  await writeFile(
    path.join(world.sites, 'acme.yaml'),
    stringify({
      type: 'wordpress',
      production: {
        url: 'http://www.acme.test',
        ssh: {
          ...anywhere,
          hostKey: hosts.slice(0, -1).map(({ hostKey }) => hostKey),
          discover: options.discover ?? { command: [facts.discover] },
        },
        path: `${facts.seen}/www/acme`,
        database: { ssh: ssh(first) },
        http: { resolve: `${first.address}:${String(facts.webPort)}` },
      },
      staging: {
        url: 'http://staging.acme.test',
        ssh: ssh(staging),
        path: facts.stagingRoot,
        sharesServer: true,
      },
      maintenance: {
        approve: { policy: 'when-green' },
        header: { name: HEADER.name, value: { file: secret } },
        checks: { discover: false },
        ...options.maintenance,
      },
    }),
  );
}

/** What the update leaves: production's tree of the sync, changes on staging, the tested tree, green checks. */
export async function testedRun(
  world: PromoteWorld,
  change: () => Promise<void>,
): Promise<MaintenanceHandle> {
  const session = await world.session();
  try {
    const handle = await createRun(session.store, createRunId(), { parameters: {} });
    await handle.update((record) => ({ ...record, state: 'complete' }));
    const maintenance = await startMaintenance(session, handle.id);
    const productionTree = await recordProductionTree(session, handle);
    if (productionTree === undefined)
      throw new Error(`staging is not as production: ${session.said.join('')}`);
    await change();
    const testedTree = await recordTested(session, handle);
    await maintenance.update((record) => ({
      ...record,
      productionTree,
      testedTree,
      checks: {
        passed: 3,
        failed: 0,
        skipped: 0,
        failures: [],
        folder: '',
        finishedAt: new Date().toISOString(),
      },
    }));
    return maintenance;
  } finally {
    await session.close();
  }
}

export const has = (file: string): boolean => existsSync(file);

const ownProcess = (world: PromoteWorld, name: string): RunnerCall => ({
  sites: world.sites,
  workspace: path.join(world.folder, name),
  environment: { UNDERSTUDY_CHROMIUM: 'none' },
});
const promoteWords = (id: string): string[] => ['promote', 'acme', '--run', id, '--approved-by', 'ada'];

/** Runs `promote` in a process of its own and kills it with SIGKILL when it says something. */
export async function promotionKilledAt(world: PromoteWorld, id: string, said: RegExp): Promise<void> {
  await ensureBundle();
  const call = ownProcess(world, 'killed');
  const { code, stdout, stderr } = await runAndKillWhen(call, (text) => said.test(text), ...promoteWords(id));
  if (code !== 137) throw new Error(`it ended by itself:\n${stdout}${stderr}`);
}

/** The same with SIGTERM, which comes again and again until the process ends. */
export async function promotionStoppedAt(
  world: PromoteWorld,
  id: string,
  said: string,
): Promise<RunnerResult> {
  await ensureBundle();
  const wanted = (event: Readonly<Record<string, unknown>>): boolean =>
    event['type'] === 'step' && String(event['text']).startsWith(said);
  const call = { ...ownProcess(world, 'stopped'), again: true };
  return runAndSignal('SIGTERM', call, wanted, ...promoteWords(id));
}
