import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import path from 'node:path';
import { Secret } from '../../../src/errors/index.js';
import { put } from '../archive/archive-world.js';
import { createPublishWorld, digestOfBranch, item, type PublishWorld, RUN } from './publish-world.js';

let world: PublishWorld;
beforeAll(async () => {
  world = await createPublishWorld();
  // With what the archive's rules keep out: publishing must not take it either.
  cpSync(world.stagingRoot, world.efs, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
});
afterAll(() => world.stop());
beforeEach(() => {
  world.steps.length = 0;
  world.findings.length = 0;
});

const log = async (format: string, branch = 'main'): Promise<string> =>
  (await world.server.git('log', `--format=${format}`, branch)).trim();
const files = async (branch = 'main'): Promise<string[]> =>
  (await world.server.git('ls-tree', '-r', '-z', '--name-only', branch))
    .split('\0')
    .filter((name) => name !== '');
const change = (version: string): Promise<void> =>
  put(world.efs, 'wp-content/plugins/akismet/akismet.php', `<?php /* Version: ${version} */\n`);

/** Not UTF-8, with a line break: a name as old uploads by FTP have it. */
const odd = Buffer.from('caf\xe9\n.php', 'latin1');

describe('archive → repository', () => {
  test('the first commit of an empty repository is exactly the promoted tree', async () => {
    const options = await world.options();
    const outcome = await world.publish({}, { tag: 'maintenance-{run}' });
    expect(outcome).toMatchObject({ branch: 'main', tag: `maintenance-${RUN}` });
    expect(await digestOfBranch({ server: world.server, rules: options.rules })).toBe(options.tree.digest);
    expect(await files()).toEqual(
      expect.arrayContaining(['wp-admin/index.php', 'wp-content/plugins/akismet/vendor/ignored.php']),
    );
    expect(
      (await files()).filter((name) => /wp-config\.php|\.env|id_rsa|uploads|sql\.gz/.test(name)),
    ).toEqual([]);
    expect(await log('%an <%ae>')).toBe('Acme maintenance <web@acme.test>');
    expect(await log('%B')).toBe(
      [
        'akismet 5.3 → 5.3.1',
        '',
        `Understudy-Run: ${RUN}`,
        `Understudy-Tree: ${options.tree.digest}`,
        'Co-authored-by: Ada Lovelace <ada@acme.test>',
      ].join('\n'),
    );
    expect((await world.server.git('cat-file', '-t', `maintenance-${RUN}`)).trim()).toBe('tag');
  });

  test('no git folder lies in the tree', () => {
    expect(existsSync(path.join(world.efs, '.git'))).toBe(false);
  });

  test('nothing to commit is a success, and finds the commits of the run', async () => {
    const before = await log('%H');
    const outcome = await world.publish();
    expect(outcome).toMatchObject({ changed: 0, commits: [before] });
    expect(await log('%H')).toBe(before);
  });

  test('changes, deletions, a mode and a link; files that are no code of the site stay', async () => {
    world.developer((folder) => {
      writeFileSync(path.join(folder, 'README.md'), 'for people');
      mkdirSync(path.join(folder, '.github/workflows'), { recursive: true });
      writeFileSync(path.join(folder, '.github/workflows/lint.yml'), 'on: push');
    });
    await change('5.3.2');
    rmSync(path.join(world.efs, 'wp-content/themes/acme'), { recursive: true });
    rmSync(path.join(world.efs, 'wp-content/plugins/jetpack/bin/start'));
    chmodSync(path.join(world.efs, 'wp-content/plugins/jetpack/bin/run.sh'), 0o644);
    const options = await world.options();
    const outcome = await world.publish();
    expect(outcome.changed).toBe(4);
    expect(await digestOfBranch({ server: world.server, rules: options.rules })).toBe(options.tree.digest);
    expect(await files()).toEqual(expect.arrayContaining(['README.md', '.github/workflows/lint.yml']));
  });

  test('one commit per item, the rest last; the last tree is the promoted one', async () => {
    await change('5.4');
    await put(world.efs, 'wp-includes/version.php', "<?php $wp_version = '6.5';\n");
    await put(world.efs, 'wp-content/mu-plugins/ours.php', '<?php // deployed by hand\n');
    const options = await world.options();
    const items = [
      item('core', 'wordpress', '6.4.3', '6.5'),
      item('plugin', 'akismet', '5.3.2', '5.4'),
      item('plugin', 'jetpack', '1', '2'),
    ];
    const { commits } = await world.publish(
      { source: { ...options.source, items } },
      { commits: 'per-item' },
    );
    expect(commits).toHaveLength(3);
    expect((await log('%s')).split('\n').slice(0, 3).reverse()).toEqual([
      'WordPress 6.4.3 → 6.5',
      'akismet 5.3.2 → 5.4',
      'Other changes on production',
    ]);
    expect(await digestOfBranch({ server: world.server, rules: options.rules })).toBe(options.tree.digest);
  });

  test('a push that comes second is made again on the new head, and keeps both', async () => {
    await change('5.5');
    const { repository } = await world.options();
    const push = repository.push.bind(repository);
    let first = true;
    repository.push = (refs) => {
      if (first)
        world.developer((folder) => {
          writeFileSync(path.join(folder, 'README.md'), 'changed meanwhile');
        });
      first = false;
      return push(refs);
    };
    const outcome = await world.publish({ repository });
    expect(world.steps).toContain('The branch got other commits meanwhile; looking at them');
    expect((await log('%s')).split('\n').slice(0, 2)).toEqual(['akismet 5.3 → 5.3.1', 'Work of a developer']);
    expect(await world.server.git('show', 'main:README.md')).toBe('changed meanwhile');
    expect(outcome.commits).toEqual([(await log('%H')).split('\n')[0]]);
  });

  test('code that others changed and production does not have is not undone silently', async () => {
    world.developer((folder) => {
      writeFileSync(
        path.join(folder, 'wp-content/plugins/akismet/akismet.php'),
        '<?php // a fix that waits for its deployment\n',
      );
    });
    await put(world.efs, 'wp-includes/version.php', "<?php $wp_version = '6.5.1';\n");
    const before = await log('%H');
    await expect(world.publish()).rejects.toMatchObject({
      code: 'PUBLISH_CONFLICT',
      details: [
        '~ wp-content/plugins/akismet/akismet.php',
        expect.stringMatching(/^by [0-9a-f]+ Dev: Work of a developer$/),
      ],
    });
    expect(await log('%H')).toBe(before);
    // A new archive host remembers nothing; the branch itself says what we made of it last.
    rmSync(`${world.workDir}/publish.git`, { recursive: true });
    await expect(world.publish()).rejects.toMatchObject({
      code: 'PUBLISH_CONFLICT',
      details: expect.arrayContaining(['~ wp-content/plugins/akismet/akismet.php']),
    });
    expect(await log('%H')).toBe(before);
    await world.publish({ overwrite: true });
    expect(await log('%B')).toContain(
      'Changed back to what production has: wp-content/plugins/akismet/akismet.php',
    );
    expect((await log('%H')).endsWith(before)).toBe(true);
  });

  test('a history that was rewritten, and a repository of something else, are refused', async () => {
    const head = (await log('%H')).split('\n')[0] ?? '';
    const empty = (await world.server.git('hash-object', '-t', 'tree', '-w', '/dev/null')).trim();
    const config = ['-c', 'user.name=x', '-c', 'user.email=x@acme.test'];
    const other = (await world.server.git(...config, 'commit-tree', '-m', 'New history', empty)).trim();
    await world.server.git('update-ref', 'refs/heads/main', other);
    await change('5.6');
    await expect(world.publish()).rejects.toMatchObject({ code: 'PUBLISH_UNRELATED_HISTORY' });
    expect(await log('%H')).toBe(other);
    await world.server.git('update-ref', 'refs/heads/main', head);
    world.developer((folder, git) => {
      git('rm', '-rq', '.');
      for (let count = 0; count < 20; count += 1)
        writeFileSync(path.join(folder, `app-${String(count)}.rb`), 'x');
    });
    await expect(world.publish()).rejects.toMatchObject({ code: 'PUBLISH_UNRELATED_HISTORY' });
    await world.server.git('update-ref', 'refs/heads/main', head);
    await world.publish();
  });

  test('files that the repository wants through a filter, or with other line ends, are refused by name', async () => {
    world.developer((folder) => {
      writeFileSync(
        path.join(folder, '.gitattributes'),
        '* text=auto eol=lf\n*.big filter=lfs diff=lfs merge=lfs -text\ndos.php text\nident.php ident\n',
      );
    });
    await put(world.efs, 'wp-content/plugins/akismet/film.big', 'large');
    await put(world.efs, 'wp-content/plugins/akismet/dos.php', '<?php\r\n');
    // With text=auto git leaves it alone; what akismet's own .gitattributes say is akismet's.
    await put(world.efs, 'wp-content/plugins/mixed.php', '<?php\r\n');
    await put(
      world.efs,
      'wp-content/plugins/akismet/ident.php',
      '<?php // $Id: ident.php 7 2009-01-01 ada $',
    );
    const before = await log('%H');
    await expect(world.publish()).rejects.toMatchObject({
      code: 'PUBLISH_ATTRIBUTES',
      details: [
        'wp-content/plugins/akismet/film.big (filter=lfs)',
        'wp-content/plugins/akismet/dos.php (has CR LF, and text or eol is set)',
        'wp-content/plugins/akismet/ident.php (has $Id$, and ident is set)',
      ],
    });
    expect(await log('%H')).toBe(before);
    for (const name of ['film.big', 'dos.php', 'ident.php'])
      rmSync(path.join(world.efs, 'wp-content/plugins/akismet', name));
    await world.publish();
    world.developer((folder) => {
      expect(execFileSync('git', ['status', '--porcelain'], { cwd: folder }).toString()).toBe('');
      rmSync(path.join(folder, '.gitattributes'));
    });
  });

  test('locks and half-written indexes of a killed git do not stop the next run', async () => {
    await change('5.7');
    const gitDir = `${world.workDir}/publish.git`;
    writeFileSync(`${gitDir}/index.lock`, '');
    writeFileSync(`${gitDir}/refs/understudy/published.lock`, '');
    await world.publish();
    expect(world.steps.filter((step) => step.startsWith('Removed a lock'))).toHaveLength(2);
    expect(readdirSync(gitDir).filter((name) => /^understudy-|\.lock$/.test(name))).toEqual([]);
  });

  test('settings, hooks and filters that lie about are not obeyed', async () => {
    const marker = path.join(world.folder, 'obeyed');
    const script = `#!/bin/sh\ntouch ${marker}\ncat\n`;
    const evil = path.join(world.folder, 'evil.sh');
    writeFileSync(evil, script, { mode: 0o755 });
    const gitDir = `${world.workDir}/publish.git`;
    mkdirSync(`${gitDir}/hooks`, { recursive: true });
    for (const hook of ['pre-push', 'reference-transaction', 'post-index-change', 'pre-auto-gc'])
      writeFileSync(`${gitDir}/hooks/${hook}`, script, { mode: 0o755 });
    writeFileSync(
      path.join(world.archiveHome, '.gitconfig'),
      `[filter "evil"]\n\tclean = ${evil}\n\tsmudge = ${evil}\n[core]\n\tfsmonitor = ${evil}\n\thooksPath = ${gitDir}/hooks\n\tsshCommand = ${evil}\n`,
    );
    await change('5.8');
    await world.publish();
    expect(existsSync(marker)).toBe(false);
  });

  test('secrets, dumps and files over 100 MB are refused with a list', async () => {
    const before = await log('%H');
    const key = execFileSync('cat', [path.join(world.folder, 'keys/deploy')], { encoding: 'utf8' });
    await put(world.efs, 'wp-content/plugins/akismet/server.pem', key);
    await put(
      world.efs,
      'wp-content/plugins/akismet/setup.php',
      "<?php define('DB_PASSWORD', 'hunter2-hunter2');\n",
    );
    const refused: unknown = await world.publish().catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'PUBLISH_SECRETS',
      details: [
        'wp-content/plugins/akismet/server.pem: a private key',
        'wp-content/plugins/akismet/setup.php: a database password',
      ],
    });
    expect(JSON.stringify(refused)).not.toContain('hunter2');
    await world.publish({}, { allowSecrets: ['/wp-content/plugins/akismet/server.pem', 'setup.php'] });
    rmSync(path.join(world.efs, 'wp-content/plugins/akismet/server.pem'));
    rmSync(path.join(world.efs, 'wp-content/plugins/akismet/setup.php'));
    expect(await log('%H')).not.toBe(before);
    const large = path.join(world.efs, 'wp-content/plugins/akismet/video.bin');
    execFileSync('truncate', ['-s', '101M', large]);
    await expect(world.publish()).rejects.toMatchObject({
      code: 'PUBLISH_TOO_LARGE',
      details: ['wp-content/plugins/akismet/video.bin: 101 MB'],
    });
    rmSync(large);
    await world.publish();
  });

  test('a repository that refuses the commit says why', async () => {
    await change('5.9');
    const hook = path.join(world.server.repository, 'hooks/pre-receive');
    mkdirSync(path.dirname(hook), { recursive: true });
    writeFileSync(hook, '#!/bin/sh\necho "protected branch" >&2\nexit 1\n', { mode: 0o755 });
    await expect(world.publish()).rejects.toMatchObject({
      code: 'PUBLISH_REJECTED',
      stderr: expect.stringContaining('protected branch') as unknown,
    });
    rmSync(hook);
  });

  test('a pull request: a branch of its own, opened once', async () => {
    const asked: { method: string; url: string; body: string; authorization: string }[] = [];
    const pulls: object[] = [];
    const api = createServer((request: IncomingMessage, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { method = '', url = '' } = request;
        asked.push({ method, url, body, authorization: request.headers.authorization ?? '' });
        if (method === 'POST') pulls.push({ html_url: 'https://github.test/acme/website/pull/7' });
        response.setHeader('content-type', 'application/json');
        response.statusCode = method === 'POST' ? 201 : 200;
        response.end(JSON.stringify(method === 'POST' ? pulls[0] : pulls));
      });
    });
    const address = await listen(api);
    const pullRequest = {
      repository: { api: address, owner: 'acme', name: 'website' },
      token: new Secret('ghp_a-token-for-a-test'),
    };
    const main = await log('%H');
    const sections = { mode: 'pull-request' };
    const outcome = await world.publish({ pullRequest }, sections);
    expect(outcome).toMatchObject({
      branch: `understudy/${RUN}`,
      pullRequest: 'https://github.test/acme/website/pull/7',
    });
    expect(await log('%H')).toBe(main);
    expect(await log('%s', `understudy/${RUN}`)).toContain('akismet 5.3 → 5.3.1');
    expect(JSON.parse(asked[1]?.body ?? '')).toMatchObject({
      head: `understudy/${RUN}`,
      base: 'main',
      title: 'akismet 5.3 → 5.3.1',
    });
    expect(asked[1]).toMatchObject({
      url: '/repos/acme/website/pulls',
      authorization: 'Bearer ghp_a-token-for-a-test',
    });
    expect(await world.publish({ pullRequest }, sections)).toMatchObject({
      changed: 0,
      pullRequest: outcome.pullRequest,
    });
    expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
    api.close();
  });
});

