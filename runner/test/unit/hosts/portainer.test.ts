import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { type AddressInfo } from 'node:net';
import { portainerFindings, restartStack, startIfStopped } from '../../../src/hosts/portainer/portainer.js';
import { FakePortainer } from './fake-portainer.js';

type Settings = Parameters<typeof restartStack>[0];

const portainer = new FakePortainer();
let settings: Settings;
beforeAll(async () => {
  process.env['PORTAINER_TEST_TOKEN'] = 'a token';
  process.env['PORTAINER_FORMER_TOKEN'] = 'another token';
  const url = await portainer.start();
  const token = { source: 'env', env: 'PORTAINER_TEST_TOKEN' } as const;
  settings = { api: { url, endpoint: 1, stack: 3, token }, waitSeconds: 1 };
});
afterAll(() => {
  portainer.stop();
});
beforeEach(() => {
  portainer.reset();
});
const restart = (signal = new AbortController().signal): Promise<void> =>
  restartStack(settings, signal, [0, 0.05, 0.1]);
const withToken = (env: string): Settings => ({
  ...settings,
  ...(settings.api === undefined ? {} : { api: { ...settings.api, token: { source: 'env', env } } }),
});

test('stops and starts the stack', async () => {
  await restart();
  expect(portainer).toMatchObject({ calls: ['stop', 'start'], containers: true });
});
test('a start that failed is tried again', async () => {
  portainer.trouble = { start: ['fails', 502] };
  await restart();
  expect(portainer).toMatchObject({ calls: ['stop', 'start', 'start', 'start'], containers: true });
});
test('a stack that stays down is an error of its own, with what Portainer says', async () => {
  portainer.trouble = { start: ['fails', 502, 'fails', 'fails'] };
  await expect(restart()).rejects.toMatchObject({
    code: 'PORTAINER_STACK_DOWN',
    exitCode: 5,
    details: [expect.stringContaining('Unable to start stack: failed to deploy a stack')],
  });
});
test('a name that is taken is no stack that runs', async () => {
  portainer.trouble = { start: Array.from({ length: 4 }, () => () => (portainer.containers = true)) };
  await expect(restart()).rejects.toMatchObject({
    code: 'PORTAINER_STACK_DOWN',
    details: [expect.stringContaining("409: A stack with the name 'acme-staging' is already running")],
  });
});
test('a token that is refused stops before anything is stopped', async () => {
  const signal = new AbortController().signal;
  await expect(restartStack(withToken('PORTAINER_FORMER_TOKEN'), signal, [0])).rejects.toMatchObject({
    code: 'PORTAINER_REFUSED',
    message: expect.stringContaining('401: A valid authorization token is missing: Unauthorized'),
  });
  expect(portainer).toMatchObject({ calls: ['stop'], containers: true });
});
test('a stack that was stopped already is started', async () => {
  Object.assign(portainer.stack, { Status: 2 });
  portainer.containers = false;
  await restart();
  expect(portainer).toMatchObject({ calls: ['stop', 'start'], containers: true });
});
test.each(['cut off', 504] as const)('a stop whose answer is lost (%s) is not left at that', async (lost) => {
  portainer.takes = 30;
  portainer.trouble = {
    stop: [lost === 504 ? 504 : 'cut off'],
  };
  // A proxy gives up; Portainer goes on.
  if (lost === 504)
    setTimeout(() => {
      Object.assign(portainer.stack, { Status: 2 });
      portainer.containers = false;
    }, 30);
  await restart();
  expect(portainer).toMatchObject({ containers: true, stack: { Status: 1 } });
  expect(portainer.calls.at(-1)).toBe('start');
});
test('a stop that failed leaves the stack as it is, and says so', async () => {
  portainer.trouble = { stop: ['fails'] };
  await expect(restart()).rejects.toMatchObject({
    code: 'PORTAINER_REFUSED',
    message: expect.stringContaining('500: Unable to stop stack'),
  });
  expect(portainer.calls).not.toContain('start');
});
test('an order that nobody has heard is not waited for', async () => {
  const { api } = settings;
  if (api === undefined) throw new Error('no api');
  const nobody = { ...settings, api: { ...api, url: 'http://127.0.0.1:9' } };
  const before = performance.now();
  await expect(restartStack(nobody, new AbortController().signal, [30])).rejects.toMatchObject({
    code: 'PORTAINER_REFUSED',
    message: expect.stringContaining('ECONNREFUSED'),
  });
  expect(performance.now() - before).toBeLessThan(20_000);
});
test('interrupted while it stops, it starts all the same', async () => {
  const abort = new AbortController();
  portainer.takes = 30;
  portainer.trouble = {
    stop: [
      () => {
        abort.abort();
      },
    ],
  };
  await restart(abort.signal);
  expect(portainer).toMatchObject({ calls: ['stop', 'start'], containers: true });
});
test('a webhook of a newer Portainer accepts', async () => {
  process.env['PORTAINER_TEST_HOOK'] = `${settings.api?.url ?? ''}/api/stacks/webhooks/hidden`;
  const webhook = { source: 'env', env: 'PORTAINER_TEST_HOOK' } as const;
  await restartStack({ webhook, waitSeconds: 1 }, new AbortController().signal);
  expect(portainer.calls).toEqual(['webhook']);
});

