import { type MailSettings } from '../../config/sections.js';
import { resolveLogin } from '../../config/resolve-secret.js';
import { type Notice, noticeLine, noticeLink } from './notice.js';

export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** Plain text alone: nothing in it is markup, and every mail program shows it. */
export function mailText({ site, title, headline, next, link, run }: Notice): MailText {
  const address = noticeLink(link);
  return {
    subject: noticeLine(`[${site}] ${headline}`).slice(0, 200),
    text: [
      noticeLine(`${title}: ${headline}`),
      ...(next === '' ? [] : [`Do this: ${noticeLine(next)}`]),
      ...(address === '' ? [] : [`Report: ${address}`]),
      ...(run === '' ? [] : [`Run ${noticeLine(run)}`]),
    ].join('\n\n'),
  };
}

/** Milliseconds for each step of talking to the mail server. */
const PATIENCE = 15_000;

/** By SMTP; the server's certificate is verified. Rejects with what the server said. */
export async function sendMail(settings: MailSettings, notice: Notice): Promise<void> {
  const { createTransport } = await import('nodemailer');
  const { host, port, security, login, from, to } = settings;
  const account = login === undefined ? undefined : await resolveLogin(login);
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    connectionTimeout: PATIENCE,
    greetingTimeout: PATIENCE,
    socketTimeout: PATIENCE,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(account === undefined ? {} : { auth: { user: account.user, pass: account.password.reveal() } }),
  });
  try {
    await transport.sendMail({
      from,
      to: [...to],
      ...mailText(notice),
      // RFC 3834: nothing answers it by itself.
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  } finally {
    transport.close();
  }
}
