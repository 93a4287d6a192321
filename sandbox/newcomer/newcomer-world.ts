import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import { promisify } from 'node:util';
import { makeCertificates } from '../servers/certificates.js';
import { ACCOUNT_NUMBER } from '../servers/host-view.js';
import { generateKey } from '../servers/keys.js';
import { type MariaDbServer, startMariaDb } from '../servers/mariadb.js';
import { type PhpServer, startPhp } from '../servers/php.js';
import {
  accepts,
  freePort,
  startServer,
  temporaryFolder,
  waitUntilReady,
} from '../servers/server-process.js';
import { type SshServer, startSshd } from '../servers/sshd.js';
import { createSchema } from '../world/accounts.js';
import { installWordPress } from '../world/wordpress-site.js';

const run = promisify(execFile);

export const LOGIN = 'guest:let-me-see-staging';
export const ADMINISTRATOR = {
  user: 'director',
  password: 'production-director',
  email: 'director@acme.test',
} as const;

/** One of the two servers: an account `deploy`, its own /etc and /run/mysqld. */
interface NewcomerHost {
  readonly ssh: SshServer;
  /** Document root: production's in the home of `deploy`, as on shared hosting; staging's in a folder of root, not made yet. */
  readonly root: string;
  readonly home: string;
  /** What this host has as /etc/nginx/sites-enabled/<name>. */
  readonly nginx: string;
  readonly server: MariaDbServer;
  /** Address and port of its pages. */
  readonly pages: string;
}

export interface NewcomerWorld {
  readonly folder: string;
  readonly key: string;
  /** PEM file of the authority that signed both certificates. */
  readonly ca: string;
  readonly production: NewcomerHost;
  readonly staging: NewcomerHost;
  /** As root on a host, by ssh: what an administrator pastes. */
  asRoot(host: NewcomerHost, command: string): Promise<string>;
  /** PHP for staging: its folder must be there. */
  startStaging(): Promise<void>;
  /** nginx reads the configuration of staging again. */
  reloadNginx(): Promise<void>;
  /** A page as a browser gets it, no redirect followed. */
  get(url: string, request?: PageRequest): Promise<NewcomerPage>;
  stop(): Promise<void>;
}

interface PageRequest {
  readonly login?: string;
  readonly form?: string;
  readonly cookie?: string;
}

export interface NewcomerPage {
  readonly status: number;
  readonly body: Buffer;
  readonly location: string;
  readonly cookies: readonly string[];
}

const SIDES = {
  production: { address: '127.0.0.21', host: 'www.acme.test', machineId: '5'.repeat(32) },
  staging: { address: '127.0.0.23', host: 'staging.acme.test', machineId: '6'.repeat(32) },
} as const;
type Side = keyof typeof SIDES;

interface Pages {
  startStaging(): Promise<void>;
  stop(): Promise<void>;
}

/** Two servers as somebody makes them by hand: a WordPress behind nginx and TLS, and an empty machine with a password. */
export async function createNewcomerWorld(): Promise<NewcomerWorld> {
  const folder = await temporaryFolder('newcomer');
  await chmod(folder, 0o711);
  const janitor = startServer({ argv: ['sleep', 'infinity'], logFile: '/dev/null', remove: folder });
  const key = await generateKey(path.join(folder, 'keys'), 'runner');
  await makeCertificates(folder, ['www.acme.test', 'staging.acme.test']);
  await writePasswords(folder);
  const [production, staging] = await Promise.all([
    startHost(folder, 'production', key.publicKey),
    startHost(folder, 'staging', key.publicKey),
  ]);
  await installSite(production);
  const pages = await startPages(folder, { production, staging });
  return {
    folder,
    key: key.privateKeyFile,
    ca: path.join(folder, 'ca.pem'),
    production,
    staging,
    asRoot: async ({ ssh }, command) => {
      const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'].flatMap(
        (option) => ['-o', option],
      );
      const words = [...options, '-i', key.privateKeyFile, '-p', String(ssh.port), `root@${ssh.address}`];
      return (await run('ssh', [...words, command])).stdout;
    },
    startStaging: pages.startStaging,
    reloadNginx: async () => {
      await run('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log', '-s', 'reload']);
    },
    get: (url, request) => fetchPage({ production, staging }, url, request ?? {}),
    stop: async () => {
      await pages.stop();
      for (const host of [production, staging]) await Promise.all([host.ssh.stop(), host.server.stop()]);
      await janitor.stop();
    },
  };
}

async function startHost(folder: string, side: Side, publicKey: string): Promise<NewcomerHost> {
  const { address, machineId } = SIDES[side];
  const own = path.join(folder, side);
  const [www, home, database] = ['www', 'home', 'database'].map((name) => path.join(own, name)) as [
    string,
    string,
    string,
  ];
  for (const made of [www, home, database]) await mkdir(made, { recursive: true, mode: 0o755 });
  await mkdir('/run/mysqld', { recursive: true });
  await chown(home, ACCOUNT_NUMBER, ACCOUNT_NUMBER);
  const server = await startMariaDb({ folder: database });
  await symlink('mariadb.sock', path.join(database, 'mysqld.sock'));
  const others = ['production', 'staging', 'keys'].filter((name) => name !== side);
  const ssh = await startSshd({
    folder: path.join(own, 'sshd'),
    authorizedKeys: [publicKey],
    address,
    account: 'deploy',
    home,
    machineId,
    show: { '/run/mysqld': database },
    hide: others.map((name) => path.join(folder, name)),
  });
  const nginx = path.join(own, 'sshd/etc/nginx/sites-enabled', side);
  await mkdir(path.dirname(nginx), { recursive: true });
  const root = side === 'production' ? path.join(home, 'acme') : path.join(www, 'staging');
  return { ssh, root, home, nginx, server, pages: `${address}:${String(await freePort(address))}` };
}

