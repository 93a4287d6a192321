import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { namespacesWork } from '../../../../sandbox/servers/host-view.js';
import { generateKey, type GeneratedKey } from '../../../../sandbox/servers/keys.js';
import { sshAddressOf } from '../../../../sandbox/servers/ssh-address.js';
import { startSshd, type SshServer } from '../../../../sandbox/servers/sshd.js';
import { shellScript } from '../../../src/commands/command.js';
import { connectHost } from '../../../src/hosts/connect-host.js';
import { type WritingHost } from '../../../src/hosts/host.js';
import { transportOf } from '../../../src/hosts/process/transport.js';

/** Start file → text that prints, and sets what would change what programs do. */
const POSIX = 'echo "Welcome to $0!"; echo careful >&2; export POSIXLY_CORRECT=1 MYSQL_HOST=elsewhere RSYNC_ICONV=x GREP_OPTIONS=-v LC_ALL=tr_TR.UTF-8\n'; // prettier-ignore
const CSH = 'echo "Welcome"; setenv POSIXLY_CORRECT 1; setenv MYSQL_HOST elsewhere; setenv RSYNC_ICONV x\n';
const FISH = 'echo Welcome; echo careful >&2; set -gx POSIXLY_CORRECT 1; set -gx MYSQL_HOST elsewhere\n';
const startFiles: Readonly<Record<string, readonly [string, string]>> = {
  '/bin/bash': ['.bashrc', POSIX],
  '/bin/zsh': ['.zshenv', POSIX],
  '/bin/tcsh': ['.tcshrc', CSH],
  '/usr/bin/fish': ['.config/fish/config.fish', FISH],
};
const shells = ['/bin/bash', '/bin/dash', '/bin/zsh', '/bin/tcsh', '/usr/bin/fish', '/usr/sbin/nologin'];

let folder: string;
let key: GeneratedKey;
const started: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-shells-'));
  key = await generateKey(folder, 'key');
});
afterAll(async () => {
  await Promise.all(started.map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

async function hostWith(
  shell: string,
  config: readonly string[] = [],
  startFile?: readonly [string, string],
) {
  const own = await mkdtemp(path.join(folder, `${path.basename(shell)}-`));
  const home = path.join(own, 'home');
  const [name, text] = startFile ?? startFiles[shell] ?? ['.nothing', ''];
  await mkdir(path.dirname(path.join(home, name)), { recursive: true });
  await writeFile(path.join(home, name), text);
  const server: SshServer = await startSshd({ folder: path.join(own, 'sshd'), home, shell, authorizedKeys: [key.publicKey], config }); // prettier-ignore
  started.push(server);
  const host = await connectHost(sshAddressOf(server, key), { side: 'staging', name: 'staging' });
  started.push({ stop: () => host.close() });
  return { host, home };
}

const odd = [
  '',
  "it's",
  'two\\\\bs',
  "\\'",
  'a!b',
  '$HOME `id`',
  'line\nbreak\n',
  '*?[a]{b,c}',
  '~',
  'é',
  '"',
  '-n',
];
const echo = (host: WritingHost) =>
  host.run(shellScript('read', 'for word; do printf "[%s]" "$word"; done\nprintf %s "$MYSQL_HOST$POSIXLY_CORRECT$RSYNC_ICONV$GREP_OPTIONS$LC_ALL" >&2', odd)); // prettier-ignore

(namespacesWork() ? describe : describe.skip)('login shells', () => {
  test.each(shells.slice(0, -1))('%s: words arrive, its noise and its settings do not', async (shell) => {
    const { host, home } = await hostWith(shell);
    expect((await host.identity()).home).toBe(home);
    const { stdout, stderr } = await echo(host);
    expect(stdout.toString()).toBe(odd.map((word) => `[${word}]`).join(''));
    expect(stderr).toBe('');
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 256));
    const copied = await host.run(shellScript('read', 'cat'), { stdin: bytes });
    expect(copied.stdout.equals(bytes)).toBe(true);
    await expect(host.run(shellScript('read', 'echo oops >&2; exit 7'))).rejects.toMatchObject({
      stderr: 'oops',
    });
    await expect(
      host.run(shellScript('read', 'sleep 60 & wait'), { timeoutSeconds: 1 }),
    ).rejects.toMatchObject({ code: 'COMMAND_TIMED_OUT' });
  });

  test('nologin is named', async () => {
    const { host } = await hostWith('/usr/sbin/nologin');
    await expect(host.identity()).rejects.toMatchObject({
      code: 'LOGIN_SHELL_REFUSED',
      message: expect.stringMatching(/^The account of staging .* has no login shell; it says: “This account is currently not available\.”\.$/), // prettier-ignore
    });
  });

  test('a start file that ends the shell is quoted', async () => {
    const { host } = await hostWith('/bin/bash', [], ['.bashrc', 'echo "maintenance until noon"; exit 3\n']);
    await expect(host.identity()).rejects.toMatchObject({
      code: 'LOGIN_SHELL_REFUSED',
      message: expect.stringMatching(/started nothing and ended with exit code 3; it printed: “maintenance until noon”\.$/), // prettier-ignore
    });
  });

  test('one session at a time is enough (MaxSessions 1), and a time limit still ends what runs', async () => {
    const { host } = await hostWith('/bin/dash', ['MaxSessions 1']);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => host.run(shellScript('read', 'echo "$1"', [String(index)]))),
    );
    expect(answers.map(({ stdout }) => Number(stdout.toString()))).toEqual(answers.map((_, index) => index));
    const abort = new AbortController();
    const running = host.run(shellScript('read', 'sleep 6437'), { signal: abort.signal });
    setTimeout(() => {
      abort.abort();
    }, 300);
    await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
    const left = await host.run(shellScript('read', 'ps -eo args | grep -c "^sleep 643[7]$" || true'));
    expect(left.stdout.toString()).toBe('0\n');
  });

  test('one session that stays open, as a database in a container needs it, keeps nobody waiting', async () => {
    const { host } = await hostWith('/bin/dash', ['MaxSessions 1']);
    const transport = transportOf(host);
    const first = await transport.start(['cat'], { longLived: true });
    const second = await transport.start(['cat'], { longLived: true });
    const answers = await Promise.all(
      [1, 2].map((word) => host.run(shellScript('read', 'echo "$1"', [String(word)]))),
    );
    expect(answers.map(({ stdout }) => stdout.toString())).toEqual(['1\n', '2\n']);
    for (const each of [first, second]) each.stdin.end();
    expect([(await first.ended).code, (await second.ended).code]).toEqual([0, 0]);
    expect((await host.run(shellScript('read', 'echo 3'))).stdout.toString()).toBe('3\n');
  });
});
