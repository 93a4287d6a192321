import { describe, expect, test } from '@jest/globals';
import { type MailSettings, type NotifySettings } from '../../../src/config/sections.js';
import { Secret } from '../../../src/errors/index.js';
import {
  slackMessage,
  teamsMessage,
  webhookDocument,
  sendNotice,
} from '../../../src/report/notify/send-notice.js';
import { mailMessage, sendMail } from '../../../src/report/notify/mail.js';
import { isWanted, type Notice } from '../../../src/report/notify/notice.js';
import { mailServer, webServer } from './message-servers.js';

const secret = new Secret('s3cr3t-of-the-shop');
const notice: Notice = {
  event: 'failure',
  site: 'acme',
  title: 'Acme <!channel> Theatre',
  run: '20261121T201500Z-3f9a1c',
  headline: `Plugin *Evil* [click](https://evil.example) <https://evil.example|here> @here\r\nBcc: all@example.com ${secret.reveal()}`,
  next: 'Run: understudy recover acme',
  link: 'https://ci.example/job/acme/1/?a=1&b=2',
  opens: 'report',
};
const mail: MailSettings = {
  host: '127.0.0.1',
  port: 0,
  security: 'none',
  from: 'Understudy “staging” <understudy@example.com>',
  to: ['Öps <ops@example.com>', 'ada@example.com'],
};

describe('whether a message is wanted', () => {
  test.each([
    ['failure', 'failed', false],
    ['failure', 'complete', true],
    ['failure', undefined, true],
    ['success', 'complete', false],
    ['success', 'failed', true],
    ['recovered', 'failed', true],
    ['approval', 'complete', true],
  ] as const)('only on change: %s after %s: %s', (event, before, expected) => {
    const on = ['failure', 'success', 'recovered', 'approval'] as const;
    expect(isWanted({ on, onlyChanges: true }, event, before)).toBe(expected);
    expect(isWanted({ on, onlyChanges: false }, event, before)).toBe(true);
    expect(isWanted({ on: [], onlyChanges: false }, event, before)).toBe(false);
  });
});

describe('a message holds nothing that acts', () => {
  test('in Slack: no mention, no link but ours, no markup', () => {
    const { text, blocks } = slackMessage(notice) as {
      text: string;
      blocks: { text: { type: string; text: string } }[];
    };
    expect(text).not.toMatch(/<!|<https|@here/);
    expect(blocks.slice(0, 2).map((block) => block.text.type)).toEqual(['plain_text', 'plain_text']);
    expect(blocks[2]?.text.text).toBe('<https://ci.example/job/acme/1/?a=1&amp;b=2|Open the report>');
  });
  test('in Teams: runs of text, which read no Markdown', () => {
    const card = JSON.stringify(teamsMessage(notice));
    expect(card).not.toContain('"TextBlock"');
    expect(card).toContain('"Action.OpenUrl"');
  });
  test.each([slackMessage, teamsMessage, webhookDocument])(
    'an address that is invalid is no link',
    (message) => {
      const text = JSON.stringify(message({ ...notice, headline: 'x', link: 'javascript:alert(1)' }));
      expect(text.replace('"link":"javascript:alert(1)"', '')).not.toContain('javascript:');
    },
  );
  test('in a mail: no header of its own, no sign that is not ASCII, no secret', () => {
    const message = mailMessage(mail, notice);
    const [head = '', body = ''] = message.split('\r\n\r\n');
    expect(
      head
        .split('\r\n')
        .filter((line) => !line.startsWith(' '))
        .map((line) => line.split(':')[0]),
    ).toEqual([
      'From',
      'To',
      'Subject',
      'Date',
      'Message-ID',
      'Auto-Submitted',
      'MIME-Version',
      'Content-Type',
      'Content-Transfer-Encoding',
    ]);
    expect(message).toMatch(/^[\r\n -~]*$/);
    expect(message.split('\r\n').every((line) => line.length < 78)).toBe(true);
    const text = Buffer.from(body, 'base64').toString('utf8');
    expect(text).toContain('\n\nDo this: Run: understudy recover acme\n\nReport: https://ci.example');
    expect(text).not.toContain(secret.reveal());
  });
});

describe('mail by SMTP', () => {
  test('arrives for everybody', async () => {
    const server = await mailServer();
    await sendMail({ ...mail, port: server.port }, notice);
    server.close();
    expect(
      server.lines.filter((line) => /^(MAIL|RCPT)/.test(line)).map((line) => line.replace(/ BODY.*/, '')),
    ).toEqual([
      'MAIL FROM:<understudy@example.com>',
      'RCPT TO:<ops@example.com>',
      'RCPT TO:<ada@example.com>',
    ]);
    expect(server.lines.some((line) => line.startsWith('Subject: =?UTF-8?B?'))).toBe(true);
  });
  test('is not sent where the server cannot protect it', async () => {
    const server = await mailServer();
    const sent = sendMail({ ...mail, port: server.port, security: 'starttls' }, notice);
    await expect(sent).rejects.toThrow();
    server.close();
    expect(server.lines.some((line) => line.startsWith('MAIL'))).toBe(false);
  });
  test('says what is wrong where nobody listens', async () => {
    const server = await mailServer();
    server.close();
    await expect(sendMail({ ...mail, port: server.port }, notice)).rejects.toThrow(/ECONNREFUSED/);
  });
});

test('every channel is tried, and those that fail are named without their address', async () => {
  const server = await webServer({ '/slack': 500 });
  const { address } = server;
  process.env['NOTIFY_TEST_SLACK'] = `${address}/slack`;
  process.env['NOTIFY_TEST_HOOK'] = `${address}/hook`;
  const settings: NotifySettings = {
    on: ['failure'],
    onlyChanges: false,
    slack: { source: 'env', env: 'NOTIFY_TEST_SLACK' } as never,
    webhook: { source: 'env', env: 'NOTIFY_TEST_HOOK' } as never,
  };
  await expect(sendNotice(settings, notice)).rejects.toThrow(
    'A notification could not be sent. notify.slack: it answered with status 500.',
  );
  expect(server.taken.map(({ path }) => path).sort()).toEqual(['/hook', '/slack']);
  server.close();
});
