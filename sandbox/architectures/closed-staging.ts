import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import { promisify } from 'node:util';
import { makeCertificates } from '../servers/certificates.js';
import { accepts, freePort, startServer, waitUntilReady } from '../servers/server-process.js';
import { type World } from '../world.js';

const run = promisify(execFile);

export const LOGIN = { user: 'guest', password: 'g:uest "päss"' } as const;

export interface ClosedStaging {
  readonly url: string;
  readonly address: string;
  readonly port: number;
  /** PEM file of the private certificate authority. */
  readonly ca: string;
  /** nginx' access log: user, status, path and user agent of each request. */
  requests(): Promise<readonly string[]>;
  get(
    pathAndQuery: string,
    login?: typeof LOGIN,
  ): Promise<{ readonly status: number; readonly body: string }>;
  stop(): Promise<void>;
}

/** Puts nginx in front of staging: TLS with a certificate of a private authority, and a password. */
export async function closeStaging(world: World): Promise<ClosedStaging> {
  const folder = path.join(world.folder, 'nginx');
  await mkdir(folder, { recursive: true });
  const { address } = world.staging.web;
  const port = await freePort(address);
  const host = new URL(world.staging.url).host;
  await makeCertificates(folder, [host]);
  const { stdout: digest } = await run('openssl', ['passwd', '-apr1', LOGIN.password]);
  await writeFile(path.join(folder, 'htpasswd'), `${LOGIN.user}:${digest.trim()}\n`);
  await writeFile(path.join(folder, 'nginx.conf'), configuration(world, folder, port));
  await trustProxy(world);
  const logFile = path.join(folder, 'start.log');
  const argv = ['nginx', '-p', folder, '-c', 'nginx.conf', '-e', 'error.log', '-g', 'daemon off;'] as const;
  const server = startServer({ argv, logFile });
  await waitUntilReady(server, 'nginx', logFile, () => accepts(address, port));
  const ca = path.join(folder, 'ca.pem');
  const authority = await readFile(ca);
  return {
    url: `https://${host}`,
    address,
    port,
    ca,
    requests: async () =>
      (await readFile(path.join(folder, 'access.log'), 'utf8')).split('\n').filter(Boolean),
    get: (pathAndQuery, login) => fetchPage({ address, port, host, ca: authority }, pathAndQuery, login),
    stop: () => server.stop(),
  };
}

function configuration(world: World, folder: string, port: number): string {
  const { address, port: behind } = world.staging.web;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `user root;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 64; }
http {
  log_format told '$remote_user $status $request_uri $http_user_agent';
  access_log ${folder}/access.log told;
${temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  server {
    listen ${address}:${String(port)} ssl;
    ssl_certificate ${folder}/site.pem;
    ssl_certificate_key ${folder}/site.key;
    auth_basic "staging";
    auth_basic_user_file ${folder}/htpasswd;
    location / {
      proxy_pass http://${address}:${String(behind)};
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-Proto https;
      proxy_set_header Authorization "";
    }
  }
}
`;
}

/** The lines that every WordPress behind a TLS proxy has. */
async function trustProxy(world: World): Promise<void> {
  const file = path.join(world.staging.root, 'wp-config.php');
  const text = await readFile(file, 'utf8');
  const line = "if (($_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '') === 'https') { $_SERVER['HTTPS'] = 'on'; }\n";
  await writeFile(file, text.replace('<?php\n', `<?php\n${line}`));
}

interface Place {
  readonly address: string;
  readonly port: number;
  readonly host: string;
  readonly ca: Buffer;
}

function fetchPage(
  place: Place,
  pathAndQuery: string,
  login: typeof LOGIN | undefined,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = https.request(
      {
        host: place.address,
        port: place.port,
        servername: place.host,
        ca: place.ca,
        path: pathAndQuery,
        headers: { host: place.host },
        ...(login === undefined ? {} : { auth: `${login.user}:${login.password}` }),
      },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => (body += chunk));
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      },
    );
    call.once('error', reject);
    call.end();
  });
}