async function installSite({ root, server }: NewcomerHost): Promise<void> {
  const account = { user: 'acme', password: 'pr0duction-of-acme' };
  await createSchema(server, 'acme', account);
  await installWordPress({
    root,
    url: `https://${SIDES.production.host}`,
    title: 'Acme Theatre',
    tagline: 'On stage since 1901',
    administrator: ADMINISTRATOR,
    server,
    database: 'acme',
    account,
    environment: 'production',
    multisite: false,
    lean: true,
  });
  const pictures = path.join(root, 'wp-content/uploads/2026/11');
  await mkdir(pictures, { recursive: true });
  await writeFile(path.join(pictures, 'stage.png'), Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'));
  await server.query(
    `INSERT INTO wp_posts (post_author, post_date, post_date_gmt, post_content, post_title, post_excerpt, post_name, post_status, post_type, to_ping, pinged, post_modified, post_modified_gmt, post_content_filtered)
     VALUES (1, NOW(), UTC_TIMESTAMP(), '<img src="https://www.acme.test/wp-content/uploads/2026/11/stage.png">', 'The first hour', '', 'the-first-hour', 'publish', 'page', '', '', NOW(), UTC_TIMESTAMP(), '')`,
    'acme',
  );
  await run('chown', ['-R', `${String(ACCOUNT_NUMBER)}:${String(ACCOUNT_NUMBER)}`, root]);
}

async function writePasswords(folder: string): Promise<void> {
  const { stdout } = await run('openssl', ['passwd', '-apr1', LOGIN.split(':')[1] ?? '']);
  await writeFile(path.join(folder, 'htpasswd'), `guest:${stdout.trim()}\n`);
}

/** One nginx that serves both, each by the file that its host has in /etc/nginx, with PHP behind it. */
async function startPages(folder: string, hosts: Readonly<Record<Side, NewcomerHost>>): Promise<Pages> {
  const ports = { production: await freePort(), staging: await freePort() };
  const startSide = (side: Side): Promise<PhpServer> =>
    startPhp({
      root: hosts[side].root,
      port: ports[side],
      settings: [`mysqli.default_socket=${hosts[side].server.socket}`],
    });
  for (const side of ['production', 'staging'] as const)
    await writeFile(
      hosts[side].nginx,
      serverBlock(folder, { side, pages: hosts[side].pages, root: hosts[side].root, port: ports[side] }),
    );
  const behind = [await startSide('production')];
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  await writeFile(
    path.join(folder, 'nginx.conf'),
    `user root;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 64; }
http {
  types { text/html html; image/png png; text/css css; }
  access_log off;
${temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  include ${hosts.production.nginx};
  include ${hosts.staging.nginx};
}
`,
  );
  const logFile = path.join(folder, 'nginx-start.log');
  const nginx = startServer({
    argv: ['nginx', '-p', folder, '-c', 'nginx.conf', '-e', 'error.log', '-g', 'daemon off;'],
    logFile,
  });
  const [address = '', port = ''] = hosts.production.pages.split(':');
  await waitUntilReady(nginx, 'nginx', logFile, () => accepts(address, Number(port)));
  return {
    startStaging: async () => {
      behind.push(await startSide('staging'));
    },
    stop: async () => {
      await Promise.all([nginx.stop(), ...behind.map((php) => php.stop())]);
    },
  };
}

/** Production hands unknown paths to WordPress; staging's administrator has forgotten to. */
function serverBlock(
  folder: string,
  { side, pages, root, port }: { side: Side; pages: string; root: string; port: number },
): string {
  return `server {
  listen ${pages} ssl;
  server_name ${SIDES[side].host};
  root ${root};
  index index.php;
  ssl_certificate ${folder}/site.pem;
  ssl_certificate_key ${folder}/site.key;
  ${side === 'production' ? 'location / { try_files $uri $uri/ /index.php?$args; }' : `auth_basic "staging"; auth_basic_user_file ${folder}/htpasswd;`}
  location ~ \\.php$ {
    proxy_pass http://127.0.0.1:${String(port)}$request_uri;
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-Proto https;
    proxy_set_header Authorization "";
  }
}
`;
}

function fetchPage(
  hosts: Readonly<Record<Side, NewcomerHost>>,
  url: string,
  { login, form, cookie }: PageRequest,
): Promise<NewcomerPage> {
  const { hostname, pathname, search } = new URL(url);
  const side = hostname === SIDES.production.host ? 'production' : 'staging';
  const [address = '', port = ''] = hosts[side].pages.split(':');
  return new Promise((resolve, reject) => {
    const call = https.request(
      {
        host: address,
        port,
        servername: hostname,
        rejectUnauthorized: false,
        method: form === undefined ? 'GET' : 'POST',
        path: `${pathname}${search}`,
        headers: {
          host: hostname,
          ...(cookie === undefined ? {} : { cookie }),
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(login === undefined ? {} : { auth: login }),
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => parts.push(chunk));
        answer.once('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            body: Buffer.concat(parts),
            location: answer.headers.location ?? '',
            cookies: answer.headers['set-cookie'] ?? [],
          }),
        );
      },
    );
    call.once('error', reject);
    call.end(form);
  });
}
