import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { restartStaging, waitForStaging } from '../../../src/pipelines/sync/restart-staging.js';

type Context = Parameters<typeof restartStaging>[0];

let server: Server;
/** Of staging, one per request; the last one stays. */
let pages: number[];
/** What `docker inspect` prints; the last one stays. */
let states: string[];
let warned: string[];
/** Of the webhook. */
let hook: number;
beforeAll(async () => {
  server = createServer((request, response) => {
    const isHook = request.method === 'POST';
    const status = isHook ? hook : pages.length > 1 ? (pages.shift() ?? 200) : (pages[0] ?? 200);
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  process.env['RESTART_TEST_HOOK'] = `http://127.0.0.1:${String(port)}/hook`;
});
afterAll(() => {
  server.close();
});
beforeEach(() => {
  [pages, states, warned, hook] = [[200], [], [], 202];
});

const context = (waitSeconds: number): Context => {
  const { port } = server.address() as AddressInfo;
  const docker = {
    run: () => {
      const said = (states.length > 1 ? states.shift() : states[0]) ?? '';
      const code = said === '' ? 1 : 0;
      return Promise.resolve({
        code,
        stdout: Buffer.from(said),
        stderr: code === 0 ? '' : 'Error: No such container',
        seconds: 0,
      });
    },
  };
  const portainer = { webhook: { source: 'env', env: 'RESTART_TEST_HOOK' }, waitSeconds };
  return {
    site: {
      name: 'acme',
      staging: {
        container: 'acme-php',
        portainer,
        url: `http://127.0.0.1:${String(port)}`,
        http: { headers: {} },
      },
    },
    hosts: { staging: () => Promise.resolve(docker) },
    signal: new AbortController().signal,
    console: {
      line: () => undefined,
      note: () => undefined,
      transient: () => undefined,
      block: () => undefined,
      progress: () => undefined,
      warn: (text: string) => warned.push(text),
    },
    events: () => ({ write: (event: object) => warned.push(JSON.stringify(event)) }),
  } as unknown as Context;
};
const [OLD, NEW] = ['true none 2026-01-01T00:00:00Z aaa', 'true none 2026-01-01T00:09:00Z bbb'];

test('waits until the container was made again, is healthy, and staging answers', async () => {
  states = [OLD, OLD, '', 'true starting 2026-01-01T00:09:00Z bbb', 'true healthy 2026-01-01T00:09:00Z bbb'];
  pages = [502, 200];
  await restartStaging(context(60), 10);
  expect(warned.join()).not.toContain('PORTAINER_NOT_RESTARTED');
  expect([states, pages]).toEqual([['true healthy 2026-01-01T00:09:00Z bbb'], [200]]);
});
test('notices an order that was heard and did nothing', async () => {
  states = [OLD];
  await restartStaging(context(1), 10);
  expect(warned.join()).toContain('PORTAINER_NOT_RESTARTED');
});
test.each([
  ['a container that does not come up', [OLD, 'false none 2026-01-01T00:09:00Z bbb'], [200]],
  ['a proxy without a site behind it', [OLD, NEW], [503]],
])('%s ends with exit code 5 and what to do', async (_, said, statuses) => {
  [states, pages] = [said, statuses];
  await expect(restartStaging(context(1), 10)).rejects.toMatchObject({
    code: 'PORTAINER_STACK_DOWN',
    exitCode: 5,
    next: expect.stringContaining('docker logs acme-php'),
  });
});
test('an order that was refused, and a staging that is down all the same: exit code 5', async () => {
  [hook, states, pages] = [409, [OLD, 'false none 2026-01-01T00:09:00Z bbb'], [200]];
  await expect(restartStaging(context(1), 10)).rejects.toMatchObject({ code: 'PORTAINER_STACK_DOWN' });
  expect(warned.join()).toContain('PORTAINER_REFUSED');
  states = [OLD];
  await restartStaging(context(1), 10);
});
test('a command that follows waits too', async () => {
  [states, pages] = [['', NEW], [200]];
  await waitForStaging(context(60), undefined, 10);
  expect(states).toEqual([NEW]);
});
