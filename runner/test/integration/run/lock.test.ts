import { type LockHolder } from '../../../src/run/holder.js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCommand, shellScript } from '../../../src/commands/command.js';
import { fencedHost } from '../../../src/hosts/guard/fenced-host.js';
import { sweepJobs } from '../../../src/hosts/process/remote-jobs.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import {
  extendLock,
  readLock,
  releaseLock,
  takeLock,
  type LockGrant,
  type LockTarget,
} from '../../../src/run/lock.js';

const runA = '20260101T000000Z-aaaaaa';
const runB = '20260101T000000Z-bbbbbb';
const holder = (run: string, phase: LockHolder['phase'] = 'running'): LockHolder => ({
  run,
  holder: 'jenkins build 41',
  build: 'https://jenkins/job/41',
  phase,
});

let workDir: string;
let place: LockTarget;
beforeEach(async () => {
  workDir = await mkdtemp(path.join(tmpdir(), 'lock-'));
  place = { staging: createLocalHost('staging', 'staging'), workDir, site: 'acme' };
});
afterEach(() => rm(workDir, { recursive: true, force: true }));

describe('what somebody left where the lock is', () => {
  const script = (text: string) => async (): Promise<void> => {
    await place.staging.run(shellScript('write', `cd "$1" && ${text}`, [workDir]));
  };
  test.each<[string, () => Promise<void>]>([
    ['a mutex of a dead process', script('mkdir lock.mutex && touch -d "2 minutes ago" lock.mutex')],
    ['a mutex with something in it', script('mkdir -p lock.mutex/x && touch -d "2 minutes ago" lock.mutex')],
    ['a file in the place of the mutex', script(': > lock.mutex && touch -d "2 minutes ago" lock.mutex')],
    [
      'a dangling link in the place of the mutex',
      script('ln -s /nowhere lock.mutex && touch -h -d "2 minutes ago" lock.mutex'),
    ],
    ['a file in the place of the lock', script(': > lock')],
    [
      'a link in the place of the lock',
      script('mkdir other && echo theirs > other/fence && ln -s other lock'),
    ],
    ['FIFOs in the lock', script('mkdir lock && mkfifo lock/fence lock/run lock/lease lock/holder.json')],
    ['a number with thirty digits', script('echo 123456789012345678901234567890 > lock.number')],
    ['a number that is a command', script(`echo '$(touch owned)' > lock.number`)],
    [
      'a lease for ever',
      script(
        `mkdir lock && echo '${runA} 3' > lock/fence && echo ${runA} > lock/run && echo 99999999999999999 > lock/lease`,
      ),
    ],
    [
      'a fence with thirty digits',
      script(`mkdir lock && echo '${runA} 123456789012345678901234567890' > lock/fence`),
    ],
  ])(
    '%s does not keep the next run out',
    async (_name, leave) => {
      await leave();
      const grant = await takeLock(place, holder(runB), 60);
      expect([grant.run, grant.number > 0, grant.number < 1e9]).toEqual([runB, true, true]);
      await extendLock(place, grant, holder(runB), 60);
      expect((await readLock(place))?.run).toBe(runB);
      expect(await releaseLock(place, grant)).toBe('released');
      expect((await readdir(workDir)).filter((name) => name !== 'other')).toEqual(['lock.number']);
      if (existsSync(path.join(workDir, 'other')))
        expect(readFileSync(path.join(workDir, 'other/fence'), 'utf8')).toBe('theirs\n');
    },
    30_000,
  );

  test('says until when a lease goes that is far away', async () => {
    await script(
      `mkdir lock && echo '${runA} 3' > lock/fence && echo ${runA} > lock/run && echo 99999999999 > lock/lease`,
    )();
    await expect(takeLock(place, holder(runB), 60)).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining('16 Nov 5138'),
    });
  });
});

