import { afterEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  applyFileSwap,
  finishFileSwap,
  listFileGenerations,
  undoFileSwap,
} from '../../../src/content/swap/file-swap.js';
import { sendFiles } from '../../../src/commands/rsync.js';
import { hardFiles, contentFindings } from '../../../src/content/checks/preflight.js';
import { CHECK_PRODUCTION, CHECK_STAGING } from '../../../src/commands/scripts/content/check-staging.js';
import { DELETE_LISTED } from '../../../src/commands/scripts/content/generations.js';
import { planSync, stageFiles, writeFilesAtOnce } from '../../../src/content/sync-files.js';
import { fencedHost } from '../../../src/hosts/guard/fenced-host.js';
import { fingerprint, HOSTILE_TREE, makeTrees, type Trees } from './trees.js';

let trees: Trees;
afterEach(() => {
  trees.sh('chmod -R u+rwX . 2>/dev/null || :');
  trees.remove();
});

const INTERPRETERS = ['auto', 'sh'] as const;

/** A whole sync: stage, cut over, finish. */
async function sync(runId: string, interpreter: 'auto' | 'sh' = 'auto', keep = 1): Promise<void> {
  const ends = trees.ends(runId, { interpreter });
  await stageFiles(ends, trees.watch, 100);
  await applyFileSwap(ends.staging, ends.folders, { interpreter });
  await finishFileSwap(ends.staging, ends.folders, keep);
}

describe.each(INTERPRETERS)('a staged sync (%s)', (interpreter) => {
  test('makes staging the same as production, whatever the names', async () => {
    trees = makeTrees();
    trees.sh(HOSTILE_TREE);
    await sync('r1', interpreter);
    expect(fingerprint(trees.live)).toBe(fingerprint(trees.production));
    expect(trees.sh('find . -name pwned')).toBe('');
  });

  test('leaves the live tree alone until the cutover, and comes back exactly', async () => {
    trees = makeTrees();
    trees.sh(HOSTILE_TREE);
    await sync('r1', interpreter);
    changeEverything();
    const before = fingerprint(trees.live);
    const ends = trees.ends('r2', { interpreter });
    await stageFiles(ends, trees.watch, 100);
    expect(fingerprint(trees.live)).toBe(before);
    await applyFileSwap(ends.staging, ends.folders, { interpreter });
    expect(fingerprint(trees.live)).toBe(fingerprint(trees.production));
    await undoFileSwap(ends.staging, ends.folders, { interpreter });
    expect(fingerprint(trees.live)).toBe(before);
    await applyFileSwap(ends.staging, ends.folders, { interpreter });
    await finishFileSwap(ends.staging, ends.folders, 1);
    expect(fingerprint(trees.live)).toBe(fingerprint(trees.production));
    expect(await undoFileSwap(ends.staging, ends.folders, { interpreter })).toBe(true);
    expect(fingerprint(trees.live)).toBe(before);
    await sync('r3', interpreter);
    expect(fingerprint(trees.live)).toBe(fingerprint(trees.production));
  });
});

/** One of each kind of change, types included. */
function changeEverything(): void {
  trees.sh(String.raw`
    chmod 755 p/closed
    echo 1 >> p/index.php; rm -r p/newtree; rm p/link; mkdir p/link; echo in > p/link/file
    rm -r p/wp-content/plugins/a; echo now-a-file > p/wp-content/plugins/a
    rm p/wp-content/linkdir; mkdir p/wp-content/linkdir; echo real > p/wp-content/linkdir/a.php
    rm "p/new
line"; rm "$(printf 'p/bad\377\376utf8')"; chmod 711 p/wp-content/themes; chmod 640 p/zero
    touch -d 2001-01-01 p/-rf; ln -sfn other 'p/l -> m'; mkdir p/another; mkdir -p p/fresh/sub; echo f > p/fresh/sub/f
    echo more > p/closed/more; rm p/closed/inside; chmod 555 p/closed; chmod 500 p/fresh/sub; rmdir p/empty; echo e > p/empty
  `);
}

