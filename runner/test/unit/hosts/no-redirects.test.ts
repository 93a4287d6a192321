import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { restartStack } from '../../../src/hosts/portainer/portainer.js';
import { sendNotice } from '../../../src/report/notify/send-notice.js';

const STATUSES = [301, 302, 303, 307, 308] as const;

/** The one that is declared sends everybody on to the other. */
let [declared, elsewhere]: Server[] = [];
let status = 302;
let [asked, reached] = [0, [] as string[]];
const addressOf = (server: Server | undefined): string =>
  `http://127.0.0.1:${String((server?.address() as AddressInfo).port)}`;
const listen = (server: Server): Promise<void> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

beforeAll(async () => {
  elsewhere = createServer((request, response) => {
    reached.push(JSON.stringify(request.headers));
    response.end('thank you');
  });
  declared = createServer((_request, response) => {
    asked += 1;
    response.writeHead(status, { Location: `${addressOf(elsewhere)}/collect` }).end();
  });
  await Promise.all([listen(elsewhere), listen(declared)]);
  process.env['REDIRECT_TEST_TOKEN'] = 'a token';
  process.env['REDIRECT_TEST_WEBHOOK'] = `${addressOf(declared)}/hook/secret`;
});
afterAll(() => {
  for (const server of [declared, elsewhere]) server?.close();
  delete process.env['REDIRECT_TEST_TOKEN'];
  delete process.env['REDIRECT_TEST_WEBHOOK'];
});

const token = { source: 'env', env: 'REDIRECT_TEST_TOKEN' } as const;
const webhook = { source: 'env', env: 'REDIRECT_TEST_WEBHOOK' } as const;
type Portainer = Parameters<typeof restartStack>[0];
const portainer = (settings: object): Promise<void> =>
  restartStack({ waitSeconds: 1, ...settings } as unknown as Portainer, new AbortController().signal, [0]);

const SENDERS: readonly [string, string, () => Promise<void>][] = [
  [
    "Portainer's API",
    'PORTAINER_REFUSED',
    () => portainer({ api: { url: addressOf(declared), endpoint: 1, stack: 3, token } }),
  ],
  ["Portainer's webhook", 'PORTAINER_REFUSED', () => portainer({ webhook })],
  [
    'the webhook of notify',
    'NOTIFY_FAILED',
    () =>
      sendNotice({ webhook, on: ['failure'] } as unknown as Parameters<typeof sendNotice>[0], {
        event: 'failure',
        site: 'acme',
        run: 'a run',
        title: 'Acme',
        headline: 'It failed.',
        next: '',
        link: '',
        opens: 'build',
      }),
  ],
];

describe.each(SENDERS)('%s', (_name, code, send) => {
  test.each(STATUSES)(
    'answering %i: nothing goes to another place, and it counts as failed',
    async (given) => {
      status = given;
      [asked, reached] = [0, []];
      await expect(send()).rejects.toMatchObject({ code });
      expect(asked).toBe(1);
      expect(reached).toEqual([]);
    },
  );
});
