import { describe, expect, test } from '@jest/globals';
import { chmod, mkdtemp, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { shellScript } from '../../../src/commands/command.js';
import { type WritingHost } from '../../../src/hosts/host.js';
import { processesWith, until } from './stand-ins.js';

export interface AbortWorld {
  hostCalled(name: string): WritingHost;
  /** Exists once the tests run. */
  workFolder(): string;
}

/** A job with children and a grandchild. `$1` marks them. */
export const FAMILY = `sleep "$1" & sh -c 'sleep "$1" & wait; sleep "$1"' x "$1" & echo started; wait; sleep "$1"`;
let nextMark = 0;
/** A number of seconds that no other process of this machine sleeps for. */
export const newMark = (): string => `${String(10_000 + (process.pid % 10_000))}.${String(++nextMark)}7`;

/** How a command ends on each of these hosts, and that nothing of it is left. */
export function abortCases(names: readonly string[], world: AbortWorld): void {
  const { hostCalled } = world;
  describe.each([...names])('on %s', (name) => {
    test('an abort ends the whole group', async () => {
      const mark = newMark();
      const abort = new AbortController();
      const running = hostCalled(name).run(shellScript('read', FAMILY, [mark]), {
        signal: abort.signal,
        timeoutSeconds: 0,
        onStdout: () => {
          abort.abort();
        },
      });
      await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
      expect(await processesWith(mark)).toEqual([]);
    });

    test('a time limit ends the whole group', async () => {
      const mark = newMark();
      const running = hostCalled(name).run(shellScript('read', FAMILY, [mark]), { timeoutSeconds: 1 });
      await expect(running).rejects.toMatchObject({ code: 'COMMAND_TIMED_OUT' });
      expect(await processesWith(mark)).toEqual([]);
    });

    test('a job has a pid file while it runs, and no longer', async () => {
      const mark = newMark();
      const work = await mkdtemp(path.join(world.workFolder(), 'work-'));
      // Of whichever account the host has.
      await chmod(work, 0o777);
      const abort = new AbortController();
      let written = '';
      const running = hostCalled(name).run(shellScript('read', FAMILY, [mark]), {
        job: { name: 'dump', folder: work },
        signal: abort.signal,
        onStdout: () => {
          void readFile(path.join(work, 'jobs/dump.pid'), 'utf8').then((text) => {
            written = text;
            abort.abort();
          });
        },
      });
      await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
      expect(written).toMatch(/^\d+ \d+ [0-9a-f-]{36}\n$/);
      await until(async () => (await readdir(path.join(work, 'jobs'))).length === 0);
      expect(await processesWith(mark)).toEqual([]);
    });

    test('output that cannot be written ends the command', async () => {
      const mark = newMark();
      const full = new Writable({
        write: (_chunk, _encoding, done) => {
          done(new Error('disk full'));
        },
      });
      const running = hostCalled(name).run(shellScript('read', FAMILY, [mark]), { stdout: full });
      await expect(running).rejects.toMatchObject({
        code: 'COMMAND_FAILED',
        message: expect.stringContaining('disk full'),
      });
      expect(await processesWith(mark)).toEqual([]);
    });

    test('input that breaks off ends the command', async () => {
      const mark = newMark();
      const source = new PassThrough();
      const running = hostCalled(name).run(shellScript('read', FAMILY, [mark]), {
        stdin: source,
        onStdout: () => source.destroy(new Error('source broke')),
      });
      await expect(running).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
      expect(await processesWith(mark)).toEqual([]);
    });

    test('exit code 124 of the command itself is no time-out', async () => {
      await expect(hostCalled(name).run(shellScript('read', 'exit 124'))).rejects.toMatchObject({
        code: 'COMMAND_FAILED',
      });
    });

    test('nothing of the supervision is left after a command', async () => {
      await hostCalled(name).run(shellScript('read', 'true'), { timeoutSeconds: 7_654_321 });
      await until(async () => (await processesWith('7654321')).length === 0);
      expect(await processesWith('7654321')).toEqual([]);
    });
  });
}