test.each<[string, () => void, string]>([
  ['no such stack', () => (portainer.trouble = { ask: [404] }), 'api.stack'],
  ['another environment', () => (portainer.stack.EndpointId = 7), 'api.endpoint'],
  ['something that is no Portainer', () => (portainer.trouble = { ask: [200] }), 'api.url'],
  ['a stack that is stopped', () => (portainer.stack.Status = 2), 'Start it'],
])('%s is reported before anything is changed', async (_, make, advice) => {
  make();
  const [finding] = await portainerFindings(settings);
  expect(finding).toMatchObject({ severity: 'error', next: expect.stringContaining(advice) });
  expect(portainer.calls).toEqual(['ask']);
});
test('a token without rights is reported before anything is changed', async () => {
  const [finding] = await portainerFindings(withToken('PORTAINER_FORMER_TOKEN'));
  expect(finding).toMatchObject({ severity: 'error', next: expect.stringContaining('access to the stack') });
});
test('nothing is said where all is well, and a stack that runs is not started', async () => {
  expect(await portainerFindings(settings)).toEqual([]);
  expect(await startIfStopped(settings)).toBe(false);
  expect(portainer.calls).toEqual(['ask', 'ask']);
});
test('a stack that a killed process had stopped is started', async () => {
  Object.assign(portainer.stack, { Status: 2 });
  portainer.containers = false;
  expect(await startIfStopped(settings)).toBe(true);
  expect(portainer.calls).toEqual(['ask', 'start']);
});
test('a self-signed Portainer needs its authority, and a webhook’s secret stands in no message', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'understudy-portainer-'));
  const [key, ca] = [path.join(folder, 'key.pem'), path.join(folder, 'ca.pem')];
  execFileSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-keyout', key, '-out', ca, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ],
    { stdio: 'ignore' },
  );
  const asked: string[] = [];
  const secure = https.createServer(
    { key: readFileSync(key), cert: readFileSync(ca) },
    (request, response) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      response.writeHead(204).end();
    },
  );
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = secure.address() as AddressInfo;
    process.env['PORTAINER_TEST_HOOK'] = `https://localhost:${String(port)}/api/stacks/webhooks/hidden`;
    const hook: Settings = { webhook: { source: 'env', env: 'PORTAINER_TEST_HOOK' }, waitSeconds: 1 };
    const [finding] = await portainerFindings(hook);
    expect(finding?.next).toContain('staging.portainer.ca');
    expect(JSON.stringify(finding)).not.toContain('hidden');
    expect(await portainerFindings({ ...hook, ca })).toEqual([]);
    await restartStack({ ...hook, ca }, new AbortController().signal);
    expect(asked).toEqual(['GET /api/status', 'POST /api/stacks/webhooks/hidden']);
  } finally {
    secure.close();
    rmSync(folder, { recursive: true });
  }
});
