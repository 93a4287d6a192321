import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { createProgram } from '../../../src/cli/program.js';
import { UnderstudyError } from '../../../src/errors/index.js';
import { loadSite } from '../../../src/config/index.js';
import { reportEnd, reportNotApproved } from '../../../src/pipelines/runs/notices.js';
import { noEventLog } from '../../../src/report/events/event-log.js';
import { createConsole } from '../../../src/report/terminal/console.js';
import { mailServer, type MailServer, webServer, type WebServer } from '../report/message-servers.js';
import { unreachableSide } from './unreachable-side.js';

const environment = { ...process.env };
let folder: string;
let mail: MailServer;
let web: WebServer;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'understudy-notices-'));
  [mail, web] = [await mailServer(), await webServer()];
});
afterEach(() => {
  mail.close();
  web.close();
  rmSync(folder, { recursive: true, force: true });
  process.env = environment;
});

const workspace = (): string => path.join(folder, 'workspace');
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs1',
  format: 'pem',
});

/** A site whose hosts nobody can reach: port 1 of this machine. */
async function writeSite(notify: object = {}, more: object = {}): Promise<void> {
  const secret = (name: string, text: string): { file: string } => {
    const file = path.join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return { file };
  };
  mkdirSync(path.join(folder, 'sites'), { recursive: true });
  const side = (name: string): object => unreachableSide(name, secret('key', String(key)));
  const site = {
    title: 'Acme <!channel> Theatre',
    type: 'wordpress',
    production: side('www'),
    staging: side('staging'),
    notify: {
      slack: secret('slack', `${web.address}/slack`),
      teams: secret('teams', `${web.address}/teams`),
      webhook: secret('webhook', `${web.address}/webhook`),
      email: {
        host: '127.0.0.1',
        port: mail.port,
        security: 'none',
        from: 'understudy@acme.test',
        to: ['ops@acme.test'],
      },
      on: ['failure', 'success', 'recovered'],
      ...notify,
    },
    ...more,
  };
  writeFileSync(path.join(folder, 'sites/acme.yaml'), stringify(site));
  await Promise.resolve();
}

const understudy = async (...words: string[]): Promise<unknown> =>
  createProgram()
    .parseAsync([
      'node',
      'u',
      '--sites',
      path.join(folder, 'sites'),
      '--workspace',
      workspace(),
      '--quiet',
      ...words,
    ])
    .then(
      () => undefined,
      (error: unknown) => error,
    );

const onWebhook = (): Record<string, string>[] =>
  web.taken
    .filter(({ path: where }) => where === '/webhook')
    .map(({ body }) => JSON.parse(body) as Record<string, string>);

