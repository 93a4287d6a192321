import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { finishFileSwap } from '../../../src/content/swap/file-swap.js';
import { openFileSwap, swapFolders } from '../../../src/content/swap/open-file-swap.js';
import { type StageContext } from '../../../src/stages/stage.js';
import { syncContent } from '../../../src/stages/sync-content.js';
import { type SshWorld, startSshWorld } from './over-ssh.js';
import { fingerprint, HOSTILE_TREE, makeTrees, type Trees } from './trees.js';

let trees: Trees;
let world: SshWorld;
let number = 0;

beforeAll(async () => {
  trees = makeTrees();
  world = await startSshWorld(trees);
});
afterAll(async () => {
  await world.stop();
  trees.sh('chmod -R u+rwX . 2>/dev/null || :');
  trees.remove();
});
beforeEach(() => {
  number += 1;
  trees.findings.length = 0;
  trees.sh('chmod -R u+rwX . ; rm -rf p s work extra; mkdir p s work');
});

const nextRun = (): string => `r${String(number)}-${String((number += 1))}`;

async function cutOver(context: StageContext): Promise<void> {
  const swap = await openFileSwap(context, context.run.id);
  await swap?.apply();
  await finishFileSwap(await context.hosts.staging(), swapFolders(context, context.run.id), 1);
}

