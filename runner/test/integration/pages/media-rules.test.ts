import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import {
  accepts,
  freePort,
  startServer,
  temporaryFolder,
  waitUntilReady,
  type ServerProcess,
} from '../../../../sandbox/servers/server-process.js';

/** The rules of docs/media.md, as they stand there, in the servers that they are for. */
const page = readFileSync('docs/media.md', 'utf8');
const rule = (language: string): string => {
  const found = page.match(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's'))?.[1];
  if (found === undefined) throw new Error(`docs/media.md has no rule for ${language}`);
  return found;
};

let folder: string;
let root: string;
beforeAll(async () => {
  folder = await temporaryFolder('media');
  root = path.join(folder, 'html');
  mkdirSync(path.join(root, 'wp-content/uploads/2026'), { recursive: true });
  writeFileSync(path.join(root, 'wp-content/uploads/2026/own.png'), 'of staging');
  writeFileSync(path.join(root, 'wp-content/uploads/2026/shell.php'), '<?php secret source');
  writeFileSync(path.join(root, 'index.php'), 'front controller');
});

/** With the lines that servers of WordPress have as a rule. */
const nginx = (port: number): string => `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
events {}
http {
  access_log off; client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c;
  uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
  server {
    listen 127.0.0.1:${port}; root ${root}; index index.php;
    location / { try_files $uri $uri/ /index.php?$args; }
    location ~* \\.(png|jpe?g|gif|webp)$ { expires max; }
    location ~ \\.php$ { return 200 "php"; }
    ${rule('nginx')}
  }
}
`;
const apache = (port: number): string => `ServerRoot ${folder}
ServerName 127.0.0.1
PidFile ${folder}/apache.pid
ErrorLog ${folder}/apache.log
Listen 127.0.0.1:${port}
${['mpm_event', 'authz_core', 'dir', 'mime', 'rewrite'].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
TypesConfig /dev/null
DocumentRoot ${root}
DirectoryIndex index.php
<Directory ${root}>
  AllowOverride All
  Require all granted
</Directory>
`;
const WORDPRESS = `# BEGIN WordPress
RewriteEngine On
RewriteBase /
RewriteRule ^index\\.php$ - [L]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule . /index.php [L]
# END WordPress
`;

const servers = {
  nginx: { argv: (file: string) => ['nginx', '-c', file, '-e', 'stderr'] as const, text: nginx },
  apache: { argv: (file: string) => ['apache2', '-X', '-f', file] as const, text: apache },
};

describe.each(['nginx', 'apache'] as const)('read-through by %s', (name) => {
  let server: ServerProcess;
  let port: number;
  beforeAll(async () => {
    port = await freePort('127.0.0.1');
    const file = path.join(folder, `${name}.conf`);
    writeFileSync(file, servers[name].text(port));
    if (name === 'apache') writeFileSync(path.join(root, '.htaccess'), rule('apache') + WORDPRESS);
    // nginx answers as a user of its own.
    execFileSync('chmod', ['-R', 'a+rX', folder]);
    const logFile = path.join(folder, `${name}.start`);
    server = startServer({ argv: servers[name].argv(file), logFile });
    await waitUntilReady(server, name, logFile, () => accepts('127.0.0.1', port));
  });
  afterAll(async () => server?.stop());

  const get = (target: string): Promise<{ status: number; location: string; body: string }> =>
    new Promise((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port, path: target }, (answer) => {
        let body = '';
        answer.on('data', (chunk: Buffer) => (body += chunk.toString()));
        answer.once('end', () =>
          resolve({ status: answer.statusCode ?? 0, location: answer.headers.location ?? '', body }),
        );
      });
      call.once('error', reject);
      call.end();
    });

  test('serves what staging has itself', async () => {
    expect(await get('/wp-content/uploads/2026/own.png')).toMatchObject({ status: 200, body: 'of staging' });
  });

  test.each([
    '/wp-content/uploads/2026/none.png',
    '/wp-content/uploads/2026/none.jpg?ver=2&x=%20',
    '/wp-content/uploads/2026/gr%C3%B6%C3%9Fe%20und%20%2B.jpg',
    '/wp-content/uploads/2026/what%3F%23.pdf',
    '/wp-content/uploads/no-such-folder/film.mp4',
  ])('sends anyone who asks for %s to production', async (target) => {
    const { status, location } = await get(target);
    expect(status).toBe(302);
    expect(location.replace(/%[0-9A-F]{2}/gi, (hex) => hex.toUpperCase())).toBe(
      `https://www.acme.com${target}`,
    );
  });

  // Where Apache runs PHP, it runs it here too.
  const php = name === 'nginx' ? ['/wp-content/uploads/2026/shell.php'] : [];
  test.each(['/wp-content/uploads/2026/none.php', '/no-such-page/', '/', ...php])(
    'sends nobody there for %s, and shows no source',
    async (target) => {
      const { location, body } = await get(target);
      expect(location).toBe('');
      expect(body).not.toContain('secret source');
    },
  );
});
