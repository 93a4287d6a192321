import { expect, test } from '@jest/globals';
import { SessionLimit, SessionsHeld } from '../../../src/hosts/ssh/session-limit.js';

const settled = async (promise: Promise<unknown>): Promise<boolean> => {
  let done = false;
  promise.then(
    () => (done = true),
    () => (done = true),
  );
  await new Promise((resolve) => setImmediate(resolve));
  return done;
};

test('the third waits for the first of two', async () => {
  const limit = new SessionLimit(2);
  const first = await limit.enter();
  await limit.enter();
  const third = limit.enter();
  expect(await settled(third)).toBe(false);
  first.leave();
  first.leave();
  expect(await settled(third)).toBe(true);
  expect(await settled(limit.enter())).toBe(false);
});
test('what is urgent does not wait', async () => {
  const limit = new SessionLimit(1);
  await limit.enter();
  expect(await settled(limit.enter({ urgent: true }))).toBe(true);
});
test('an abort ends the waiting and frees its turn', async () => {
  const limit = new SessionLimit(1);
  const { leave } = await limit.enter();
  const abort = new AbortController();
  const second = limit.enter({ signal: abort.signal });
  const third = limit.enter();
  abort.abort(new Error('stop'));
  await expect(second).rejects.toThrow('stop');
  leave();
  expect(await settled(third)).toBe(true);
});
test('a server that allows fewer', async () => {
  const limit = new SessionLimit(8);
  const places = [await limit.enter(), await limit.enter(), await limit.enter()];
  expect(limit.lower()).toBe(true);
  places.pop()?.leave();
  expect(limit.most).toBe(2);
  const next = limit.enter();
  expect(await settled(next)).toBe(false);
  places.pop()?.leave();
  expect(await settled(next)).toBe(true);
});
test('a server that allows none', async () => {
  const limit = new SessionLimit(8);
  await limit.enter();
  expect(limit.lower()).toBe(false);
});
test('nobody waits for sessions that stay open', async () => {
  const limit = new SessionLimit(2);
  const { leave } = await limit.enter({ longLived: true });
  await limit.enter();
  const third = limit.enter();
  expect(await settled(third)).toBe(false);
  leave();
  await third;
  const held = new SessionLimit(2);
  const short = await held.enter();
  await held.enter({ longLived: true });
  const [waiting, stays] = [held.enter(), held.enter({ urgent: true, longLived: true })];
  await expect(waiting).rejects.toThrow(SessionsHeld);
  await expect(held.enter()).rejects.toThrow(SessionsHeld);
  short.leave();
  (await stays).leave();
  expect(await settled(held.enter())).toBe(true);
});
test('a place that is held later counts as one that stays open', async () => {
  const limit = new SessionLimit(2);
  const [first, second] = [await limit.enter(), await limit.enter()];
  const waiting = limit.enter();
  first.hold();
  first.hold();
  expect(await settled(waiting)).toBe(false);
  second.hold();
  await expect(waiting).rejects.toThrow(SessionsHeld);
  first.leave();
  first.hold();
  expect(await settled(limit.enter())).toBe(true);
});
test('who waits long gets a connection of its own, one after the other', async () => {
  const limit = new SessionLimit(1, 20);
  const { leave } = await limit.enter();
  const [second, third, fourth] = [limit.enter(), limit.enter(), limit.enter()];
  await expect(second).rejects.toThrow(SessionsHeld);
  expect(await settled(third)).toBe(false);
  await expect(third).rejects.toThrow(SessionsHeld);
  leave();
  expect(await settled(fourth)).toBe(true);
});
