import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { openGitRemote } from '../../../src/maintenance/publish/git-remote.js';
import { GitRepository } from '../../../src/maintenance/publish/git-repository.js';
import { parseRepository } from '../../../src/maintenance/publish/repository-address.js';

const TOKEN = 'ghp_token-of-a-test-0123456789';
const author = { name: 'Acme', email: 'web@acme.test' };
let folder: string;
let server: Server;
/** Command lines and environments of every process of Understudy while the server was asked. */
let seen = '';

/** `git http-backend` behind basic authentication, as GitHub takes tokens. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const expected = `Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`;
  if (request.headers.authorization !== expected) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    return;
  }
  seen += processes();
  const url = new URL(request.url ?? '/', 'http://localhost');
  const cgi = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'token',
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    },
  });
  request.pipe(cgi.stdin);
  const parts: Buffer[] = [];
  cgi.stdout.on('data', (part: Buffer) => parts.push(part));
  cgi.on('close', () => {
    const output = Buffer.concat(parts);
    const end = output.indexOf('\r\n\r\n');
    const headers = output.subarray(0, end).toString().split('\r\n');
    response.statusCode = Number(/^Status: (\d+)/m.exec(headers.join('\n'))?.[1] ?? 200);
    for (const header of headers) {
      const [name = '', value = ''] = header.split(/: (.*)/s);
      if (name !== 'Status') response.setHeader(name, value);
    }
    response.end(output.subarray(end + 4));
  });
}

function processes(): string {
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'latin1');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc')
    .filter(
      (name) =>
        /^\d+$/.test(name) &&
        [folder, 'remote-http'].some((word) => read(`/proc/${name}/cmdline`).includes(word)),
    )
    .map((pid) => `${read(`/proc/${pid}/cmdline`)}\0${read(`/proc/${pid}/environ`)}\n`)
    .join('');
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'understudy-token-'));
  execFileSync('git', ['init', '-q', '--bare', '--initial-branch=main', path.join(folder, 'website.git')]);
  execFileSync('git', ['-C', path.join(folder, 'website.git'), 'config', 'http.receivepack', 'true']);
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function pushWith(token: string): Promise<string> {
  const tokenFile = path.join(folder, 'token');
  writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
  const workTree = path.join(folder, 'tree');
  mkdirSync(workTree, { recursive: true });
  writeFileSync(path.join(workTree, 'index.php'), '<?php\n');
  const host = createLocalHost('archive', 'archive');
  const signal = new AbortController().signal;
  const remote = await openGitRemote({
    address: parseRepository(
      `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/website.git`,
    ),
    settings: { hostKeys: [], token: { source: 'file', path: tokenFile } },
    host,
    hostAddress: { kind: 'local' },
    workDir: folder,
    route: 'direct',
    signal,
  });
  const place = { gitDir: path.join(folder, 'publish.git'), workTree };
  const repository = new GitRepository(host, place, folder, remote, signal);
  await repository.prepare();
  const tree = await repository.makeTree(await repository.indexFiles(['index.php']));
  const commit = await repository.commit(tree, undefined, 'First\n', author);
  await repository.listRemote('refs/heads/main');
  await repository.push([{ object: commit, name: 'refs/heads/main' }]);
  return commit;
}

test('a wrong token is refused without a question on the terminal', async () => {
  await expect(pushWith('ghp_another-token-0123456789')).rejects.toMatchObject({
    code: 'PUBLISH_FAILED',
    next: 'Check that the deploy key (with write access) or the token may write to the repository.',
  });
});

test('the token reaches the server, and no command line, environment or file of git', async () => {
  const commit = await pushWith(TOKEN);
  const head = execFileSync('git', ['-C', path.join(folder, 'website.git'), 'rev-parse', 'main'], {
    encoding: 'utf8',
  });
  expect(head.trim()).toBe(commit);
  // As answers, because a whole environment is no message.
  expect([seen.includes('remote-http'), seen.includes(TOKEN)]).toEqual([true, false]);
  expect(() => execFileSync('grep', ['-r', TOKEN, path.join(folder, 'publish.git')])).toThrow();
});
