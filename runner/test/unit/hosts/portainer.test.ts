import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { restartStack } from '../../../src/hosts/portainer.js';

let server: Server;
let answers: Record<'stop' | 'start', [number, string][]>;
let calls: string[];
beforeAll(async () => {
  process.env['PORTAINER_TEST_TOKEN'] = 'a token';
  server = createServer((request, response) => {
    const verb = request.url?.includes('/stop') === true ? 'stop' : 'start';
    calls.push(verb);
    const [status, text] = answers[verb].shift() ?? [200, ''];
    response.writeHead(status).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
});

const restart = (given: Partial<typeof answers>): Promise<void> => {
  answers = { stop: [], start: [], ...given };
  calls = [];
  const { port } = server.address() as AddressInfo;
  const token = { source: 'env', env: 'PORTAINER_TEST_TOKEN' } as const;
  const api = { url: `http://127.0.0.1:${String(port)}`, endpoint: 1, stack: 3, token };
  return restartStack(
    { api } as unknown as Parameters<typeof restartStack>[0],
    new AbortController().signal,
    [0, 0],
  );
};

it('a start that failed is tried again', async () => {
  await restart({
    start: [
      [500, ''],
      [409, '{"message":"Stack is already active"}'],
    ],
  });
  expect(calls).toEqual(['stop', 'start', 'start']);
});
it('a stack that stays down is an error of its own', async () => {
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
it('a token that is refused stops before anything is stopped, and a stack that was stopped already is started', async () => {
  await expect(restart({ stop: [[403, '']] })).rejects.toMatchObject({ code: 'PORTAINER_REFUSED' });
  expect(calls).toEqual(['stop']);
  await restart({ stop: [[400, 'Stack is already inactive']] });
  expect(calls).toEqual(['stop', 'start']);
});