const listen = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
    });
  });

describe('what few repositories have', () => {
  test('names in any bytes are published as they are, and taken away again', async () => {
    const file = Buffer.concat([Buffer.from(`${world.efs}/wp-content/plugins/akismet/`), odd]);
    writeFileSync(file, '<?php // odd');
    await world.publish();
    const list = async (): Promise<string> =>
      (
        await world.server.git('-c', 'core.quotePath=true', 'ls-tree', '-r', '--name-only', 'main')
      ).toString();
    expect(await list()).toContain(String.raw`akismet/caf\351\n.php`);
    rmSync(file);
    await world.publish();
    expect(await list()).not.toContain(String.raw`caf\351`);
  });

  test.each(['ed25519', 'rsa'])(
    'commits and tags are signed with an %s key, as ssh-keygen verifies it',
    async (type) => {
      const key = path.join(world.workDir, `../sign-${type}`);
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', 'a passphrase', '-f', key]);
      process.env['PUBLISH_TEST_KEY'] = key;
      process.env['PUBLISH_TEST_KEY_PASSPHRASE'] = 'a passphrase';
      const allowed = `${key}.allowed`;
      writeFileSync(allowed, `web@acme.test ${readFileSync(`${key}.pub`, 'utf8')}`);
      await change(`5.3.${type}`);
      const { commits, tag = '' } = await world.publish(
        {},
        { signingKey: { env: 'PUBLISH_TEST_KEY' }, tag: `signed-${type}` },
      );
      const verify = (verb: string, name: string): Promise<string> =>
        world.server.git('-c', `gpg.ssh.allowedSignersFile=${allowed}`, verb, '--raw', name);
      await expect(verify('verify-commit', commits.at(-1) ?? '')).resolves.toBeDefined();
      await expect(verify('verify-tag', tag)).resolves.toBeDefined();
      expect(await log('%s')).toContain('akismet 5.3 → 5.3.1');
      // A signature over something else is invalid.
      writeFileSync(allowed, 'web@acme.test ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJf8\n');
      await expect(verify('verify-commit', commits.at(-1) ?? '')).rejects.toThrow();
    },
  );
});