describe('a staged sync', () => {
  test('sends nothing and deletes nothing of what belongs to an environment', async () => {
    trees = makeTrees();
    trees.sh(String.raw`
      mkdir -p {p,s}/wp-content/{uploads/2024,cache,mu-plugins,plugins/x/wp-content} p/.git p/wp-content/plugins/x/.git p/wp-content/themes/t/.svn
      for f in wp-config.php .htaccess .env .env.local robots.txt .user.ini wp-content/object-cache.php wp-content/advanced-cache.php \
        wp-content/uploads/2024/a.jpg wp-content/cache/c wp-content/mu-plugins/understudy.php; do echo production > p/$f; done
      for f in wp-config.php .htaccess .env robots.txt wp-content/object-cache.php wp-content/uploads/2024/b.jpg \
        wp-content/mu-plugins/understudy.php; do echo staging > s/$f; done
      echo ref > p/.git/HEAD; echo ref > p/wp-content/plugins/x/.git/HEAD; echo gitdir > p/wp-content/themes/t/.git; echo x > p/wp-content/themes/t/.svn/e
      echo code > p/wp-content/mu-plugins/site.php; echo code > p/wp-content/plugins/x/wp-content/object-cache.php
      echo deny > p/wp-content/plugins/x/.htaccess; echo code > p/.gitignore
    `);
    await sync('r1');
    await sync('r2');
    expect(trees.sh('cd s; grep -rl production . || :')).toBe('');
    expect(trees.sh(`cd s; find . ! -type d | sort`)).toMatchInlineSnapshot(`
      "./.env
      ./.gitignore
      ./.htaccess
      ./robots.txt
      ./wp-config.php
      ./wp-content/mu-plugins/site.php
      ./wp-content/mu-plugins/understudy.php
      ./wp-content/object-cache.php
      ./wp-content/plugins/x/.htaccess
      ./wp-content/plugins/x/wp-content/object-cache.php
      ./wp-content/uploads/2024/b.jpg
      "
    `);
    expect(trees.sh('find s -name .git -o -name .svn')).toBe('');
  });

  test('deletes only what a sync brought, and names the rest', async () => {
    trees = makeTrees();
    trees.sh('echo 1 > p/a; mkdir p/d; echo 2 > p/d/b; echo 3 > p/d/c; echo own > s/mine');
    await sync('r1');
    trees.sh('rm -r p/d; echo own > s/d/own; mkdir s/later; echo x > s/later/x');
    await sync('r2');
    expect(trees.sh('cd s; find . ! -type d | sort')).toBe('./a\n./d/own\n./later/x\n./mine\n');
    expect(trees.findings.at(-1)).toMatchObject({
      code: 'CONTENT_ONLY_ON_STAGING',
      message: expect.stringContaining('3 files that no sync brought'),
    });
  });

  test('stops at content.maxDeletePercent, with the figures', async () => {
    trees = makeTrees();
    trees.sh('for i in 1 2 3 4; do echo $i > p/f$i; done');
    await sync('r1');
    trees.sh('rm p/f1 p/f2');
    const before = fingerprint(trees.live);
    await expect(stageFiles(trees.ends('r2'), trees.watch, 49)).rejects.toMatchObject({
      code: 'TOO_MANY_DELETIONS',
      message: "The sync would delete 2 of staging's 4 files (50.0 %); content.maxDeletePercent allows 49 %.",
      details: ['f1', 'f2'],
    });
    expect(fingerprint(trees.live)).toBe(before);
    await stageFiles(trees.ends('r2'), trees.watch, 50);
  });

  test('never empties staging because production is empty or missing', async () => {
    trees = makeTrees();
    trees.sh('echo 1 > p/a');
    await sync('r1');
    trees.sh('rm p/a');
    await expect(stageFiles(trees.ends('r2'), trees.watch, 100)).rejects.toMatchObject({
      code: 'CONTENT_SOURCE_MISSING',
    });
    trees.sh('rmdir p');
    await expect(stageFiles(trees.ends('r3'), trees.watch, 100)).rejects.toMatchObject({
      code: 'CONTENT_SOURCE_MISSING',
    });
    expect(trees.sh('cat s/a')).toBe('1\n');
  });

  test('never writes through a link that leads from staging to production', async () => {
    trees = makeTrees();
    trees.sh(
      'mkdir -p p/themes/t; echo 1 > p/themes/t/f; echo 2 > p/themes/g; ln -s ../p/themes s/themes; echo 3 > p/x',
    );
    const before = fingerprint(trees.production);
    await sync('r1');
    expect(fingerprint(trees.live)).toBe(before);
    trees.sh('[ ! -L s/themes ]; rm -r s/themes; ln -s ../p/themes s/themes; echo 9 > p/themes/g; rm p/x');
    const changed = fingerprint(trees.production);
    const ends = trees.ends('r2');
    await stageFiles(ends, trees.watch, 100);
    // Between stage and cutover, a folder on staging becomes a link: the swap must not follow it.
    await applyFileSwap(ends.staging, ends.folders);
    expect(fingerprint(trees.production)).toBe(changed);
    expect(fingerprint(trees.live)).toBe(changed);
  });

  test.each(INTERPRETERS)(
    'refuses a folder that became a link after it was staged (%s)',
    async (interpreter) => {
      trees = makeTrees();
      trees.sh('mkdir p/d; echo 1 > p/d/f; echo 1 > p/g');
      await sync('r1');
      trees.sh('echo 22 > p/d/f');
      const ends = trees.ends('r2', { interpreter });
      await stageFiles(ends, trees.watch, 100);
      trees.sh('mv s/d elsewhere; ln -s ../elsewhere s/d');
      await expect(applyFileSwap(ends.staging, ends.folders, { interpreter })).rejects.toMatchObject({
        code: 'FILE_SWAP_FAILED',
      });
      expect(trees.sh('cat elsewhere/f')).toBe('1\n');
    },
  );

  test('stops where a file would replace a folder that holds media', async () => {
    trees = makeTrees();
    trees.sh(
      'mkdir -p s/wp-content/uploads; echo m > s/wp-content/uploads/m; mkdir shared; ln -s ../shared p/wp-content; echo 1 > p/a',
    );
    await expect(stageFiles(trees.ends('r1'), trees.watch, 100)).rejects.toMatchObject({
      code: 'CONTENT_IN_THE_WAY',
      message: expect.stringContaining('wp-content'),
    });
  });

  test('names links that lead out, and stops at one that leads into production on the same machine', async () => {
    trees = makeTrees();
    trees.sh('echo 1 > p/a; ln -s /etc/hostname p/abs; ln -s ../../x p/up; ln -s a p/ok');
    await stageFiles(trees.ends('r1', { sameMachine: true }), trees.watch, 100);
    expect(trees.findings.map(({ message }) => message)).toEqual([
      'Links that lead out of the site were copied as they are: abs → /etc/hostname, up → ../../x.',
    ]);
    trees.sh('ln -s "$PWD/p/a" p/bad');
    await expect(stageFiles(trees.ends('r2', { sameMachine: true }), trees.watch, 100)).rejects.toMatchObject(
      { code: 'CONTENT_LINK_TO_PRODUCTION' },
    );
    await stageFiles(trees.ends('r3'), trees.watch, 100);
  });

  test('passes over what vanishes between the comparison and the transfer', async () => {
    trees = makeTrees();
    trees.sh('echo 1 > p/a; mkdir p/d; echo 2 > p/d/secret');
    const ends = trees.ends('r1');
    const run: typeof ends.route.run = (command, options) => {
      if (command.argv.includes('--files-from=-')) trees.sh('rm p/d/secret');
      return ends.route.run(command, options);
    };
    await stageFiles({ ...ends, route: { ...ends.route, run } }, trees.watch, 100);
    expect(existsSync(join(trees.workDir, 'runs/r1/incoming/d/secret'))).toBe(false);
  });

  test('takes what an interrupted attempt brought, and not what is no longer wanted', async () => {
    trees = makeTrees();
    trees.sh('echo 1 > p/a; echo 2 > p/b');
    const ends = trees.ends('r1');
    await stageFiles(ends, trees.watch, 100);
    trees.sh('rm p/b; echo 3 > p/c');
    await stageFiles(ends, trees.watch, 100);
    expect(trees.sh('cd work/runs/r1; ls; ls incoming')).toBe('content\nincoming\na\nc\n');
  });

  /** As a build leaves it that gives each file the time of the release. */
  const REBUILT = `
    mkdir p/assets; printf one > p/assets/app.js; touch -d '2026-01-01 00:00:00' p/assets/app.js
    mkdir s/assets; printf two > s/assets/app.js; touch -d '2026-01-01 00:00:00' s/assets/app.js
    printf same | tee p/same > s/same; touch -d '2026-01-02' p/same s/same`;

  test('does not bring a file of the same size and time without content.checksum', async () => {
    trees = makeTrees();
    trees.sh(REBUILT);
    await sync('r1');
    expect(trees.sh('cat s/assets/app.js')).toBe('two');
  });

  test.each(INTERPRETERS)(
    'brings it with content.checksum, and that file alone (%s)',
    async (interpreter) => {
      trees = makeTrees();
      trees.sh(REBUILT);
      const ends = trees.ends('r1', { interpreter, checksum: true });
      const { changes } = await stageFiles(ends, trees.watch, 100);
      expect(changes.counts).toMatchObject({ created: 0, updated: 1, bytes: 3 });
      expect(trees.sh('cd work/runs/r1/incoming; find . -type f; cat assets/app.js')).toBe(
        './assets/app.js\none',
      );
      await applyFileSwap(ends.staging, ends.folders, { interpreter });
      expect(fingerprint(trees.live)).toBe(fingerprint(trees.production));
      const { changes: again } = await stageFiles(trees.ends('r2', { checksum: true }), trees.watch, 100);
      expect(again.counts).toMatchObject({ created: 0, updated: 0 });
    },
  );

  test('takes nothing for production’s that only looks like it: not from an earlier attempt either', async () => {
    trees = makeTrees();
    trees.sh(REBUILT);
    await stageFiles(trees.ends('r1', { checksum: true }), trees.watch, 100);
    trees.sh(`cd work/runs/r1/incoming/assets; printf wrg > app.js; touch -d '2026-01-01 00:00:00' app.js`);
    await stageFiles(trees.ends('r1', { checksum: true }), trees.watch, 100);
    expect(trees.sh('cat work/runs/r1/incoming/assets/app.js')).toBe('one');
  });

  test('keeps as many generations as it is told', async () => {
    trees = makeTrees();
    for (const n of [1, 2, 3]) {
      trees.sh(`echo ${String(n).repeat(n)} > p/a`);
      await sync(`r${String(n)}`, 'auto', 2);
    }
    const ends = trees.ends('r3');
    expect(await listFileGenerations(ends.staging, trees.workDir)).toEqual(['r3', 'r2']);
    await undoFileSwap(ends.staging, ends.folders);
    expect(readFileSync(join(trees.live, 'a'), 'utf8')).toBe('22\n');
    await undoFileSwap(ends.staging, trees.folders('r2'));
    expect(readFileSync(join(trees.live, 'a'), 'utf8')).toBe('1\n');
    expect(await undoFileSwap(ends.staging, trees.folders('r2'))).toBe(false);
  });

  test('plans without writing anything', async () => {
    trees = makeTrees();
    trees.sh('echo 1 > p/a; echo 2 > p/gone');
    await sync('r1');
    trees.sh('rm p/gone; mkdir p/d; echo 1234 > p/d/f; echo x >> p/a; echo o > s/own');
    const before = [fingerprint(trees.root)];
    const { changes, lists } = await planSync(trees.ends('r2'), trees.watch);
    expect([fingerprint(trees.root)]).toEqual(before);
    expect(changes.counts).toMatchObject({ created: 1, updated: 1, folders: 1, bytes: 9, staging: 3 });
    expect(changes.named).toEqual({
      created: [{ name: 'd/f', bytes: 5 }],
      updated: [{ name: 'a', bytes: 4 }],
    });
    expect(lists).toEqual({
      deleted: 1,
      kept: 1,
      deletedNames: ['gone'],
      preservedNames: ['own'],
      deletedIn: new Map(),
    });
  });
});

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;
asRoot('a small disk', () => {
  test('is noticed before the first byte, and when it fills up all the same', async () => {
    trees = makeTrees();
    trees.sh('mount -t tmpfs -o size=80m understudy-test work; truncate -s 40M p/big');
    try {
      await expect(stageFiles(trees.ends('r1'), trees.watch, 100)).rejects.toMatchObject({
        code: 'CONTENT_DISK_FULL',
        message: expect.stringMatching(/^The changed files need 104 MiB on staging and \d+ MiB are free\.$/),
      });
      // Random bytes: holes would be kept as holes and need no room.
      trees.sh('head -c 10M /dev/urandom > p/big');
      const ends = trees.ends('r2');
      const run: typeof ends.route.run = (command, options) => {
        if (command.argv.includes('--files-from=-'))
          trees.sh('head -c 90M /dev/zero > work/filler 2>/dev/null || :');
        return ends.route.run(command, options);
      };
      await expect(
        stageFiles({ ...ends, route: { ...ends.route, run } }, trees.watch, 100),
      ).rejects.toMatchObject({
        code: 'CONTENT_DISK_FULL',
        message: 'The disk filled up while files were copied.',
      });
      expect(trees.sh('ls s')).toBe('');
    } finally {
      trees.sh('umount work');
    }
  });

  test.each(INTERPRETERS)(
    'that is full lets the files change places and go back, under the lock (%s)',
    async (interpreter) => {
      trees = makeTrees();
      trees.sh('mount -t tmpfs -o size=90m understudy-test . ; cd "$PWD"; mkdir p s work');
      try {
        trees.sh(HOSTILE_TREE);
        await sync('r1', interpreter);
        const before = fingerprint(trees.live);
        changeEverything();
        const ends = trees.ends('r2', { interpreter });
        const holder = { workDir: trees.workDir, text: 'r2 7' };
        const staging = fencedHost(ends.staging, { holder: () => holder });
        await stageFiles(ends, trees.watch, 100);
        trees.sh('mkdir -p work/lock work/jobs; echo r2 7 > work/lock/fence');
        trees.sh(
          'dd if=/dev/zero of=filler bs=64k 2>/dev/null || dd if=/dev/zero of=filler bs=1 oflag=append conv=notrunc 2>/dev/null || :',
        );
        const applied = await applyFileSwap(staging, ends.folders, { interpreter }).catch(() => 'no room');
        await undoFileSwap(staging, ends.folders, { interpreter });
        expect([applied === 'no room' || applied, fingerprint(trees.live)]).toEqual([true, before]);
        expect(trees.sh('ls work/jobs')).toBe('');
        trees.sh('rm filler');
        await applyFileSwap(staging, ends.folders, { interpreter });
        expect(fingerprint(trees.live)).toBe(fingerprint(trees.production));
      } finally {
        trees.sh('cd / && umount -l "$OLDPWD"');
      }
    },
  );

  test('of another filesystem is refused as a work folder', async () => {
    trees = makeTrees();
    trees.sh('mount -t tmpfs -o size=80m understudy-test work');
    try {
      const { staging } = trees.ends('r1');
      const side = (path: string) => ({ path, workDir: trees.workDir });
      const site = (apply: string) =>
        ({
          type: 'php',
          production: side(trees.production),
          staging: side(trees.live),
          content: { media: [], exclude: [], keepOnStaging: [], apply },
        }) as unknown as Parameters<typeof contentFindings>[0];
      expect((await contentFindings(site('staged'), staging, staging, [])).map(({ code }) => code)).toEqual([
        'WORK_FOLDER_UNSUITABLE',
      ]);
      expect(await contentFindings(site('immediate'), staging, staging, [])).toEqual([]);
    } finally {
      trees.sh('umount work');
    }
  });
});

