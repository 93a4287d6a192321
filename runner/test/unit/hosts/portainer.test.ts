import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { type AddressInfo } from 'node:net';
import { portainerFindings, restartStack, startIfStopped } from '../../../src/hosts/portainer/portainer.js';

let server: Server;
let answers: Record<'stop' | 'start' | 'ask', [number, string][]>;
let calls: string[];
beforeAll(async () => {
  process.env['PORTAINER_TEST_TOKEN'] = 'a token';
  server = createServer((request, response) => {
    const verb = /\/(stop|start)\?/.exec(request.url ?? '')?.[1] ?? 'ask';
    calls.push(verb);
    const [status, text] = answers[verb as keyof typeof answers].shift() ?? [
      200,
      '{"Status":1,"EndpointId":1}',
    ];
    response.writeHead(status).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
});

type Settings = Parameters<typeof restartStack>[0];
const settings = (given: Partial<typeof answers>): Settings => {
  answers = { stop: [], start: [], ask: [], ...given };
  calls = [];
  const { port } = server.address() as AddressInfo;
  const token = { source: 'env', env: 'PORTAINER_TEST_TOKEN' } as const;
  const api = { url: `http://127.0.0.1:${String(port)}`, endpoint: 1, stack: 3, token };
  return { api, waitSeconds: 1 };
};
const restart = (given: Partial<typeof answers>): Promise<void> =>
  restartStack(settings(given), new AbortController().signal, [0, 0]);

test('a start that failed is tried again', async () => {
  await restart({
    start: [
      [500, ''],
      [409, '{"message":"Stack is already active"}'],
    ],
  });
  expect(calls).toEqual(['stop', 'start', 'start']);
});
test('a stack that stays down is an error of its own', async () => {
  await expect(
    restart({
      start: [
        [500, ''],
        [500, ''],
        [502, ''],
      ],
    }),
  ).rejects.toMatchObject({
    code: 'PORTAINER_STACK_DOWN',
    exitCode: 5,
  });
});
test('a token that is refused stops before anything is stopped, and a stack that was stopped already is started', async () => {
  await expect(restart({ stop: [[403, '']] })).rejects.toMatchObject({ code: 'PORTAINER_REFUSED' });
  expect(calls).toEqual(['stop']);
  await restart({ stop: [[400, 'Stack is already inactive']] });
  expect(calls).toEqual(['stop', 'start']);
});

test.each<[string, [number, string], string]>([
  ['a token without rights', [403, ''], 'access to the stack'],
  ['no such stack', [404, ''], 'api.stack'],
  ['another environment', [200, '{"Status":1,"EndpointId":7}'], 'api.endpoint'],
  ['something that is no Portainer', [200, '<html>'], 'api.url'],
  ['a stack that is stopped', [200, '{"Status":2,"EndpointId":1}'], 'Start it'],
])('%s is reported before anything is changed', async (_, answer, advice) => {
  const [finding] = await portainerFindings(settings({ ask: [answer] }));
  expect(finding).toMatchObject({ severity: 'error', next: expect.stringContaining(advice) });
  expect(calls).toEqual(['ask']);
});
test('nothing is said where all is well, and a stack that runs is not started', async () => {
  expect(await portainerFindings(settings({}))).toEqual([]);
  expect(await startIfStopped(settings({}))).toBe(false);
  expect(calls).toEqual(['ask']);
});
test('a stack that a killed process had stopped is started', async () => {
  expect(await startIfStopped(settings({ ask: [[200, '{"Status":2,"EndpointId":1}']] }))).toBe(true);
  expect(calls).toEqual(['ask', 'start']);
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
