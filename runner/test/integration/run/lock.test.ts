import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { readLock, releaseLock, takeLock, type LockHolder, type LockPlace } from '../../../src/run/lock.js';

const runA = '20260101T000000Z-aaaaaa';
const runB = '20260101T000000Z-bbbbbb';
const holder = (run: string, phase: LockHolder['phase'] = 'running'): LockHolder => ({
  run,
  holder: 'jenkins build 41',
  build: 'https://jenkins/job/41',
  phase,
});

let workDir: string;
let place: LockPlace;
beforeEach(async () => {
  workDir = await mkdtemp(path.join(tmpdir(), 'lock-'));
  place = { staging: createLocalHost('staging', 'staging'), workDir, site: 'acme' };
});
afterEach(() => rm(workDir, { recursive: true, force: true }));

describe('the lock', () => {
  it('is taken, extended, shown and freed by its run', async () => {
    expect(await readLock(place)).toBeUndefined();
    expect(await takeLock(place, holder(runA), 60)).toBeUndefined();
    expect(await takeLock(place, holder(runA, 'between-stages'), 1800)).toBeUndefined();
    const state = await readLock(place);
    expect(state).toMatchObject({ run: runA, phase: 'between-stages', holder: 'jenkins build 41' });
    // A second or more may have passed since it was taken.
    const left = (state?.leaseUntil ?? 0) - (state?.now ?? 0);
    expect([left > 1700, left <= 1800]).toEqual([true, true]);
    expect(await releaseLock(place, runA)).toBe('released');
    expect(await readdir(workDir)).toEqual([]);
  });

  it('refuses another run and says who holds it and how to free it', async () => {
    await takeLock(place, holder(runA), 60);
    await expect(takeLock(place, holder(runB), 60)).rejects.toMatchObject({
      code: 'LOCKED',
      exitCode: 6,
      details: ['held by jenkins build 41 (https://jenkins/job/41)'],
      next: expect.stringContaining(`understudy unlock acme --run ${runA}`),
    });
    expect(await releaseLock(place, runB)).toBe('held');
    expect(await readLock(place)).toMatchObject({ run: runA });
  });

  it('says that staging is frozen while an approval is awaited', async () => {
    await takeLock(place, holder(runA, 'awaiting-approval'), 60);
    await expect(takeLock(place, holder(runB), 60)).rejects.toThrow(
      `frozen for the approval of run ${runA} until`,
    );
  });

  it('is given to exactly one of many that ask at once', async () => {
    const runs = Array.from(
      { length: 12 },
      (_, index) => `20260101T000000Z-0000${String(index).padStart(2, '0')}`,
    );
    const answers = await Promise.allSettled(runs.map((run) => takeLock(place, holder(run), 60)));
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
  });

  it('is taken over when it has expired and nothing of that run lives', async () => {
    await takeLock(place, holder(runA), -5);
    expect(await takeLock(place, holder(runB), 60)).toMatchObject({ run: runA });
    expect(await readLock(place)).toMatchObject({ run: runB });
  });

  it('is not taken over while a process of the expired run lives', async () => {
    await takeLock(place, holder(runA), -5);
    const child = spawn('sleep', ['60']);
    try {
      await mkdir(path.join(workDir, 'jobs'));
      await writeFile(path.join(workDir, 'jobs', `${runA}-import.pid`), `${String(child.pid)}\n`);
      await expect(takeLock(place, holder(runB), 60)).rejects.toThrow('processes of that run still live');
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('survives a holder that was killed between two writes', async () => {
    await mkdir(path.join(workDir, 'lock'));
    expect(await takeLock(place, holder(runB), 60)).toBeUndefined();
  });
});