/** What the preflight says of two trees, asked as an ordinary user where the test runs as root. */
function findHardFiles(script: string, path: string) {
  const user = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--clear-groups'] : [];
  const argv = ['sh', '-c', script, 'sh', path, ...(script === CHECK_STAGING ? [trees.workDir] : [])];
  const site = {
    type: 'wordpress',
    content: {
      media: ['wp-content/uploads'],
      mediaMode: 'excluded',
      exclude: ['/private'],
      keepOnStaging: [],
    },
  } as unknown as Parameters<typeof hardFiles>[3];
  const findings = hardFiles(execFileSync('env', [...user, ...argv]), '/srv/acme', 'a host', site);
  return findings.map(({ code, message }) => [code, message]);
}

describe('a file with holes', () => {
  test('keeps them, whether it is new or built from what staging has', async () => {
    trees = makeTrees();
    const kilobytes = (file: string) => Number(trees.sh(`du -k ${file} | cut -f 1`));
    trees.sh('truncate -s 40M p/index.db; echo rows >> p/index.db');
    await sync('r1');
    expect(fingerprint(trees.live)).toBe(fingerprint(trees.production));
    expect(kilobytes('s/index.db')).toBeLessThan(1000);
    trees.sh('echo more >> p/index.db; truncate -s 80M p/index.db');
    await sync('r2');
    expect(fingerprint(trees.live)).toBe(fingerprint(trees.production));
    expect(kilobytes('s/index.db')).toBeLessThan(1000);
  });
});