describe('a command whose hosts do not answer', () => {
  test.each([
    [['sync', 'acme'], 'The sync did not start. '],
    [['stage', 'transfer-backup', 'acme'], 'The sync did not start. '],
    [['update', 'acme'], 'The update of staging failed. '],
    [['promote', 'acme'], 'The promotion failed. '],
    [['promote', 'acme', '--rollback'], 'The promotion failed. '],
    [['archive', 'acme'], 'The archiving failed. '],
    [['publish', 'acme'], 'The publication failed. '],
    [['rollback', 'acme'], 'The rollback of staging failed. '],
    [['finish', 'acme'], 'The end of the build failed. '],
  ])('%j is reported over every channel, with the one thing to do', async (words, begin) => {
    await writeSite();
    const error = await understudy(...words);
    expect(error).toBeInstanceOf(UnderstudyError);
    const { message, next } = error as UnderstudyError;
    expect(onWebhook()).toMatchObject([
      {
        event: 'failure',
        site: 'acme',
        headline: expect.stringContaining(begin),
        next: next.replaceAll(/\s+/g, ' '),
      },
    ]);
    expect(onWebhook()[0]?.['headline']).toContain(message.slice(0, 60));
    expect(web.taken.map(({ path: where }) => where).sort()).toEqual(['/slack', '/teams', '/webhook']);
    const [mailed] = mail.texts();
    expect(mailed).toContain(begin);
    expect(mailed).toContain('\n\nDo this: ');
    const slack = JSON.parse(web.taken.find(({ path: where }) => where === '/slack')?.body ?? '') as object;
    expect((slack as { text: string }).text).toContain('Acme &lt;!channel&gt; Theatre: ');
  });

  test('is no news where somebody looks at a rehearsal, or has mistyped a command', async () => {
    await writeSite();
    expect(await understudy('sync', 'acme', '--dry-run')).toMatchObject({ code: 'HOST_UNREACHABLE' });
    expect(await understudy('plan', 'acme')).toMatchObject({ code: 'HOST_UNREACHABLE' });
    expect(await understudy('stage', 'no-such-stage', 'acme')).toMatchObject({ code: 'USAGE' });
    expect(web.taken).toEqual([]);
  });

  test('is reported once where only changes are wanted, and each kind of work for itself', async () => {
    await writeSite({ onlyChanges: true });
    await understudy('sync', 'acme');
    await understudy('sync', 'acme');
    expect(onWebhook()).toHaveLength(1);
    await understudy('update', 'acme');
    await understudy('update', 'acme');
    expect(onWebhook().map(({ headline }) => headline?.slice(0, 10))).toEqual(['The sync d', 'The update']);
  });

  test('in one build, with an end that fails for the same reason, sends one message, with a link', async () => {
    process.env = {
      ...environment,
      JOB_NAME: 'acme/sync',
      BUILD_NUMBER: '7',
      BUILD_URL: 'https://ci.example/job/acme/7/',
    };
    await writeSite();
    await understudy('sync', 'acme');
    await understudy('finish', 'acme');
    expect(onWebhook()).toMatchObject([{ link: 'https://ci.example/job/acme/7/' }]);
    const slack = web.taken.find(({ path: where }) => where === '/slack')?.body;
    expect(slack).toContain('<https://ci.example/job/acme/7/|Open the build>');
  });

  test('keeps its own error where a message does not arrive either', async () => {
    await writeSite();
    mail.close();
    web.close();
    expect(await understudy('sync', 'acme')).toMatchObject({ code: 'HOST_UNREACHABLE' });
    const result = readFileSync(path.join(workspace(), 'acme/result.json'), 'utf8');
    expect(JSON.parse(result)).toMatchObject({ error: { code: 'HOST_UNREACHABLE' } });
  });
});

describe('a command whose secret is missing', () => {
  test('is reported over the channels that work, without the others’ secrets', async () => {
    await writeSite({ teams: { env: 'NO_SUCH_VARIABLE' } });
    await understudy('sync', 'acme');
    expect(web.taken.map(({ path: where }) => where).sort()).toEqual(['/slack', '/webhook']);
    expect(JSON.stringify(web.taken) + mail.texts().join()).not.toContain(web.address);
  });
});

test('the work that is well again says so, once', async () => {
  await writeSite({ onlyChanges: true });
  const site = await loadSite(path.join(folder, 'sites'), 'acme');
  const end = (problem?: UnderstudyError): Promise<void> =>
    reportEnd({
      command: 'update',
      site,
      workspace: workspace(),
      console: createConsole({ write: () => undefined }),
      session: undefined,
      run: '20261121T201500Z-3f9a1c',
      summary: '3 updated, nothing broken.',
      problem,
    });
  const failure = new UnderstudyError('CHECKS_FAILED', 'After the updates 3 checks fail.');
  for (const problem of [undefined, undefined, failure, failure, undefined, undefined]) await end(problem);
  expect(onWebhook().map(({ event, headline }) => [event, headline])).toEqual([
    ['success', '3 updated, nothing broken.'],
    ['failure', 'The update of staging failed. After the updates 3 checks fail.'],
    ['recovered', '3 updated, nothing broken.'],
  ]);
});

test.each([
  ['rejected', /were rejected\. Nothing was promoted\./],
  ['late', /were not approved in time\. Nothing was promoted\./],
] as const)('updates that nobody approved (%s) are told to those who wait for them', async (why, says) => {
  await writeSite();
  await reportNotApproved(
    {
      site: await loadSite(path.join(folder, 'sites'), 'acme'),
      workspace: workspace(),
      console: createConsole({ write: () => undefined }),
      events: () => noEventLog,
    },
    '20261121T201500Z-3f9a1c',
    why,
  );
  expect(onWebhook()).toMatchObject([{ event: 'failure' }]);
  expect(onWebhook()[0]?.headline).toMatch(says);
  expect(web.taken).toHaveLength(3);
  expect(mail.texts().join()).toContain('20261121T201500Z-3f9a1c');
});