describe('stage 1 over ssh', () => {
  test.each(['tunnel', 'direct'] as const)('copies hostile names by the %s route', async (route) => {
    trees.sh(HOSTILE_TREE);
    const context = world.context(nextRun(), { route });
    const findings = await syncContent.preflight(context);
    expect(findings.map(({ severity, code }) => [severity, code])).toEqual([['info', 'CONTENT_ODD_NAMES']]);
    const { summary, outputs } = await syncContent.run(context);
    expect(summary).toMatch(/^\d+ new, 0 changed, 0 deleted files/);
    expect(outputs).toMatchObject({ apply: 'staged', updated: 0, deleted: 0, kept: 0 });
    expect(readdirSync(trees.live)).toEqual([]);
    await cutOver(context);
    expect(fingerprint(trees.live)).toBe(fingerprint(trees.production));
    const again = await syncContent.run(world.context(nextRun(), { route }));
    expect(again.summary).toBe('No file differs.');
  });

  test('copies thousands of files, then only what changed, and deletes what went', async () => {
    trees.sh(
      'for d in $(seq 1 60); do mkdir -p p/d$d/e; for f in $(seq 1 50); do echo $d $f > p/d$d/e/f$f; done; done',
    );
    const first = world.context(nextRun());
    expect((await syncContent.run(first)).outputs).toMatchObject({ created: 3000 });
    await cutOver(first);
    trees.sh('rm -r p/d1; echo changed > p/d2/e/f1; echo new > p/d3/new');
    const second = world.context(nextRun());
    const plan = await syncContent.plan(second);
    expect(plan.join('\n')).toContain('1 new, 1 changed, 50 deleted files');
    // A plan fits on a screen; the report has all of them.
    expect(plan).toContainEqual(expect.stringMatching(/^Deleted: (?:d1\/e\/f\d+, ){10}…\.$/));
    expect(existsSync(join(trees.workDir, 'runs', second.run.id))).toBe(false);
    expect((await syncContent.run(second)).summary).toBe('1 new, 1 changed, 50 deleted files (12 B).');
    expect(trees.sh(`cd work/runs/${second.run.id}/incoming; find . -type f | sort`)).toBe(
      './d2/e/f1\n./d3/new\n',
    );
    await cutOver(second);
    expect(fingerprint(trees.live)).toBe(fingerprint(trees.production));
  });

  test('takes a live site as it is: files that vanish and change while they are copied', async () => {
    trees.sh(
      'mkdir p/busy; for i in $(seq 1 400); do echo $i > p/busy/f$i; done; head -c 30000000 /dev/urandom > p/a-big',
    );
    const writer = spawn(
      'bash',
      [
        '-c',
        'while :; do for i in $(seq 1 400); do rm -f busy/f$i; echo $RANDOM > busy/g$((RANDOM % 100)); echo $i > busy/f$i; done; done',
      ],
      { cwd: trees.production, stdio: 'ignore' },
    );
    const context = world.context(nextRun());
    try {
      await syncContent.run(context);
    } finally {
      writer.kill('SIGKILL');
    }
    expect(trees.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    await cutOver(context);
    expect(trees.sh('cmp p/a-big s/a-big && echo same')).toBe('same\n');
  });

  test('says that rsync was killed, leaves live alone, and goes on from what came', async () => {
    trees.sh('truncate -s 300M p/big; for i in 1 2 3; do echo $i > p/a$i; done');
    const context = world.context(nextRun());
    const failing = syncContent.run(context);
    failing.catch(() => undefined);
    const unfinished = join(trees.workDir, 'runs', context.run.id, 'unfinished');
    while (!existsSync(unfinished) || readdirSync(unfinished).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    for (const pid of processesWith(`${context.run.id}/incoming`)) process.kill(pid, 'SIGKILL');
    await expect(failing).rejects.toMatchObject({
      code: expect.stringMatching(/^CONTENT_(KILLED|LINK_BROKEN)$/),
    });
    expect(readdirSync(trees.live)).toEqual([]);
    await syncContent.run(context);
    await cutOver(context);
    expect(fingerprint(trees.live)).toBe(fingerprint(trees.production));
  });

  test('leaves no rsync behind when it is interrupted', async () => {
    trees.sh('truncate -s 400M p/big');
    const abort = new AbortController();
    const context = world.context(nextRun(), {}, abort.signal);
    const running = syncContent.run(context);
    running.catch(() => undefined);
    const unfinished = join(trees.workDir, 'runs', context.run.id, 'unfinished');
    while (!existsSync(unfinished) || readdirSync(unfinished).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    abort.abort();
    await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
    const until = Date.now() + 20_000;
    while (processesWith(trees.root).length > 0 && Date.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(processesWith(trees.root)).toEqual([]);
  });

  test('tells in preflight what would stop it', async () => {
    trees.sh('mkdir -p p/.git p/wp-content/plugins/x/.svn p/wp-content/uploads/.git s/.hg');
    const context = world.context(nextRun(), { strict: true });
    const site = { ...context.site, staging: { ...context.site.staging, workDir: `${trees.live}/work` } };
    const findings = await syncContent.preflight({ ...context, site });
    expect(
      findings.map(({ code, severity, message }) => [severity, code, message.replaceAll(trees.root, '')]),
    ).toEqual([
      [
        'error',
        'VERSION_CONTROL_FOUND',
        'The site contains version control: /p/.git, /p/wp-content/plugins/x/.svn. It is never copied.',
      ],
      ['error', 'VERSION_CONTROL_FOUND', 'The site contains version control: /s/.hg. It is never copied.'],
      ['error', 'WORK_FOLDER_UNSUITABLE', 'staging.workDir (/s/work) is inside the site (/s).'],
    ]);
    const elsewhere = {
      ...context.site,
      staging: { ...context.site.staging, workDir: '/dev/shm/understudy-none' },
    };
    const missing = { ...elsewhere, production: { ...context.site.production, path: '/nowhere/at/all' } };
    expect((await syncContent.preflight({ ...context, site: missing })).map(({ code }) => code)).toEqual([
      'CONTENT_FOLDER_MISSING',
      'VERSION_CONTROL_FOUND',
      'WORK_FOLDER_UNSUITABLE',
    ]);
  });
});

/** Pids whose command line holds `text`, but not this process and its parents. */
function processesWith(text: string): readonly number[] {
  return execFileSync(
    'sh',
    [
      '-c',
      'for f in /proc/[0-9]*/cmdline; do (tr "\\0" " " < "$f") 2>/dev/null | sed "s|^|$f |"; echo; done',
    ],
    {
      encoding: 'latin1',
    },
  )
    .split('\n')
    .filter((line) => line.includes(text) && line.includes('rsync'))
    .map((line) => Number(/^\/proc\/(\d+)/.exec(line)?.[1]));
}