describe('files that a sync would stumble over', () => {
  test('that cannot be read, and names that are not UTF-8, are found on production', () => {
    trees = makeTrees();
    trees.sh(String.raw`
      chmod 755 .; mkdir -p p/wp-content/uploads p/private p/closed p/cache p/wp-content/cache; touch p/fine p/ünï
      for f in p/secret.php "p/two
lines" p/wp-content/uploads/closed p/private/closed p/wp-config.php p/wp-content/cache/closed "$(printf 'p/bad\377')"
      do touch "$f"; done
      chmod 600 p/secret.php p/two*lines p/wp-content/uploads/closed p/private/closed p/wp-config.php p/wp-content/cache/closed
      chmod 700 p/closed`);
    if (process.getuid?.() !== 0) trees.sh(String.raw`chmod 0 p/secret.php p/two*lines p/closed`);
    const [unreadable, odd, ...others] = findHardFiles(CHECK_PRODUCTION, trees.production);
    expect(unreadable?.[0]).toBe('CONTENT_FILES_UNREADABLE');
    // In the order of the file system.
    const [, names = ''] = /^The account cannot read (.*)\.$/.exec(unreadable?.[1] ?? '') ?? [];
    expect(names.split(', ').toSorted()).toEqual([
      '/srv/acme/closed',
      '/srv/acme/secret.php',
      String.raw`/srv/acme/two\#012lines`,
    ]);
    expect(odd).toEqual([
      'CONTENT_ODD_NAMES',
      String.raw`Names that are not UTF-8 are copied byte for byte: /srv/acme/bad\#377.`,
    ]);
    expect(others).toEqual([]);
  });

  (canSeal() ? test : test.skip)('that nobody may replace are found on staging', () => {
    trees = makeTrees();
    trees.sh(String.raw`
      chmod 755 .; mkdir -p s/sealed s/wp-content/uploads; touch s/index.php s/log s/.htaccess s/wp-content/uploads/a s/fine
      chattr +i s/index.php s/.htaccess s/wp-content/uploads/a s/sealed; chattr +a s/log`);
    try {
      const [sealed, ...others] = findHardFiles(CHECK_STAGING, trees.live);
      expect(sealed?.[0]).toBe('STAGING_NOT_WRITABLE');
      expect(sealed?.[1]?.match(/\/srv\/acme\S*?(?=[,.] |[,.]$)/g)?.toSorted()).toEqual([
        '/srv/acme/index.php',
        '/srv/acme/log',
        '/srv/acme/sealed',
      ]);
      expect(others).toEqual([]);
    } finally {
      trees.sh('chattr -R -i -a s');
    }
  });
});