describe('the lock', () => {
  test('is taken, extended, shown and freed by its run', async () => {
    expect(await readLock(place)).toBeUndefined();
    const grant = await takeLock(place, holder(runA), 60);
    expect(grant).toEqual({ run: runA, number: 1 });
    await extendLock(place, grant, holder(runA, 'between-stages'), 1800);
    const state = await readLock(place);
    expect(state).toMatchObject({ run: runA, phase: 'between-stages', holder: 'jenkins build 41' });
    // A second or more may have passed since it was taken.
    const left = (state?.leaseUntil ?? 0) - (state?.now ?? 0);
    expect([left > 1700, left <= 1800]).toEqual([true, true]);
    expect(await releaseLock(place, grant)).toBe('released');
    expect(await readdir(workDir)).toEqual(['lock.number']);
  });

  test('refuses another run and says who holds it and how to free it', async () => {
    await takeLock(place, holder(runA), 60);
    await expect(takeLock(place, holder(runB), 60)).rejects.toMatchObject({
      code: 'LOCKED',
      exitCode: 6,
      details: ['held by jenkins build 41 (https://jenkins/job/41)'],
      next: expect.stringContaining(`understudy unlock acme --run ${runA}`),
    });
    expect(await releaseLock(place, { run: runB, number: 1 })).toBe('held');
    expect(await readLock(place)).toMatchObject({ run: runA });
  });

  test('says that staging is frozen while an approval is awaited', async () => {
    await takeLock(place, holder(runA, 'awaiting-approval'), 60);
    await expect(takeLock(place, holder(runB), 60)).rejects.toThrow(
      `frozen for the approval of run ${runA} until`,
    );
  });

  test('is given to exactly one of many that ask at once', async () => {
    const runs = Array.from(
      { length: 12 },
      (_, index) => `20260101T000000Z-0000${String(index).padStart(2, '0')}`,
    );
    const answers = await Promise.allSettled(runs.map((run) => takeLock(place, holder(run), 60)));
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
  });

  test('gives every acquisition a greater number, and the former ones nothing any more', async () => {
    const first = await takeLock(place, holder(runA), 60);
    const again = await takeLock(place, holder(runA), 60);
    expect([first.number, again.number]).toEqual([1, 2]);
    await expect(extendLock(place, first, holder(runA), 60)).rejects.toMatchObject({
      code: 'LOCK_LOST',
      exitCode: 6,
      message: expect.stringContaining('another process of this run took it'),
    });
    expect(await releaseLock(place, first)).toBe('held');
    expect(await releaseLock(place, again)).toBe('released');
    await expect(extendLock(place, again, holder(runA), 60)).rejects.toThrow('it was unlocked');
    expect((await takeLock(place, holder(runB), 60)).number).toBe(3);
  });

  test('is taken over when it has expired', async () => {
    const expired = await takeLock(place, holder(runA), -5);
    expect(await takeLock(place, holder(runB), 60)).toMatchObject({
      run: runB,
      number: 2,
      former: { run: runA, holder: 'jenkins build 41' },
    });
    expect(await readLock(place)).toMatchObject({ run: runB, number: 2 });
    await expect(extendLock(place, expired, holder(runA), 60)).rejects.toThrow(`run ${runB} took it`);
  });

  test('that a former version of the runner took is shown, and freed by its run', async () => {
    await mkdir(path.join(workDir, 'lock'));
    for (const [name, text] of Object.entries({ run: runA, lease: '99999999999', 'holder.json': '{}' }))
      await writeFile(path.join(workDir, 'lock', name), `${text}\n`);
    await expect(takeLock(place, holder(runB), 60)).rejects.toMatchObject({ code: 'LOCKED' });
    expect((await takeLock(place, holder(runA), 60)).number).toBe(1);
  });

  (process.getuid?.() === 0 ? test : test.skip)(
    'is extended on a full disk, and refused to others there',
    async () => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'understudy-test', workDir]);
      try {
        const grant = await takeLock(place, holder(runA), 60);
        execFileSync('sh', ['-c', 'dd if=/dev/zero of="$1/filler" bs=4k 2>/dev/null; :', 'sh', workDir]);
        await extendLock(place, grant, holder(runA, 'between-stages'), 1800);
        const { leaseUntil = 0, now = 0, run } = (await readLock(place)) ?? {};
        expect([leaseUntil - now > 1700, run]).toEqual([true, runA]);
        await expect(takeLock(place, holder(runB), 60)).rejects.toMatchObject({ code: 'LOCKED' });
        expect(await releaseLock(place, grant)).toBe('released');
      } finally {
        execFileSync('umount', ['-l', workDir]);
      }
    },
  );

  test('survives a holder that was killed between two writes', async () => {
    await mkdir(path.join(workDir, 'lock'));
    expect(await takeLock(place, holder(runB), 60)).toEqual({ run: runB, number: 1 });
  });
});

