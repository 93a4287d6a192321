import { type NotifySettings } from '../../config/sections.js';
import { resolveSecret } from '../../config/secrets/resolve-secret.js';
import { type SecretReference } from '../../config/site.js';
import { maskSecrets, maskValues, shownLine, UnderstudyError, messageOf } from '../../errors/index.js';
import { slackMessage, teamsMessage, webhookDocument } from './chat.js';
import { type Before, isWanted, type Notice } from './notice.js';
import { sendRequest } from '../../http/send-request.js';

/**
 * Sends a message over every channel of the site, if the site file wants one for this event.
 * @param before how the same work ended the last time
 * @throws NOTIFY_FAILED naming every channel that did not take it; a message that does not arrive never fails a run, so
 *   callers turn it into a warning
 */
export async function sendNotice(
  settings: NotifySettings | undefined,
  notice: Notice,
  before?: Before,
): Promise<void> {
  if (settings === undefined || !isWanted(settings, notice.event, before)) return;
  const { webhook, slack, teams, email } = settings;
  const channels: [string, () => Promise<void>][] = [
    ...chatChannel('webhook', webhook, () => webhookDocument(notice)),
    ...chatChannel('slack', slack, () => slackMessage(notice)),
    ...chatChannel('teams', teams, () => teamsMessage(notice)),
  ];
  if (email !== undefined)
    channels.push(['email', async () => (await import('./mail.js')).sendMail(email, notice)]);
  const ends = await Promise.allSettled(channels.map(([, send]) => send()));
  const problems = ends.flatMap((end, index) =>
    end.status === 'fulfilled' ? [] : [`notify.${channels[index]?.[0] ?? ''}: ${reasonOf(end.reason)}`],
  );
  if (problems.length > 0)
    throw new UnderstudyError('NOTIFY_FAILED', `A notification could not be sent. ${problems.join('; ')}.`);
}

const chatChannel = (
  name: string,
  address: SecretReference | undefined,
  document: () => object,
): [string, () => Promise<void>][] =>
  address === undefined ? [] : [[name, () => post(address, document())]];

const reasonOf = (reason: unknown): string =>
  shownLine(maskSecrets(messageOf(reason)).slice(0, 300)).replace(/\.$/, '');

async function post(reference: SecretReference, document: object): Promise<void> {
  const address = (await resolveSecret(reference)).reveal();
  let status: number;
  try {
    const answer = await sendRequest({
      url: address,
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(maskValues(document)),
      timeoutSeconds: 15,
    });
    status = answer.status;
  } catch {
    // What is said may hold the address, which is a secret.
    throw new Error('it did not answer');
  }
  if (status >= 300) throw new Error(`it answered with status ${String(status)}`);
}