/** Whether this account and this filesystem know `chattr +i`. */
function canSeal(): boolean {
  const file = join(tmpdir(), `understudy-sealed-${String(process.pid)}`);
  try {
    execFileSync('sh', ['-c', 'touch "$1" && chattr +i "$1" && chattr -i "$1"', 'sh', file], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    console.error('SKIPPED: files that nobody may replace. chattr +i is not possible here.');
    return false;
  } finally {
    rmSync(file, { force: true });
  }
}

describe('content.apply: immediate', () => {
  test('deletes in folders that are closed to their owner, as an ordinary user, and leaves them closed', () => {
    trees = makeTrees();
    trees.sh(String.raw`
      chmod 755 .; mkdir -p s/closed/deep s/open lists
      touch s/closed/old s/closed/deep/old s/closed/kept 's/open/o d' s/old
      printf 'closed/old\0closed/deep/old\0open/o d\0old\0' > lists/deleted
      printf '755\0-\0closed/deep\0' > lists/emptied
      chmod 555 s/closed s/closed/deep`);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) trees.sh('chown -R 65534 s lists');
    const user = isRoot ? ['setpriv', '--reuid=65534', '--clear-groups'] : [];
    const script = ['sh', '-c', DELETE_LISTED, 'sh', trees.live, join(trees.root, 'lists')];
    execFileSync('env', [...user, ...script]);
    const left = trees.sh(String.raw`find s -mindepth 1 -printf '%P %m\n' | sort`);
    expect(left.trim().split('\n')).toEqual(['closed 555', 'closed/kept 644', 'open 755']);
  });

  test('starts rsync on staging under a check of the lock, at the moment when it starts', async () => {
    trees = makeTrees();
    // As ssh does it: the words are joined, and the far end's login shell reads them.
    trees.sh(String.raw`
      printf '#!/bin/sh\nshift; exec sh -c "$*"\n' > far; chmod +x far
      mkdir -p work/lock; echo new > p/new`);
    const fence = (text: string): void => writeFileSync(join(trees.workDir, 'lock/fence'), text);
    const far = trees.ends('r1');
    const staging = fencedHost(far.staging, { holder: () => ({ workDir: trees.workDir, text: 'r1 7' }) });
    const send = (): Promise<void> => {
      const command = sendFiles({
        route: { remoteShell: join(trees.root, 'far'), remote: 'staging' },
        source: trees.production,
        target: trees.live,
        unfinished: trees.workDir,
        farProgram: staging.underFence?.(['rsync']) ?? [],
      });
      return far.staging.run(command, { stdin: 'new\0' }).then(() => undefined);
    };
    fence('r2 8\n');
    await expect(send()).rejects.toMatchObject({
      stderr: expect.stringContaining('the lock belongs to r2 8, not to r1 7'),
    });
    expect(trees.sh('ls s')).toBe('');
    fence('r1 7\n');
    await send();
    expect(trees.sh('ls s')).toBe('new\n');
  });

  test('writes at once and leaves nothing for the cutover', async () => {
    trees = makeTrees();
    trees.sh(HOSTILE_TREE);
    const settings = { maxDeletePercent: 100, keepGenerations: 1 };
    await writeFilesAtOnce(trees.ends('r1'), trees.watch, settings);
    expect(fingerprint(trees.live)).toBe(fingerprint(trees.production));
    changeEverything();
    writeFileSync(join(trees.live, 'own'), '');
    await writeFilesAtOnce(trees.ends('r2'), trees.watch, settings);
    trees.sh('rm s/own');
    expect(fingerprint(trees.live)).toBe(fingerprint(trees.production));
    const ends = trees.ends('r2');
    expect(await applyFileSwap(ends.staging, ends.folders)).toBe(false);
    trees.sh('printf AAA > p/x; printf BBB > s/x; touch -d 2026-01-01 p/x s/x');
    await writeFilesAtOnce(trees.ends('r3'), trees.watch, settings);
    expect(trees.sh('cat s/x')).toBe('BBB');
    await writeFilesAtOnce(trees.ends('r4', { checksum: true }), trees.watch, settings);
    expect(trees.sh('cat s/x')).toBe('AAA');
  });
});
