import { expect, test } from '@jest/globals';
import { loadTexts, problemLines, siteText } from './load-in-memory.js';

const limitsOf = async (more: string): Promise<unknown> => {
  const { sites, problems } = await loadTexts({ 'acme.yaml': siteText({ more }) });
  expect(problems).toEqual([]);
  return sites[0]?.production.limits;
};

test('without any, a sync takes what it can get, and waits for nothing', async () => {
  expect(await limitsOf('')).toEqual({ waitSeconds: 1800 });
});

test('rates, load and hours come as they are given; hours are those of UTC unless they name a time zone', async () => {
  const limits =
    "limits: { transfer: 50, dump: 20.5, load: 4, wait: 1h, hours: { from: '22:00', to: '06:00' } }";
  expect(await limitsOf(limits)).toEqual({
    transferMegabits: 50,
    dumpMegabytes: 20.5,
    load: 4,
    waitSeconds: 3600,
    hours: { from: '22:00', to: '06:00', timezone: 'UTC' },
  });
  expect(
    await limitsOf("limits: { hours: { from: '01:00', to: '05:00', timezone: Europe/Berlin } }"),
  ).toMatchObject({ hours: { timezone: 'Europe/Berlin' } });
});

test.each([
  ['transfer: 0', 'production.limits.transfer'],
  ['load: -1', 'production.limits.load'],
  ["hours: { from: '25:00', to: '06:00' }", 'production.limits.hours.from'],
  ["hours: { from: '22:00' }", 'production.limits.hours'],
  ["hours: { from: '22:00', to: '06:00', timezone: Mars }", 'production.limits.hours.timezone'],
  ['rate: 5', 'production.limits.rate'],
])('%s is refused by name', async (limits, key) => {
  const lines = await problemLines({ 'acme.yaml': siteText({ more: `limits: { ${limits} }` }) });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(key);
});
