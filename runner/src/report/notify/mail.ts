import { randomUUID } from 'node:crypto';
import { type MailSettings } from '../../config/sections.js';
import { type Login, resolveLogin } from '../../config/secrets/resolve-secret.js';
import { type Notice, noticeLine, noticeLink } from './notice.js';

export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** Plain text alone: nothing in it is markup, and every mail program shows it. */
export function mailText({ site, title, headline, next, link, opens, run }: Notice): MailText {
  const address = noticeLink(link);
  return {
    subject: noticeLine(`[${site}] ${headline}`).slice(0, 200),
    text: [
      noticeLine(`${title}: ${headline}`),
      ...(next === '' ? [] : [`Do this: ${noticeLine(next)}`]),
      ...(address === '' ? [] : [`${opens === 'report' ? 'Report' : 'Build'}: ${address}`]),
      ...(run === '' ? [] : [`Run ${noticeLine(run)}`]),
    ].join('\n\n'),
  };
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** Words of at most 75 signs (RFC 2047); a sign of several bytes is never cut. */
function encodedWords(text: string): string {
  const pieces: string[] = [];
  for (const sign of text) {
    const last = pieces.at(-1);
    if (last === undefined || Buffer.byteLength(last + sign) > 42) pieces.push(sign);
    else pieces[pieces.length - 1] = last + sign;
  }
  return pieces.map((piece) => `=?UTF-8?B?${base64(piece)}?=`).join('\r\n ');
}

/** The name before an address, which may hold any sign; the address itself is ASCII (config/rules/notify-channels.ts). */
function mailbox(text: string): string {
  const [, name = '', address = ''] = /^(.*?)\s*<([^<>]+)>$/.exec(text) ?? ['', '', text];
  return name === '' ? address : `${encodedWords(name)}\r\n <${address}>`;
}

export const addressIn = (text: string): string => /<([^<>]+)>$/.exec(text)?.[1] ?? text;

/** A whole message of RFC 5322: what is not ASCII is encoded, so no line of a header is ours to break. */
export function mailMessage({ from, to }: Pick<MailSettings, 'from' | 'to'>, notice: Notice): string {
  const { subject, text } = mailText(notice);
  const domain = addressIn(from).split('@').at(-1) ?? 'localhost';
  return [
    `From: ${mailbox(from)}`,
    `To: ${to.map(mailbox).join(',\r\n ')}`,
    `Subject: ${encodedWords(subject)}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${randomUUID()}@${domain}>`,
    // RFC 3834: nothing answers it by itself.
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...(base64(`${text}\n`).match(/.{1,76}/g) ?? []),
    '',
  ].join('\r\n');
}

/** Milliseconds for each step of talking to the mail server. */
const PATIENCE = 15_000;

/** By SMTP; the server's certificate is verified. Rejects with what the server said. */
export async function sendMail(settings: MailSettings, notice: Notice): Promise<void> {
  const { default: Connection } = await import('nodemailer/lib/smtp-connection');
  const { host, port, security, login, from, to } = settings;
  const account: Login | undefined = login === undefined ? undefined : await resolveLogin(login);
  const connection = new Connection({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    connectionTimeout: PATIENCE,
    greetingTimeout: PATIENCE,
    socketTimeout: PATIENCE,
  });
  const step = (call: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      call((error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  const broken = new Promise<never>((_, reject) => connection.once('error', reject));
  broken.catch(() => undefined);
  const talk = async (): Promise<void> => {
    await step((done) => {
      connection.connect(done);
    });
    if (account !== undefined)
      await step((done) => {
        connection.login({ credentials: { user: account.user, pass: account.password.reveal() } }, done);
      });
    await step((done) => {
      connection.send({ from: addressIn(from), to: to.map(addressIn) }, mailMessage(settings, notice), done);
    });
  };
  try {
    await Promise.race([talk(), broken]);
    connection.quit();
  } finally {
    connection.close();
  }
}
