import { afterEach, expect, jest, test } from '@jest/globals';
import { type StageContext } from '../../../src/stages/stage.js';
import { perContext } from '../../../src/stages/survey/database-surveys.js';

afterEach(() => {
  jest.restoreAllMocks();
});

const hosts = (): StageContext['hosts'] => ({}) as StageContext['hosts'];
const context = (of: StageContext['hosts'], isPreflight: boolean): StageContext =>
  ({ hosts: of, ...(isPreflight ? { preflightConnections: {} } : {}) }) as StageContext;

function look(): { ask: (context: StageContext) => Promise<number> } {
  let looks = 0;
  return { ask: perContext(() => Promise.resolve(++looks)) };
}

test('everybody with one context gets one answer; another preflight looks again', async () => {
  const [{ ask }, process] = [look(), hosts()];
  const first = context(process, true);
  expect([await ask(first), await ask(first)]).toEqual([1, 1]);
  expect(await ask(context(process, true))).toBe(2);
});

test('a stage takes what the newest preflight of its process saw, for a minute', async () => {
  const now = jest.spyOn(performance, 'now').mockReturnValue(1_000_000);
  const [{ ask }, process] = [look(), hosts()];
  await ask(context(process, true));
  await ask(context(process, true));
  now.mockReturnValue(1_059_000);
  const stage = context(process, false);
  expect(await ask(stage)).toBe(2);
  now.mockReturnValue(1_060_000);
  expect(await ask(context(process, false))).toBe(3);
  // What a stage has, it keeps.
  expect(await ask(stage)).toBe(2);
});

test('what a stage saw is not taken for what a preflight saw, nor that of another process', async () => {
  const [{ ask }, process] = [look(), hosts()];
  await ask(context(process, false));
  expect(await ask(context(process, false))).toBe(2);
  await ask(context(process, true));
  expect(await ask(context(hosts(), false))).toBe(4);
});

test('a preflight that failed is asked again', async () => {
  let looks = 0;
  const ask = perContext(() => (++looks === 1 ? Promise.reject(new Error('away')) : Promise.resolve(looks)));
  const process = hosts();
  await expect(ask(context(process, true))).rejects.toThrow('away');
  expect(await ask(context(process, false))).toBe(2);
});
