import { expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { SessionLimit, SessionsHeld } from '../../../src/hosts/ssh/session-limit.js';
import { type ProcessEnd, type RemoteProcess } from '../../../src/hosts/process/transport.js';
import { WaitingShells } from '../../../src/hosts/ssh/waiting-shells.js';

class FakeShell implements RemoteProcess {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  closed = false;
  end: (end?: Partial<ProcessEnd>) => void = () => undefined;
  readonly ended = new Promise<ProcessEnd>((resolve) => {
    this.end = (end) => resolve({ code: 0, signal: null, ...end });
  });
  close(): void {
    this.closed = true;
    this.end({ code: null });
  }
  get line(): string {
    return String(this.stdin.read() ?? '');
  }
}

/** A connection that allows this many sessions. */
function connection(most: number) {
  const limit = new SessionLimit(most);
  const opened: FakeShell[] = [];
  let refuse: Error | undefined;
  let opening: Promise<void> = Promise.resolve();
  const shells = new WaitingShells(limit, async () => {
    await opening;
    if (refuse !== undefined) throw refuse;
    const shell = new FakeShell();
    opened.push(shell);
    return shell;
  });
  return {
    limit,
    opened,
    shells,
    refuseWith: (error: Error | undefined) => (refuse = error),
    openAfter: (promise: Promise<void>) => (opening = promise),
  };
}

const free = (limit: SessionLimit, most: number): number => {
  let count = 0;
  while (count < most && limit.tryEnter(0) !== undefined) count += 1;
  return count;
};

test('four are kept, two places stay free for commands', async () => {
  for (const [most, kept] of [
    [8, 4],
    [6, 4],
    [5, 3],
    [4, 2],
    [3, 1],
    [2, 0],
    [1, 0],
  ] as const) {
    const { shells, opened, limit } = connection(most);
    shells.fill();
    shells.fill();
    await turn();
    expect([most, opened.length]).toEqual([most, kept]);
    expect(free(limit, 8)).toBe(most - kept);
  }
});

test('one that waits gets the command, and another takes its place when it is asked for', async () => {
  const { shells, opened } = connection(8);
  expect(shells.take(['echo', 'too early'], false)).toBeUndefined();
  shells.fill();
  await turn();
  expect(shells.take(['echo', "it's"], false)).toBe(opened[0]);
  expect(opened[0]?.line).toBe("echo 'it'\\''s'\n");
  shells.fill();
  await turn();
  expect(opened).toHaveLength(5);
});

test('one whose connection broke, or that the server ended, is not handed out', async () => {
  const { shells, opened, limit } = connection(8);
  shells.fill();
  await turn();
  opened[0]?.end({ code: null, lost: new Error('the line is cut') });
  opened[2]?.end({ code: 97 });
  opened[3]?.end({ code: 97 });
  await turn();
  expect(shells.take(['true'], false)).toBe(opened[1]);
  expect(shells.take(['true'], false)).toBeUndefined();
  // Their places are free again.
  expect(free(limit, 8)).toBe(7);
});

test('one that is in use gives its place back when its command has ended', async () => {
  const { shells, opened, limit } = connection(5);
  shells.fill();
  await turn();
  shells.take(['true'], false);
  expect(free(limit, 5)).toBe(2);
  opened[0]?.end();
  await turn();
  expect(free(limit, 5)).toBe(1);
});

test('a session that cannot be opened is told to nobody, and none is tried again', async () => {
  const { shells, opened, limit, refuseWith } = connection(8);
  refuseWith(new Error('Channel open failure'));
  shells.fill();
  await turn();
  refuseWith(undefined);
  shells.fill();
  await turn();
  expect([opened.length, shells.take(['true'], false), free(limit, 8)]).toEqual([0, undefined, 8]);
});

test('a place is given to a session that needs it', async () => {
  const { shells, opened, limit } = connection(5);
  shells.fill();
  await turn();
  expect([limit.tryEnter(0), limit.tryEnter(0)].every((place) => place !== undefined)).toBe(true);
  const waiting = limit.enter();
  shells.endOne();
  await waiting;
  expect(opened.map(({ closed }) => closed)).toEqual([true, false, false]);
});

test('nothing waits while others wait for a place', async () => {
  const { shells, opened, limit } = connection(3);
  const places = await Promise.all([limit.enter(), limit.enter(), limit.enter()]);
  const waiting = limit.enter();
  shells.fill();
  places[0]?.leave();
  await waiting;
  await turn();
  expect(opened).toEqual([]);
});

test('stopping ends those that wait, also those that are being opened, but none that is in use', async () => {
  const { shells, opened, limit, openAfter } = connection(8);
  shells.fill();
  await turn();
  const used = shells.take(['sleep', '1'], false);
  let open = (): void => undefined;
  void openAfter(new Promise((resolve) => (open = resolve)));
  shells.fill();
  shells.stop();
  open();
  await turn();
  await turn();
  expect(opened.map(({ closed }) => closed)).toEqual([false, true, true, true, true]);
  expect(used).toBe(opened[0]);
  expect(free(limit, 8)).toBe(7);
  expect(shells.take(['true'], false)).toBeUndefined();
});

test('one that becomes something long-lived keeps nobody waiting', async () => {
  const { shells, limit } = connection(3);
  shells.fill();
  await turn();
  await Promise.all([limit.enter({ longLived: true }), limit.enter({ longLived: true })]);
  const waiting = limit.enter();
  shells.take(['rsync'], true);
  await expect(waiting).rejects.toThrow(SessionsHeld);
});