describe('a host under the lock', () => {
  const mark = () => path.join(workDir, 'mark');
  const host = (grant: LockGrant) =>
    fencedHost(place.staging, {
      holder: () => ({ workDir, text: `${grant.run} ${String(grant.number)}` }),
    });
  const write = (text: string) => shellScript('write', 'printf %s "$1" > "$2"', [text, mark()]);

  test('changes something while the lock counts, and nothing afterwards, whatever the caller tolerates', async () => {
    const first = await takeLock(place, holder(runA), 60);
    await host(first).run(write('first'));
    const second = await takeLock(place, holder(runA), 60);
    for (const allowedExitCodes of [[0], [0, 3], 'any'] as const)
      await expect(host(first).run(write('late'), { allowedExitCodes })).rejects.toMatchObject({
        code: 'LOCK_LOST',
      });
    expect(readFileSync(mark(), 'utf8')).toBe('first');
    await host(second).run(write('second'));
    expect(readFileSync(mark(), 'utf8')).toBe('second');
    await host(first).run(readCommand('true'));
    await releaseLock(place, second);
    await expect(host(second).run(write('late'))).rejects.toMatchObject({ code: 'LOCK_LOST' });
  });

  test('keeps exit codes, input and output of what it runs', async () => {
    const grant = await takeLock(place, holder(runA), 60);
    const script = shellScript('write', 'cat; echo "$1" >&2; exit 3', ["it's"]);
    const result = await host(grant).run(script, { stdin: 'in', allowedExitCodes: [3] });
    expect([result.code, result.stdout.toString(), result.stderr]).toEqual([3, 'in', "it's\n"]);
    await expect(host(grant).run(script)).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
  });

  test('has a job ended that a full disk let write down in its name alone', async () => {
    await mkdir(path.join(workDir, 'jobs'));
    const sleeper = spawn('sleep', ['60'], { detached: true });
    const pid = String(sleeper.pid);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const gone = new Promise((resolve) => sleeper.once('exit', (_code, signal) => resolve(signal)));
    await writeFile(path.join(workDir, `jobs/change-1@${pid}@${start}@${boot}.pid`), '');
    await writeFile(path.join(workDir, `jobs/change-2@1@${start}@${boot}.pid`), '');
    expect(await sweepJobs(place.staging, workDir)).toEqual([
      { state: 'ended', pid: Number(pid), name: 'change-1' },
      { state: 'stale', pid: 0, name: 'change-2' },
    ]);
    expect(await gone).toBe('SIGTERM');
    expect(await readdir(path.join(workDir, 'jobs'))).toEqual([]);
  });

  test('has its changes ended by anyone who takes the lock over and sweeps', async () => {
    const first = await takeLock(place, holder(runA), 60);
    const slow = host(first).run(shellScript('write', 'sleep 60; : > "$1"', [mark()]));
    const ended = slow.then(
      () => 'went on',
      () => 'ended',
    );
    while ((await readdir(path.join(workDir, 'jobs')).catch(() => [])).length === 0) await sleep(20);
    await takeLock(place, holder(runA), 60);
    expect(await sweepJobs(place.staging, workDir)).toMatchObject([{ state: 'ended' }]);
    expect(await ended).toBe('ended');
    expect(existsSync(mark())).toBe(false);
  });
});
